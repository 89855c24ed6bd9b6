"""Minutes and hours, from flowtuples: what days are made of, counted directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaname.model.instant import DAY, SECOND
from kaname.model.packets import PTYPES
from kaname.telescope.days import WORDS
from kaname.telescope.families import FAMILIES
from kaname.telescope.stats.answer import SURVEY
from kaname.telescope.stats.monitored import of_monitored
from kaname.telescope.stats.rows import Counted, first
from kaname.telescope.traffic import dark

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis.expr.types as ir

    from kaname.lake import Lake
    from kaname.telescope.stats.answer import Asked

__all__ = ["Minutes"]

_SOURCE = ("src_hi", "src_lo")


class Minutes:
    """The rows of a short time, gathered by step, source, family and packet type."""

    def __init__(self, lake: Lake, asked: Asked) -> None:
        """Read them; surveys are left out where they do not count."""
        since = asked.since // DAY * DAY  # labels are of days
        self._asked = asked
        with lake.expression(
            ("flowtuples", "source_days"),
            since=since,
            until=asked.until,
            clearance=asked.clearance,
        ) as tables:
            own = [_of_sensor(each, asked.sensor) for each in tables.values()]
            rows = dark(of_monitored(_during(own[0], asked), asked))
            rows = rows.mutate(step=(rows["at"] * SECOND - asked.since) // asked.bin)
            labels = _labels(own[1])
            self.seen = set(rows.select("step").distinct().to_pyarrow()["step"].to_pylist())
            if not asked.survey:
                surveys = labels.filter(labels.label == WORDS.index(SURVEY) + 1)
                rows = rows.anti_join(surveys, (*_SOURCE, "family"))
            self.columns = _columns(rows, labels, with_label="label" in asked.by)
            self.ports = dict(_ports(rows, asked))

    def series(self) -> dict[int, tuple[int, int]]:
        """Packets and hosts of each step that was observed, by its start."""
        import numpy as np

        step, size = self.columns["step"], max(self.seen, default=-1) + 1
        packets = np.bincount(step, weights=self.columns["packets"], minlength=size)
        mine = first(self.columns["src_hi"], self.columns["src_lo"], step)
        hosts = np.bincount(step[mine], minlength=size)
        return {
            self._asked.since + at * self._asked.bin: (int(packets[at]), int(hosts[at]))
            for at in sorted(self.seen)
        }


def words(name: str) -> Any:
    """What names the codes of the columns, which count from 1."""
    of = WORDS if name == "label" else PTYPES
    return lambda code: of[code - 1] if code else ""


def _of_sensor(rows: ir.Table, sensor: str) -> ir.Table:
    return rows.filter(rows.sensor == sensor) if sensor else rows


def _during(rows: ir.Table, asked: Asked) -> ir.Table:
    import ibis

    since = ibis.literal(asked.since // SECOND).as_timestamp("s").cast("timestamp('UTC')")
    return rows.filter(rows.ts >= since)


def _labels(days: ir.Table) -> ir.Table:
    """The label (its number from 1) of each source and family, over the days of the time."""
    import ibis

    family = ibis.cases(*((days.family == f.name, n) for n, f in enumerate(FAMILIES)), else_=-1)
    label = ibis.cases(*((days.label == word, n + 1) for n, word in enumerate(WORDS)), else_=0)
    coded = days.mutate(family=family.cast("int16"), label=label.cast("int32"))
    return coded.group_by(*_SOURCE, "family").aggregate(
        label=coded.label.argmax(coded.packets).cast("int32")
    )


def _columns(rows: ir.Table, labels: ir.Table, *, with_label: bool) -> dict[str, Any]:
    import ibis
    import numpy as np

    ptype = ibis.cases(*((rows.ptype == name, n + 1) for n, name in enumerate(PTYPES)), else_=0)
    coded = rows.mutate(ptype=ptype.cast("int32"))
    keys = ["step", *_SOURCE, "ptype", *(["family"] if with_label else [])]
    found = coded.group_by(*keys).aggregate(packets=coded.packets.sum().cast("int64"))
    if with_label:
        joined = found.left_join(labels, (*_SOURCE, "family"))
        found = joined.select(
            *(found[name] for name in (*keys, "packets")), label=labels.label.fill_null(0)
        )
    table = found.to_pyarrow()
    return {
        name: table.column(name).to_numpy().astype(np.int64 if name in _WIDE else np.int32)
        for name in table.column_names
    }


_WIDE = {"src_hi", "src_lo", "packets"}


def _ports(rows: ir.Table, asked: Asked) -> Iterator[tuple[str, Counted]]:
    for name, ptype in (("tcp", "tcp_syn"), ("udp", "udp")):
        if name not in asked.by:
            continue
        own = rows.filter(rows.ptype == ptype)
        each = own.group_by("port", *_SOURCE).aggregate(packets=own.packets.sum().cast("int64"))
        table = (
            each.group_by("port")
            .aggregate(packets=each.packets.sum().cast("int64"), hosts=each.count())
            .to_pyarrow()
        )
        yield name, _counted(table)


def _counted(table: Any) -> Counted:
    port, packets, hosts = (table.column(name).to_numpy() for name in table.column_names)
    return Counted(port, packets, hosts, str)
