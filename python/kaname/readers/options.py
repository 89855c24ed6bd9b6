"""Options of readers as people write them: ``zone=Asia/Tokyo``, ``year=2024``."""

from __future__ import annotations

from collections.abc import Iterable

from kaname.model.errors import UsageError

__all__ = ["Options", "options_of"]

Options = dict[str, bool | int | str]


def options_of(pairs: Iterable[str]) -> Options:
    """``KEY=VALUE`` pairs; true and false are truth values, digits are numbers.

    Raises:
        UsageError: one is no pair.
    """
    found: Options = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError("readers.error.option_pair", found=pair)
        if value.lower() in {"true", "false"}:
            found[name] = value.lower() == "true"
        else:
            found[name] = int(value) if value.isascii() and value.isdigit() else value
    return found
