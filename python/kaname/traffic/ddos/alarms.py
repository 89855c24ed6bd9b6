"""From minutes to attacks: which minutes exceed what is usual, and which belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kaname.model.instant import MINUTE
from kaname.traffic.ddos.baseline import ENOUGH, Limits, limits
from kaname.traffic.ddos.profiles import Floors, Minutes
from kaname.traffic.ddos.vectors import FRAGMENTS, VECTORS, Vector

if TYPE_CHECKING:
    from kaname.analysis.frame import Window

__all__ = ["Alarm", "Attack", "alarms", "attacks"]

_PAUSE = 5  # minutes without an alarm that end an attack
_UNASKED = 0.5  # of the packets, that come from hosts to which the target sends nothing
_FEW_PORTS, _FEW_SOURCES = 3, 10
_CARPET_TARGETS, _CARPET_WIDEST, _CARPET_SOURCES = 8, 0.5, 20

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Alarm:
    """One vector against one target in the minutes that exceed what is usual.

    ``level`` and ``limit`` are packets a minute of the first of them, ``history`` the
    minutes known before it.
    """

    target: tuple[int, int]
    code: int
    minutes: tuple[int, ...]
    packets: int
    octets: int
    seen: int
    sampled: bool
    peak_packets: int
    peak_octets: int
    level: float
    limit: float
    history: int
    hosts: int

    @property
    def vector(self) -> Vector:
        """What the attack is made of."""
        return VECTORS[self.code]

    @property
    def known(self) -> bool:
        """Whether there was enough history to say what is usual."""
        return self.history >= ENOUGH


@dataclass(frozen=True, slots=True)
class Attack:
    """Alarms against one target that overlap in time, the heaviest first."""

    alarms: tuple[Alarm, ...]

    @property
    def main(self) -> Alarm:
        """The vector that carries most; fragments belong to the amplifier beside them."""
        reflected = [a for a in self.alarms if a.vector.label == "amplification"]
        heaviest = self.alarms[0]
        return reflected[0] if heaviest.code == FRAGMENTS and reflected else heaviest

    @property
    def target(self) -> tuple[int, int]:
        """Address, or first address of a network."""
        return self.alarms[0].target

    @property
    def first(self) -> int:
        """First minute (since 1970)."""
        return min(a.minutes[0] for a in self.alarms)

    @property
    def last(self) -> int:
        """Last minute (since 1970)."""
        return max(a.minutes[-1] for a in self.alarms)


def alarms(
    found: Minutes,
    running: Sequence[int],
    window: Window,
    floors: Floors,
    deviations: float,
    *,
    network: bool,
) -> Iterator[Alarm]:
    """The alarms of each key; ``running`` are the minutes in which anything was seen."""
    clock = np.asarray(running, np.int64)
    key = np.stack([found[name] for name in ("dst_hi", "dst_lo", "code")], 1)
    starts = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]).any(1)][: len(key)]).tolist()
    for begin, end in zip(starts, [*starts[1:], len(key)], strict=True):
        one = _Series({name: column[begin:end] for name, column in found.values.items()}, clock)
        raised = one.raised(floors, deviations) & one.fits(network=network)
        current = (one["minute"] >= window.start // MINUTE) & (one["minute"] < window.end // MINUTE)
        yield from one.alarms(np.flatnonzero(raised & current))


class _Series:
    """The minutes of one key, and their places among the running minutes."""

    def __init__(self, values: dict[str, NDArray[np.int64]], clock: NDArray[np.int64]) -> None:
        self._values = values
        self._clock = clock
        self._places = np.searchsorted(clock, values["minute"])
        self.vector = VECTORS[int(values["code"][0])]
        self._usual = Limits(np.zeros(0), np.zeros(0), np.zeros(0, np.int64))

    def __getitem__(self, name: str) -> NDArray[np.int64]:
        return self._values[name]

    def raised(self, floors: Floors, deviations: float) -> Bools:
        """Minutes in which packets, octets or flows exceed the static and the usual."""
        raised = np.zeros(len(self["minute"]), np.bool_)
        statics = (
            ("flows", floors.flows * 60),
            ("octets", floors.bits * 60 / 8),
            ("packets", floors.packets * 60),
        )
        for name, static in statics:
            if not static and name != "packets":  # which are told in any case
                continue
            dense = np.zeros(len(self._clock))
            dense[self._places] = self[name]
            usual = limits(dense, deviations)
            limit = np.where(usual.history < ENOUGH, 0.0, usual.limit)[self._places]
            raised |= bool(static) & (self[name] >= static) & (self[name] > limit)
            self._usual = usual
        return raised

    def fits(self, *, network: bool) -> Bools:
        """Minutes in which the traffic is what the vector says it is."""
        vector = self.vector
        fits = self["sources"] >= (_CARPET_SOURCES if network else vector.sources)
        if vector.answered:
            fits &= self["unasked"] >= _UNASKED * self["packets"]
        if network:
            fits &= self["targets"] >= _CARPET_TARGETS
            return fits & (self["widest"] <= _CARPET_WIDEST * self["packets"])
        # one source that tries many ports is a scan
        return fits & ((self["sources"] >= _FEW_SOURCES) | (self["ports"] <= _FEW_PORTS))

    def alarms(self, raised: NDArray[np.int64]) -> Iterator[Alarm]:
        minute = self["minute"][raised]
        breaks = np.flatnonzero(np.diff(minute) > _PAUSE) + 1
        for group in np.split(raised, breaks):
            if len(group):
                yield self._alarm(group)

    def _alarm(self, group: NDArray[np.int64]) -> Alarm:
        first = self._places[group[0]]
        return Alarm(
            target=(int(self["dst_hi"][0]), int(self["dst_lo"][0])),
            code=int(self["code"][0]),
            minutes=tuple(self["minute"][group].tolist()),
            packets=int(self["packets"][group].sum()),
            octets=int(self["octets"][group].sum()),
            seen=int(self["seen"][group].sum()),
            sampled=bool(self["sampled"][group].max()),
            peak_packets=int(self["packets"][group].max()),
            peak_octets=int(self["octets"][group].max()),
            level=float(self._usual.level[first]),
            limit=float(self._usual.limit[first]),
            history=int(self._usual.history[first]),
            hosts=int(self["targets"][group].max()),
        )


def attacks(found: Sequence[Alarm]) -> list[Attack]:
    """Alarms by target and time; of one attack, the heaviest vector first."""
    groups: list[list[Alarm]] = []
    for alarm in sorted(found, key=lambda a: (a.target, a.minutes[0], a.code)):
        group = groups[-1] if groups else []
        near = group and alarm.minutes[0] - max(a.minutes[-1] for a in group) <= _PAUSE
        if near and group[0].target == alarm.target:
            group.append(alarm)
        else:
            groups.append([alarm])
    return [Attack(tuple(sorted(g, key=lambda a: (-a.octets, a.code)))) for g in groups]
