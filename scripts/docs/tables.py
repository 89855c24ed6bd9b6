"""Page of the tables of the lake."""

from __future__ import annotations

from kaname.lake.tables import COMMON, Column, tables
from scripts.docs.markdown import cell, code, head, table
from scripts.words import language, say

__all__ = ["tables_page"]


def tables_page() -> str:
    """The common columns, then every table with its own."""
    parts = [head("tables"), f"## {say('docs.common')}\n\n", _columns(COMMON)]
    for name, each in tables().items():
        about = each.ja if language() == "ja" else each.en
        order = ", ".join(f"`{column}`" for column in each.order)
        parts.append(f"## {name}\n\n{about}\n\n{say('docs.order')}: {order}\n\n")
        parts.append(_columns(each.columns))
    return "".join(parts)


def _columns(columns: tuple[Column, ...]) -> str:
    rows = (
        (
            code(column.name),
            code(column.kind),
            say("docs.yes") if column.nullable else "",
            cell(column.ja if language() == "ja" else column.en),
        )
        for column in columns
    )
    return table(("column", "type", "nullable", "about"), rows)
