"""What a registered host did: the kind of alert, how sure, and why, with the numbers.

The rules, in their order, for what a host asks for: one of many that stand before one
address (forged, or misled); one service of one address again and again (set up wrongly);
TTLs as no one host has them (forged); else it searches, among the unused addresses of its
own organisation or of others. For what it answers: many hosts that answer one address, or
one host that answers hardly more than one, are reflectors; else it is a victim.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.knowledge.organisation_records import AlertKind
from kaname.model.address import Address
from kaname.model.instant import SECOND
from kaname.telescope.activity import activities
from kaname.telescope.labels import LABELS, SURE, label
from kaname.telescope.organisations.company import Doubt, company
from kaname.telescope.organisations.observing import ANSWERING, INTERNAL, Groups, Ints, Observed
from kaname.telescope.survey import SurveyList
from kaname.telescope.traffic import Extent
from kaname.telescope.words import service

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["ANSWERED", "ASKED", "Verdict", "verdicts"]

ASKED = (AlertKind.INTERNAL, AlertKind.EXTERNAL, AlertKind.MISCONFIG, AlertKind.SPOOFED)
ANSWERED = (AlertKind.VICTIM, AlertKind.REFLECTOR)

FEW = 2  # destinations that do not make a search, or a victim
REFLECTORS = 25  # sources that answer one address
CROWD = 50  # sources that ask one address for one service
FAITHFUL_MINUTES = 3  # minutes with packets, and seconds they span, that make a habit
FAITHFUL_SPAN = 300
ANSWERS = 6  # answers to few addresses that make a reflector
ROOM = 256  # monitored addresses below which few destinations say nothing
TTLS = 6  # distinct TTLs of one host in one family, from which on they are made up
_SHOWN = 5

Reason = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One host of the organisation at ``place``, and one kind; times in microseconds."""

    place: int
    host: Address
    kind: AlertKind
    first: int
    last: int
    packets: int
    destinations: int
    ports: tuple[int, ...]  # the busiest first
    services: tuple[str, ...]
    families: tuple[str, ...]
    label: str
    confidence: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Ruling:
    kind: AlertKind
    label: str
    confidence: float
    reasons: tuple[Reason, ...] = ()


def verdicts(flowtuples: ir.Table, rows: Observed, addresses: int) -> list[Verdict]:
    """A verdict for each host and kind, by place, host and kind.

    ``flowtuples`` are all rows of the same time; ``addresses`` is the telescope's size.
    """
    if not len(rows):
        return []
    judge = _Judge(flowtuples, rows, addresses)
    rulings = [judge.rule(number) for number in range(len(rows.groups))]
    return list(_gathered(rows, rulings))


class _Judge:
    """Rules over the groups of some rows."""

    def __init__(self, flowtuples: ir.Table, rows: Observed, addresses: int) -> None:
        self._groups = rows.groups
        self._addresses = addresses
        self._labels = _labels(rows, addresses)
        doubts = [self._doubt(n) for n in range(len(rows.groups)) if self._in_doubt(n)]
        self._company = company(flowtuples, doubts, addresses, REFLECTORS) if doubts else {}

    def rule(self, number: int) -> _Ruling:
        """What one group is."""
        if self._groups.family(number) in ANSWERING:
            return self._answers(number)
        return self._asks(number)

    def _in_doubt(self, number: int) -> bool:
        return int(self._groups.destinations[number]) <= FEW

    def _doubt(self, number: int) -> Doubt:
        g = self._groups
        family = int(g.keys[number, 2])
        columns = (g.port, g.dst_hi, g.dst_lo)
        return Doubt.of(family, *(int(column[number]) for column in columns))

    def _together(self, number: int) -> int:
        return self._company.get(self._doubt(number), 0)

    def _asks(self, number: int) -> _Ruling:
        name, sure = self._labels.get(_key(self._groups, number), ("unsure", 0.5))
        rulings = (self._crowded(number), self._faithful(number, name, sure), self._forged(number))
        for ruling in rulings:
            if ruling is not None:
                return ruling
        own = int(self._groups.keys[number, 3]) == INTERNAL
        return _Ruling(AlertKind.INTERNAL if own else AlertKind.EXTERNAL, name, sure)

    def _crowded(self, number: int) -> _Ruling | None:
        """One of many before one address: forged where it sent one packet, else misled."""
        n = self._together(number)
        if n < CROWD:
            return None
        reason = ("telescope.organisation.crowd", {"n": n, "limit": CROWD})
        single = int(self._groups.packets[number]) == 1
        if single and self._groups.family(number) != "udp":
            return _Ruling(AlertKind.SPOOFED, "spoofed_flood", 0.9, (reason,))
        return _Ruling(AlertKind.MISCONFIG, "p2p_misconf", 0.9, (reason,))

    def _faithful(self, number: int, name: str, sure: float) -> _Ruling | None:
        g = self._groups
        span = int(g.last[number] - g.first[number])
        few = int(g.destinations[number]) <= FEW and int(g.ports[number]) <= FEW
        habit = int(g.minutes[number]) >= FAITHFUL_MINUTES and span >= FAITHFUL_SPAN
        if name != "misconfig" and not (few and habit and self._addresses >= ROOM):
            return None
        values = {
            "n": int(g.destinations[number]),
            "k": int(g.packets[number]),
            "minutes": int(g.minutes[number]),
            "seconds": span,
            "of": self._addresses,
        }
        grown = 0.95 * g.minutes[number] / (g.minutes[number] + 1)
        sure = sure if name == "misconfig" else round(float(grown), 4)
        reasons = (("telescope.organisation.faithful", values),)
        return _Ruling(AlertKind.MISCONFIG, "misconfig", max(sure, SURE), reasons)

    def _forged(self, number: int) -> _Ruling | None:
        """TTLs that no one host has; nmap makes them up as well, and is known by its probes."""
        g = self._groups
        n = int(g.ttls[number])
        if n < TTLS or 2 * n < g.minutes[number] or g.family(number) == "probe":
            return None
        reasons = (("telescope.organisation.ttls", {"n": n, "limit": TTLS}),)
        return _Ruling(AlertKind.SPOOFED, "spoofed", 0.7, reasons)

    def _answers(self, number: int) -> _Ruling:
        g = self._groups
        n, k = int(g.destinations[number]), int(g.packets[number])
        told = _ANSWER_LABELS[g.family(number)]
        together = self._together(number)
        if together >= REFLECTORS:
            reasons = (("telescope.organisation.reflectors", {"n": together, "limit": REFLECTORS}),)
            return _Ruling(AlertKind.REFLECTOR, "tcp_reflection", 0.9, reasons)
        if n <= FEW and k >= ANSWERS and g.minutes[number] >= 3 and self._addresses >= ROOM:
            reasons = (("telescope.organisation.few_targets", {"n": n, "k": k, "limit": FEW}),)
            return _Ruling(AlertKind.REFLECTOR, "reflector", 0.7, reasons)
        sure = round(0.97 * k / (k + 0.3), 4)
        return _Ruling(AlertKind.VICTIM, told, sure, _attacked(n, k))


