"""A folder that a rotating writer fills, as one stream: minutes span its files.

Files are read in the order of their packets by one stage. What is committed are closed
minutes, together with a cursor (`kaname.readers.live.cursor`), so that the process may be
killed at any moment and the next one goes on: nothing is lost or doubled, and the rows are
those of one capture, however it was cut into files.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from kaname._native import NativeError
from kaname.model.errors import KanameError, UnavailableError, UsageError
from kaname.model.ids import batch_id
from kaname.readers.capture_listener import CaptureDecoder
from kaname.readers.frame import ReadJob, ReadReport
from kaname.readers.live.cursor import Cursor, Cursors
from kaname.readers.live.folder import Candidate, Candidates, OpenFile, Read, is_quiet
from kaname.readers.live.interface import ranges_of
from kaname.readers.live.standing import Standing, Totals

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.lake import Source
    from kaname.model.marking import Tlp
    from kaname.readers.live.place import Place

__all__ = ["Rotation", "Store", "state_folder"]

LOOK_S = 0.5
QUIET_S = 5.0  # after which a compressed file is taken as whole
IDLE_S = 180.0  # after which open minutes are given out although nothing followed
_ROWS = 1_000_000  # packets of closed minutes that make a commit come early
_READ_KEPT = 10_000
_log = logging.getLogger("kaname.listen")


class Store(Protocol):
    """Where batches go: the lake, or what delivers them to one elsewhere."""

    def known(self, identity: str) -> Any:
        """The source with that identity, or None."""

    def identify(self, path: Path) -> str:
        """What `known` calls a file."""

    def writer(
        self,
        *,
        identity: str,
        path: str,
        size: int,
        sensor: str,
        tlp: Tlp,
        reader: str,
        reader_version: int,
    ) -> Any:
        """Begin a source; see `kaname.lake.Lake.writer`."""


@dataclass(slots=True)
class _Unsaved:
    """A batch whose cursor is written, on its way into the store."""

    cursor: Cursor
    report: ReadReport
    rows: list[tuple[str, pa.RecordBatch]]
    size: int


class Rotation:
    """Reads a folder in a thread of its own; `kaname.readers.live.Intake` for folders."""

    def __init__(
        self,
        store: Store,
        place: Place,
        *,
        sensor: str,
        tlp: Tlp,
        state: Path,
        every_s: float = 10.0,
        idle_s: float = IDLE_S,
        committed: Callable[[Source], None] | None = None,
        evidence: int = 0,
    ) -> None:
        self.place = place
        self.sensor = place.sensor or sensor
        self._tlp = place.tlp or tlp
        self._store = store
        self._state = state
        self._every_s, self._idle_s = every_s, idle_s
        self._committed = committed
        self._evidence = evidence
        self._folder = Path(place.path).expanduser()
        self._files = Candidates(self._folder)
        self._cursors: Cursors | None = None
        self._cursor = Cursor()
        self._decoder = CaptureDecoder(evidence=evidence)
        self._file: OpenFile | None = None
        self._done: dict[str, Read] = {}
        self._read: list[str] = []
        self._notes: Counter[str] = Counter()
        self._unsaved: _Unsaved | None = None
        self._totals = Totals()
        self._bytes = self._bytes_told = 0
        self._progressed = time.monotonic()
        self._error: str | None = None
        self._stop = threading.Event()
        self._stack = contextlib.ExitStack()
        self._thread = threading.Thread(target=self._work, name=f"read {place}", daemon=True)

    @property
    def port(self) -> int:
        """Folders have none."""
        return 0

    def start(self) -> None:
        """Find out where to go on, and begin.

        Raises:
            UnavailableError: another process reads the folder for this sensor.
            UsageError: it is no folder.
        """
        self.open()
        self._thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Commit what is whole, and close; open minutes go on at the next start."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        self.close()

    def open(self) -> None:
        """Find out where to go on, without beginning. Raises: as `start`."""
        if not self._folder.is_dir():
            raise UsageError("readers.error.no_folder", path=self._folder)
        self._cursors = Cursors(self._state)
        self._stack.enter_context(_alone(self._state / "lock"))
        self._restore(self._cursors.latest(lambda key: self._store.known(key) is not None))

    def close(self) -> None:
        """Let go of the folder; what was not committed is read again by the next."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._stack.close()

    def drain(self) -> None:
        """Read everything that is there, close all minutes, and commit.

        For a folder that is complete: files that come later may make further rows of a
        minute that was closed here.
        """
        while self._step(final=True):
            if self._decoder.held >= _ROWS:
                self._commit(last=False)
        self._commit(last=True)

    def standing(self) -> Standing:
        """How it does now; safe from any thread."""
        return self._totals.standing(
            self.place,
            sensor=self.sensor,
            tlp=self._tlp,
            size=self._bytes,
            waiting=self._decoder.held,
            error=self._error,
        )

    def _restore(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._done = {name: Read(*one) for name, one in cursor.done.items()}
        self._read = list(cursor.read)
        self._decoder = CaptureDecoder(evidence=self._evidence, snapshot=cursor.snapshot or None)
        self._decoder.stream.monitor(ranges_of(self.place))
        self._file = self._reopened(cursor)

    def _reopened(self, cursor: Cursor) -> OpenFile | None:
        """The file that was being read; where it is gone, its part ends where it was left."""
        if cursor.file is None:
            return None
        found, _ = self._files.look(self._done)
        same = (one for one in found if (one.path.name, one.begin) == (cursor.file, cursor.begin))
        candidate = next(same, None)
        if candidate is None:
            self._notes["file_gone"] += 1
            with contextlib.suppress(NativeError):
                self._decoder.stream.next_file()
            return None
        return OpenFile(candidate, cursor.offset)

    def _work(self) -> None:
        due = time.monotonic() + self._every_s
        while not self._stop.is_set():
            progressed = self._unsaved is None and self._guarded(self._step)
            if progressed:
                self._progressed = time.monotonic()
            full = self._decoder.held >= _ROWS
            if time.monotonic() >= due or full:
                self._guarded(self._commit, False)
                due = time.monotonic() + self._every_s
            self._flush_idle()
            if not progressed:
                self._stop.wait(LOOK_S)
        self._guarded(self._commit, False)

    def _flush_idle(self) -> None:
        """Give out open minutes when nothing has followed them for long."""
        idle = time.monotonic() - self._progressed >= self._idle_s
        if idle and self._decoder.stream.open and self._unsaved is None:
            self._notes["idle_flush"] += 1
            self._guarded(self._commit, True)

    def _guarded(self, step: Callable[..., Any], *given: Any) -> bool:
        """One step; a fault in it is logged and shown, and reading goes on."""
        try:
            return bool(step(*given))
        except KanameError as error:
            self._error = str(error)
            _log.warning("not committed", extra={"place": str(self.place), "reason": str(error)})
        except Exception as error:  # noqa: BLE001 - one bad file must not end the watching
            self._error = repr(error)
            _log.exception("reader stumbled", extra={"place": str(self.place)})
        return False

    def _step(self, *, final: bool = False) -> bool:
        """Read a piece, or turn to the next file; False when there is nothing to do now."""
        if self._file is None:
            return self._turn(final=final)
        piece = self._file.read()
        if piece:
            self._bytes += len(piece)
            self._push(piece)
            return True
        if self._is_over(self._file, final=final):
            self._end(self._file)
            return True
        return False

    def _push(self, piece: bytes) -> None:
        try:
            self._decoder.stream.push(piece)
        except NativeError as error:
            _log.warning("no capture", extra={"place": str(self.place), "reason": str(error)})
            self._notes["not_a_capture"] += 1

    def _turn(self, *, final: bool) -> bool:
        """Open the next file, if there is one that can be read."""
        found, strange = self._files.look(self._done)
        for name in strange:
            self._remember_strange(name)
        if not found:
            return False
        first = found[0]
        whole = final or len(found) > 1
        if first.packing is not None and not whole and not is_quiet(first.path, QUIET_S):
            return False
        if (whole or first.packing is not None) and self._is_known(first):
            self._notes["file_already"] += 1
            known = OpenFile(first)
            self._done[first.path.name] = known.looks()
            known.close()
            return True
        self._file = OpenFile(first)
        return True

    def _remember_strange(self, name: str) -> None:
        """Pass over a file that is no capture, until it changes."""
        with contextlib.suppress(OSError):
            told = (self._folder / name).stat()
            self._done[name] = Read(-1, told.st_size, told.st_mtime_ns)
            self._notes["not_a_capture"] += 1

    def _is_known(self, candidate: Candidate) -> bool:
        """Whether these bytes were read before, under another name or by another command."""
        identity = self._store.identify(candidate.path)
        return identity in self._read or self._store.known(identity) is not None

    def _is_over(self, file: OpenFile, *, final: bool) -> bool:
        """Whether nothing more will come of a file that is read to its end."""
        if final or file.damage or file.packing is not None or file.is_gone() or file.was_cut():
            return True
        found, _ = self._files.look(self._done)
        return any(one.order > file.candidate.order for one in found)

    def _end(self, file: OpenFile) -> None:
        if file.damage:
            self._notes["compressed_damage"] += 1
        if file.was_cut():
            self._notes["file_cut"] += 1
        with contextlib.suppress(NativeError):
            self._decoder.stream.next_file()
        with contextlib.suppress(KanameError):
            self._read.append(self._store.identify(file.path))
            del self._read[:-_READ_KEPT]
        self._done[file.path.name] = file.looks()
        file.close()
        self._file = None

    def _commit(self, last: bool) -> None:
        """Commit closed minutes with the cursor behind them; first what failed before."""
        if self._unsaved is not None:
            self._save(self._unsaved)
        batch = self._gather(last=last)
        if batch is not None:
            self._unsaved = batch
            self._save(batch)
        self._error = None

    def _gather(self, *, last: bool) -> _Unsaved | None:
        if self._cursors is None or not (self._decoder.held or last):
            return None
        identity = self._cursor.identity(self.sensor)
        job = ReadJob(path=None, sensor=self.sensor, tlp=self._tlp, batch=batch_id(identity))
        rows = list(self._decoder.take(job, last=last))
        report = job.report
        report.rows = sum(batch.num_rows for _, batch in rows)
        off_target = self._decoder.stream.off_target
        self._notes["offtarget"] += off_target - self._cursor.off_target
        notes, self._notes = self._notes, Counter()
        report.notes = dict(Counter(report.notes) + notes)
        size, self._bytes_told = self._bytes - self._bytes_told, self._bytes
        report.bytes_read = size
        if not (rows or report.records or report.notes):
            return None
        cursor = self._moved(identity, off_target)
        self._cursors.keep(cursor)
        return _Unsaved(cursor, report, rows, size)

    def _moved(self, identity: str, off_target: int) -> Cursor:
        """The cursor behind what was taken."""
        there = {path.name for path in self._folder.iterdir()}
        file = self._file
        return msgspec.structs.replace(
            self._cursor,
            number=self._cursor.number + 1,
            pending=identity,
            file=file.path.name if file else None,
            begin=file.candidate.begin if file else 0,
            offset=file.offset if file else 0,
            done={name: tuple(one) for name, one in self._done.items() if name in there},
            read=tuple(self._read),
            off_target=off_target,
            snapshot=self._decoder.stream.snapshot() or b"",
        )

    def _save(self, batch: _Unsaved) -> None:
        listener, pending = self.place.listener, batch.cursor.pending
        with self._store.writer(
            identity=pending or "",
            path=f"live:{listener.name}:{self.place}",
            size=batch.size,
            sensor=self.sensor,
            tlp=self._tlp,
            reader=listener.name,
            reader_version=listener.version,
        ) as writer:
            for table, rows in batch.rows:
                writer.write(table, rows)
            source = writer.commit(batch.report)
        settled = msgspec.structs.replace(batch.cursor, pending=None)
        if self._cursors is not None:
            self._cursors.keep(settled)
        self._cursor, self._unsaved = settled, None
        self._totals.add(batch.report)
        if self._committed is not None:
            self._committed(source)


def state_folder(data: Path, place: Place, sensor: str) -> Path:
    """Where the cursors of a folder lie in the data folder."""
    folder = str(Path(place.path).expanduser().absolute())
    return data / "streams" / f"{sensor}-{hashlib.sha256(folder.encode()).hexdigest()[:16]}"


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold ``path``, so that no other process reads the same folder for the same sensor."""
    import fcntl

    with path.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UnavailableError("readers.error.watched", path=path.parent) from None
        yield
