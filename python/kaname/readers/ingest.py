"""Bring one source into the lake: detect its format, read it, commit it whole.

The same source twice gives the same lake; a source that cannot be read at all leaves
nothing behind; one that is damaged keeps every row that is whole.
"""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.model.errors import InputError, UnknownFormatError, UsageError
from kaname.model.ids import batch_id
from kaname.model.marking import Tlp
from kaname.readers.containers import head
from kaname.readers.frame import Reader, ReadJob, ReadReport

if TYPE_CHECKING:
    from kaname.lake import BatchWriter, Lake, Source

__all__ = ["IngestResult", "detect", "expand", "ingest", "reader_called", "readers"]

Progress = Callable[[ReadReport], None]
STDIN = "-"
TICK_S = 0.2


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of one source. ``already``: it was in the lake, nothing was done."""

    source: Source
    already: bool


@functools.cache
def readers() -> dict[str, Reader]:
    """All readers by name."""
    found = (point.load()() for point in entry_points(group="kaname.readers"))
    return {reader.name: reader for reader in sorted(found, key=lambda reader: reader.name)}


def reader_called(name: str) -> Reader:
    """The reader called ``name``.

    Raises:
        UsageError: there is none.
    """
    try:
        return readers()[name]
    except KeyError:
        known = ", ".join(readers())
        raise UsageError("readers.error.no_reader", name=name, known=known) from None


def detect(path: Path, *, name: str | None = None) -> Reader:
    """The reader that knows the bytes of ``path``, which people know as ``name``.

    Raises:
        UnknownFormatError: none does.
        InputError: the file is empty or cannot be opened.
    """
    called = name or path
    try:
        start = head(path)
    except OSError as error:
        raise InputError("readers.error.open", path=called, reason=error.strerror) from None
    if not start:
        raise InputError("readers.error.empty", path=called)
    score, _, best = max((r.detect(start, path.name), n, r) for n, r in readers().items())
    if score <= 0:
        raise UnknownFormatError("readers.error.unknown", path=called, found=start[:8].hex(" "))
    return best


def expand(paths: list[str]) -> list[Path]:
    """Files named by ``paths``; a folder stands for the files in it, hidden ones left out.

    Raises:
        InputError: there is no such file or folder.
    """
    files: list[Path] = []
    for name in paths:
        path = Path(name)
        if name == STDIN or path.is_file():
            files.append(path)
        elif path.is_dir():
            inside = (f for f in sorted(path.rglob("*")) if f.is_file())
            files += [f for f in inside if not _hidden(f.relative_to(path))]
        else:
            raise InputError("readers.error.missing", path=name)
    return files


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def ingest(
    lake: Lake,
    path: Path,
    *,
    sensor: str,
    tlp: Tlp,
    options: Mapping[str, bool | int | str] | None = None,
    replace: bool = False,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    threads: int = 2,
    name: str | None = None,
    reader: str | None = None,
    force: bool = False,
) -> IngestResult:
    """Read ``path`` ("-": standard input) into the lake as observed by ``sensor``.

    ``name`` is the path that the lake remembers, where it differs; ``reader`` names the
    reader, where its format is not to be told from the bytes. ``progress`` is called a few
    times a second from another thread. ``force`` keeps a source of which most is damaged.

    Raises:
        InputError: the source cannot be read at all, or more than half of it is damaged.
        UsageError: the reader has no such option.
        CancelledError: ``cancel`` was set; nothing is kept.
    """
    if str(path) == STDIN:
        with _spooled(lake) as spool:
            return ingest(
                lake,
                spool,
                sensor=sensor,
                tlp=tlp,
                options=options,
                replace=replace,
                progress=progress,
                cancel=cancel,
                threads=threads,
                name=name or STDIN,
                reader=reader,
                force=force,
            )
    check_sensor(sensor)
    chosen = detect(path, name=name) if reader is None else reader_called(reader)
    _check_options(chosen, options or {})
    identity = lake.identify(path)
    known = lake.known(identity)
    if known is not None and not replace:
        return IngestResult(known, already=True)
    job = ReadJob(
        path=path,
        sensor=sensor,
        tlp=tlp,
        batch=batch_id(identity),
        options=options or {},
        cancel=cancel or threading.Event(),
        threads=threads,
    )
    job.report.bytes_total = path.stat().st_size
    with lake.writer(
        identity=identity,
        path=name or str(path.absolute()),
        size=path.stat().st_size,
        sensor=sensor,
        tlp=tlp,
        reader=chosen.name,
        reader_version=chosen.version,
        replace=replace,
        threads=threads,
    ) as writer:
        with _ticking(job.report, progress):
            _copy(chosen, job, writer)
        if not force:
            _refuse_ruins(job.report, name or str(path))
        source = writer.commit(job.report)
    return IngestResult(source, already=False)


def check_sensor(sensor: str) -> None:
    """Sensor names are short and plain, since they appear in paths, queries and exports.

    Raises:
        UsageError: this one is not.
    """
    plain = sensor.replace("-", "").replace("_", "").replace(".", "")
    if not (0 < len(sensor) <= 64 and plain.isascii() and plain.isalnum()):
        raise UsageError("readers.error.sensor", found=sensor)


def _copy(reader: Reader, job: ReadJob, writer: BatchWriter) -> None:
    for table, rows in reader.read(job):
        writer.write(table, rows)
        job.check()


def _check_options(reader: Reader, options: Mapping[str, object]) -> None:
    """Refuse an option that the reader does not have, if it says which it has."""
    known = getattr(reader, "options", None)
    unknown = [] if known is None else sorted(set(options) - {*known, "packets"})
    if unknown:
        listed = ", ".join(known or ()) or "-"
        raise UsageError(
            "readers.error.no_option", reader=reader.name, name=unknown[0], known=listed
        )


def _refuse_ruins(report: ReadReport, path: str) -> None:
    """More than half damaged: likely another format, or a file that went wrong on its way."""
    if report.bad_records * 2 <= report.records:
        return
    first = report.problems[0] if report.problems else None
    raise InputError(
        "readers.error.mostly_bad",
        path=path,
        bad=report.bad_records,
        records=report.records,
        reason=first.reason if first else "-",
    )


@contextlib.contextmanager
def _ticking(report: ReadReport, progress: Progress | None) -> Iterator[None]:
    """Call ``progress`` while the body runs, and once at its end."""
    if progress is None:
        yield
        return
    stop = threading.Event()

    def tick() -> None:
        while not stop.wait(TICK_S):
            progress(report)

    thread = threading.Thread(target=tick, name="ingest-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        progress(report)


def _inbox(lake: Lake) -> Path:
    folder = lake.root.parent / "inbox"
    folder.mkdir(exist_ok=True)
    return folder


@contextlib.contextmanager
def _spooled(lake: Lake) -> Iterator[Path]:
    """Standard input as a file: a source is known by its bytes, so they must all be here."""
    with tempfile.NamedTemporaryFile(dir=_inbox(lake), prefix="stdin-") as spool:
        while piece := os.read(0, 1 << 20):
            spool.write(piece)
        spool.flush()
        yield Path(spool.name)
