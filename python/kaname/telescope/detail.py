"""What is worth knowing of a few activities, and too dear to count for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from kaname.telescope.traffic import BLOCK

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Detail", "details"]

Key = tuple[int, int, int]  # src_hi, src_lo, family


@dataclass(frozen=True, slots=True)
class Detail:
    """Exact number of destinations; the victim that ICMP errors name, if it is one."""

    destinations: int
    victim: tuple[int, int] | None


def details(rows: ir.Table, keys: list[Key]) -> dict[Key, Detail]:
    """Details of the activities ``keys`` in ``rows`` (of `kaname.telescope.traffic.dark`)."""
    if not keys:
        return {}
    own = rows.filter(rows.src_lo.isin(sorted({lo for _, lo, _ in keys})))
    key = ("src_hi", "src_lo", "family")
    counted = _destinations(own).group_by(*key).aggregate(destinations=ibis._.count())
    victims = own.group_by(*key).aggregate(
        hi=own.vic_hi.min(), hi_end=own.vic_hi.max(), lo=own.vic_lo.min(), lo_end=own.vic_lo.max()
    )
    table = counted.join(victims, key).to_pyarrow()
    wanted = set(keys)
    found = {(r["src_hi"], r["src_lo"], r["family"]): r for r in table.to_pylist()}
    return {k: Detail(r["destinations"], _victim(r)) for k, r in found.items() if k in wanted}


def _victim(row: dict[str, int | None]) -> tuple[int, int] | None:
    hi, lo = row["hi"], row["lo"]
    one = hi is not None and lo is not None and hi == row["hi_end"] and lo == row["lo_end"]
    return (hi, lo) if one and hi is not None and lo is not None else None


def _destinations(rows: ir.Table) -> ir.Table:
    """Distinct (source, family, destination), the further destinations of a row included."""
    key = ("src_hi", "src_lo", "family", "dst_hi")
    heads = rows.select(*key, "dst_lo")
    more = rows.filter(rows.dst_more.notnull())
    tails = more.select(*key, block=more.dst_lo // BLOCK * BLOCK, low=more.dst_more.unnest())
    low = tails.low.cast("int64") % BLOCK
    tails = tails.select(*key, dst_lo=(tails.block + low).cast("int64"))
    return heads.union(tails).distinct()
