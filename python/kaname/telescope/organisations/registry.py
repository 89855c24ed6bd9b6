"""The registry as a table: whose an address is, and whether it is in use.

Prefixes may lie inside each other, and the most specific one counts. Addresses are looked
up by column, in the native table of disjoint ranges (an index of the high 16 bits and a
short search), so that ten thousand organisations cost no more than one.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kaname.knowledge.organisation_records import AlertKind, Organisation
from kaname.model.address import Address, IPv4_LOW, prefix

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname._native import NetworkTables

__all__ = ["Owners", "Period", "Registry", "suppressed"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NOBODY = -1


class Owners(NamedTuple):
    """For each address the place of its organisation (-1: none), and whether it is unused."""

    place: Ints
    dark: Bools

    @property
    def live(self) -> Bools:
        """Which addresses are in use by an organisation."""
        inside: Bools = (self.place >= 0) & ~self.dark
        return inside


@dataclass(frozen=True)
class Period:
    """The organisations that are valid from ``start`` up to ``end`` (microseconds)."""

    start: int
    end: int
    organisations: tuple[Organisation, ...]

    def find(self, hi: Ints, lo: Ints) -> Owners:
        """Whose each address is."""
        import pyarrow as pa

        if not self.organisations:
            return Owners(np.full(len(lo), NOBODY, np.int64), np.zeros(len(lo), np.bool_))
        columns = (pa.array(np.ascontiguousarray(c, np.int64)) for c in (hi, lo))
        found = pa.array(self._table.asns(*columns)).to_numpy(zero_copy_only=False)
        values = found.astype(np.int64)
        return Owners((values + 1) // 2 - 1, (values > 0) & (values % 2 == 0))

    @functools.cached_property
    def _table(self) -> NetworkTables:
        from kaname._native import NetworkTables, network_file

        nothing = _ranges([])
        # 1, 3, 5...: in use by the first, second, third; 2, 4, 6...: unused by them
        ranges = _ranges(
            [
                (text, 2 * place + value)
                for place, one in enumerate(self.organisations)
                for value, prefixes in ((1, one.live), (2, one.dark))
                for text in prefixes
            ]
        )
        return NetworkTables(network_file("", [], [], nothing, ranges))

    @functools.cached_property
    def prefixes(self) -> int:
        """How many prefixes are in use."""
        return sum(len(one.live) for one in self.organisations)

    @functools.cached_property
    def spans(self) -> list[tuple[Address, Address]]:
        """First and last addresses of the prefixes in use, without those inside others."""
        found = sorted(
            (prefix(text) for one in self.organisations for text in one.live),
            key=lambda p: (p.first.hi, p.first.lo, p.length),
        )
        kept: list[tuple[Address, Address]] = []
        for each in found:
            if not kept or (each.first.hi, each.first.lo) > kept[-1][1]:
                kept.append((each.first, each.last))
        return kept

    def prefix_of(self, place: int, address: Address) -> str:
        """The most specific prefix in use of an organisation that holds ``address``."""
        holding = [
            (prefix(text).length, text)
            for text in self.organisations[place].live
            if prefix(text).contains(address)
        ]
        return max(holding)[1] if holding else ""


class Registry:
    """All organisations; who is valid when is settled here."""

    def __init__(self, organisations: Sequence[Organisation], version: int = 0) -> None:
        self.organisations = tuple(organisations)
        self.version = version
        edges = {e for one in organisations for e in (one.valid_from, one.valid_until) if e}
        self._edges = sorted(edges)
        self._periods: dict[int, Period] = {}

    def __bool__(self) -> bool:
        return bool(self.organisations)

    def periods(self, start: int, end: int) -> Iterator[Period]:
        """The periods that lie between two instants, cut to them, each with its table."""
        at = start
        while at < end:
            whole = self._period(bisect_right(self._edges, at))
            until = min(end, whole.end)
            if whole.organisations:
                yield _cut(whole, at, until)
            at = until

    def at(self, instant: int) -> Period:
        """The period that holds an instant."""
        return self._period(bisect_right(self._edges, instant))

    def _period(self, number: int) -> Period:
        if number not in self._periods:
            start = self._edges[number - 1] if number else -(2**62)
            end = self._edges[number] if number < len(self._edges) else 2**62
            valid = tuple(one for one in self.organisations if one.valid(start))
            self._periods[number] = Period(start, end, valid)
        return self._periods[number]


def _cut(whole: Period, start: int, end: int) -> Period:
    """``whole`` between two instants, with the table that was made for all of it."""
    if (start, end) == (whole.start, whole.end):
        return whole
    part = Period(start, end, whole.organisations)
    part.__dict__["_table"] = whole._table  # noqa: SLF001 - its own, made once
    return part


def suppressed(
    one: Organisation, host: Address, ports: Sequence[int], kind: AlertKind, at: int
) -> bool:
    """Whether an organisation does not want to hear of that.

    A suppression of a port holds where nothing but that port was asked for.
    """
    for each in one.suppressions:
        standing = each.until is None or at < each.until
        of_kind = each.kind is None or each.kind is kind
        of_port = each.port is None or set(ports) == {each.port}
        if standing and of_kind and of_port and _inside(each.prefix, host):
            return True
    return False


def _inside(text: str, host: Address) -> bool:
    return not text or prefix(text).contains(host)


def _ranges(prefixes: list[tuple[str, int]]) -> pa.RecordBatch:
    """Prefixes with their values as ranges of addresses."""
    import pyarrow as pa

    edges = np.array([_edges(text) for text, _ in prefixes], np.int64).reshape(-1, 4)
    names = ("first_hi", "first_lo", "last_hi", "last_lo")
    columns = {name: pa.array(edges[:, n]) for n, name in enumerate(names)}
    columns["value"] = pa.array([value for _, value in prefixes], pa.int64())
    columns["length"] = pa.array(np.zeros(len(prefixes), np.int64))
    return pa.record_batch(columns)


def _edges(text: str) -> tuple[int, int, int, int]:
    """Words of the first and the last address; the short way for IPv4, of which are many."""
    if ":" in text:
        parsed = prefix(text)
        return (*parsed.first, *parsed.last)
    address, length = text.split("/")
    a, b, c, d = address.split(".")
    first = IPv4_LOW | int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)
    return 0, first, 0, first | 0xFFFFFFFF >> int(length)
