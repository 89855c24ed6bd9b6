"""A power trace as SVG: its course, the bursts in it, what is odd, and how odd bursts look.

The course is drawn as lowest and highest power by column, bursts as bars in the colour of
their application, odd ones and odd stretches in red. Below, the oddest bursts stand before
the waveform that their application usually has.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.power.scoring import Anomaly, Scores, Verdict
from kaname.hardware.power.segments import SHAPE_POINTS
from kaname.model.messages import text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.power.applications import Application
    from kaname.hardware.power.profile import Profile
    from kaname.hardware.power.sweep import Outline

__all__ = ["draw"]

_WIDTH, _LEFT, _RIGHT = 1200, 64, 16
_TOP, _HEIGHT, _BAR = 40, 260, 14
_PANEL, _PANEL_HEIGHT, _PANELS_A_ROW, _MOST = 270, 130, 4, 8
_MARKS = 400  # red bands, at most
_COLOURS = ("#2f6db3", "#2a8f63", "#b07d17", "#7d54b8", "#0f8b9c", "#a24b7e", "#6b7280")
_STYLE = """<style>
svg{background:#fff;color:#1c2733;font:12px system-ui,sans-serif}
text{fill:currentColor}.axis{stroke:#9aa5b1;stroke-width:1;fill:none}
.course{fill:#4c6075;stroke:#4c6075;stroke-width:.5}.odd{fill:#d03b3b;fill-opacity:.22}
.usual{stroke:#9aa5b1;stroke-width:5;stroke-opacity:.6;fill:none}
.found{stroke:#d03b3b;stroke-width:1.6;fill:none}
@media(prefers-color-scheme:dark){svg{background:#11161c;color:#dfe6ee}
.course{fill:#8fa4ba;stroke:#8fa4ba}}
</style>"""


def draw(outline: Outline, profile: Profile, scores: Scores, *, title: str, language: str) -> str:
    """The picture, in ``language`` ("en" or "ja")."""
    odd = [one for one in scores.verdicts if one.alarm and one.segment.shape]
    odd = sorted(odd, key=lambda one: one.p)[:_MOST]
    panels = math.ceil(len(odd) / _PANELS_A_ROW) * (_PANEL_HEIGHT + 56)
    height = _TOP + _HEIGHT + _BAR + 64 + panels
    body = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            f'width="{_WIDTH}" height="{height}" role="img"><title>{escape(title)}</title>'
        ),
        _STYLE,
        f'<text x="{_LEFT}" y="22" font-weight="600">{escape(title)}</text>',
        *_overview(outline, profile, scores, language),
    ]
    top = _TOP + _HEIGHT + _BAR + 64
    if odd:
        words = escape(text("hardware.power.plot.oddest", language))
        body.append(f'<text x="{_LEFT}" y="{top}" font-weight="600">{words}</text>')
    by_name = {one.name: one for one in profile.applications}
    for at, one in enumerate(odd):
        x = _LEFT + (at % _PANELS_A_ROW) * (_PANEL + 14)
        y = top + 12 + (at // _PANELS_A_ROW) * (_PANEL_HEIGHT + 56)
        body += _panel(one, by_name.get(one.application), (x, y), language)
    return "\n".join([*body, "</svg>"])


class _Scale:
    """Numbers to places."""

    def __init__(self, low: float, high: float, first: float, last: float) -> None:
        self.low, self.high = low, high if high > low else low + 1
        self._first, self._last = first, last

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self._first + share * (self._last - self._first), 1)


def _overview(
    outline: Outline, profile: Profile, scores: Scores, language: str
) -> list[str]:  # fmt: skip
    low, high = _columns(outline)
    seconds = max(len(outline.low) * outline.width / outline.fs, 1e-9)
    known = np.isfinite(low)
    floor = min(0.0, float(low[known].min(initial=0.0)))
    y = _Scale(floor, float(high[known].max(initial=1e-9)) * 1.03, _TOP + _HEIGHT, _TOP)
    x = _Scale(0.0, seconds, _LEFT, _WIDTH - _RIGHT)
    body = _axes(x, y, language)
    marks = [(one.segment.start, one.segment.end, _said(one, language)) for one in scores.verdicts
             if one.alarm][:_MARKS]  # fmt: skip
    marks += [(one.start, one.end, _stretch(one, language)) for one in scores.anomalies][:_MARKS]
    for start, end, words in marks:
        width = max(x(end) - x(start), 1.5)
        body.append(
            f'<rect class="odd" x="{x(start)}" y="{_TOP}" width="{width:.1f}" '
            f'height="{_HEIGHT + _BAR + 4}"><title>{escape(words)}</title></rect>'
        )
    body += [f'<path class="course" d="{path}"/>' for path in _course(low, high, x, y)]
    colours = {one.name: _COLOURS[at % len(_COLOURS)] for at, one in
               enumerate(profile.applications)}  # fmt: skip
    for one in scores.verdicts:
        body.append(
            f'<rect x="{x(one.segment.start)}" y="{_TOP + _HEIGHT + 4}" height="{_BAR}" '
            f'width="{max(x(one.segment.end) - x(one.segment.start), 0.8):.1f}" '
            f'fill="{colours.get(one.application, _COLOURS[-1])}"/>'
        )
    for at, (name, colour) in enumerate(colours.items()):
        left = _WIDTH - _RIGHT - 36 * (len(colours) - at)
        body.append(
            f'<rect x="{left}" y="14" width="10" height="10" fill="{colour}"/>'
            f'<text x="{left + 14}" y="23">{escape(name)}</text>'
        )
    return body


def _columns(outline: Outline) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lowest and highest by column of the picture."""
    wide = _WIDTH - _LEFT - _RIGHT
    by = max(1, math.ceil(len(outline.low) / wide))
    pad = -len(outline.low) % by
    gone = np.full(pad, np.nan, np.float32)
    low = np.concatenate([outline.low, gone]).reshape(-1, by)
    high = np.concatenate([outline.high, gone]).reshape(-1, by)
    return np.fmin.reduce(low, axis=1), np.fmax.reduce(high, axis=1)


def _course(low: NDArray[np.float32], high: NDArray[np.float32], x: _Scale, y: _Scale) -> list[str]:
    """One closed path for each stretch that was measured: a gap stays empty."""
    known = np.isfinite(low)
    edges = np.flatnonzero(np.diff(known, prepend=False, append=False))
    paths = []
    step = (x.high - x.low) / max(1, len(low))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        there = [f"{x(at * step)} {y(float(high[at]))}" for at in range(first, last)]
        back = [f"{x(at * step)} {y(float(low[at]))}" for at in range(last - 1, first - 1, -1)]
        paths.append("M" + "L".join([*there, *back]) + "Z")
    return paths


def _axes(x: _Scale, y: _Scale, language: str) -> list[str]:
    bottom = _TOP + _HEIGHT
    body = [f'<path class="axis" d="M{_LEFT} {_TOP}V{bottom}H{_WIDTH - _RIGHT}"/>']
    unit, factor = _watts(y.high)
    body += [
        f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value * factor:g}</text>'
        for value in _ticks(y.low, y.high)
    ]
    body += [
        f'<text x="{x(value)}" y="{bottom + _BAR + 20}" text-anchor="middle">{value:g}</text>'
        for value in _ticks(x.low, x.high)
    ]
    seconds = escape(text("hardware.power.plot.seconds", language))
    body.append(
        f'<text x="{_LEFT - 6}" y="{_TOP - 4}" text-anchor="end">{unit}</text>'
        f'<text x="{_WIDTH - _RIGHT}" y="{bottom + _BAR + 36}" text-anchor="end">{seconds}</text>'
    )
    return body


def _watts(highest: float) -> tuple[str, float]:
    """A unit that suits, and the factor to it."""
    for unit, factor in (("W", 1.0), ("mW", 1e3), ("µW", 1e6)):
        if highest * factor >= 1:
            return unit, factor
    return "nW", 1e9


def _ticks(low: float, high: float) -> list[float]:
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= next(by for by in (1, 2, 5, 10) if (high - low) / (step * by) <= 6)
    first = math.ceil(low / step)
    return [round(step * at, 12) for at in range(first, int(high / step) + 1)]


def _panel(
    one: Verdict, application: Application | None, place: tuple[int, int], language: str
) -> list[str]:
    """A burst before the usual waveform of its application, over the part of its duration."""
    left, top = place
    power = one.segment.energy / max(one.segment.duration, 1e-9)
    found = np.array(one.segment.shape) * power
    usual = None
    if application is not None:
        usual = np.array(application.waveform) * math.exp(application.power.centre)
    both = found if usual is None else np.concatenate([found, usual])
    x = _Scale(0, SHAPE_POINTS - 1, left, left + _PANEL)
    y = _Scale(min(0.0, float(both.min())), float(both.max()), top + _PANEL_HEIGHT, top)
    body = [f'<path class="axis" d="M{left} {top}V{top + _PANEL_HEIGHT}H{left + _PANEL}"/>']
    if usual is not None:
        body.append(f'<path class="usual" d="{_line(usual, x, y)}"/>')
    body.append(f'<path class="found" d="{_line(found, x, y)}"/>')
    body.append(
        f'<text x="{left}" y="{top + _PANEL_HEIGHT + 16}">{escape(_said(one, language))}</text>'
    )
    return body


def _line(values: NDArray[np.float64], x: _Scale, y: _Scale) -> str:
    return "M" + "L".join(f"{x(at)} {y(value)}" for at, value in enumerate(values.tolist()))


def _kind(kind: str, language: str) -> str:
    return text(f"hardware.power.kind.{kind}", language) if kind else "-"


def _said(one: Verdict, language: str) -> str:
    return text(
        "hardware.power.plot.burst", language, second=f"{one.segment.start:.2f}",
        kind=_kind(one.kind, language), application=one.application or "-", p=f"{one.p:.2g}",
    )  # fmt: skip


def _stretch(one: Anomaly, language: str) -> str:
    return text(
        "hardware.power.plot.stretch", language, start=f"{one.start:.1f}", end=f"{one.end:.1f}",
        kind=_kind(one.kind, language), p=f"{one.p:.2g}",
    )  # fmt: skip
