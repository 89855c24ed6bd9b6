"""The picture of a window: who sent what, with crowds and reflections told apart first.

All analyses of the telescope begin here, so that a packet is explained once: what belongs
to a crowd or a reflection is not counted as the activity of a scanner or a victim too.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kaname.analysis.frame import Context, Parameter, Window
from kaname.analysis.selection import during, quoted
from kaname.telescope import reflection
from kaname.telescope.activity import Activities, activities
from kaname.telescope.crowds import Crowd, crowds, without
from kaname.telescope.families import BY_NAME
from kaname.telescope.prefixes import (
    SENSORS,
    Valid,
    addresses,
    inside,
    monitored,
    read_registry,
    sql,
)
from kaname.telescope.reflection import Reflection, reflections
from kaname.telescope.traffic import Extent, dark, extent

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["ADDRESSES", "CROWD_SOURCES", "REFLECTORS", "Picture"]

ADDRESSES = Parameter(
    "addresses",
    0,
    0,
    1 << 32,
    "addresses",
    "monitored addresses; 0: those of the registered prefixes, else 256 for each /24 seen",
    "観測アドレス数。0 の場合は登録済みプレフィックスの合計、未登録なら受信 /24 ごとに 256",
)
CROWD_SOURCES = Parameter(
    "crowd_sources",
    50,
    5,
    1_000_000,
    "sources",
    "sources before one address and port that make a crowd (flood, P2P)",
    "1 つの宛先アドレス・ポートに集中したとみなす送信元数(フラッド、P2P)",
)
REFLECTORS = Parameter(
    "reflectors",
    25,
    5,
    1_000_000,
    "sources",
    "answering sources that make a reflection attack",
    "リフレクション攻撃とみなす応答元の数",
)


@dataclass(frozen=True)
class Picture:
    """The rows of one sensor in one window, and what was told apart in them."""

    flowtuples: ir.Table
    window: Window
    sensor: str
    addresses: int
    crowd_sources: int
    reflectors: int
    prefixes: tuple[Valid, ...] | None = None  # that the sensor monitors; None: unknown

    @classmethod
    def of(cls, context: Context) -> Picture:
        """The picture that a context of an analysis shows."""
        registry = read_registry(str(context.params.get(SENSORS.name, "")))
        return cls(
            context.tables["flowtuples"],
            context.window,
            context.sensor,
            context.number("addresses"),
            context.number("crowd_sources"),
            context.number("reflectors"),
            monitored(registry, context.sensor, context.window),
        )

    @functools.cached_property
    def rows(self) -> ir.Table:
        """Rows to unused addresses; of a registered sensor, those that it monitors."""
        rows = self.flowtuples
        if self.prefixes is not None:
            rows = rows.filter(inside(rows, self.prefixes))
        return dark(rows)

    @functools.cached_property
    def extent(self) -> Extent:
        """Size of the telescope and span of its rows."""
        return extent(self.rows, self.addresses or addresses(self.prefixes or ()))

    @functools.cached_property
    def crowds(self) -> list[Crowd]:
        """Crowds before one address and port."""
        return crowds(self.rows, self.extent, self.crowd_sources)

    @functools.cached_property
    def reflections(self) -> list[Reflection]:
        """Reflection attacks."""
        return reflections(self.rows, self.extent, self.reflectors)

    @functools.cached_property
    def rest(self) -> ir.Table:
        """Rows outside crowds."""
        return without(self.rows, self.crowds)

    def activities(self, least: int) -> Activities:
        """Activities of ``least`` packets outside crowds and reflections."""
        found = activities(self.rest, self.extent.expiry, least)
        outside = ~reflecting(found, self.reflections)
        return Activities({name: column[outside] for name, column in found.columns.items()})

    def condition(self, *more: str) -> str:
        """The SQL condition of the window's rows of the sensor for which ``more`` hold."""
        own = [during(self.window.start, self.window.end), f"sensor = {quoted(self.sensor)}"]
        if self.prefixes is not None:
            own.append(sql(self.prefixes, self.window))
        return "\n  AND ".join((*own, *more))

    def outside_crowds(self) -> Iterable[str]:
        """SQL conditions that leave the rows of crowds out."""
        for crowd in self.crowds:
            yield f"NOT ({facing(crowd)})"


def facing(crowd: Crowd) -> str:
    """The SQL condition that a row belongs to ``crowd``."""
    kind = "tcp_syn" if crowd.proto == 6 else "udp"
    return (
        f"ptype = '{kind}' AND port = {crowd.port} AND uniq_dst = 1 "
        f"AND dst_hi = {crowd.dst_hi} AND dst_lo = {crowd.dst_lo}"
    )


def reflecting(found: Activities, events: list[Reflection]) -> NDArray[np.bool_]:
    """Which activities are those of a source that takes part in a reflection."""
    taking = np.zeros(len(found), np.bool_)
    for event in events:
        families = [BY_NAME[name] for name in reflection.FAMILIES[event.label]]
        own = np.isin(found["family"], families)
        # both words are needed: IPv6 sources differ in the high one
        for hi in np.unique(event.sources[:, 0]):
            lows = event.sources[event.sources[:, 0] == hi, 1]
            taking |= own & (found["src_hi"] == hi) & np.isin(found["src_lo"], lows)
    return taking
