"""Sensors of a telescope, and the gaps in what they saw."""

from __future__ import annotations

import msgspec

from kaname.model.marking import Tlp
from kaname.model.sensors import Monitored

__all__ = ["GAP_KINDS", "Gap", "Sensor"]

GAP_KINDS = ("outage", "silence", "clock", "undelivered")
"""No minutes while others had; silence too long for chance; the sensor's clock jumped; it
gave up minutes because it could not deliver them."""


class Sensor(msgspec.Struct, frozen=True, kw_only=True):
    """A sensor: what it monitors, and what it delivered.

    ``remote`` says that it has a token to deliver with; else it is read on this machine.
    ``last_seen`` is when it last delivered, ``last_minute`` the last minute that it did,
    ``minutes`` how many deliveries were taken; ``spool`` names the numbering of the
    deliveries, of which ``sequence`` was the last.
    """

    name: str
    description: str = ""
    tlp: Tlp = Tlp.AMBER
    prefixes: tuple[Monitored, ...] = ()
    remote: bool = False
    created: int = 0
    last_seen: int | None = None
    last_minute: int | None = None
    minutes: int = 0
    spool: str = ""
    sequence: int = 0


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time of which a sensor says nothing: ``since <= time < until``.

    ``amount`` is in minutes that are missing; of a clock that jumped, in seconds (negative:
    back).
    """

    sensor: str
    kind: str
    since: int
    until: int
    noticed: int
    amount: int
