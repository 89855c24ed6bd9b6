"""Pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scripts.words import say

__all__ = ["bullets", "cell", "code", "head", "table"]


def head(key: str) -> str:
    """Title and first paragraph of the generated page ``key``, with a note on its making."""
    title, about = say(f"docs.{key}.title"), say(f"docs.{key}.about")
    return f"# {title}\n\n{about}\n\n<!-- {say('docs.generated')} -->\n\n"


def cell(value: object) -> str:
    """``value`` as text that cannot break a table."""
    return str(value).replace("|", "\\|").replace("\n", " ") or "–"


def code(value: object) -> str:
    """``value`` as code, or a dash when there is none."""
    return f"`{cell(value)}`" if str(value) else "–"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; ``headings`` are keys below ``docs.head``."""
    titles = [say(f"docs.head.{heading}") for heading in headings]
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def bullets(items: Iterable[str]) -> str:
    """A list, or nothing."""
    lines = [f"- {item}\n" for item in items]
    return "".join(lines) + ("\n" if lines else "")
