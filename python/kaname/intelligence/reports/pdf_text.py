"""The text layer of a PDF, by pypdf (BSD-3-Clause), which is only loaded when it is needed."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from kaname.model.errors import InputError

if TYPE_CHECKING:
    from pypdf import PdfReader

__all__ = ["pdf_text"]

MOST_PAGES = 2000
# What its parser raises besides its own errors where a file lies about itself.
_BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
SECONDS = 60.0  # for a whole file: hostile ones can keep a parser busy


def pdf_text(data: bytes, most: int) -> tuple[str, str]:
    """(title, text) of a PDF; at most ``most`` characters, pages parted by blank lines.

    Raises:
        InputError: it is broken, encrypted, without a text layer, or takes too long.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ModuleNotFoundError:
        raise InputError("intelligence.error.no_pdf") from None
    broken = (*_BROKEN, PyPdfError)
    try:
        reader = PdfReader(io.BytesIO(data))
        open_ = not reader.is_encrypted or bool(reader.decrypt(""))
        text = _pages(reader, most) if open_ else ""
        title = str(reader.metadata.title or "").strip() if open_ and reader.metadata else ""
    except broken as error:
        raise InputError("intelligence.error.pdf_broken", reason=type(error).__name__) from error
    if not open_:
        raise InputError("intelligence.error.pdf_locked")
    if not text.strip():
        raise InputError("intelligence.error.pdf_empty")
    return title, text[:most]


def _pages(reader: PdfReader, most: int) -> str:
    """The text of the pages, as far as time and length allow."""
    started = time.monotonic()
    pages: list[str] = []
    for page in reader.pages[:MOST_PAGES]:
        pages.append(page.extract_text() or "")
        spent = time.monotonic() - started > SECONDS
        if spent or sum(map(len, pages)) > most:
            break
    return "\n\n".join(pages)
