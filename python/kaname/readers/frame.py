"""The frame of readers: what a reader is given, what it gives back, how it reports.

A reader turns bytes into Arrow record batches of tables of the lake. It never loses a
good row to a bad one: what cannot be read is counted and described in the report, and
the counters add up to the records that were seen.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from kaname.model.errors import CancelledError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

__all__ = ["Problem", "ReadJob", "ReadReport", "Reader", "ReaderDoc"]

MAX_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class ReaderDoc:
    """What a reader's page in the manual says; the pages are generated from it."""

    en: str
    ja: str
    formats: tuple[str, ...]
    references: tuple[str, ...]
    limitations_en: tuple[str, ...]
    limitations_ja: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One piece of damaged input: where, why, and the first bytes of it."""

    offset: int
    reason: str
    hex: str = ""


@dataclass(slots=True)
class ReadReport:
    """Running account of one source; safe to look at from another thread.

    ``counters`` are disjoint outcomes of records: their sum equals ``records``.
    ``notes`` count things that happen besides (truncated packets, resynchronisations).
    """

    bytes_read: int = 0
    bytes_total: int | None = None
    records: int = 0
    rows: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    damaged: bool = False
    bad_records: int = 0  # of ``records``, those lost to damage
    first_us: int | None = None
    last_us: int | None = None

    def count(self, outcome: str, records: int = 1) -> None:
        """So many records ended as ``outcome``."""
        self.records += records
        self.counters[outcome] = self.counters.get(outcome, 0) + records

    def bad(self, offset: int, outcome: str, reason: str, data: bytes = b"") -> None:
        """One record was lost to damage."""
        self.count(outcome)
        self.bad_records += 1
        self.problem(offset, reason, data)

    def problem(self, offset: int, reason: str, data: bytes = b"") -> None:
        """Describe damaged input; the first `MAX_PROBLEMS` are kept, all are counted."""
        self.damaged = True
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(offset, reason, data[:64].hex()))


@dataclass(slots=True)
class ReadJob:
    """Everything a reader needs: where the bytes are, whose they are, how to stop.

    ``path`` is a local file; "-" stands for standard input and is handed over as
    ``fd``. ``batch`` identifies the source in the lake and is written in every row.
    """

    path: Path | None
    sensor: str
    tlp: Tlp
    batch: int
    fd: int | None = None
    options: Mapping[str, bool | int | str] = field(default_factory=dict)
    report: ReadReport = field(default_factory=ReadReport)
    cancel: threading.Event = field(default_factory=threading.Event)
    threads: int = 1

    def check(self) -> None:
        """Raise `CancelledError` when somebody asked to stop."""
        if self.cancel.is_set():
            raise CancelledError("readers.error.cancelled")


@runtime_checkable
class Reader(Protocol):
    """One format. Announced by an entry point of the group ``kaname.readers``.

    A reader with options says their names in a class attribute ``options``.
    """

    name: ClassVar[str]
    version: ClassVar[int]  # grows when the same bytes would give other rows
    doc: ClassVar[ReaderDoc]
    tables: ClassVar[tuple[str, ...]]

    def detect(self, head: bytes, filename: str) -> int:
        """How sure the reader is, 0 to 100, that a source beginning with ``head`` is its.

        ``head`` is up to 64 KiB, already decompressed. The name may break ties only.
        """
        ...

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield (table name, rows). Bytes that cannot be read go into ``job.report``."""
        ...
