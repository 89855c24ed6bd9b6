"""The language that this run of the command line speaks.

Settled once, before any command is built, since help texts are part of commands:
``--lang``, then ``KANAME_LANG`` and the locale.
"""

from __future__ import annotations

import functools
import sys

from kaname.model.messages import LANGUAGES, language_of_environment, text

__all__ = ["language", "say"]


@functools.cache
def language() -> str:
    """Either "en" or "ja"."""
    arguments = sys.argv[1:]
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--lang":
            value = value if equals else next(iter(arguments[position + 1 :]), "")
            if value in LANGUAGES:
                return value
    return language_of_environment()


def say(key: str, /, **values: object) -> str:
    """The message ``key`` in the language of this run."""
    return text(key, language(), **values)
