"""Campaigns: sources alike that begin, or act, together on one port.

Sources are alike when their packets are: the same family, and for programs that send TCP
options the same options and window. Such a group on one port is a campaign when its
activity is confined to a part of the time in a way that chance does not explain (it
began late, or comes in bursts that all members share), it was not there the day before,
and its members are spread over the Internet. Busy ports are not left out: a group is
compared with itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from kaname.telescope.families import ASKING_TCP, BY_NAME
from kaname.telescope.traffic import octet

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Campaign", "campaigns", "members"]

Key = tuple[int, int, int, int]

BIN = 600  # seconds
PACKETS = 3  # of a member; fewer may be forged or chance
LATE = 0.05  # share of the time before it began, from which on a campaign is emerging
BURST = 0.25  # share of the time in which it acts, up to which it is synchronised
RARE = -9.0  # log10 of the probability by chance, below which it is none
BEFORE = 0.25  # activity the day before, per activity now, at which it is not new
_RAREST = -99.0  # nothing is called rarer
SPREAD = 0.5  # distinct /16 per member
_SYN = ASKING_TCP
_WINDOWED = ("probe", "stack", "windows", "dressed")  # their window is a trait of the program
_GROUP = ("family", "port", "opt", "win")
_SOURCE = ("src_hi", "src_lo")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A group (``family``, ``port``, ``opt``, ``win``) and its rhythm; times in seconds.

    ``acts`` counts (source, bin) pairs; ``bins`` of ``of`` bins have any; the first comes
    after ``late`` of the time. ``rare`` is log10 of the probability by chance.
    """

    family: int
    port: int
    opt: int
    win: int
    sources: int
    packets: int
    acts: int
    bins: int
    of: int
    late: float
    rare: float
    first: int
    last: int

    @property
    def synchronised(self) -> bool:
        """Whether it comes in bursts, rather than having begun and gone on."""
        return self.bins <= BURST * self.of


def campaigns(rows: ir.Table, start: int, least: int) -> list[Campaign]:
    """Campaigns of ``least`` members in the ``rows`` (of `dark`) from ``start`` (seconds).

    Earlier rows only tell what is not new.
    """
    acts = _acts(rows)
    groups = _groups(acts.filter(acts.slot * BIN >= start), least)
    if not groups:
        return []
    span = _span(rows.filter(rows["at"] >= start))
    before = _earlier(acts.filter(acts.slot * BIN < start), groups)
    found = {key: _campaign(key, slots, span) for key, slots in groups.items()}
    return [
        campaign
        for key, campaign in found.items()
        if _confined(campaign) and before.get(key, 0) < BEFORE * campaign.acts
    ]


def _acts(rows: ir.Table) -> ir.Table:
    """One row per member, group and bin."""
    own = rows.filter(rows.family.isin([BY_NAME[name] for name in _SYN]))
    windowed = own.family.isin([BY_NAME[name] for name in _WINDOWED])
    own = own.mutate(
        opt=own.opt_first, win=windowed.ifelse(own.win_first, 0), slot=own["at"] // BIN
    )
    return own.group_by(*_SOURCE, *_GROUP, "slot").aggregate(
        packets=own.packets.sum().cast("int64"), first=own["at"].min(), last=own["at"].max()
    )


def _groups(acts: ir.Table, least: int) -> dict[Key, list[dict[str, Any]]]:
    """Bins of every group with enough members, spread widely enough."""
    per = acts.group_by(*_SOURCE, *_GROUP).aggregate(packets=acts.packets.sum())
    per = per.filter(per.packets >= PACKETS)
    net = octet(per.src_lo) * 256 + per.src_lo // 65536 % 256
    size = per.group_by(*_GROUP).aggregate(sources=per.count(), nets=net.nunique())
    large = size.filter(
        (size.sources >= least) & (size.nets >= SPREAD * size.sources.cast("float64"))
    )
    own = acts.semi_join(per, (*_SOURCE, *_GROUP)).join(large.select(*_GROUP, "sources"), _GROUP)
    slots = own.group_by(*_GROUP, "sources", "slot").aggregate(
        acts=own.count(),
        packets=own.packets.sum().cast("int64"),
        first=own["first"].min(),
        last=own["last"].max(),
    )
    table = slots.order_by(*_GROUP, "slot").to_pyarrow()
    found: dict[Key, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        found.setdefault(_key(row), []).append(row)
    return found


def _key(row: dict[str, Any]) -> Key:
    return row["family"], row["port"], row["opt"], row["win"]


def _span(rows: ir.Table) -> tuple[int, int]:
    """The first and last bin with any traffic."""
    seen = rows.aggregate(first=rows["at"].min() // BIN, last=rows["at"].max() // BIN)
    row = seen.to_pyarrow().to_pylist()[0]
    return int(row["first"]), int(row["last"])


def _earlier(acts: ir.Table, groups: Iterable[Key]) -> dict[Key, int]:
    """How often the groups acted before the window."""
    ports = sorted({port for _, port, _, _ in groups})
    own = acts.filter(acts.port.isin(ports))
    table = own.group_by(*_GROUP).aggregate(acts=own.count()).to_pyarrow()
    return {_key(row): row["acts"] for row in table.to_pylist()}


def _campaign(key: Key, slots: list[dict[str, Any]], span: tuple[int, int]) -> Campaign:
    of = span[1] - span[0] + 1
    acts = sum(row["acts"] for row in slots)
    late = (slots[0]["slot"] - span[0]) / of
    return Campaign(
        *key,
        sources=slots[0]["sources"],
        packets=sum(row["packets"] for row in slots),
        acts=acts,
        bins=len(slots),
        of=of,
        late=late,
        rare=_rare(acts, len(slots), of, late),
        first=min(row["first"] for row in slots),
        last=max(row["last"] for row in slots),
    )


def _rare(acts: int, bins: int, of: int, late: float) -> float:
    """log10 of the chance that ``acts`` at uniform times keep to so little of the time.

    The smaller of two bounds: all in the same ``bins`` of ``of`` bins, whichever these
    are; and all after a share ``late`` of the time, wherever that ends.
    """
    if of < 2:
        return 0.0
    ways = (math.lgamma(of + 1) - math.lgamma(bins + 1) - math.lgamma(of - bins + 1)) / math.log(10)
    together = ways + acts * math.log10(bins / of)
    begun = math.log10(of) + acts * math.log10(1 - late)
    return round(max(_RAREST, min(0.0, together, begun)), 1)


def _confined(campaign: Campaign) -> bool:
    late = campaign.late >= LATE
    return campaign.rare <= RARE and (late or campaign.synchronised)


def members(rows: ir.Table, campaign: Campaign, start: int) -> list[dict[str, Any]]:
    """The members (``src_hi``, ``src_lo``, ``packets``), the busiest first."""
    acts = _acts(rows.filter((rows["at"] >= start) & (rows.port == campaign.port)))
    own = acts.filter(
        (acts.family == campaign.family) & (acts.opt == campaign.opt) & (acts.win == campaign.win)
    )
    per = own.group_by(*_SOURCE).aggregate(packets=own.packets.sum().cast("int64"))
    per = per.filter(per.packets >= PACKETS)
    ordered = per.order_by(ibis.desc("packets"), "src_hi", "src_lo")
    return list(ordered.to_pyarrow().to_pylist())
