"""Page of the decisions: every record in ``docs/adr``."""

from __future__ import annotations

from scripts.docs.markdown import head
from scripts.words import ROOT

__all__ = ["decisions_page"]


def decisions_page() -> str:
    """Title and place of every record, in order."""
    lines = []
    for path in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        lines.append(f"- [{title}](../../adr/{path.name})\n")
    return head("decisions") + "".join(lines)