def _attacked(n: int, k: int) -> tuple[Reason, ...]:
    return (("telescope.organisation.answers", {"n": n, "k": k}),)


_ANSWER_LABELS = {
    "answer": "backscatter_tcp",
    "udp_answer": "backscatter_udp",
    "icmp_error": "backscatter_icmp",
    "icmp_answer": "backscatter_icmp",
}


def _key(groups: Groups, number: int) -> tuple[int, int, int]:
    hi, lo, family = groups.keys[number, :3].tolist()
    return hi, lo, family


def _labels(rows: Observed, addresses: int) -> dict[tuple[int, int, int], tuple[str, float]]:
    """Label and probability of each source and family, as all analyses give them."""
    extent = Extent(addresses, int(rows["at"].min()), int(rows["at"].max()))
    found = activities(rows.own, extent.expiry, 1)
    named = label(rows.own, found, extent, SurveyList.load(""), 30)
    columns = (found["src_hi"].tolist(), found["src_lo"].tolist(), found["family"].tolist())
    return {
        key: (LABELS[code], round(float(sure), 4))
        for key, code, sure in zip(
            zip(*columns, strict=True), named.codes, named.confidence, strict=True
        )
    }


def _gathered(rows: Observed, rulings: list[_Ruling]) -> Iterator[Verdict]:
    """One verdict for all groups of a host that are of one kind."""
    groups = rows.groups
    order = {kind: number for number, kind in enumerate(AlertKind)}
    by = [(int(groups.place[n]), *groups.keys[n, :2].tolist(), order[r.kind])
          for n, r in enumerate(rulings)]  # fmt: skip
    keys = sorted(set(by))
    numbers = {key: number for number, key in enumerate(keys)}
    of_group = np.array([numbers[key] for key in by], np.int64)
    ids = of_group[groups.ids]
    destinations = rows.destinations(ids, len(keys))
    for number, key in enumerate(keys):
        members = np.flatnonzero(of_group == number)
        yield _verdict(rows, rulings, key, members, ids == number, int(destinations[number]))


def _verdict(
    rows: Observed,
    rulings: list[_Ruling],
    key: tuple[int, ...],
    members: Ints,
    own: Any,
    destinations: int,
) -> Verdict:
    groups = rows.groups
    place, hi, lo = key[:3]
    busiest = sorted(members.tolist(), key=lambda n: (-int(groups.packets[n]), n))
    ruling = rulings[busiest[0]]
    ports, services = _services(rows, own)
    packets = int(groups.packets[members].sum())
    host = Address(hi, lo)
    general = (
        _whose(rows, place, host),
        _reach(ruling.kind, destinations, packets),
        ("telescope.organisation.label", {"label": ruling.label, "p": ruling.confidence}),
    )
    special = [reason for n in busiest for reason in rulings[n].reasons]
    return Verdict(
        place=place,
        host=host,
        kind=ruling.kind,
        first=int(groups.first[members].min()) * SECOND,
        last=int(groups.last[members].max()) * SECOND,
        packets=packets,
        destinations=destinations,
        ports=ports,
        services=services,
        families=tuple(dict.fromkeys(groups.family(n) for n in busiest)),
        label=ruling.label,
        confidence=ruling.confidence,
        reasons=(*special[:_SHOWN], *general),
    )


def _whose(rows: Observed, place: int, host: Address) -> Reason:
    return ("telescope.organisation.live", {"prefix": rows.period.prefix_of(place, host)})


def _reach(kind: AlertKind, destinations: int, packets: int) -> Reason:
    values = {"n": destinations, "k": packets}
    if kind is AlertKind.INTERNAL:
        return ("telescope.organisation.own_dark", values)
    return ("telescope.organisation.other_dark", values)


def _services(rows: Observed, own: Any) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Ports and services by packets, the busiest first."""
    from kaname.telescope.families import FAMILIES

    keys, ids = np.unique(
        np.stack([rows["port"][own], rows["family"][own]], 1), axis=0, return_inverse=True
    )
    packets = np.bincount(ids.reshape(-1), weights=rows["packets"][own])
    order = np.lexsort((keys[:, 0], -packets))
    ports = tuple(dict.fromkeys(keys[order, 0].tolist()))
    named = (service(FAMILIES[family].name, port) for port, family in keys[order].tolist())
    return ports, tuple(dict.fromkeys(named))[:_SHOWN]
