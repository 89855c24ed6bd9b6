"""The bytes of a report as a `Document`: HTML, Markdown, AsciiDoc, plain text, PDF."""

from __future__ import annotations

from pathlib import PurePath

import msgspec

from kaname.intelligence.reports.decoding import decode
from kaname.intelligence.reports.html_text import html_text, is_html
from kaname.intelligence.reports.pdf_text import pdf_text
from kaname.intelligence.reports.sentences import language_of, spans
from kaname.model.errors import InputError

__all__ = ["MOST_BYTES", "Document", "Sentence", "of_text", "read"]

MOST_BYTES = 32 << 20
MOST_CHARACTERS = 8 << 20
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x7fELF", b"MZ", b"\x1f\x8b", b"\x89PNG")
_LONGEST_TITLE = 200


class Sentence(msgspec.Struct, frozen=True):
    """A sentence and where it stands in the text, in characters."""

    text: str
    start: int
    end: int


class Document(msgspec.Struct, frozen=True):
    """A report as text; ``language`` is ja or en. Sentences cut their text out of it."""

    name: str
    title: str
    text: str
    language: str
    sentences: tuple[Sentence, ...]


def read(data: bytes, name: str) -> Document:
    """The report in ``data``; ``name`` is that of its file.

    Raises:
        InputError: it is too large, empty, or something else than a report.
    """
    if len(data) > MOST_BYTES:
        raise InputError("intelligence.error.report_large", most=MOST_BYTES >> 20)
    if data.startswith(_BINARY):
        raise InputError("intelligence.error.report_binary", name=name)
    if data[:1024].lstrip().startswith(b"%PDF-"):
        title, text = pdf_text(data, MOST_CHARACTERS)
    else:
        text, title = decode(data), ""
        if is_html(data) or (name.lower().endswith((".html", ".htm")) and "<" in text):
            title, text = html_text(text)
    return of_text(text, name, title)


def of_text(text: str, name: str, title: str = "") -> Document:
    """The report whose text is at hand.

    Raises:
        InputError: there is no text.
    """
    text = text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    if not text.strip():
        raise InputError("intelligence.error.report_empty", name=name)
    language = language_of(text)
    sentences = tuple(Sentence(text[a:b], a, b) for a, b in spans(text, language))
    return Document(name, title or _title(text, name), text, language, sentences)


def _title(text: str, name: str) -> str:
    """The first line that says something."""
    for line in text.splitlines()[:20]:
        plain = line.strip(" \t#=*-|>").strip()
        if len(plain) > 3 and not plain.startswith((":", "<", "!")):
            return plain[:_LONGEST_TITLE]
    return PurePath(name).name[:_LONGEST_TITLE]
