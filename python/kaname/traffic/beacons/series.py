"""Series of contacts: who contacts whom how often, from flows, TLS and proxy logs.

The engine keeps the series that can be judged at all (a number of contacts, spread over
time) and gives their times in order; the rest never leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from kaname._native import rhythm
from kaname.traffic.flows import arrays, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.analysis.frame import Window

__all__ = [
    "KEYS",
    "LEAST",
    "MOST",
    "Judged",
    "clients",
    "flows",
    "handshakes",
    "judged",
    "requests",
]

LEAST, MOST = 6, 86_400  # contacts of a series
_SHORTEST = 10_000_000  # microseconds between contacts, the mean
KEYS = ("src_hi", "src_lo", "dst_hi", "dst_lo", "port", "name")


@dataclass(frozen=True, slots=True)
class Judged:
    """One series and how regular it is.

    Instants in microseconds, periods in seconds. ``evidence`` is a log-likelihood ratio,
    ``rita`` the score of RITA without its modifiers.
    """

    src_hi: int
    src_lo: int
    dst_hi: int
    dst_lo: int
    port: int
    name: str
    contacts: int
    gaps: int
    first: int
    last: int
    evidence: float
    period: float
    jitter: float
    rita: float
    total: int

    @property
    def client(self) -> tuple[int, int]:
        """Who makes the contacts."""
        return self.src_hi, self.src_lo

    @property
    def peer(self) -> tuple[int, int, int, str]:
        """Whom: address and port, or a name."""
        return self.dst_hi, self.dst_lo, self.port, self.name

    @property
    def share(self) -> float:
        """How much of all contacts of the series the regular run is."""
        return (self.gaps + 1) / max(1, self.contacts)


def flows(table: ir.Table, window: Window, ignored: Iterable[int]) -> ir.Table:
    """Contacts that flows show, by source, destination and port.

    Left out are ports in ``ignored`` on either side, groups, and what has no ports.
    """
    rows = within(table, window.start, window.end)
    ports = sorted(ignored)
    served = rows.proto.isin([6, 17]) & (rows.dport > 0) & ~rows.dport.isin(ports)
    asked = rows.filter(served & ~rows.sport.isin(ports))
    return asked.select(
        src_hi=asked.src_hi,
        src_lo=asked.src_lo,
        dst_hi=asked.dst_hi,
        dst_lo=asked.dst_lo,
        port=asked.dport.cast("int64"),
        name=ibis.literal("", "string"),
        us=asked.us,
        octets=asked.octets * asked.sampling.cast("int64"),
    )


def handshakes(table: ir.Table, window: Window) -> ir.Table:
    """TLS handshakes by client and server name, or JA3 where no name was asked for."""
    rows = within(table, window.start, window.end)
    named = rows.mutate(server=ibis.coalesce(rows.sni, rows.ja3))
    named = named.filter(named.server.notnull())
    return _by_name(named, named.server, ibis.literal(0, "int64"))


def requests(table: ir.Table, window: Window) -> ir.Table:
    """Requests through a proxy or seen on the wire, by client and host of the URL."""
    rows = within(table, window.start, window.end)
    web = rows.filter(rows.domain.notnull() & rows.app.cast("string").isin(["proxy", "web"]))
    sent = web.octets_out.fill_null(0).cast("int64")
    return _by_name(web, web.domain, sent)


def _by_name(rows: ir.Table, name: ir.Value, octets: ir.Value) -> ir.Table:
    none = ibis.literal(0, "int64")
    return rows.select(
        src_hi=rows.src_hi,
        src_lo=rows.src_lo,
        dst_hi=none,
        dst_lo=none,
        port=none,
        name=name,
        us=rows.us,
        octets=octets,
    )


def judged(contacts: ir.Table, window: Window, least: float) -> list[Judged]:
    """The series whose evidence is ``least`` or more, by key."""
    numbered = _candidates(contacts)
    joined = contacts.join(numbered, list(KEYS))
    times = joined.select("series", "us", "octets").order_by("series", "us", "octets")
    batch = _single(times.to_pyarrow())
    if not batch.num_rows:
        return []
    found = pa.table(pa.record_batch(rhythm(batch, window.start, window.end)))
    regular = found.filter(pc.greater_equal(found["evidence"], least))
    return _named(numbered, arrays(regular))


def _candidates(contacts: ir.Table) -> ir.Table:
    counted = contacts.group_by(*KEYS).aggregate(
        total=contacts.count(), first=contacts.us.min(), last=contacts.us.max()
    )
    few, many = counted.total >= LEAST + 1, counted.total < MOST
    spread = (counted["last"] - counted["first"]) >= LEAST * _SHORTEST
    kept = counted.filter(few & many & spread)
    order = ibis.window(order_by=[kept[key] for key in KEYS])
    return kept.select(*KEYS, "total", series=ibis.row_number().over(order).cast("int64"))


def _single(table: pa.Table) -> pa.RecordBatch:
    schema = pa.schema([("series", pa.int64()), ("us", pa.int64()), ("octets", pa.int64())])
    columns = [table.column(name).combine_chunks().cast(pa.int64()) for name in schema.names]
    flat = [c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in columns]
    return pa.RecordBatch.from_arrays(flat, schema=schema)


def _named(numbered: ir.Table, regular: dict[str, Any]) -> list[Judged]:
    series = regular["series"].tolist()
    if not series:
        return []
    keys = numbered.filter(numbered.series.isin(series)).order_by("series").to_pyarrow()
    names = ("contacts", "gaps", "first", "last", "evidence", "period", "jitter", "rita")
    values = zip(*(regular[name].tolist() for name in names), strict=True)
    return [
        Judged(**{key: row[key] for key in KEYS}, **dict(zip(names, own, strict=True)),
               total=row["total"])
        for row, own in zip(keys.to_pylist(), values, strict=True)
    ]  # fmt: skip


def clients(contacts: ir.Table) -> int:
    """How many sources there are at all."""
    return int(contacts.select("src_hi", "src_lo").distinct().count().to_pyarrow().as_py())
