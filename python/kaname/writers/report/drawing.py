"""A chart as shapes on a plane: one layout, which every renderer draws in its own way.

The plane is `WIDTH` units wide, y grows downwards, and a unit is a pixel on a screen and
0.75 points on paper. Colours are roles, not values: a page that is dark and a page that is
printed give the same role other colours.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from kaname.writers.report.document import Chart, Series, cell_text

__all__ = [
    "WIDTH",
    "Drawing",
    "Label",
    "Line",
    "Path",
    "Rect",
    "Shape",
    "draw",
    "short",
    "steps",
    "width_of",
]

WIDTH = 720.0
_SIZE = 11.0
_ROW = 17.0
_PLOT = 180.0
_SERIES = 6  # colours there are

Anchor = Literal["start", "middle", "end"]


class Line(NamedTuple):
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: str


class Rect(NamedTuple):
    """A filled rectangle; ``strength`` 0 to 1 is how much of its colour it has."""

    x: float
    y: float
    width: float
    height: float
    role: str
    strength: float = 1.0


class Path(NamedTuple):
    """A line through points; ``dash`` tells series apart without colour."""

    points: tuple[tuple[float, float], ...]
    role: str
    dash: tuple[int, ...] = ()


class Label(NamedTuple):
    """A word at a place; y is that of its base line."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    role: str = "ink"


Shape = Line | Rect | Path | Label


class Drawing(NamedTuple):
    """Shapes on a plane of `WIDTH` by ``height``."""

    height: float
    shapes: tuple[Shape, ...]


_DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 3), (8, 3, 2, 3), (1, 2), (10, 4))


def draw(chart: Chart) -> Drawing:
    """The layout of ``chart``."""
    make = {"lines": _lines, "bars": _bars, "map": _map}[chart.form]
    height, shapes = make(chart)
    return Drawing(height, tuple(shapes))


def width_of(text: str, size: float = _SIZE) -> float:
    """About how wide a word is: East Asian wide characters count twice."""
    cells = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1.08 for c in text)
    return cells * size / 2


def steps(most: float) -> list[float]:
    """Round values from 0 to at least ``most``, four to six of them."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    step = max(step, 1.0)
    return [step * n for n in range(math.ceil(most / step) + 1)]


def short(value: float) -> str:
    """An axis value: 1.2M, 350k, 17."""
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"{value / factor:.3g}{unit}"
    return f"{value:.3g}"


def _legend(series: Sequence[Series], y: float) -> Iterator[Shape]:
    x = 0.0
    for number, one in enumerate(series):
        role = f"c{number % _SERIES + 1}"
        yield Path(((x, y - 4), (x + 18, y - 4)), role, _DASHES[number % _SERIES])
        yield Label(x + 23, y, one.name, role="soft")
        x += 23 + width_of(one.name) + 18


def _lines(chart: Chart) -> tuple[float, list[Shape]]:
    top = _ROW + 8 if len(chart.series) > 1 else 8.0
    bottom = top + _PLOT
    most = max((value for one in chart.series for value in one.values), default=0.0)
    lines = steps(most)
    left = max(width_of(short(step)) for step in lines) + 10
    shapes: list[Shape] = []
    if len(chart.series) > 1:
        shapes += _legend(chart.series, _ROW - 4)
    for step in lines:
        y = bottom - step / lines[-1] * _PLOT
        shapes.append(Line(left, y, WIDTH, y, "grid"))
        shapes.append(Label(left - 6, y + 4, short(step), "end", "soft"))
    count = max(1, len(chart.labels))
    pitch = (WIDTH - left) / count
    every = math.ceil(count * 46 / (WIDTH - left))
    for number, name in enumerate(chart.labels):
        if number % every == 0:
            shapes.append(Label(left + pitch * (number + 0.5), bottom + 15, name, "middle", "soft"))
    for number, one in enumerate(chart.series):
        points = tuple(
            (left + pitch * (place + 0.5), bottom - value / lines[-1] * _PLOT)
            for place, value in enumerate(one.values)
        )
        role = f"c{number % _SERIES + 1}"
        shapes.append(Path(points, role, _DASHES[number % _SERIES]))
    return bottom + 22, shapes


def _bars(chart: Chart) -> tuple[float, list[Shape]]:
    top = _ROW + 6 if len(chart.series) > 1 else 4.0
    thick = 13.0 if len(chart.series) == 1 else 8.0
    pitch = thick * len(chart.series) + 7
    most = max((value for one in chart.series for value in one.values), default=0.0) or 1.0
    left = min(240.0, max((width_of(name) for name in chart.labels), default=0.0) + 10)
    room = WIDTH - left - 90
    shapes: list[Shape] = []
    if len(chart.series) > 1:
        shapes += _swatches(chart.series)
    for number, name in enumerate(chart.labels):
        y = top + number * pitch
        shapes.append(Label(left - 8, y + (pitch - 7) / 2 + 4, name, "end"))
        for place, one in enumerate(chart.series):
            value = one.values[number]
            width = max(0.5, value / most * room) if value else 0.0
            at = y + place * thick
            shapes.append(Rect(left, at, width, thick - 1, f"c{place % _SERIES + 1}"))
            if place == 0:
                written = cell_text(value, "count")
                shapes.append(Label(left + width + 6, at + thick / 2 + 4, written, role="soft"))
    return top + len(chart.labels) * pitch, shapes


def _swatches(series: Sequence[Series]) -> Iterator[Shape]:
    x = 0.0
    for number, one in enumerate(series):
        yield Rect(x, 4, 12, 9, f"c{number % _SERIES + 1}")
        yield Label(x + 17, _ROW - 4, one.name, role="soft")
        x += 17 + width_of(one.name) + 18


def _map(chart: Chart) -> tuple[float, list[Shape]]:
    left = min(200.0, max((width_of(one.name) for one in chart.series), default=0.0) + 10)
    count = max(1, len(chart.labels))
    pitch = (WIDTH - left) / count
    most = max((value for one in chart.series for value in one.values), default=0.0)
    shapes: list[Shape] = []
    for number, one in enumerate(chart.series):
        y = 2 + number * _ROW
        shapes.append(Label(left - 8, y + 12, one.name, "end"))
        for place, value in enumerate(one.values):
            # Counts of ports differ by powers of ten: the logarithm shows the small ones too.
            strength = math.log1p(value) / math.log1p(most) if most > 0 else 0.0
            x = left + place * pitch
            shapes.append(Rect(x, y, pitch - 1, _ROW - 1, "c1", round(max(0.04, strength), 3)))
    bottom = 2 + len(chart.series) * _ROW
    every = math.ceil(count * 46 / (WIDTH - left))
    for number, name in enumerate(chart.labels):
        if number % every == 0:
            at = left + pitch * (number + 0.5)
            shapes.append(Label(at, bottom + 13, name, "middle", "soft"))
    return bottom + 20, shapes
