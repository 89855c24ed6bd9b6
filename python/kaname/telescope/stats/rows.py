"""Rows of (address, packets, and numbers of what they are ranked by), counted at once.

Both ways of counting end here: columns in, rankings out. What an address belongs to is
looked up for whole columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kaname.lake.networks import Networks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kaname.telescope.stats.answer import Asked

__all__ = ["Counted", "Rows", "first"]


@dataclass(frozen=True, slots=True)
class Counted:
    """Packets and hosts for each of ``codes``, which ``words`` names."""

    codes: NDArray[Any]
    packets: NDArray[np.int64]
    hosts: NDArray[np.int64]
    words: Callable[[int], str]

    def top(self, count: int, *, by_hosts: bool) -> list[tuple[str, int, int]]:
        """Name, packets and hosts of the first; equal ones in the order of codes."""
        import numpy as np

        leading, other = self.hosts, self.packets
        if not by_hosts:
            leading, other = other, leading
        kept = np.arange(len(self.codes))
        if len(kept) > count:  # only what reaches the last place is put in order
            kept = np.flatnonzero(leading >= np.partition(leading, -count)[-count])
        order = kept[np.lexsort((self.codes[kept], -other[kept], -leading[kept]))][:count]
        return [
            (self.words(int(self.codes[at])), int(self.packets[at]), int(self.hosts[at]))
            for at in order.tolist()
        ]


def first(hi: Any, lo: Any, groups: Any = None) -> NDArray[np.bool_]:
    """Which rows are the first with their address (and group)."""
    import numpy as np
    import pyarrow as pa

    from kaname._native import first_seen

    words = [pa.array(np.ascontiguousarray(word, np.int64)) for word in (hi, lo)]
    group = None if groups is None else pa.array(np.ascontiguousarray(groups, np.int32))
    hi, lo = words
    seen: NDArray[np.bool_] = pa.array(first_seen(hi, lo, group)).to_numpy(zero_copy_only=False)
    return seen


class Rows:
    """Columns ``src_hi``, ``src_lo``, ``packets``, and codes of label and packet type."""

    def __init__(self, columns: dict[str, Any], networks: Networks) -> None:
        self._columns = columns
        self._networks = networks
        self._seen: NDArray[np.bool_] | None = None

    @property
    def hosts(self) -> int:
        """Distinct addresses."""
        return int(self._first().sum())

    @property
    def packets(self) -> int:
        """All packets."""
        return int(self._columns["packets"].sum())

    def by(self, name: str, words: Callable[[int], str]) -> Counted:
        """Counted by ``country``, ``asn``, or by a column of codes that ``words`` names."""
        hi, lo = self._columns["src_hi"], self._columns["src_lo"]
        if name == "country":
            codes, names = self._networks.countries(hi, lo)
            return self._counted(codes, self._first(), lambda code: names[code])
        if name == "asn":
            return self._counted(self._networks.asns(hi, lo), self._first(), _number)
        codes = self._columns[name]
        return self._counted(codes, first(hi, lo, codes), words)

    def _first(self) -> NDArray[np.bool_]:
        if self._seen is None:
            self._seen = first(self._columns["src_hi"], self._columns["src_lo"])
        return self._seen

    def _counted(self, codes: Any, seen: Any, words: Callable[[int], str]) -> Counted:
        import numpy as np

        known = np.arange(min(_DENSE, int(codes.max()) + 1) if len(codes) else 0)
        sparse = np.flatnonzero(codes >= _DENSE)
        if len(sparse):  # numbers far above the others would make the counts long
            rare, places = np.unique(codes[sparse], return_inverse=True)
            codes = codes.copy()
            codes[sparse] = _DENSE + places
            known = np.concatenate([known, rare])
        packets = np.bincount(codes, weights=self._columns["packets"], minlength=len(known))
        hosts = np.bincount(codes[seen], minlength=len(known))
        there = np.flatnonzero(packets)
        return Counted(
            known[there], packets[there].astype(np.int64), hosts[there].astype(np.int64), words
        )


_DENSE = 1 << 20  # nearly all numbers of AS lie below


def _number(asn: int) -> str:
    return str(asn) if asn else ""


def narrowed(asked: Asked) -> set[str]:
    """The columns of codes that the rankings need."""
    return {"label", "ptype"} & set(asked.by)
