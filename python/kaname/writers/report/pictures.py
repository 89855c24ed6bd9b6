"""Where the parts of a graph and of a trace lie, for screens and paper alike.

A graph runs from left to right: a column for each distance from its middle, and in each
column the order that crosses few arrows (a few rounds of barycentres, Sugiyama 1981).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from kaname.writers.report.document import Chart, Figure, Graph, Trace
from kaname.writers.report.drawing import (
    WIDTH,
    Drawing,
    Label,
    Line,
    Path,
    Rect,
    Shape,
    draw,
    short,
    steps,
    width_of,
)

__all__ = ["figure"]

_ROUNDS = 6
_PITCH = 34.0  # between the rows of a graph
_BOX = 22.0
_WIDEST = 116.0
_PLOT = 190.0
_TOP = 18.0


def figure(block: Figure) -> Drawing:
    """The layout of a picture."""
    if isinstance(block, Chart):
        return draw(block)
    height, shapes = _graph(block) if isinstance(block, Graph) else _trace(block)
    return Drawing(height, tuple(shapes))


def _graph(graph: Graph) -> tuple[float, list[Shape]]:
    columns = _ordered(graph)
    count = max(1, len(columns))
    pitch = WIDTH / count
    wide = min(_WIDEST, pitch - 18)
    tallest = max((len(members) for members in columns.values()), default=1)
    place: dict[int, tuple[float, float]] = {}
    for at, column in enumerate(sorted(columns)):
        members = columns[column]
        gap = (tallest - len(members)) / 2
        for row, spot in enumerate(members):
            place[spot] = (pitch * (at + 0.5), 8 + (row + gap + 0.5) * _PITCH)
    shapes: list[Shape] = []
    for start, end in graph.arrows:
        if start in place and end in place and start != end:
            shapes += _arrow(place[start], place[end], wide / 2)
    for number, (x, y) in place.items():
        shapes += _box(graph, number, (x, y), wide)
    return 16 + tallest * _PITCH, shapes


def _box(graph: Graph, number: int, at: tuple[float, float], wide: float) -> Iterator[Shape]:
    (x, y), spot = at, graph.spots[number]
    role = "c2" if spot.odd else "c1"
    left, top = x - wide / 2, y - _BOX / 2
    yield Rect(left, top, wide, _BOX, "paper")
    yield Rect(left, top, wide, _BOX, role, round(0.08 + 0.5 * spot.weight, 3))
    corners = ((left, top), (left + wide, top), (left + wide, top + _BOX), (left, top + _BOX))
    yield Path((*corners, corners[0]), role)
    yield Label(x, y + 4, _fitting(spot.kind or spot.name, wide - 6), "middle")


def _arrow(start: tuple[float, float], end: tuple[float, float], half: float) -> Iterator[Shape]:
    forward = end[0] >= start[0]
    side = half if forward else -half
    first, last = (start[0] + side, start[1]), (end[0] - side, end[1])
    yield Path((first, last), "soft", () if forward else (3, 3))
    angle = math.atan2(last[1] - first[1], last[0] - first[0])
    tips = tuple(
        (last[0] - 6 * math.cos(angle + turn), last[1] - 6 * math.sin(angle + turn))
        for turn in (0.5, -0.5)
    )
    yield Path((tips[0], last, tips[1]), "soft")


def _fitting(text: str, room: float) -> str:
    """As much of a word as fits."""
    if width_of(text) <= room:
        return text
    while text and width_of(text + "…") > room:
        text = text[:-1]
    return text + "…"


def _ordered(graph: Graph) -> dict[int, list[int]]:
    """The spots of each column, from top to bottom."""
    columns: dict[int, list[int]] = {}
    for number, spot in enumerate(graph.spots):
        columns.setdefault(spot.column, []).append(number)
    near: dict[int, list[int]] = {}
    for start, end in graph.arrows:
        near.setdefault(start, []).append(end)
        near.setdefault(end, []).append(start)
    height = {
        number: (row + 0.5) / len(members)
        for members in columns.values()
        for row, number in enumerate(members)
    }
    for turn in range(_ROUNDS):
        for column in sorted(columns, reverse=bool(turn % 2)):
            members = columns[column]
            members.sort(key=lambda spot: (_centre(spot, near, height), spot))
            for row, number in enumerate(members):
                height[number] = (row + 0.5) / len(members)
    return columns


def _centre(spot: int, near: dict[int, list[int]], height: dict[int, float]) -> float:
    others = [height[other] for other in near.get(spot, ()) if other in height]
    return sum(others) / len(others) if others else height[spot]


def _trace(trace: Trace) -> tuple[float, list[Shape]]:
    bottom = _TOP + _PLOT
    most = max((value for value in trace.high if value is not None), default=0.0)
    lines = steps(most)
    left = max(width_of(short(step)) for step in lines) + 10
    pitch = (WIDTH - left) / max(1, len(trace.mean))

    def y(value: float) -> float:
        return bottom - max(0.0, value) / lines[-1] * _PLOT

    shapes: list[Shape] = []
    for step in lines:
        shapes.append(Line(left, y(step), WIDTH, y(step), "grid"))
        shapes.append(Label(left - 6, y(step) + 4, short(step), "end", "soft"))
    for mark in trace.marks:
        at, wide = left + pitch * mark.first, pitch * (mark.last - mark.first)
        shapes.append(Rect(at, _TOP, max(1.5, wide), _PLOT, "c2", 0.25))
        shapes.append(Label(at, _TOP - 5, mark.name, "start", "c2"))
    for step, (low, high) in enumerate(zip(trace.low, trace.high, strict=True)):
        if low is not None and high is not None:
            x = left + pitch * step
            tall = max(0.6, y(low) - y(high))
            shapes.append(Rect(x, y(high), max(0.6, pitch), tall, "c1", 0.3))
    shapes += [Path(points, "c1") for points in _runs(trace.mean, left, pitch, y)]
    shapes += [
        Label(left + pitch * (step + 0.5), bottom + 15, name, "middle", "soft")
        for step, name in trace.labels
    ]
    return bottom + 22, shapes


def _runs(
    values: Sequence[float | None], left: float, pitch: float, y: Callable[[float], float]
) -> Iterable[tuple[tuple[float, float], ...]]:
    """Lines through what was measured; they end where nothing was."""
    run: list[tuple[float, float]] = []
    for step, value in enumerate([*values, None]):
        if value is not None:
            run.append((left + pitch * (step + 0.5), y(value)))
        elif run:
            if len(run) > 1:
                yield tuple(run)
            run = []
