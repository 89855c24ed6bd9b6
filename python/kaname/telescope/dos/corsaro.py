"""Attacks by the rules of CAIDA's corsaro3, from the table ``rsdos``.

The capture reader reports a vector at the end of every interval in which it qualifies
(``rust/packets/src/rsdos.rs``); here the reports of one vector become one event. A vector
is known by its victim, its protocol and the place of its first packet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["INTERVAL", "Vector", "gathered", "vectors"]

INTERVAL = 60  # seconds
_SECOND = 1_000_000
_COLUMNS = (
    "proto",
    "packets",
    "octets",
    "max_ppm",
    "uniq_dst",
    "uniq_attack_port",
    "uniq_target_port",
    "mismatches",
    "target_port",
)


@dataclass(frozen=True, slots=True)
class Vector:
    """What corsaro3 reported last of a vector; ``reported`` is the first time, in seconds."""

    victim: tuple[int, int]
    proto: int
    first: int
    last: int
    reported: int
    intervals: int
    packets: int
    octets: int
    max_ppm: int
    uniq_dst: int
    uniq_attack_port: int
    uniq_target_port: int
    mismatches: int
    target_port: int


def vectors(rsdos: ir.Table) -> list[Vector]:
    """The vectors in rows of ``rsdos``, by victim, protocol and time."""
    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    times = {
        name: (rsdos[name].delta(epoch, unit="microsecond") // _SECOND).cast("int64")
        for name in ("ts", "first", "last")
    }
    rows = rsdos.select("batch", "row_in_src", "src_hi", "src_lo", *_COLUMNS, **times)
    key = ("src_hi", "src_lo", "proto", "first", "ts", "batch", "row_in_src")
    return gathered(rows.order_by(*key).to_pyarrow().to_pylist())


def gathered(rows: Iterable[dict[str, Any]]) -> list[Vector]:
    """``rows`` (times in seconds) as vectors; the last report of each counts."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("src_hi", "src_lo", "proto", "first", "batch"))
        found.setdefault((*key, row["row_in_src"]), []).append(row)
    return [_vector(reports) for reports in found.values()]


def _vector(reports: list[dict[str, Any]]) -> Vector:
    last = max(reports, key=lambda row: row["ts"])
    return Vector(
        victim=(last["src_hi"], last["src_lo"]),
        first=last["first"],
        last=last["last"],
        reported=min(row["ts"] for row in reports) + INTERVAL,
        intervals=len(reports),
        **{name: last[name] for name in _COLUMNS},
    )
