"""Page of the errors: the tree, and every message with its key."""

from __future__ import annotations

from collections.abc import Iterator

from kaname.model.errors import KanameError
from kaname.model.messages import catalogue
from scripts.docs.markdown import cell, code, head, table
from scripts.words import ROOT, language, say

__all__ = ["errors_page"]


def errors_page() -> str:
    """Classes with exit code and HTTP status, then messages by package."""
    classes = (
        (code(kind.__name__), str(kind.exit_code), str(kind.http_status))
        for kind in _tree(KanameError)
    )
    parts = [head("errors"), table(("class", "exit_code", "http_status"), classes)]
    parts.append(f"## {say('docs.messages')}\n\n")
    rows = (
        (code(key), cell(text.replace("<", "&lt;")))
        for package in _packages()
        for key, text in sorted(catalogue(package, language()).items())
        if key.split(".")[1] == "error"
    )
    return "".join([*parts, table(("code", "message"), rows)])


def _tree(kind: type[KanameError]) -> Iterator[type[KanameError]]:
    yield kind
    for below in kind.__subclasses__():
        if below.__module__ == kind.__module__:
            yield from _tree(below)


def _packages() -> list[str]:
    found = (ROOT / "python" / "kaname").glob("*/messages")
    return sorted(folder.parent.name for folder in found)
