"""HTML to text: blocks become lines, cells are parted by ``|``, scripts and styles go."""

from __future__ import annotations

import html
import re

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
_SILENT = frozenset(("script", "style", "template", "noscript", "svg", "title"))
_START = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|div|p|h1|table)\b", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r" ?\n[ \n]*\n *")


def is_html(head: bytes) -> bool:
    """Whether bytes begin a page."""
    return _START.search(head[:2048]) is not None


_TAG = re.compile(r"""<(/?)([A-Za-z][A-Za-z0-9]*)(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>""")
_ODD = re.compile(r"<[!?/][^<>]*+>")


class _Text:
    """Gathers text in one pass: each sign is looked at a bounded number of times.

    The parser of the standard library is not used because its time grows with the square
    of what is never closed (20,000 open quotes are minutes).
    """

    def __init__(self, page: str) -> None:
        self._page = page
        self.parts: list[str] = []
        self.title = ""

    def run(self) -> None:
        """Go through the page."""
        at, page = 0, self._page
        while (mark := page.find("<", at)) >= 0:
            self.parts.append(page[at:mark])
            at = self._mark(mark)
        self.parts.append(page[at:])

    def _mark(self, place: int) -> int:
        """What begins with ``<`` at ``place``; where to go on."""
        page = self._page
        if page.startswith("<!--", place):
            end = page.find("-->", place + 4)
            return len(page) if end < 0 else end + 3
        tag = _TAG.match(page, place)
        if tag is None:
            odd = _ODD.match(page, place)
            if odd is None:
                self.parts.append("<")
            return odd.end() if odd else place + 1
        name = tag.group(2).lower()
        if name in _SILENT and not tag.group(1):
            return self._silent(name, tag.end())
        if name in ("td", "th") and not tag.group(1):
            self.parts.append(" | ")
        elif name in _BLOCKS:
            self.parts.append("\n" if name == "br" else "\n\n")
        return tag.end()

    def _silent(self, name: str, start: int) -> int:
        """Skip an element; one that is never closed goes to the end of the page."""
        closing = re.compile(f"</{name}", re.IGNORECASE).search(self._page, start)
        inside = self._page[start : closing.start()] if closing else ""
        if name == "title":
            self.title = self.title or html.unescape(inside).strip()
        return closing.start() if closing else len(self._page)


def html_text(page: str) -> tuple[str, str]:
    """(title, text) of a page."""
    parser = _Text(page)
    parser.run()
    text = _BLANKS.sub(" ", html.unescape("".join(parser.parts)))
    return parser.title, _LINES.sub("\n\n", text).strip()
