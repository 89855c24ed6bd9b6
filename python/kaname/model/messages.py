"""The catalogue of what people read, in Japanese and English.

A key begins with the name of the package that owns it: ``lake.error.no_table`` lives in
``kaname/lake/messages/{en,ja}.json``. Templates are `str.format` templates. Packages of
third parties announce theirs by an entry point of the group ``kaname.messages`` whose
name is the first part of the key and whose value is the package.
"""

from __future__ import annotations

import functools
import json
import os
from importlib import resources
from importlib.metadata import entry_points

__all__ = ["LANGUAGES", "catalogue", "language_of_environment", "text"]

LANGUAGES = ("en", "ja")


@functools.cache
def catalogue(package: str, language: str) -> dict[str, str]:
    """All messages that ``package`` (the first part of a key) has in ``language``."""
    module = f"kaname.{package}"
    for point in entry_points(group="kaname.messages"):
        if point.name == package:
            module = point.value
    folder = resources.files(module) / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(folder.read_text(encoding="utf-8"))
    return found


def text(key: str, language: str = "en", /, **values: object) -> str:
    """The message ``key`` in ``language``, filled with ``values``.

    Raises:
        KeyError: the key is in no catalogue, which is a defect, not a user's mistake.
    """
    language = language if language in LANGUAGES else "en"
    return catalogue(key.partition(".")[0], language)[key].format(**values)


def language_of_environment() -> str:
    """The language a person at this terminal reads: KANAME_LANG, then the locale."""
    for name in ("KANAME_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"
