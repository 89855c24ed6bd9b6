"""HTML bodies: the text that a reader sees, and where its links lead."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from kaname.readers.urls import LONGEST, MOST

__all__ = ["Html", "read_html"]

# Attributes that load or lead somewhere (HTML Living Standard, "attributes" index).
_LINKS = {"href", "src", "action", "formaction", "background", "poster", "data"}
_UNSEEN = {"script", "style", "title", "template"}
_BREAKS = {"br", "p", "div", "tr", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "table"}
_SCHEMES = ("http://", "https://", "ftp://")
_REFRESH = re.compile(r"url\s*=\s*['\"]?([^'\">\s]+)", re.IGNORECASE)


class Html(HTMLParser):
    """Gathers visible text and links of one body."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.urls: list[str] = []
        self._text: list[str] = []
        self._unseen: list[str] = []

    @property
    def text(self) -> str:
        """What a reader sees, one block a line."""
        lines = ("".join(self._text)).splitlines()
        return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What an element leads to, and whether what follows is seen."""
        if tag in _UNSEEN:
            self._unseen.append(tag)
        if tag in _BREAKS:
            self._text.append("\n")
        for name, value in attrs:
            if value and name in _LINKS:
                self._link(value)
            elif value and tag == "meta" and name == "content":
                refresh = _REFRESH.search(value)
                if refresh:
                    self._link(refresh.group(1))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """What follows an element is on a line of its own."""
        if tag in self._unseen:
            while self._unseen.pop() != tag:
                pass
        if tag in _BREAKS:
            self._text.append("\n")

    def handle_data(self, data: str) -> None:
        """Text, which is kept when it is seen."""
        if not self._unseen:
            self._text.append(data)

    def _link(self, value: str) -> None:
        url = "".join(value.split())[:LONGEST]  # browsers leave out line ends and tabs
        if url.startswith("//"):
            url = f"http:{url}"
        if url.lower().startswith(_SCHEMES) and len(self.urls) < MOST:
            self.urls.append(url)


def read_html(text: str) -> Html:
    """The body, parsed as far as it goes."""
    page = Html()
    try:
        page.feed(text)
        page.close()
    except (AssertionError, ValueError):
        # The parser of Python gives up on some broken declarations; what came before counts.
        return page
    return page
