"""What these programs say, in Japanese and English.

They run before anything is installed, so they use the standard library only.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path

__all__ = ["FOLDER", "ROOT", "language", "say"]

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "scripts" / "messages"


@functools.cache
def language() -> str:
    """Japanese ("ja") or English ("en"): KANAME_LANG, then the locale, as kaname itself does."""
    for name in ("KANAME_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"


@functools.cache
def _catalogue(which: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((FOLDER / f"{which}.json").read_text(encoding="utf-8"))
    return found


def say(key: str, /, **values: object) -> str:
    """The message ``key`` in the language of this run."""
    return _catalogue(language())[key].format(**values)
