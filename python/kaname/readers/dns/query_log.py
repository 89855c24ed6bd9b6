"""The frame of readers of query logs: lines to entries, entries joined, rows.

A dialect is a small class with a `parse` of one line; see `bind`, `unbound` and the
others. Lines of the log that tell of something else are counted as ``other_line``.
"""

from __future__ import annotations

import enum
from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Protocol

from kaname.model.marking import Tlp
from kaname.readers.clock import Clock
from kaname.readers.dns.entry import Entry
from kaname.readers.dns.joining import Joiner
from kaname.readers.dns.stamps import Stamps
from kaname.readers.frame import Reader, ReadJob
from kaname.readers.lines import lines
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Dialect", "Parsed", "QueryLogReader", "Verdict", "stamps_of"]

SHOWN_BYTES = 64
MANY, SOME = 0.5, 0.05
"""Shares of lines from which on a log is surely, or likely, of a dialect."""


class Verdict(enum.Enum):
    """What a line is when it is no entry."""

    OTHER = "other_line"
    MALFORMED = "malformed"
    PART = "part"  # it adds to an entry that was given before


Parsed = Entry | Verdict


class Dialect(Protocol):
    """Reads the lines of one source; it may remember what earlier lines said."""

    def parse(self, line: str) -> Parsed:
        """What ``line`` says."""
        ...


class QueryLogReader(Reader):
    """A reader whose lines a dialect parses."""

    kind: ClassVar[str]
    words: ClassVar[tuple[bytes, ...]]  # without which it is not this log
    tables: ClassVar[tuple[str, ...]] = ("dns",)

    @abstractmethod
    def dialect(self, job: ReadJob) -> Dialect:
        """The dialect for one source, with the clock that the job's options set."""

    def looking(self, head: bytes) -> Dialect:  # noqa: ARG002 (for dialects that need it)
        """A dialect for looking at a source: what its times are does not matter."""
        return self.dialect(ReadJob(path=None, sensor="", tlp=Tlp.CLEAR, batch=0))

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Sure when most lines are of this log; likely when some are."""
        if not all(word in head for word in self.words):
            return 0
        share = _share_of_lines(head, self.looking(head))
        return 90 if share > MANY else 70 if share > SOME else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield rows in the order of their queries.

        Raises:
            InputError: the source cannot be read.
            UsageError: an option does not fit.
            CancelledError: somebody asked to stop.
        """
        dialect, joiner = self.dialect(job), Joiner()
        rows = Rows("dns", self.kind, job)
        for offset, line in lines(job):
            self._take(dialect.parse(line), offset, line, joiner, job)
            for entry in joiner.settled():
                rows.add(ts=entry.ts, row_in_src=entry.offset, **entry.columns())
            if rows.full:
                yield rows.take()
        for entry in joiner.rest():
            rows.add(ts=entry.ts, row_in_src=entry.offset, **entry.columns())
        if joiner.joined:
            job.report.notes["joined"] = joiner.joined
        yield from rows.rest()

    def _take(self, parsed: Parsed, offset: int, line: str, joiner: Joiner, job: ReadJob) -> None:
        if isinstance(parsed, Entry):
            parsed.offset = offset
            job.report.count("response" if parsed.response else "query")
            joiner.add(parsed)
        elif parsed is Verdict.MALFORMED:
            shown = line[:SHOWN_BYTES].encode()
            job.report.bad(offset, "malformed", f"no line of {self.name}", shown)
        elif line:
            job.report.count(parsed.value)


def _share_of_lines(head: bytes, dialect: Dialect) -> float:
    """How large a part of the lines of ``head`` are entries of ``dialect`` (0 to 1)."""
    whole = head.decode(errors="replace").splitlines()
    if len(whole) > 1 and not head.endswith(b"\n"):
        whole.pop()
    told = [line for line in whole if line.strip()]
    found = sum(_is_told(dialect.parse(line)) for line in told)
    return found / len(told) if told else 0.0


def _is_told(parsed: Parsed) -> bool:
    return isinstance(parsed, Entry) or parsed is Verdict.PART


def stamps_of(job: ReadJob) -> tuple[Stamps, int]:
    """What reads the times of a source, and the time of the source itself.

    Raises:
        UsageError: an option does not fit.
    """
    notes = job.report.notes

    def note(name: str) -> None:
        notes[name] = notes.get(name, 0) + 1

    clock = Clock.of(job)
    return Stamps(clock, note), clock.reference
