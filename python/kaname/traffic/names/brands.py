"""The brands that names may imitate, and the domains that are their own."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kaname.model.errors import UsageError
from kaname.traffic.names.listing import listing

__all__ = ["Brand", "brands", "read_brands"]


@dataclass(frozen=True, slots=True)
class Brand:
    """A name that is imitated; ``worldwide``: it is used below any country's suffix."""

    name: str
    domains: tuple[str, ...]
    worldwide: bool

    def owns(self, domain: str) -> bool:
        """Whether ``domain`` (registered) is the brand's own."""
        if domain in self.domains:
            return True
        label, _, suffix = domain.partition(".")
        return self.worldwide and label == self.name and _is_country(suffix)


def _is_country(suffix: str) -> bool:
    """``de``, ``co.jp``, ``com.br``: what countries use for their companies."""
    labels = suffix.split(".")
    trade = len(labels) == 2 and labels[0] in {"co", "com", "net", "org", "ne", "or", "go"}
    return len(labels[-1]) == 2 and (len(labels) == 1 or trade)


def brands(lines: Iterable[str]) -> tuple[Brand, ...]:
    """Brands of lines ``name domain... [*]``.

    Raises:
        UsageError: a line names no domain.
    """
    found = []
    for line in lines:
        name, *domains = line.lower().split()
        own = tuple(d for d in domains if d != "*")
        if not own:
            raise UsageError("traffic.error.brand", line=line)
        found.append(Brand(name, own, "*" in domains))
    return tuple(found)


@functools.lru_cache(8)
def read_brands(path: str) -> tuple[Brand, ...]:
    """The brands of a file, or the shipped ones when ``path`` is empty.

    Raises:
        UsageError: the file cannot be read, or a line names no domain.
    """
    if not path:
        return brands(listing("brands"))
    try:
        text = Path(path).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("traffic.error.list", path=path, reason=error) from None
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return brands(line for line in lines if line)
