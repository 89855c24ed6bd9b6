"""What the live addresses of organisations sent to unused ones, as columns and groups.

Only the rows of registered hosts are taken out of the engine, which are few; what they are
judged by is reckoned here. A host may be the source of packets, or the victim that the
header inside an ICMP error names. A group is what one host did in one family towards one
class of destinations: unused ones of its own organisation, or of others. What goes to
addresses that somebody registered as in use is ordinary traffic, and left out.
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kaname.lake.engine import connect
from kaname.telescope.families import BY_NAME, FAMILIES
from kaname.telescope.organisations.registry import Period
from kaname.telescope.traffic import BLOCK, dark

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

__all__ = [
    "ANSWERING",
    "EXTERNAL",
    "INTERNAL",
    "Groups",
    "Observed",
    "local",
    "nearby",
    "observe",
    "registered",
    "size",
]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

EXTERNAL, INTERNAL = 0, 1  # classes of destinations
ANSWERING = ("answer", "udp_answer", "icmp_error", "icmp_answer")
_MEMORY_MB = 512
_FEW_SPANS = 64  # conditions that an engine still tests faster than it gives all sources
_COLUMNS = (
    "src_hi", "src_lo", "family", "port", "dst_hi", "dst_lo", "dst_more", "packets",
    "ttl_mode", "at", "vic_hi", "vic_lo",
)  # fmt: skip


def registered(flowtuples: ir.Table, period: Period) -> Ints:
    """The live addresses of organisations that sent, or are named as victims: (n, 2) words."""
    rows = flowtuples
    if period.prefixes <= _FEW_SPANS:
        rows = rows.filter(_within(rows, "src", period) | _within(rows, "vic", period))
    senders = rows.select(hi="src_hi", lo="src_lo")
    victims = rows.filter(rows.vic_lo.notnull()).select(hi="vic_hi", lo="vic_lo")
    found = senders.union(victims).distinct().to_pyarrow()
    hi, lo = (_numbers(found, name) for name in ("hi", "lo"))
    live = period.find(hi, lo).live
    return np.unique(np.stack([hi[live], lo[live]], 1), axis=0)


def _within(rows: ir.Table, column: str, period: Period) -> ir.BooleanValue:
    import ibis

    hi, lo = rows[f"{column}_hi"], rows[f"{column}_lo"]
    inside: ir.BooleanValue = ibis.literal(False)
    for first, last in period.spans:
        one = hi.between(first.hi, last.hi)
        inside = inside | (one & lo.between(first.lo, last.lo) if first.hi == last.hi else one)
    return inside.fill_null(False)


def among(rows: ir.Table, column: str, hosts: Ints) -> ir.BooleanValue:
    """Whether the address in ``column`` may be one of ``hosts``: of IPv6, by both words."""
    his, los = (sorted(set(hosts[:, word].tolist())) for word in (0, 1))
    found: ir.BooleanValue = rows[f"{column}_hi"].isin(his) & rows[f"{column}_lo"].isin(los)
    return found.fill_null(False)


@dataclass(frozen=True)
class Observed:
    """Rows of registered hosts: columns of equal length, one entry a row.

    ``host`` and ``place`` say of whom; ``own`` is the expression of the same rows.
    """

    own: ir.Table
    period: Period
    columns: dict[str, Ints]
    more_of: Ints  # row of each further destination, and its low word
    more: Ints

    def __len__(self) -> int:
        return len(self.columns["at"])

    def __getitem__(self, name: str) -> Ints:
        return self.columns[name]

    def destinations(self, ids: Ints, count: int) -> Ints:
        """Distinct destinations of the rows with each id, 0 to ``count`` - 1."""
        owner = np.concatenate([ids, ids[self.more_of]])
        hi = np.concatenate([self["dst_hi"], self["dst_hi"][self.more_of]])
        lo = np.concatenate([self["dst_lo"], self.more])
        each = np.unique(np.stack([owner, hi, lo], 1), axis=0)
        return np.bincount(each[:, 0], minlength=count)

    @functools.cached_property
    def groups(self) -> Groups:
        """What each host did, by family and class of destinations."""
        key = np.stack([self[n] for n in ("host_hi", "host_lo", "family", "kind")], 1)
        keys, ids = np.unique(key, axis=0, return_inverse=True)
        return Groups.of(self, keys, ids.reshape(-1))


@dataclass(frozen=True)
class Groups:
    """Groups in order of host, family and class; ``ids`` is the group of each row."""

    ids: Ints
    keys: Ints  # (n, 4): high and low word of the host, family, class
    place: Ints
    packets: Ints
    first: Ints  # seconds
    last: Ints
    minutes: Ints  # in which it sent
    ports: Ints
    ttls: Ints  # distinct ones
    destinations: Ints
    dst_hi: Ints  # one of them
    dst_lo: Ints
    port: Ints  # one of them

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def of(cls, rows: Observed, keys: Ints, ids: Ints) -> Groups:
        """The groups ``keys`` that rows are in by ``ids``."""
        n = len(keys)
        first = np.full(n, np.iinfo(np.int64).max)
        last = np.full(n, np.iinfo(np.int64).min)
        np.minimum.at(first, ids, rows["at"])
        np.maximum.at(last, ids, rows["at"])
        _, one = np.unique(ids, return_index=True)
        return cls(
            ids=ids,
            keys=keys,
            place=rows["place"][one],
            packets=np.bincount(ids, weights=rows["packets"], minlength=n).astype(np.int64),
            first=first,
            last=last,
            minutes=_distinct(ids, rows["at"] // 60, n),
            ports=_distinct(ids, rows["port"], n),
            ttls=_distinct(ids, rows["ttl_mode"], n),
            destinations=rows.destinations(ids, n),
            dst_hi=rows["dst_hi"][one],
            dst_lo=rows["dst_lo"][one],
            port=rows["port"][one],
        )

    def family(self, number: int) -> str:
        """The name of the family of a group."""
        return FAMILIES[int(self.keys[number, 2])].name


def _distinct(ids: Ints, values: Ints, count: int) -> Ints:
    each = np.unique(np.stack([ids, values], 1), axis=0)
    return np.bincount(each[:, 0], minlength=count)


def size(flowtuples: ir.Table) -> int:
    """Monitored addresses as rows show them: 256 for each /24 that received anything."""
    block = flowtuples.dst_lo // BLOCK
    found = block.nunique(where=flowtuples.dst_hi == 0).to_pyarrow().as_py()
    return BLOCK * int(found or 0)


@contextlib.contextmanager
def nearby(flowtuples: ir.Table, hosts: Ints) -> Iterator[ir.Table]:
    """All rows that have to do with ``hosts``, in an engine of this process.

    They are few, and are asked many small questions: taken over once, each costs
    milliseconds, whatever engine holds the rest. Valid inside the context.
    """
    involved = flowtuples.filter(
        among(flowtuples, "src", hosts)
        | among(flowtuples, "dst", hosts)  # what was said to them shows what is an answer
        | among(flowtuples, "vic", hosts)
    )
    with local(involved.to_pyarrow()) as rows:
        yield rows


@contextlib.contextmanager
def local(table: pa.Table) -> Iterator[ir.Table]:
    """Rows of `flowtuples` in an engine of their own; valid inside the context."""
    import ibis

    # Ibis 12 still calls names that DuckDB 2.0 has renamed; the results are the same.
    for module in ("ibis", "duckdb"):
        warnings.filterwarnings("ignore", r"\w+\(\) is deprecated", DeprecationWarning, module)
    connection = connect(memory_mb=_MEMORY_MB)
    try:
        connection.register("involved", table)
        connection.execute("CREATE TABLE flowtuples AS SELECT * FROM involved").fetchall()
        yield ibis.duckdb.from_connection(connection).table("flowtuples")
    finally:
        connection.close()


def observe(rows: ir.Table, period: Period, hosts: Ints) -> Observed:
    """What ``hosts`` (of `registered`) did in ``rows`` (of `nearby`)."""
    unused = dark(rows)
    own = unused.filter(among(unused, "src", hosts) | among(unused, "vic", hosts))
    return _sorted_out(own, own.select(*_COLUMNS).to_pyarrow(), period)


def _sorted_out(own: ir.Table, table: pa.Table, period: Period) -> Observed:
    """Whose each row is, and towards whom; rows of nobody, or to used addresses, go."""
    names = [name for name in _COLUMNS if name != "dst_more"]
    columns = {name: _numbers(table, name) for name in names}
    host_hi, host_lo = _hosts(columns)
    owners = period.find(host_hi, host_lo)
    targets = period.find(columns["dst_hi"], columns["dst_lo"])
    answering = np.isin(columns["family"], [BY_NAME[name] for name in ANSWERING])
    inside = targets.dark & (targets.place == owners.place) & ~answering
    kept = np.flatnonzero(owners.live & ~targets.live)
    more_of, more = _further(table, columns["dst_lo"], kept)
    columns |= {
        "host_hi": host_hi,
        "host_lo": host_lo,
        "place": owners.place,
        "kind": np.where(inside, INTERNAL, EXTERNAL),
    }
    return Observed(own, period, {n: c[kept] for n, c in columns.items()}, more_of, more)


def _hosts(columns: dict[str, Ints]) -> tuple[Ints, Ints]:
    """Of an ICMP error the victim that it names, else the source of the row."""
    error = (columns["family"] == BY_NAME["icmp_error"]) & (columns["vic_lo"] != 0)
    return (
        np.where(error, columns["vic_hi"], columns["src_hi"]),
        np.where(error, columns["vic_lo"], columns["src_lo"]),
    )


def _further(table: pa.Table, dst_lo: Ints, kept: Ints) -> tuple[Ints, Ints]:
    """Row (among those kept) and low word of every further destination in a block."""
    import pyarrow.compute as pc

    more = table.column("dst_more").combine_chunks().take(kept)
    rows = pc.list_parent_indices(more).to_numpy(zero_copy_only=False).astype(np.int64)
    low = pc.list_flatten(more).to_numpy(zero_copy_only=False).astype(np.int64)
    return rows, dst_lo[kept][rows] // BLOCK * BLOCK + low % BLOCK


def _numbers(table: pa.Table, name: str) -> Ints:
    """A column as integers; 0 where there is none, which is no address of anybody."""
    import pyarrow.compute as pc

    column = pc.fill_null(table.column(name).combine_chunks(), 0)
    numbers: Ints = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers
