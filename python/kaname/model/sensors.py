"""What sensors of a telescope monitor, as the registry says it and analyses read it."""

from __future__ import annotations

import msgspec

__all__ = ["Monitored", "Registry"]


class Monitored(msgspec.Struct, frozen=True, omit_defaults=True):
    """A prefix that is monitored for ``since <= time < until`` (microseconds, UTC)."""

    prefix: str
    since: int = 0
    until: int | None = None

    def holds_at(self, instant: int) -> bool:
        """Whether it is monitored at that time."""
        return self.since <= instant and (self.until is None or instant < self.until)


class Registry(msgspec.Struct, frozen=True):
    """Sensors by name. One without prefixes monitors nobody knows what."""

    sensors: dict[str, tuple[Monitored, ...]] = {}
