"""The first notice before the rows: packets are looked at as they arrive.

Rows of a minute are written when the minute is over, which is too late for a notice that
shall go out within one. So packets of registered hosts to addresses that are known to be
unused (those that a sensor monitors, and the dark prefixes of organisations) open an alert
at once. The rows, when they come, count and judge it; packets seen here are not counted
twice. Where nothing says which addresses are unused, rows have to be waited for: an
ordinary interface carries ordinary traffic.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.knowledge.organisation_records import Alert
from kaname.lake.tables import table as table_of
from kaname.model.address import IPv4_LOW, prefix
from kaname.model.instant import MINUTE, SECOND, format_us
from kaname.model.marking import Tlp
from kaname.model.packets import PTYPES
from kaname.telescope.organisations.observing import Ints, local, observe
from kaname.telescope.organisations.registry import Bools, Period
from kaname.telescope.organisations.verdicts import verdicts
from kaname.telescope.organisations.watching import OrganisationWatch, Span, seen_of

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.knowledge import Knowledge
    from kaname.readers.live.tap import PacketBlock

__all__ = ["EarlyWatch"]

_REFRESH_S = 30.0  # the registry of sensors is read so often
_QUIET = 10 * MINUTE  # a host that was told of is not looked at again for so long
_SHOWN = 3
_ANSWERS = ("tcp_synack", "tcp_rst", "udp_answer")  # whose service is the source port
_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1}


class EarlyWatch:
    """Opens alerts from packets as they arrive; used by one thread."""

    def __init__(
        self, watch: OrganisationWatch, knowledge: Knowledge, *, addresses: int = 0, tlp: Tlp
    ) -> None:
        self._watch = watch
        self._knowledge = knowledge
        self._addresses = addresses
        self._tlp = tlp
        self._monitored: dict[str, tuple[Ints, Ints]] = {}
        self._refreshed = -_REFRESH_S
        self._told: dict[int, int] = {}  # low word of a host, until when it is left alone

    def see(self, blocks: Iterable[PacketBlock], now: int) -> list[Alert]:
        """Open alerts for hosts in ``blocks`` that have none; those that were."""
        registry = self._watch.registry
        if not registry:
            return []
        self._refresh()
        period = registry.at(now)
        return [alert for block in blocks for alert in self._block(block, period, now)]

    def _refresh(self) -> None:
        if time.monotonic() - self._refreshed < _REFRESH_S:
            return
        from kaname.knowledge.sensors import Sensors

        self._refreshed = time.monotonic()
        present = self._knowledge.part(Sensors).registry().sensors
        self._monitored = {
            name: _ranges([each.prefix for each in prefixes if each.until is None])
            for name, prefixes in present.items()
        }

    def _block(self, block: PacketBlock, period: Period, now: int) -> list[Alert]:
        src, dst = (
            IPv4_LOW + np.frombuffer(column, "<u4").astype(np.int64)
            for column in (block.src, block.dst)
        )
        zeros = np.zeros(len(src), np.int64)
        targets = period.find(zeros, dst)
        kept = period.find(zeros, src).live & ~targets.live
        kept &= targets.dark | self._unused(block.sensor, dst)
        self._told = {host: until for host, until in self._told.items() if until > now}
        kept &= ~np.isin(src, list(self._told))
        places = np.flatnonzero(kept)
        if not len(places):
            return []
        self._told |= dict.fromkeys(src[places].tolist(), now + _QUIET)
        return self._open(block, period, src, dst, places, now)

    def _unused(self, sensor: str, dst: Ints) -> Bools:
        first, last = self._monitored.get(sensor, _ranges([]))
        if not len(first):
            return np.zeros(len(dst), np.bool_)
        place = np.searchsorted(first, dst, side="right") - 1
        inside: Bools = (place >= 0) & (dst <= last[place])
        return inside

    def _open(
        self, block: PacketBlock, period: Period, src: Ints, dst: Ints, places: Ints, now: int
    ) -> list[Alert]:
        table = _rows(block, src[places], dst[places], places)
        hosts = np.unique(np.stack([np.zeros(len(places), np.int64), src[places]], 1), axis=0)
        span = Span(block.base_us - block.base_us % MINUTE, now + 1, block.sensor, self._tlp)
        with local(table) as rows:
            observed = observe(rows, period, hosts)
            addresses = self._addresses or self._size(block.sensor)
            found = verdicts(rows, observed, addresses)
        shown = _samples(table)
        seen = [
            replace(one, early=True, samples=shown.get(one.host, ()))
            for one in seen_of(found, observed, period, span, span.start)
        ]
        return self._watch.keep(seen, now)

    def _size(self, sensor: str) -> int:
        first, last = self._monitored.get(sensor, _ranges([]))
        return int((last - first + 1).sum())


def _ranges(prefixes: list[str]) -> tuple[Ints, Ints]:
    """First and last low words of IPv4 prefixes, joined where they overlap, ascending."""
    found = sorted(
        (one.first.lo, one.last.lo) for one in map(prefix, prefixes) if one.first.hi == 0
    )
    joined: list[tuple[int, int]] = []
    for first, last in found:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    edges = np.array(joined, np.int64).reshape(-1, 2)
    return edges[:, 0], edges[:, 1]


def _rows(block: PacketBlock, src: Ints, dst: Ints, places: Ints) -> pa.Table:
    """Packets as rows of `flowtuples`, one each, as far as the tap tells."""
    import pyarrow as pa

    at = block.base_us + np.frombuffer(block.after_us, "<u4")[places].astype(np.int64)
    kinds = [PTYPES[number] for number in np.frombuffer(block.ptype, np.uint8)[places].tolist()]
    sports, dports, marks = (
        np.frombuffer(column, "<u2")[places].astype(np.int64)
        for column in (block.sport, block.dport, block.marks)
    )
    given: dict[str, Any] = {
        "ts": at - at % MINUTE,
        "first_s": at % MINUTE // SECOND,
        "sensor": [block.sensor] * len(places),
        "src_lo": src,
        "dst_lo": dst,
        "ptype": kinds,
        "proto": [_PROTOCOLS.get(kind.partition("_")[0], 0) for kind in kinds],
        "port": [_port(*one) for one in zip(kinds, sports, dports, strict=True)],
        "packets": np.ones(len(places), np.int64),
        "uniq_dst": np.ones(len(places), np.int64),
        "uniq_sport": np.ones(len(places), np.int64),
        "fp_all": marks,
        "fp_any": marks,
    }
    schema = table_of("flowtuples").arrow_schema()
    columns = [_column(field, given.get(field.name), len(places)) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _port(kind: str, sport: int, dport: int) -> int:
    if kind.startswith("icmp"):
        return int(sport * 256 + dport)  # type and code
    return int(sport if kind in _ANSWERS else dport)


def _column(field: pa.Field, given: Any, count: int) -> pa.Array:
    """A column; what is not known is nothing, or 0 where something has to be."""
    import pyarrow as pa

    if given is not None:
        return pa.array(given).cast(field.type)
    if field.nullable:
        return pa.nulls(count, field.type)
    if pa.types.is_dictionary(field.type) or pa.types.is_string(field.type):
        return pa.array([""] * count).cast(field.type)
    return pa.array(np.zeros(count, np.int64)).cast(field.type)


def _samples(table: pa.Table) -> dict[str, tuple[dict[str, Any], ...]]:
    """By host the first packets, without where they went."""
    from kaname.model.address import to_text

    found: dict[str, tuple[dict[str, Any], ...]] = {}
    names = ("ts", "first_s", "src_lo", "ptype", "proto", "port", "fp_all")
    for row in table.select(names).to_pylist():
        host = to_text(0, row["src_lo"])
        if len(found.get(host, ())) < _SHOWN:
            at = int(row["ts"].timestamp()) * SECOND + row["first_s"] * SECOND
            shown = {
                "at": format_us(at),
                "kind": row["ptype"],
                "protocol": row["proto"],
                "service": row["port"],
                "marks": row["fp_all"],
            }
            found[host] = (*found.get(host, ()), shown)
    return found
