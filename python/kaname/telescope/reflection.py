"""Reflection seen from its target: many answering sources, few addresses that they answer.

An attacker who forges the address of the target in SYNs to thousands of servers makes
these send SYN-ACKs to it. Backscatter is the reverse: one victim whose answers go to
addresses all over the darknet. What tells them apart is the graph of sources and targets,
not a count per address: an attack on thirty addresses by three hundred servers is one
event, though each address sees ten of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np
from numpy.typing import NDArray

from kaname.telescope.components import components
from kaname.telescope.families import BY_NAME
from kaname.telescope.traffic import BLOCK

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.telescope.traffic import Extent

__all__ = ["FAMILIES", "Reflection", "reflections"]

Ints = NDArray[np.int64]

# What takes part: servers behind a firewall answer a SYN with an ICMP error.
FAMILIES = {"tcp_reflection": ("answer", "icmp_error"), "udp_reflection": ("udp_answer",)}
BIN = 600  # seconds
UNITS = (1, 16, 256)  # addresses that are looked at together: a target, a carpet of them
FEWEST = 5  # answering sources in one bin, below which an address is no candidate
CARPET = 25  # the same for a group of addresses
SIGMAS = 6.0  # ... or this far above what chance gives an address
FOCUS = 0.5  # share of a source's destinations that must be targets
RATIO = 0.5  # targets per source, at and above which it is backscatter
PART = 16  # a carpet covers at most one block in so many of the telescope
MOST_RATIO = 2.0  # targets per source, at and above which even a carpet is none
OVERLAP = 0.5  # share of the time of two events from which on they are one


@dataclass(frozen=True, slots=True)
class Reflection:
    """One event: ``targets`` and ``sources`` as rows of (high, low); times in seconds.

    ``packets`` are those of the flowtuples that begin with a target.
    """

    label: str
    targets: Ints
    sources: Ints
    packets: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Edges:
    """Distinct (bin, source, target) with the seconds of the first and last packet."""

    slot: Ints
    source: Ints  # number into sources
    target: Ints  # number into targets
    packets: Ints
    first: Ints
    last: Ints


def reflections(rows: ir.Table, extent: Extent, least: int) -> list[Reflection]:
    """All events of ``least`` sources in ``rows`` (of `dark`), by time."""
    return [
        event
        for label, families in FAMILIES.items()
        for event in _events(_reached(rows, families), extent, least, label)
    ]


def _reached(rows: ir.Table, families: tuple[str, ...]) -> ir.Table:
    """Distinct (bin, source, destination) of some families, with times."""
    own = rows.filter(rows.family.isin([BY_NAME[name] for name in families]))
    keep = {name: own[name] for name in ("src_hi", "src_lo", "dst_hi", "at")}
    heads = own.select(**keep, dst_lo=own.dst_lo, packets=own.packets.cast("int64"))
    more = own.filter(own.dst_more.notnull())
    keep = {name: more[name] for name in ("src_hi", "src_lo", "dst_hi", "at")}
    low = more.dst_more.unnest()
    tails = more.select(**keep, block=more.dst_lo // BLOCK * BLOCK, low=low)
    tails = tails.select(
        "src_hi",
        "src_lo",
        "dst_hi",
        "at",
        dst_lo=(tails.block + tails.low.cast("int64") % BLOCK).cast("int64"),
        packets=ibis.literal(0, "int64"),
    )
    both = heads.union(tails).mutate(slot=lambda t: t["at"] // BIN)
    return both.group_by("slot", "src_hi", "src_lo", "dst_hi", "dst_lo").aggregate(
        packets=both.packets.sum().cast("int64"), first=both["at"].min(), last=both["at"].max()
    )


def _events(reached: ir.Table, extent: Extent, least: int, label: str) -> list[Reflection]:
    candidates = _candidates(reached, extent)
    if candidates.count().to_pyarrow().as_py() == 0:
        return []
    edges, sources, targets = _focused(reached, candidates)
    blocks = _blocks(reached)
    events: list[Reflection] = []
    for group in components(edges.slot, edges.source, edges.target, targets[:, 1] // BLOCK):
        members, goals = np.unique(edges.source[group]), np.unique(edges.target[group])
        few = len(goals) < RATIO * len(members) or _carpet(targets[goals], len(members), blocks)
        if len(members) >= least and few:
            events.append(
                Reflection(
                    label,
                    targets[goals],
                    sources[members],
                    packets=int(edges.packets[group].sum()),
                    first=int(edges.first[group].min()),
                    last=int(edges.last[group].max()),
                )
            )
    return _together(sorted(events, key=lambda e: (e.first, e.targets.tolist())))


def _blocks(reached: ir.Table) -> int:
    """Blocks that anything was answered to: what the telescope shows of itself."""
    seen = reached.aggregate(n=(reached.dst_lo // BLOCK).nunique()).to_pyarrow()
    return int(seen["n"][0].as_py())


def _carpet(goals: Ints, sources: int, whole: int) -> bool:
    """Whether targets lie side by side in a small part of the ``whole`` (blocks).

    Victims of forged addresses answer all over it. Of ``sources`` that answer to one part
    in `PART` only, none is there by chance, however many addresses the part has.
    """
    blocks = len(np.unique(goals[:, 1] // BLOCK))
    return blocks * PART <= whole and len(goals) < MOST_RATIO * sources


def _together(events: list[Reflection]) -> list[Reflection]:
    """Events that cover the same time become one: a victim has more than one address."""
    merged: list[Reflection] = []
    for event in events:
        if merged and _overlap(merged[-1], event) >= OVERLAP:
            merged[-1] = _union(merged[-1], event)
        else:
            merged.append(event)
    return merged


def _overlap(one: Reflection, other: Reflection) -> float:
    """Shared time of the two, per time that either covers; bins of a second."""
    shared = min(one.last, other.last) - max(one.first, other.first) + 1
    return shared / (max(one.last, other.last) - min(one.first, other.first) + 1)


def _union(one: Reflection, other: Reflection) -> Reflection:
    return Reflection(
        one.label,
        np.unique(np.concatenate([one.targets, other.targets]), axis=0),
        np.unique(np.concatenate([one.sources, other.sources]), axis=0),
        one.packets + other.packets,
        min(one.first, other.first),
        max(one.last, other.last),
    )


def _candidates(reached: ir.Table, extent: Extent) -> ir.Table:
    """(bin, destination) in what is answered by more sources than chance gives.

    Looked at are single addresses, and groups of neighbours: a carpet over a network of
    200 addresses shows in none of them, but in all together.
    """
    found = [_crowded(reached, extent, unit) for unit in UNITS]
    return ibis.union(*found, distinct=True)


def _crowded(reached: ir.Table, extent: Extent, unit: int) -> ir.Table:
    """The destinations in groups of ``unit`` neighbours with too many sources.

    Chance is what the groups of the bin have in common: the mean, with single high ones
    cut off, and the median once half of the telescope is answered.
    """
    size = max(1.0, extent.addresses / unit)
    fewest = FEWEST if unit == 1 else CARPET
    of = reached.mutate(unit=reached.dst_lo // unit)
    degrees = of.group_by("slot", "dst_hi", "unit").aggregate(
        degree=of.count() if unit == 1 else (of.src_hi * 31 + of.src_lo).nunique()
    )
    cut = ibis.least(degrees.degree, fewest).sum().cast("float64") / size
    common = degrees.group_by("slot").aggregate(
        mean=cut, seen=degrees.count(), middle=degrees.degree.cast("float64").median()
    )
    middle = (common.seen >= size / 2).ifelse(common.middle, 0.0)
    common = common.mutate(chance=ibis.greatest(common["mean"], middle))
    judged = degrees.join(common.select("slot", "chance"), "slot")
    bound = judged.chance + SIGMAS * judged.chance.sqrt()
    judged = judged.filter((judged.degree >= fewest) & (judged.degree >= bound))
    hot = of.semi_join(judged, ("slot", "dst_hi", "unit"))
    return hot.select("slot", "dst_hi", "dst_lo").distinct()


def _focused(reached: ir.Table, candidates: ir.Table) -> tuple[_Edges, Ints, Ints]:
    """The edges to candidates of sources that go to little else."""
    hot = reached.semi_join(candidates, ("slot", "dst_hi", "dst_lo"))
    everything = reached.group_by("src_hi", "src_lo").aggregate(all=reached.count())
    wanted = hot.group_by("src_hi", "src_lo").aggregate(hot=hot.count())
    focus = wanted.join(everything, ("src_hi", "src_lo"))
    focus = focus.filter(focus.hot >= FOCUS * focus["all"].cast("float64"))
    table = (
        hot.semi_join(focus, ("src_hi", "src_lo"))
        .order_by("slot", "src_hi", "src_lo", "dst_hi", "dst_lo")
        .to_pyarrow()
    )
    column = {name: table.column(name).to_numpy().astype(np.int64) for name in table.column_names}
    sources, source = _numbered(column["src_hi"], column["src_lo"])
    targets, target = _numbered(column["dst_hi"], column["dst_lo"])
    return (
        _Edges(column["slot"], source, target, column["packets"], column["first"], column["last"]),
        sources,
        targets,
    )


def _numbered(hi: Ints, lo: Ints) -> tuple[Ints, Ints]:
    pairs = np.stack([hi, lo], axis=1)
    values, numbers = np.unique(pairs, axis=0, return_inverse=True)
    return values, numbers.reshape(-1)
