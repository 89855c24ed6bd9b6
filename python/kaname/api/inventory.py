"""What is in the lake as far as an account may see, remembered until the lake changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from kaname.api.shapes import PartitionOut
from kaname.lake.layout import AFTER, BEFORE
from kaname.lake.tables import tables
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.lake import Lake, LakeFile, Source

__all__ = ["Inventory", "Stock", "TableStock"]

_REMEMBERED = 8
_PAGE = 1000


@dataclass(slots=True)
class TableStock:
    """One table: sums over its files, and the same by day."""

    name: str
    rows: int = 0
    bytes: int = 0
    files: int = 0
    first: int | None = None
    last: int | None = None
    days: dict[str, PartitionOut] = field(default_factory=dict)


@dataclass(slots=True)
class Stock:
    """All tables and sources at one state of the lake."""

    tables: dict[str, TableStock]
    sources: list[Source]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(table.bytes for table in self.tables.values())

    @property
    def newest(self) -> int | None:
        """The newest observation."""
        lasts = [table.last for table in self.tables.values() if table.last is not None]
        return max(lasts, default=None)


class Inventory:
    """Counts once per state of the lake and clearance. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, Tlp], Stock] = OrderedDict()

    def of(self, lake: Lake, clearance: Tlp) -> Stock:
        """What somebody with ``clearance`` may see of ``lake`` now."""
        key = (lake.generation, clearance)
        with self._lock:
            found = self._known.get(key)
        if found is None:
            found = _count(lake, clearance)
            with self._lock:
                self._known[key] = found
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return found


def _count(lake: Lake, clearance: Tlp) -> Stock:
    stocks = {}
    for name in tables():
        stock = TableStock(name)
        for file in lake.files(name, clearance=clearance):
            _add(stock, file)
        stocks[name] = stock
    return Stock(stocks, list(_sources(lake, clearance)))


def _sources(lake: Lake, clearance: Tlp) -> Iterator[Source]:
    """All sources, without what only their own page shows: there may be very many."""
    after: int | None = None
    while page := lake.sources(limit=_PAGE, after=after, clearance=clearance):
        for source in page:
            yield msgspec.structs.replace(source, identity="", counters={}, problems=())
        after = page[-1].batch


def _add(stock: TableStock, file: LakeFile) -> None:
    stock.rows += file.rows
    stock.bytes += file.bytes
    stock.files += 1
    if file.dt not in {BEFORE, AFTER}:  # times that cannot be true say nothing of the table's
        stock.first = file.min_ts if stock.first is None else min(stock.first, file.min_ts)
        stock.last = file.max_ts if stock.last is None else max(stock.last, file.max_ts)
    day = stock.days.get(file.dt, PartitionOut(file.dt, 0, 0, 0))
    stock.days[file.dt] = PartitionOut(
        file.dt, day.rows + file.rows, day.bytes + file.bytes, day.files + 1
    )
