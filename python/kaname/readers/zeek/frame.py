"""Some rows of one Zeek log with typed access by the name of the field.

The same face for both formats, so that what a log means is written once. Fields that
nobody asked for go into ``ext``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.readers.frame import ReadJob

__all__ = ["Columns", "LogFrame", "each_distinct"]

Columns = dict[str, "pa.Array"]


class LogFrame(ABC):
    """Rows of a log called ``path``; every column is null where the log has no value."""

    def __init__(self, job: ReadJob, path: str, offsets: pa.Array) -> None:
        self.job = job
        self.path = path
        self.offsets = offsets
        self._used: set[str] = set()

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.offsets)

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether the log has that field at all."""

    @abstractmethod
    def _column(self, name: str, kind: pa.DataType) -> pa.Array:
        """The column as ``kind``; values that are not of it are null and noted."""

    @abstractmethod
    def _rest(self, used: set[str]) -> pa.Array:
        """JSON of the fields that are not in ``used``."""

    @abstractmethod
    def times(self, name: str = "ts") -> pa.Array:
        """Instants as int64 microseconds; null where there is none."""

    @abstractmethod
    def texts(self, name: str) -> pa.Array:
        """A set or vector as lists of texts."""

    @abstractmethod
    def kept(self, mask: pa.Array) -> LogFrame:
        """The rows where ``mask`` is true."""

    def text(self, name: str) -> pa.Array:
        """Texts."""
        import pyarrow as pa

        return self._get(name, pa.string())

    def integer(self, name: str, kind: pa.DataType | None = None) -> pa.Array:
        """Whole numbers (int64 unless told)."""
        import pyarrow as pa

        return self._get(name, kind or pa.int64())

    def count(self, name: str, kind: pa.DataType | None = None) -> pa.Array:
        """Whole numbers, 0 where there is none."""
        import pyarrow.compute as pc

        return pc.fill_null(self.integer(name, kind), 0)

    def flag(self, name: str) -> pa.Array:
        """Truth values."""
        import pyarrow as pa

        return self._get(name, pa.bool_())

    def interval(self, name: str) -> pa.Array:
        """Seconds as whole microseconds."""
        import pyarrow as pa
        import pyarrow.compute as pc

        seconds = self._get(name, pa.float64())
        return pc.round(pc.multiply(seconds, 1e6)).cast(pa.int64(), safe=False)

    def ext(self) -> pa.Array:
        """JSON of all fields that were not asked for so far."""
        return self._rest(self._used)

    def ends(self) -> Columns:
        """The common columns and both ends of the connection (``id``)."""
        import pyarrow as pa

        return {
            "ts": self.times().cast(pa.timestamp("us", tz="UTC")),
            "row_in_src": self.offsets,
            **self.address("src", "id.orig_h"),
            **self.address("dst", "id.resp_h"),
        }

    def address(self, column: str, name: str) -> Columns:
        """An address as the two columns of the lake."""
        from kaname.readers.columns import addresses

        hi, lo, bad = addresses(self.text(name))
        self.note("bad_address", bad)
        return {f"{column}_hi": hi, f"{column}_lo": lo}

    def note(self, name: str, count: int) -> None:
        """Say in the report that something happened besides."""
        if count:
            notes = self.job.report.notes
            notes[name] = notes.get(name, 0) + count

    def _get(self, name: str, kind: pa.DataType) -> pa.Array:
        import pyarrow as pa

        self._used.add(name)
        return self._column(name, kind) if self.has(name) else pa.nulls(self.rows, kind)


def each_distinct(array: pa.Array, translate: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
    """``translate`` of every text, called once for each distinct one; null stays null."""
    import pyarrow as pa

    coded = array.dictionary_encode()
    table = pa.array([translate(text) for text in coded.dictionary.to_pylist()], kind)
    return table.take(coded.indices)
