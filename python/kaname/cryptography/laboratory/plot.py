"""Pictures of the laboratory as SVG: points and lines over two axes, each marked as such."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from kaname.model.messages import text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Series", "chart"]

_WIDTH, _HEIGHT = 880, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 24, 72, 62
_COLOURS = ("#2f6db3", "#2a8f63", "#b07d17", "#7d54b8", "#0f8b9c", "#a24b7e")
_STYLE = """<style>
svg{background:#fff;color:#1c2733;font:13px system-ui,sans-serif}
text{fill:currentColor}.axis{stroke:#9aa5b1;fill:none}.grid{stroke:#9aa5b1;stroke-opacity:.25}
.line{fill:none;stroke-width:2}.warn{fill:#b3261e;font-weight:600}
@media(prefers-color-scheme:dark){svg{background:#11161c;color:#dfe6ee}.warn{fill:#ff8a80}}
</style>"""


class Series(NamedTuple):
    """Points of one name, joined or not; ``labels`` stand beside points (empty: none)."""

    name: str
    points: tuple[tuple[float, float], ...]
    joined: bool = True
    labels: tuple[str, ...] = ()


class _Axis:
    """Numbers to places, evenly or by powers of ten."""

    def __init__(self, values: Sequence[float], span: tuple[float, float], *, log: bool) -> None:
        self._log = log
        self._low, self._high = self._at(min(values)), self._at(max(values))
        if self._high <= self._low:
            self._high = self._low + 1
        elif not log:
            room = (self._high - self._low) * 0.05
            self._low = 0.0 if 0 <= self._low < room * 5 else self._low - room
            self._high += room
        self._span = span

    def _at(self, value: float) -> float:
        return math.log10(value) if self._log else value

    def __call__(self, value: float) -> float:
        share = (self._at(value) - self._low) / (self._high - self._low)
        return round(self._span[0] + share * (self._span[1] - self._span[0]), 1)

    def ticks(self) -> list[float]:
        if self._log:
            first, last = math.ceil(self._low - 1e-9), math.floor(self._high + 1e-9)
            return [10.0**at for at in range(first, last + 1)]
        step = 10 ** math.floor(math.log10((self._high - self._low) / 4))
        step *= next(by for by in (1, 2, 5, 10) if (self._high - self._low) / (step * by) <= 8)
        first = math.ceil(self._low / step)
        return [round(step * at, 12) for at in range(first, int(self._high // step) + 1)]


def chart(
    series: Sequence[Series], *, title: str, axes: tuple[str, str], language: str,
    log: bool = False,
) -> str:  # fmt: skip
    """The picture. ``axes``: what stands along and up; ``log``: both by powers of ten."""
    flat = [point for one in series for point in one.points]
    x = _Axis([one[0] for one in flat], (_LEFT, _WIDTH - _RIGHT), log=log)
    y = _Axis([one[1] for one in flat], (_HEIGHT - _BOTTOM, _TOP), log=log)
    warning = escape(text("cryptography.lab.warning", language))
    body = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            f'width="{_WIDTH}" height="{_HEIGHT}" role="img"><title>{escape(title)}</title>'
        ),
        _STYLE,
        f'<text x="{_LEFT}" y="24" font-weight="600">{escape(title)}</text>',
        f'<text class="warn" x="{_LEFT}" y="44">{warning}</text>',
        *_frame(x, y, axes),
    ]
    left = float(_LEFT)
    for at, one in enumerate(series):
        colour = _COLOURS[at % len(_COLOURS)]
        body += _series(one, x, y, colour)
        body.append(
            f'<rect x="{left:.0f}" y="54" width="10" height="10" fill="{colour}"/>'
            f'<text x="{left + 15:.0f}" y="63">{escape(one.name)}</text>'
        )
        left += 40 + sum(13 if ord(letter) > 0x2E80 else 7.2 for letter in one.name)
    return "\n".join([*body, "</svg>\n"])


def _frame(x: _Axis, y: _Axis, axes: tuple[str, str]) -> list[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    body = []
    for value in y.ticks():
        at = y(value)
        body.append(
            f'<path class="grid" d="M{_LEFT} {at}H{right}"/>'
            f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{_number(value)}</text>'
        )
    body += [
        f'<path class="grid" d="M{x(value)} {_TOP}V{bottom}"/>'
        f'<text x="{x(value)}" y="{bottom + 18}" text-anchor="middle">{_number(value)}</text>'
        for value in x.ticks()
    ]
    middle = (_TOP + bottom) // 2
    body.append(
        f'<path class="axis" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>'
        f'<text x="{right}" y="{_HEIGHT - 16}" text-anchor="end">{escape(axes[0])}</text>'
        f'<text transform="translate(18 {middle}) rotate(-90)" text-anchor="middle">'
        f"{escape(axes[1])}</text>"
    )
    return body


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def _series(one: Series, x: _Axis, y: _Axis, colour: str) -> list[str]:
    places = [(x(first), y(second)) for first, second in one.points]
    if one.joined:
        path = "M" + "L".join(f"{first} {second}" for first, second in places)
        return [f'<path class="line" stroke="{colour}" d="{path}"/>']
    body = []
    for (first, second), label in zip(places, [*one.labels, *[""] * len(places)], strict=False):
        body.append(
            f'<circle cx="{first}" cy="{second}" r="{6 if label else 3.5}" fill="{colour}"/>'
        )
        if label:
            far = first > _WIDTH - 160
            side = f'x="{first - 9}" text-anchor="end"' if far else f'x="{first + 9}"'
            body.append(f'<text {side} y="{second - 7}">{escape(label)}</text>')
    return body
