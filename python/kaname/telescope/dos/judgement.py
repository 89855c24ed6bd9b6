"""Which stretches of answers are attacks, and which of these corsaro3 would report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.telescope.dos.answers import answers, minutes
from kaname.telescope.dos.corsaro import Vector, vectors
from kaname.telescope.dos.events import REPEATED, Event, events

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.telescope.picture import Picture

__all__ = ["Attack", "Judged", "judge"]


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack as both methods see it; at least one of them does."""

    victim: tuple[int, int]
    event: Event | None
    vectors: tuple[Vector, ...]

    @property
    def first(self) -> int:
        """Second of the first packet."""
        return min([v.first for v in self.vectors] + ([self.event.first] if self.event else []))

    @property
    def last(self) -> int:
        """Second of the last packet."""
        return max([v.last for v in self.vectors] + ([self.event.last] if self.event else []))

    @property
    def packets(self) -> int:
        """Packets that the telescope got."""
        return self.event.packets if self.event else sum(v.packets for v in self.vectors)

    @property
    def label(self) -> str:
        """Whether corsaro3 would report it."""
        return "dos_corsaro" if self.vectors else "dos_extended"


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found: attacks, the strongest first, and what is too faint for one.

    ``rows`` are the answers that the events were made of.
    """

    attacks: list[Attack]
    faint: list[Event]
    rows: ir.Table
    least: int
    rate: int


def judge(picture: Picture, rsdos: ir.Table, *, least: int, rate: int) -> Judged:
    """The attacks in a picture, with rows of ``rsdos`` of the same sensor and window.

    An attack has ``least`` packets, and its victim sends ``rate`` packets a second or more,
    by the lower bound of the estimate. One address only may have got no more packets than
    a single forged packet leads to.
    """
    rows = answers(picture)
    found = events(minutes(rows, 1), picture.extent)
    strong = [e for e in found if e.packets >= least and e.rate.low >= rate and _spreads(e)]
    known = _by_victim(vectors(rsdos))
    attacks = [Attack(e.victim, e, _during(known.get(e.victim, []), e)) for e in strong]
    joined = {id(v) for attack in attacks for v in attack.vectors}
    lone = [v for own in known.values() for v in own if id(v) not in joined]
    attacks += [Attack(victim, None, tuple(own)) for victim, own in _by_victim(lone).items()]
    attacks.sort(key=lambda a: (-a.packets, a.victim, a.first))
    chosen = {id(event) for event in strong}
    named = {attack.victim for attack in attacks}
    faint = [e for e in found if id(e) not in chosen and e.victim not in named]
    return Judged(attacks, faint, rows, least, rate)


def _spreads(event: Event) -> bool:
    return event.several or event.packets <= REPEATED


def _by_victim(found: list[Vector]) -> dict[tuple[int, int], list[Vector]]:
    own: dict[tuple[int, int], list[Vector]] = {}
    for vector in found:
        own.setdefault(vector.victim, []).append(vector)
    return own


def _during(own: list[Vector], event: Event) -> tuple[Vector, ...]:
    return tuple(v for v in own if v.first <= event.last and v.last >= event.first)
