"""HTML to text: blocks become lines, cells are parted by ``|``, scripts and styles go."""

from __future__ import annotations

import re
from html.parser import HTMLParser

__all__ = ["html_text", "is_html"]

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
        "title",
        "body",
    ]
)
_SILENT = frozenset(("script", "style", "template", "noscript", "svg", "head"))
_VOID = frozenset(("br", "hr", "img", "wbr", "input", "meta", "link", "source", "area", "col"))
_START = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|div|p|h1|table)\b", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r" ?\n[ \n]*\n *")


def is_html(head: bytes) -> bool:
    """Whether bytes begin a page."""
    return _START.search(head[:2048]) is not None


class _Text(HTMLParser):
    """Gathers text; tags that are never closed do no harm, nesting costs nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.title = ""
        self._silent = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "title":
            self._in_title = True
        elif tag in _SILENT and tag != "head" and not self._silent:
            self._silent = tag
        elif tag in ("td", "th"):
            self.parts.append(" | ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag != "br" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag == self._silent:
            self._silent = ""
        elif tag in _BLOCKS and tag not in _VOID:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._silent:
            self.parts.append(data)


def html_text(page: str) -> tuple[str, str]:
    """(title, text) of a page."""
    parser = _Text()
    parser.feed(page)
    parser.close()
    text = _BLANKS.sub(" ", "".join(parser.parts))
    return parser.title.strip(), _LINES.sub("\n\n", text).strip()
