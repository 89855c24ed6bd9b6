"""Bytes to text: UTF-8, UTF-16, ISO-2022-JP, Shift_JIS, EUC-JP, in doubt Windows-1252."""

from __future__ import annotations

import codecs
import re

__all__ = ["decode"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_HEAD = 4096
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\u3001\u3002]")
_HALF = re.compile("[\uff61-\uff9f]")


def decode(data: bytes) -> str:
    r"""The text; what no encoding explains becomes U+FFFD. Line ends are ``\\n``."""
    text = _marked(data) or _declared(data) or _tried(data)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _marked(data: bytes) -> str | None:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    # UTF-16 without its mark: ASCII in it leaves zeros, all on one side.
    head = data[:_HEAD]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even + odd > 1 and min(even, odd) * 10 <= max(even, odd):
        return data.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    return None


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:_HEAD])
    if not found:
        return None
    name = found.group(1).decode("ascii").lower()
    name = {"shift_jis": "cp932", "x-sjis": "cp932", "shift-jis": "cp932"}.get(name, name)
    try:
        return data.decode(name)
    except (LookupError, UnicodeDecodeError):
        return None


def _tried(data: bytes) -> str:
    try:
        if b"\x1b$" in data or b"\x1b(" in data:
            return data.decode("iso2022_jp")
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    read = [text for name in ("cp932", "euc_jp") if (text := _strict(data, name)) is not None]
    japanese = [text for text in read if _japanese(text) > 0]
    return max(japanese, key=_japanese) if japanese else data.decode("cp1252", "replace")


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _japanese(text: str) -> int:
    """Kana speak for an encoding; half-width ones are what the wrong one makes of kanji."""
    return len(_KANA.findall(text)) - 2 * len(_HALF.findall(text))
