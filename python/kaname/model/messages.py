"""The catalogue of what people read, in Japanese and English.

A key begins with the name of the package that owns it: ``lake.error.no_table`` lives in
``kaname/lake/messages/{en,ja}.json``. Templates are `str.format` templates. A blank may
name a vocabulary: the value "trigger" of ``{role:hardware.role}`` is said by the message
``hardware.role.trigger``, and as it is where there is no such message. Packages of third
parties announce theirs by an entry point of the group ``kaname.messages`` whose name is the
first part of the key and whose value is the package.
"""

from __future__ import annotations

import functools
import json
import os
import string
from importlib import resources
from importlib.metadata import entry_points

__all__ = ["LANGUAGES", "catalogue", "language_of_environment", "text"]

LANGUAGES = ("en", "ja")


class _Template(string.Formatter):
    """Fills blanks of one language; a specification with a dot names a vocabulary."""

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: object, format_spec: str) -> str:
        package, dot, _ = format_spec.partition(".")
        if not dot or not package.isidentifier():
            return str(super().format_field(value, format_spec))
        return catalogue(package, self._language).get(f"{format_spec}.{value}", str(value))


_TEMPLATES = {language: _Template(language) for language in LANGUAGES}


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
    template = catalogue(key.partition(".")[0], language)[key]
    return _TEMPLATES[language].vformat(template, (), values)


def language_of_environment() -> str:
    """The language a person at this terminal reads: KANAME_LANG, then the locale."""
    for name in ("KANAME_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"
