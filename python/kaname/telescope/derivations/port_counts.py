"""``port_counts``: the sources of every service in ten minutes, a day at a time.

Crowds (forged floods before one address, peers that a P2P network sends to one address)
are left out: their sources say nothing of who is interested in a service.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from kaname.analysis.frame import Context, Parameter
from kaname.model.instant import DAY
from kaname.telescope.families import FAMILIES
from kaname.telescope.picture import ADDRESSES, CROWD_SOURCES, REFLECTORS, Picture

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

__all__ = ["PortCounts"]

SLOT = 600  # seconds
HOUR_S = 3600
WIDE = 30  # services in an hour that make a source one that surveys
_SERVICE = ("ptype", "port")
_SOURCE = ("src_hi", "src_lo")


class PortCounts:
    """One row for each ten minutes, packet type and service of one sensor."""

    name: ClassVar[str] = "telescope.port_counts"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    output: ClassVar[str] = "port_counts"
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    parameters: ClassVar[tuple[Parameter, ...]] = (ADDRESSES, CROWD_SOURCES, REFLECTORS)

    def run(self, context: Context) -> Iterable[pa.RecordBatch]:
        """The rows of the day, by time, packet type and service."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found = counted(Picture.of(context).rest).to_pyarrow().combine_chunks()
        if not found.num_rows:
            return
        columns = {name: found.column(name) for name in found.column_names}
        instant = pc.multiply(columns.pop("slot").cast(pa.int64()), SLOT * 1_000_000)
        columns["ts"] = instant.cast(pa.timestamp("us", tz="UTC"))
        names = pa.array([family.name for family in FAMILIES])
        columns["family"] = names.take(columns["family"].combine_chunks())
        for name in ("ptype", "family"):
            columns[name] = pc.cast(columns[name], pa.dictionary(pa.int8(), pa.string()))
        yield from pa.table(columns).combine_chunks().to_batches()


def counted(rows: ir.Table) -> ir.Table:
    """Counts by ``slot`` (tens of minutes since 1970), ``ptype`` and ``port``.

    ``rows`` are those of a `Picture` outside crowds.
    """
    import ibis

    own = rows.mutate(slot=rows["at"] // SLOT, hour=rows["at"] // HOUR_S)
    asked = own.select("hour", *_SOURCE, *_SERVICE).distinct()
    width = asked.group_by("hour", *_SOURCE).aggregate(services=asked.count())
    wide = width.filter(width.services >= WIDE)
    wide = wide.select(wide_hour="hour", wide_hi="src_hi", wide_lo="src_lo")
    each = own.group_by("slot", *_SERVICE, *_SOURCE).aggregate(
        packets=own.packets.sum().cast("int64"), family=own.family.min(), hour=own.hour.min()
    )
    same = [("hour", "wide_hour"), ("src_hi", "wide_hi"), ("src_lo", "wide_lo")]
    each = each.left_join(wide, [each[one] == wide[other] for one, other in same])
    net = (each.src_hi == 0).ifelse(each.src_lo // 65536, each.src_hi // (1 << 32))
    each = each.mutate(net=net)
    key = ("slot", *_SERVICE)
    sums = each.group_by(*key).aggregate(
        packets=each.packets.sum().cast("int64"),
        uniq_src=each.count().cast("int32"),
        uniq_src16=each.net.nunique().cast("int32"),
        wide_src=each.wide_lo.count().cast("int32"),
        top_packets=each.packets.max(),
    )
    families = each.group_by(*key, "family").aggregate(family_src=each.count().cast("int32"))
    order = [ibis.desc(families.family_src), families.family]
    window = ibis.window(group_by=[families[name] for name in key], order_by=order)
    first = families.mutate(place=ibis.row_number().over(window))
    first = first.filter(first.place == 0).drop("place")
    joined = sums.join(first, key)
    shown = [name for name in joined.columns if not name.endswith("_right")]
    return joined.select(*shown).order_by(*key)
