"""``port_days``: the services of a day, with hosts that are exact within it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from kaname.analysis.frame import Context, Parameter
from kaname.model.instant import DAY
from kaname.telescope.derivations.source_days import SourceDays
from kaname.telescope.families import FAMILIES
from kaname.telescope.picture import Picture

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

__all__ = ["PortDays"]

_SOURCE = ("src_hi", "src_lo", "family")


class PortDays:
    """One row for each packet type and service in a day of one sensor."""

    name: ClassVar[str] = "telescope.port_days"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flowtuples", "source_days")
    output: ClassVar[str] = "port_days"
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    parameters: ClassVar[tuple[Parameter, ...]] = SourceDays.parameters

    def run(self, context: Context) -> Iterable[pa.RecordBatch]:
        """The rows of the day, by packet type and service."""
        import pyarrow as pa

        rows = Picture.of(context).rows
        labelled = context.tables["source_days"]
        everything = _counted(rows, "packets", "hosts")
        rest = _counted(_without_surveys(rows, labelled), "packets_rest", "hosts_rest")
        joined = everything.left_join(rest, ("ptype", "port")).select(
            *(everything[name] for name in ("ptype", "port", "packets", "hosts")),
            packets_rest=rest.packets_rest.fill_null(0),
            hosts_rest=rest.hosts_rest.fill_null(0),
        )
        found = joined.order_by("ptype", "port").to_pyarrow().combine_chunks()
        day = pa.scalar(context.window.start, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
        columns = {name: found.column(name) for name in found.column_names}
        columns["ts"] = pa.repeat(day, found.num_rows)
        columns["port"] = columns["port"].cast(pa.int32())
        columns["ptype"] = columns["ptype"].cast(pa.dictionary(pa.int8(), pa.string()))
        yield from pa.table(columns).combine_chunks().to_batches()


def _without_surveys(rows: ir.Table, labelled: ir.Table) -> ir.Table:
    """The rows of sources in families whose label is no survey."""
    import ibis

    surveys = labelled.filter(labelled.label == "survey")
    named = ((surveys.family == family.name, n) for n, family in enumerate(FAMILIES))
    keys = surveys.select(
        "src_hi", "src_lo", family=ibis.cases(*named, else_=-1).cast("int16")
    ).distinct()
    return rows.anti_join(keys, _SOURCE)


def _counted(rows: ir.Table, packets: str, hosts: str) -> ir.Table:
    """Packets and distinct sources per packet type and service."""
    sources = rows.group_by("ptype", "port", "src_hi", "src_lo").aggregate(
        packets=rows.packets.sum().cast("int64")
    )
    return sources.group_by("ptype", "port").aggregate(
        **{packets: sources.packets.sum().cast("int64"), hosts: sources.count().cast("int64")}
    )
