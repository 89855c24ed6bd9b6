"""What of a watched source was committed, so that after a kill nothing is lost or doubled.

Before a batch is committed its name and what will be done by it are written down; after a
kill the store is asked whether it has the batch of that name. What is committed is counted
in rows, since a source that is read again gives the same rows.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from kaname.model.errors import ConflictError, IntegrityError
from kaname.model.ids import batch_id
from kaname.readers.frame import ReadJob, ReadReport
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    from types import TracebackType

    from kaname.hardware.power.station import Row
    from kaname.model.marking import Tlp
    from kaname.readers.live.rotation import Store

__all__ = ["Done", "Ledger", "ledger_file"]

_READER = "power_watch"
_KIND = "power_trace"
_VERSION = 1
_MOST_FILES = 100_000


class Done(msgspec.Struct, frozen=True):
    """How far a source is: rows of it that are committed, and where its trace begins.

    The rate is kept as well: where it is told from the times of the first readings, it must
    not change with how many of them there are.
    """

    key: str = ""
    start_us: int = 0
    rate_hz: float = 0.0
    segments: int = 0
    seconds: int = 0


class _State(msgspec.Struct, frozen=True):
    done: Done = Done()
    following: Done | None = None  # what the batch `identity` will have done
    identity: str = ""
    files: list[str] = []  # of a folder: those that are done with
    file: str = ""  # that the batch `identity` is of


class Ledger:
    """One source of one sensor; see the module.

    Raises:
        ConflictError: another process watches the same source for the same store.
        IntegrityError: what was written down cannot be read.
    """

    def __init__(self, store: Store, path: Path, *, sensor: str, tlp: Tlp) -> None:
        self._store, self._path = store, path
        self._sensor, self._tlp = sensor, tlp
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise ConflictError("hardware.power.error.watched", path=path) from None
        self._state = self._read()
        self.batches = self.rows = 0
        if self._state.identity:
            self._settle()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        os.close(self._lock)

    @property
    def done(self) -> Done:
        """How far the source is."""
        return self._state.done

    def has(self, file: str) -> bool:
        """Whether a file of a folder is done with."""
        return file in self._state.files

    def begin(self, key: str, start_us: int, rate_hz: float) -> Done:
        """A source called ``key``: where it stands, or a new one that begins at an instant."""
        if self._state.done.key != key:
            self._keep(msgspec.structs.replace(self._state, done=Done(key, start_us, rate_hz)))
        return self._state.done

    def commit(
        self, segments: Sequence[Row], seconds: Sequence[Row], *, readings: int = 0, file: str = ""
    ) -> None:
        """Commit rows, which come after those that were committed. ``file`` is done with them."""
        if not (segments or seconds or file):
            return
        done = self._state.done
        following = msgspec.structs.replace(
            done,
            segments=done.segments + len(segments),
            seconds=done.seconds + len(seconds),
        )
        identity = hashlib.sha256(
            f"power:{self._sensor}:{done.key}:{done.segments}:{done.seconds}:"
            f"{secrets.token_hex(8)}".encode()
        ).hexdigest()
        self._keep(
            msgspec.structs.replace(self._state, following=following, identity=identity, file=file)
        )
        if segments or seconds:
            self._write(identity, segments, seconds, readings)
        self._settle(committed=True)

    def _write(
        self, identity: str, segments: Sequence[Row], seconds: Sequence[Row], readings: int
    ) -> None:
        job = ReadJob(path=None, sensor=self._sensor, tlp=self._tlp, batch=batch_id(identity))
        report = ReadReport(records=readings, counters={"reading": readings} if readings else {})
        job.report = report
        with self._store.writer(
            identity=identity,
            path=f"live:{_READER}:{self._state.done.key}",
            size=0,
            sensor=self._sensor,
            tlp=self._tlp,
            reader=_READER,
            reader_version=_VERSION,
        ) as writer:
            for table, some in (("power_segments", segments), ("power_envelopes", seconds)):
                rows = Rows(table, _KIND, job)
                for row in some:
                    rows.put(row)
                for name, batch in rows.rest():
                    writer.write(name, batch)
            writer.commit(report)
        self.batches += 1
        self.rows += len(segments) + len(seconds)

    def _settle(self, *, committed: bool | None = None) -> None:
        """Take over what the last batch did, if the store has it."""
        state = self._state
        if committed is None:
            committed = self._store.known(state.identity) is not None
        files = state.files
        if committed and state.file:
            files = [*files, state.file][-_MOST_FILES:]
        done = state.following if committed and state.following else state.done
        self._keep(_State(done=done, files=files))

    def _read(self) -> _State:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_State)
        except FileNotFoundError:
            return _State()
        except msgspec.MsgspecError as error:
            raise IntegrityError(
                "hardware.power.error.ledger", path=self._path, reason=error
            ) from None

    def _keep(self, state: _State) -> None:
        part = self._path.with_name(f".{self._path.name}.part")
        with part.open("wb") as out:
            out.write(msgspec.json.encode(state))
            out.flush()
            os.fsync(out.fileno())
        part.replace(self._path)
        with contextlib.suppress(OSError):
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        self._state = state


def ledger_file(data: Path, *parts: str) -> Path:
    """Where the ledger of a source lies in the data folder; ``parts`` say whose it is."""
    name = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
    return data / "hardware" / "watch" / f"{name}.json"
