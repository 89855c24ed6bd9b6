"""The language of a body, by its script, or by its commonest words where that is Latin."""

from __future__ import annotations

import re

__all__ = ["language"]

LONGEST = 20_000
_ENOUGH = 8  # letters of a script, or common words, below which nothing is said
_ENOUGH_KANA = 3  # which only Japanese has

_SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
)
_COMMON = {
    "en": {"the", "and", "you", "your", "for", "this", "with", "are", "from", "have", "will"},
    "de": {"und", "die", "der", "sie", "ist", "nicht", "mit", "ihre", "für", "auf", "wir"},
    "fr": {"les", "des", "vous", "est", "pour", "une", "votre", "dans", "nous", "sur", "avec"},
    "es": {"los", "que", "para", "una", "con", "por", "las", "del", "sus", "está", "usted"},
    "pt": {"que", "não", "para", "uma", "com", "você", "seu", "dos", "mais", "sua", "por"},
    "it": {"che", "per", "una", "con", "sono", "del", "della", "questo", "non", "gli", "più"},
}
_LATIN = re.compile(r"[^\W\d_]{3,}")


def language(text: str) -> str | None:
    """ISO 639-1 code, or None when it cannot be told."""
    start = text[:LONGEST]
    for code, script in _SCRIPTS:
        if len(script.findall(start)) >= (_ENOUGH_KANA if code == "ja" else _ENOUGH):
            return code
    found = [word.lower() for word in _LATIN.findall(start)]
    counts = {code: sum(word in common for word in found) for code, common in _COMMON.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] >= _ENOUGH else None
