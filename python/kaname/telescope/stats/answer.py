"""What is asked of the statistics, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from kaname.analysis.selection import during, quoted
from kaname.model.marking import Tlp
from kaname.model.sensors import Registry

__all__ = ["Answer", "Asked", "Bin", "Cell", "Ranking"]

SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Asked:
    """``since <= time < until`` (us) in steps of ``bin`` (us).

    ``sensor``: empty for all; ``survey``: whether surveys count; ``by``: what to rank.
    """

    since: int
    until: int
    bin: int
    sensor: str = ""
    survey: bool = True
    by: tuple[str, ...] = ()
    top: int = 10
    clearance: Tlp = Tlp.RED
    registry: Registry | None = None  # of sensors; None: everything they saw counts

    def where(self, *more: str) -> str:
        """The SQL condition of the rows of the time and the sensor for which ``more`` hold."""
        parts = [during(self.since, self.until)]
        if self.sensor:
            parts.append(f"sensor = {quoted(self.sensor)}")
        return "\n  AND ".join((*parts, *more))

    @property
    def kept(self) -> tuple[str, ...]:
        """The condition on labelled rows that the switch for surveys makes."""
        return () if self.survey else (f"label <> '{SURVEY}'",)


class Bin(msgspec.Struct, frozen=True):
    """One step of time; None where nothing was observed at all, which is not zero."""

    at: int
    packets: int | None
    hosts: int | None


class Cell(msgspec.Struct, frozen=True):
    """One place of a ranking: ``name`` is for people, ``where`` selects the rows behind it."""

    key: str
    name: str
    packets: int
    hosts: int
    where: str


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """The first of each order.

    ``exact``: hosts are distinct over the whole time; else they are the mean of a day's
    (exact in the day, and counted once at each sensor).
    """

    by: str
    exact: bool
    keys: int  # how many there are
    by_hosts: tuple[Cell, ...]
    by_packets: tuple[Cell, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. ``pending``: days (ISO) with packets whose hosts are not labelled yet."""

    since: int
    until: int
    bin: int
    sensor: str
    sensors: tuple[str, ...]
    survey: bool
    packets: int
    hosts: int
    where: str
    bins: tuple[Bin, ...]
    rankings: tuple[Ranking, ...]
    pending: tuple[str, ...]
    networks: str
    attributions: tuple[tuple[str, str], ...]  # text and link
