"""Throughput by packet size as SVG: call by call and in batches, each way a panel."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

from kaname.cryptography.aead.contestants import CALLS
from kaname.cryptography.aead.speeds import leaders
from kaname.model.messages import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaname.cryptography.aead.speeds import Comparison, Speed

__all__ = ["draw"]

_WIDTH, _PANEL, _HEIGHT = 1080, 540, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 18, 40, 46
_HEAD, _LEGEND, _COLUMNS = 66, 22, 3
_COLOURS: Final = {
    "Rocca-S": "#2f6db3",
    "AEGIS-256": "#2a8f63",
    "AEGIS-256X2": "#0f8b9c",
    "AEGIS-256X4": "#7d54b8",
    "AES-256-GCM": "#b07d17",
    "AES-256-GCM-SIV": "#a24b7e",
    "AES-256-OCB3": "#6b7280",
    "ChaCha20-Poly1305": "#c0562f",
}
_STYLE = """<style>
svg{background:#fff;color:#1c2733;font:13px system-ui,sans-serif}
text{fill:currentColor}.grid{stroke:#9aa5b1;stroke-opacity:.28}.axis{stroke:#9aa5b1;fill:none}
.line{fill:none;stroke-width:2}.peer{stroke-dasharray:5 4}.told{fill-opacity:.75}
@media(prefers-color-scheme:dark){svg{background:#11161c;color:#dfe6ee}}
</style>"""


def draw(found: Comparison, language: str) -> str:
    """The picture: the best path of each cipher of ours (solid), and the peers (dashed)."""
    best = leaders(found.speeds)
    names = list(dict.fromkeys((one.cipher, one.by) for one in best))
    height = _HEAD + 2 * _HEIGHT + _LEGEND * (-(-len(names) // _COLUMNS) + 1)
    title = text("cryptography.aead.plot.title", language, processor=found.processor)
    rates = [rate for one in best for rate in (one.encrypt, one.decrypt)]
    scale = _Scale(sorted({one.size for one in best}), rates)
    body = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            f'width="{_WIDTH}" height="{height}" role="img"><title>{escape(title)}</title>'
        ),
        _STYLE,
        f'<text x="{_LEFT}" y="26" font-weight="600">{escape(title)}</text>',
        (
            f'<text class="told" x="{_LEFT}" y="48">'
            f"{escape(text('cryptography.aead.plot.note', language, threads=found.threads))}</text>"
        ),
    ]
    headings = {
        ("each", "encrypt"): text("cryptography.aead.plot.each_encrypt", language),
        ("each", "decrypt"): text("cryptography.aead.plot.each_decrypt", language),
        ("batch", "encrypt"): text("cryptography.aead.plot.batch_encrypt", language),
        ("batch", "decrypt"): text("cryptography.aead.plot.batch_decrypt", language),
    }
    axis = text("cryptography.aead.plot.axis", language)
    for row, calls in enumerate(CALLS):
        here = [one for one in best if one.calls == calls]
        for column, way in enumerate(("encrypt", "decrypt")):
            body.append(f'<g transform="translate({column * _PANEL} {_HEAD + row * _HEIGHT})">')
            body += _panel(here, way, scale, (headings[calls, way], axis))
            body.append("</g>")
    return "\n".join([*body, *_legend(names), "</svg>\n"])


class _Scale:
    """Sizes evenly beside each other, rates by powers of ten."""

    def __init__(self, sizes: Sequence[int], rates: Sequence[float]) -> None:
        self.sizes = sizes
        self._low = math.log10(min(rates)) - 0.05
        self._high = math.log10(max(rates)) + 0.05

    def x(self, size: int) -> float:
        room = _PANEL - _LEFT - _RIGHT
        return round(_LEFT + room * (self.sizes.index(size) + 0.5) / len(self.sizes), 1)

    def y(self, rate: float) -> float:
        share = (math.log10(rate) - self._low) / (self._high - self._low)
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP), 1)

    def ticks(self) -> list[float]:
        first, last = math.floor(self._low), math.ceil(self._high)
        steps = (1, 2, 5) if last - first < 4 else (1,)
        marks = [by * 10.0**power for power in range(first, last + 1) for by in steps]
        return [mark for mark in marks if self._low <= math.log10(mark) <= self._high]


def _panel(speeds: Sequence[Speed], way: str, scale: _Scale, words: tuple[str, str]) -> list[str]:
    right, bottom = _PANEL - _RIGHT, _HEIGHT - _BOTTOM
    body = [f'<text x="{_LEFT}" y="24">{escape(words[0])}</text>']
    body += [
        f'<path class="grid" d="M{_LEFT} {scale.y(rate)}H{right}"/>'
        f'<text x="{_LEFT - 8}" y="{scale.y(rate) + 4:.1f}" text-anchor="end">{rate:g}</text>'
        for rate in scale.ticks()
    ]
    body += [
        f'<text x="{scale.x(size)}" y="{bottom + 18}" text-anchor="middle">{size:,}</text>'
        for size in scale.sizes
    ]
    body.append(
        f'<path class="axis" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>'
        f'<text class="told" x="{right}" y="{bottom + 36}" text-anchor="end">'
        f"{escape(words[1])}</text>"
    )
    for name in dict.fromkeys((one.cipher, one.by) for one in speeds):
        points = [
            (scale.x(one.size), scale.y(getattr(one, way)))
            for one in sorted(speeds, key=lambda one: one.size)
            if (one.cipher, one.by) == name
        ]
        body += _line(points, *name)
    return body


def _line(points: Sequence[tuple[float, float]], cipher: str, by: str) -> list[str]:
    colour = _COLOURS.get(cipher, "#6b7280")
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    return [
        f'<path class="{_kind(by)}" stroke="{colour}" d="{path}"/>',
        *(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points),
    ]


def _kind(by: str) -> str:
    return "line" if by == "kaname" else "line peer"


def _legend(names: Sequence[tuple[str, str]]) -> list[str]:
    body = []
    for at, (cipher, by) in enumerate(names):
        name = escape(f"{cipher} ({by.rpartition(', ')[2]})")
        x = _LEFT + at % _COLUMNS * (_WIDTH - _LEFT) // _COLUMNS
        y = _HEAD + 2 * _HEIGHT + at // _COLUMNS * _LEGEND + 8
        body.append(
            f'<path class="{_kind(by)}" stroke="{_COLOURS.get(cipher, "#6b7280")}" '
            f'd="M{x} {y}h26"/><text x="{x + 34}" y="{y + 4}">{name}</text>'
        )
    return body
