"""``NAME=VALUE`` arguments."""

from __future__ import annotations

from collections.abc import Iterable

from kaname.model.errors import UsageError

__all__ = ["pairs"]


def pairs(given: Iterable[str]) -> dict[str, str]:
    """Values by name; the last of several with one name counts.

    Raises:
        UsageError: one has no equals sign.
    """
    return dict(_pair(each) for each in given)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError("cli.error.param", found=text)
    return name, value
