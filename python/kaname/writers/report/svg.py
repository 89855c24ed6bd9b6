"""A drawing as SVG that lies inside a page and takes its colours from it."""

from __future__ import annotations

import html

from kaname.writers.report.drawing import WIDTH, Drawing, Label, Line, Path, Rect, Shape

__all__ = ["svg"]


def svg(drawing: Drawing, title: str, description: str) -> str:
    """The element, with a name and a description for those who hear it read."""
    parts = "".join(_shape(shape) for shape in drawing.shapes)
    return (
        f'<svg viewBox="0 0 {_n(WIDTH)} {_n(drawing.height)}" role="img" '
        f'aria-label="{html.escape(title)}"><desc>{html.escape(description)}</desc>{parts}</svg>'
    )


def _shape(shape: Shape) -> str:
    match shape:
        case Line(x1, y1, x2, y2, role):
            return (
                f'<line class="s-{role}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'
            )
        case Rect(x, y, width, height, role, strength):
            solid = "" if strength >= 1 else f' opacity="{_n(strength)}"'
            return (
                f'<rect class="f-{role}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" '
                f'height="{_n(height)}"{solid}/>'
            )
        case Path(points, role, dash):
            dashes = f' stroke-dasharray="{" ".join(map(str, dash))}"' if dash else ""
            place = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
            return f'<polyline class="s-{role} path" points="{place}"{dashes}/>'
        case Label(x, y, text, anchor, role):
            return (
                f'<text class="f-{role}" x="{_n(x)}" y="{_n(y)}" '
                f'text-anchor="{anchor}">{html.escape(text)}</text>'
            )


def _n(value: float) -> str:
    """A number with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
