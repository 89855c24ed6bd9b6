"""Changes of routes to a victim while it is attacked, or shortly before.

A change is a withdrawal, or an announcement of a prefix or by an origin that the collector
had not shown before the attack. It may be the defence (a scrubbing centre announces the
prefix), the attack (somebody takes the prefix over), or damage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kaname.model.address import IPv4_LOW, to_text
from kaname.model.instant import MINUTE
from kaname.traffic.names.reduction import gathered, micros

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["NEAR", "Change", "changes", "covering"]

NEAR = 10 * MINUTE
_SHORTEST_V4, _SHORTEST_V6 = 8, 16


@dataclass(frozen=True, slots=True)
class Change:
    """An update that concerns an address: announced (A) or withdrawn (W)."""

    at: int
    op: str
    prefix: str
    hi: int
    lo: int
    length: int
    origin: int | None
    path: str


def covering(hi: int, lo: int) -> list[tuple[int, int, int]]:
    """The prefixes (high, low, length as written) that hold an address."""
    if hi == 0 and lo >> 32 == IPv4_LOW >> 32:
        return [(0, _cut(lo, 32 - n), n) for n in range(_SHORTEST_V4, 33)]
    found = [(_cut(hi, 64 - n), 0, n) for n in range(_SHORTEST_V6, 65)]
    return found + [(hi, _cut(lo, 128 - n), n) for n in range(65, 129)]


def _cut(word: int, low: int) -> int:
    """``word`` (signed) without its ``low`` lowest bits."""
    return word >> low << low


def changes(routes: ir.Table, address: tuple[int, int], first: int, last: int) -> list[Change]:
    """Changes for ``address`` from 10 minutes before ``first`` to 10 after ``last`` (us)."""
    rows = gathered(_updates(routes, address), "at", "op", "plen", "origin_as", "path")
    own = set(covering(*address))
    about = [_change(row) for row in rows
             if (row["prefix_hi"], row["prefix_lo"], row["plen"]) in own]  # fmt: skip
    before = {(c.prefix, c.origin) for c in about if c.op != "W" and c.at < first - NEAR}
    return list(_new(about, before, first - NEAR, last + NEAR))


def _new(
    about: Iterable[Change], before: set[tuple[str, int | None]], start: int, end: int
) -> Iterable[Change]:
    told: set[tuple[str, str, int | None]] = set()
    for change in about:
        known = change.op != "W" and (change.prefix, change.origin) in before
        key = (change.op, change.prefix, change.origin)
        if start <= change.at <= end and change.op != "R" and not known and key not in told:
            told.add(key)
            yield change


def _updates(routes: ir.Table, address: tuple[int, int]) -> ir.Table:
    """Rows for prefixes that may hold ``address``; a few others come along."""
    prefixes = covering(*address)
    some = routes.filter(
        routes.prefix_hi.isin(sorted({hi for hi, _, _ in prefixes})),
        routes.prefix_lo.isin(sorted({lo for _, lo, _ in prefixes})),
    )
    return some.select(
        "prefix_hi", "prefix_lo", "plen", "origin_as", "path",
        op=some["op"].cast("string"), at=micros(some.ts),
    ).distinct()  # fmt: skip


def _change(row: dict[str, Any]) -> Change:
    return Change(
        row["at"],
        row["op"],
        f"{to_text(row['prefix_hi'], row['prefix_lo'])}/{row['plen']}",
        row["prefix_hi"],
        row["prefix_lo"],
        row["plen"],
        row["origin_as"],
        row["path"],
    )
