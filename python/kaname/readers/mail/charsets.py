"""Bytes of mails as text: charsets as they are written, wrong and unknown ones included.

Mail names charsets loosely: "gb2312" carries characters of GB 18030, "shift_jis" those of
Windows code page 932, "iso-8859-1" those of code page 1252 (WHATWG Encoding Standard,
section 4.2, lists the same supersets).
"""

from __future__ import annotations

import binascii
import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

__all__ = ["body_text", "header_text"]

_SUPERSETS = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "x-euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}
# Encodings whose rules most wrong texts break, so that success says something.
_CANDIDATES = ("utf-8", "iso2022_jp_ext", "euc_jp", "cp932", "gb18030", "big5hkscs")
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bqBQ]\?")
_FOLD = re.compile(r"\r?\n[ \t]+")
_ESCAPE = b"\x1b$"


def body_text(data: bytes, charset: str | None) -> tuple[str, str]:
    """(text, name of the charset that it was read with)."""
    name = (charset or "").strip().strip("\"'").lower()
    name = name if name.isascii() and name.isprintable() else ""
    codec = _codec(name)
    if _ESCAPE in data and not codec.startswith("iso2022"):
        codec = "iso2022_jp_ext"
    text = _strict(data, codec)
    if text is not None:
        return text, name or codec
    for candidate in _CANDIDATES:
        text = _strict(data, candidate)
        if text is not None:
            return text, candidate
    return data.decode(codec or "utf-8", errors="replace"), name or "unknown"


def header_text(raw: str, charset: str | None = None) -> str:
    """The text of a header: encoded words (RFC 2047) decoded, bare 8-bit bytes guessed.

    ``raw`` is as `email` gives it, bytes beyond ASCII as surrogates; ``charset`` is that of
    the body, which such bytes most often have.
    """
    unfolded = _FOLD.sub(" ", raw).strip()
    if not _ENCODED_WORD.search(unfolded):
        return _bare(unfolded, charset)
    try:
        parts = decode_header(unfolded)
    except (HeaderParseError, binascii.Error, ValueError):
        return _bare(unfolded, charset)
    return "".join(_part(part, name, charset) for part, name in parts).strip()


def _part(part: bytes | str, name: str | None, charset: str | None) -> str:
    if isinstance(part, str):
        return _bare(part, charset)
    # RFC 2231, section 5: a language may follow the charset.
    return body_text(part, name.partition("*")[0] if name else charset)[0]


def _bare(text: str, charset: str | None) -> str:
    if text.isascii() and "\x1b" not in text:
        return text
    return body_text(text.encode("utf-8", "surrogateescape"), charset)[0]


def _codec(name: str) -> str:
    """Python's name of the charset, or utf-8 when it is unknown or no text encoding."""
    wanted = _SUPERSETS.get(name, name)
    try:
        found = codecs.lookup(wanted)
    except (LookupError, ValueError):
        return "utf-8"
    return found.name if found._is_text_encoding else "utf-8"  # noqa: SLF001 (no public way)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None
