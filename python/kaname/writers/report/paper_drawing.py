"""A drawing on paper: the shapes of `drawing`, drawn by ReportLab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kaname.writers.report import pictures
from kaname.writers.report.document import Figure
from kaname.writers.report.drawing import WIDTH, Label, Line, Path, Rect, Shape

__all__ = ["figure"]

_COLOURS = {
    "ink": "#1b2733",
    "soft": "#5a6b7b",
    "grid": "#d4dce4",
    "paper": "#ffffff",
    "c1": "#1f5fa8",
    "c2": "#c2571a",
    "c3": "#2b7a4b",
    "c4": "#7a4fa3",
    "c5": "#a8841f",
    "c6": "#4a6a7a",
}
_SIZE = 11.0  # of words, in units of the drawing


def figure(block: Figure, width: float, font: Callable[[str], str]) -> Any:
    """``block`` as a picture ``width`` points wide; ``font`` says how to set a word."""
    from reportlab.graphics.shapes import Drawing, Group

    made = pictures.figure(block)
    scale = width / WIDTH
    picture = Drawing(width, made.height * scale)
    group = Group(transform=(scale, 0, 0, -scale, 0, made.height * scale))
    for shape in made.shapes:
        group.add(_shape(shape, font))
    picture.add(group)
    return picture


def _shape(shape: Shape, font: Callable[[str], str]) -> Any:
    from reportlab.graphics import shapes
    from reportlab.lib.colors import HexColor

    match shape:
        case Line(x1, y1, x2, y2, role):
            return shapes.Line(
                x1, y1, x2, y2, strokeColor=HexColor(_COLOURS[role]), strokeWidth=0.8
            )
        case Rect(x, y, wide, high, role, strength):
            colour = _faded(_COLOURS[role], strength)
            return shapes.Rect(x, y, wide, high, fillColor=colour, strokeColor=None, strokeWidth=0)
        case Path(points, role, dash):
            flat = [number for point in points for number in point]
            return shapes.PolyLine(
                flat, strokeColor=HexColor(_COLOURS[role]), strokeWidth=1.6,
                strokeDashArray=list(dash) or None, strokeLineJoin=1,
            )  # fmt: skip
        case Label():
            return _label(shape, font)


def _label(label: Label, font: Callable[[str], str]) -> Any:
    """A word; the plane is upside down here, so it is turned back."""
    from reportlab.graphics.shapes import Group, String
    from reportlab.lib.colors import HexColor

    word = String(
        0, 0, label.text, fontName=font(label.text), fontSize=_SIZE,
        fillColor=HexColor(_COLOURS[label.role]), textAnchor=label.anchor,
    )  # fmt: skip
    return Group(word, transform=(1, 0, 0, -1, label.x, label.y))


def _faded(colour: str, strength: float) -> Any:
    """A colour mixed with the white of paper; some printers know no transparency."""
    from reportlab.lib.colors import Color, HexColor

    full = HexColor(colour)
    parts = (1 - strength * (1 - part) for part in (full.red, full.green, full.blue))
    return Color(*parts)
