"""Exposed services that took part in attacks, and victims of reflection.

Both are read from the same flows: answers of services that amplify, by their port and
their mean size.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from kaname.analysis.frame import Window
from kaname.traffic.flows import directed
from kaname.traffic.flows import within as within_flows
from kaname.traffic.names.reduction import any_rows, gathered, micros

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Exposed", "Victim", "exposed", "victims"]

_UDP = 17
# Ports of services that amplify, by the mean size above which an answer is none of their
# ordinary ones (US-CERT TA14-017A and later reports of amplification).
_AMPLIFIERS: dict[int, tuple[int, ...]] = {
    100: (17, 19, 69, 111, 1434, 10001, 27015, 37810),
    150: (137, 500, 520, 5353),
    200: (123, 161, 389, 1900, 3702),
    300: (53,),
    500: (11211,),
}
_UNLIMITED = 1000.0  # a factor where no question was seen
_REFLECTORS = 10  # services that must answer a victim


@dataclass(frozen=True, slots=True)
class Exposed:
    """A service that was reported as exposed, and what it answered with.

    ``octets`` and ``packets`` are estimates (counter times sampling) of what it sent to
    ``peers`` addresses; ``factor`` is octets sent over octets received by the service.
    """

    hi: int
    lo: int
    port: int
    service: str
    report: str
    reported: int
    peers: int
    packets: int
    octets: int
    factor: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Victim:
    """An address that many services answered without being asked; instants of the flows."""

    hi: int
    lo: int
    reflectors: int
    packets: int
    octets: int
    ports: tuple[int, ...]
    first: int
    last: int


def _answers(flows: ir.Table, window: Window) -> ir.Table:
    """Flows that bear the marks of an amplifier: its port, and more than an ordinary size."""
    rows = directed(within_flows(flows, window.start, window.end))
    marked = ibis.or_(
        *(
            rows.sport.isin(ports) & (rows.octets >= rows.packets * least)
            for least, ports in _AMPLIFIERS.items()
        )
    )
    return rows.filter(rows.proto == _UDP, marked)


def exposed(exposure: ir.Table, flows: ir.Table, window: Window) -> list[Exposed]:
    """Reported services that sent amplified answers in ``window``, by address and port."""
    reported = exposure.group_by("src_hi", "src_lo", "port").aggregate(
        service=exposure.service.cast("string").min(),
        report=exposure.report.cast("string").min(),
        reported=micros(exposure.ts).min(),
    )
    if not any_rows(exposure):
        return []
    sent = _answers(flows, window)
    sums = sent.group_by("src_hi", "src_lo", port=sent.sport).aggregate(
        packets=sent.packets.sum(),
        octets=sent.octets.sum(),
        first=sent.us.min(),
        last=sent.us.max(),
    )
    pairs = sent.select("src_hi", "src_lo", "dst_hi", "dst_lo", port=sent.sport).distinct()
    peers = pairs.group_by("src_hi", "src_lo", "port").aggregate(peers=pairs.count())
    key = ["src_hi", "src_lo", "port"]
    found = gathered(reported.join(sums, key).join(peers, key), *key)
    asked = _asked(flows, window, reported)
    return [
        Exposed(
            row["src_hi"],
            row["src_lo"],
            row["port"],
            row["service"],
            row["report"],
            row["reported"],
            row["peers"],
            row["packets"],
            row["octets"],
            _factor(row["octets"], asked[row["src_hi"], row["src_lo"], row["port"]]),
            row["first"],
            row["last"],
        )
        for row in found
    ]


def _asked(flows: ir.Table, window: Window, reported: ir.Table) -> dict[tuple[int, int, int], int]:
    """Octets that reached each reported service."""
    rows = directed(within_flows(flows, window.start, window.end))
    same = [
        rows.dst_hi == reported.src_hi,
        rows.dst_lo == reported.src_lo,
        rows.dport == reported.port,
    ]
    reached = rows.semi_join(reported, same)
    sums = reached.group_by("dst_hi", "dst_lo", port=reached.dport).aggregate(
        octets=reached.octets.sum()
    )
    found: dict[tuple[int, int, int], int] = defaultdict(int)
    for row in gathered(sums, "dst_hi", "dst_lo", "port"):
        found[row["dst_hi"], row["dst_lo"], row["port"]] = row["octets"]
    return found


def _factor(sent: int, received: int) -> float:
    return round(sent / received, 1) if received else _UNLIMITED


def victims(flows: ir.Table, window: Window, packets: int) -> list[Victim]:
    """Addresses that got ``packets`` amplified answers or more from many services."""
    sent = _answers(flows, window)
    sums = sent.group_by("dst_hi", "dst_lo").aggregate(
        packets=sent.packets.sum(),
        octets=sent.octets.sum(),
        first=sent.us.min(),
        last=sent.us.max(),
    )
    big = sums.filter(sums.packets >= packets)
    who = sent.select("src_hi", "src_lo", "dst_hi", "dst_lo", "sport").distinct()
    near = who.semi_join(big, ["dst_hi", "dst_lo"])
    reflectors: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    ports: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in gathered(near, "dst_hi", "dst_lo", "src_hi", "src_lo", "sport"):
        target = (row["dst_hi"], row["dst_lo"])
        reflectors[target].add((row["src_hi"], row["src_lo"]))
        ports[target].add(row["sport"])
    return [
        Victim(
            row["dst_hi"],
            row["dst_lo"],
            len(reflectors[row["dst_hi"], row["dst_lo"]]),
            row["packets"],
            row["octets"],
            tuple(sorted(ports[row["dst_hi"], row["dst_lo"]])),
            row["first"],
            row["last"],
        )
        for row in gathered(big, "dst_hi", "dst_lo")
        if len(reflectors[row["dst_hi"], row["dst_lo"]]) >= _REFLECTORS
    ]
