"""Source text without its comments, and where its strings stand, by families of languages.

Comments and the insides of strings are blanked in place, so that offsets and lines stay: a
pattern must begin in code, but may name an algorithm in a string.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["blanked"]

_DOUBLE: Final = r"\"(?:\\.|[^\"\\\n])*\""
_SINGLE: Final = r"'(?:\\.|[^'\\\n])*'"
_LETTER: Final = r"'(?:\\(?:.|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{1,4}|u\{[0-9A-Fa-f]{1,6}\})|[^'\\\n])'"
_TRIPLE: Final = r"\"\"\"[\s\S]*?(?:\"\"\"|\Z)"
_TICKS: Final = r"`(?:\\[\s\S]|[^`\\])*(?:`|\Z)"
_SLASHES: Final = r"//[^\n]*"
_BLOCK: Final = r"/\*[\s\S]*?(?:\*/|\Z)"
_HASHES: Final = r"(?:^|(?<=[\s;{}(]))#[^\n{]?[^\n]*"


def _lexer(strings: tuple[str, ...], comments: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"({'|'.join(strings)})|(?:{'|'.join(comments)})", re.MULTILINE)


_C: Final = _lexer((r"R\"\([\s\S]*?\)\"", _DOUBLE, _LETTER), (_SLASHES, _BLOCK))
_LEXERS: Final = {
    "C": _C,
    "Java": _lexer((_TRIPLE, _DOUBLE, _LETTER), (_SLASHES, _BLOCK)),
    "C#": _lexer((_TRIPLE, r"@\"(?:\"\"|[^\"])*\"", _DOUBLE, _LETTER), (_SLASHES, _BLOCK)),
    "Swift": _lexer((_TRIPLE, _DOUBLE), (_SLASHES, _BLOCK)),
    "Go": _lexer((r"`[^`]*(?:`|\Z)", _DOUBLE, _LETTER), (_SLASHES, _BLOCK)),
    "Rust": _lexer((r"r#\"[\s\S]*?\"#", _DOUBLE, _LETTER), (_SLASHES, _BLOCK)),
    "JavaScript": _lexer((_TICKS, _DOUBLE, _SINGLE), (_SLASHES, _BLOCK)),
    "PHP": _lexer((_DOUBLE, _SINGLE), (_SLASHES, _BLOCK, r"#(?!\[)[^\n]*")),
    "Ruby": _lexer((_DOUBLE, _SINGLE), (r"^=begin[\s\S]*?(?:^=end|\Z)", _HASHES)),
    "shell": _lexer((_DOUBLE, _SINGLE), (_HASHES,)),
}


def blanked(text: str, language: str) -> tuple[str, str]:
    """``text`` without comments, and without the insides of strings as well; both as long."""
    lexer = _LEXERS[language]
    bare = lexer.sub(lambda found: found.group() if found.group(1) else _blank(found.group()), text)
    code = lexer.sub(lambda found: _blank(found.group()), text)
    return bare, code


def _blank(text: str) -> str:
    """Spaces of the same length; line ends stay, and the mark that a string begins with."""
    spaces = re.sub(r"[^\n]", " ", text)
    return text[0] + spaces[1:] if text[0] in "\"'`" else spaces
