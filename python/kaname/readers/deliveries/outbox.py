"""What a sensor has to deliver, kept on disk until the nexus has it.

To whoever captures it looks like a lake: sources are written and committed. Each becomes a
numbered file, whole or not at all. The numbers go on over restarts, and the nexus knows a
delivery by the spool's name and its number, so that one which is sent twice counts once.
When the spool is full the oldest are given up, and the nexus is told of what time they were.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from kaname.lake.identity import identify
from kaname.lake.records import Source
from kaname.model.errors import IntegrityError, StoreFullError
from kaname.model.ids import batch_id
from kaname.model.instant import MINUTE, now_us
from kaname.readers.deliveries.package import GaveUp, Header, encode, header_of

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.model.marking import Tlp
    from kaname.readers.deliveries.form import Form

__all__ = ["Outbox", "spool_folder"]

_MOST_GAPS = 1000


class _State(msgspec.Struct, frozen=True):
    """What outlives the files. ``acknowledged`` is the last number that the nexus has."""

    spool: str
    acknowledged: int = 0
    identity: str = ""  # of the delivery with that number
    gave_up: list[GaveUp] = []


class Outbox:
    """See the module; ``most`` is how many bytes may wait. Safe from any thread.

    ``form`` says what is delivered.

    Raises:
        IntegrityError: the state of the spool is damaged.
    """

    def __init__(self, folder: Path, sensor: str, form: Form, *, most: int = 1 << 30) -> None:
        self.folder = folder
        self.sensor = sensor
        self.form = form
        self._most = most
        self._lock = threading.Lock()
        self.arrived = threading.Event()
        folder.mkdir(parents=True, exist_ok=True)
        self._state_file = folder / "state.json"
        for half in folder.glob(".*.part"):
            half.unlink()
        self._state = self._read()
        for path in self.waiting():
            if _number(path) <= self._state.acknowledged:  # died between the two steps of `sent`
                path.unlink()

    # --- what captures ---

    def known(self, identity: str) -> Source | None:
        """The last source, if that is its identity."""
        with self._lock:
            waiting = self.waiting()
            last = self._state.identity
            if waiting:
                last = self._header(waiting[-1].read_bytes()).identity
        return _source(identity, self.sensor, self.form) if identity == last else None

    def identify(self, path: Path) -> str:
        """As `kaname.lake.Lake.identify`."""
        return identify(path)

    def writer(self, *, identity: str, sensor: str, tlp: Tlp, **_draft: Any) -> _Writer:
        """Begin a delivery; as `kaname.lake.Lake.writer`."""
        return _Writer(self, identity, sensor, tlp)

    def put(self, identity: str, report: Any, rows: list[tuple[str, pa.RecordBatch]]) -> int:
        """Keep a delivery; its number.

        Raises:
            StoreFullError: the disk is full.
        """
        with self._lock:
            waiting = self.waiting()
            last = _number(waiting[-1]) if waiting else self._state.acknowledged
            header = Header(
                sensor=self.sensor,
                spool=self._state.spool,
                sequence=last + 1,
                identity=identity,
                records=report.records,
                bad=report.bad_records,
                counters=dict(report.counters),
                notes=dict(report.notes),
                damaged=report.damaged,
                first_us=report.first_us,
                last_us=report.last_us,
                gave_up=list(self._state.gave_up),
            )
            body = encode(self.form, header, rows)
            if self._make_room(waiting, len(body)):  # it tells what was given up for it
                gave_up = list(self._state.gave_up)
                body = encode(self.form, msgspec.structs.replace(header, gave_up=gave_up), rows)
            self._write(self.folder / f"{last + 1:012d}{self.form.suffix}", body)
        self.arrived.set()
        return last + 1

    # --- what delivers ---

    def waiting(self) -> list[Path]:
        """Files that were not delivered, the oldest first."""
        return sorted(self.folder.glob(f"*{self.form.suffix}"))

    def next(self) -> tuple[int, bytes] | None:
        """The oldest delivery and its number."""
        with self._lock:
            for path in self.waiting():
                with contextlib.suppress(FileNotFoundError):
                    return _number(path), path.read_bytes()
        return None

    def sent(self, number: int) -> None:
        """The nexus has the delivery; it is let go of."""
        with self._lock:
            path = self.folder / f"{number:012d}{self.form.suffix}"
            if not path.exists():
                return
            header = self._header(path.read_bytes())
            told = {(one.since, one.until) for one in header.gave_up}
            rest = [one for one in self._state.gave_up if (one.since, one.until) not in told]
            self._keep(_State(self._state.spool, number, header.identity, rest))
            path.unlink()

    def refuse(self, number: int) -> None:
        """The nexus will never take the delivery; it is put aside, and the next goes on."""
        with self._lock:
            path = self.folder / f"{number:012d}{self.form.suffix}"
            aside = self.folder / "refused"
            aside.mkdir(exist_ok=True)
            header = self._header(path.read_bytes())
            gaps = [*self._state.gave_up, _gave_up(header)]
            self._keep(_State(self._state.spool, number, header.identity, gaps[-_MOST_GAPS:]))
            path.rename(aside / path.name)

    def _header(self, body: bytes) -> Header:
        return header_of(self.form, body)

    def _make_room(self, waiting: list[Path], size: int) -> bool:
        """Give up the oldest deliveries until ``size`` bytes more are within the bound."""
        sizes = [path.stat().st_size for path in waiting]
        before = len(waiting)
        while waiting and sum(sizes) + size > self._most:
            oldest, _ = waiting.pop(0), sizes.pop(0)
            header = self._header(oldest.read_bytes())
            gaps = [*self._state.gave_up, _gave_up(header)]
            number, state = _number(oldest), self._state
            self._keep(_State(state.spool, number, header.identity, _joined(gaps)))
            oldest.unlink()
        return len(waiting) < before

    def _read(self) -> _State:
        try:
            return msgspec.json.decode(self._state_file.read_bytes(), type=_State)
        except FileNotFoundError:
            state = _State(secrets.token_hex(16))
        except msgspec.MsgspecError as error:
            raise IntegrityError(
                "readers.error.spool", path=self._state_file, reason=error
            ) from None
        self._keep(state)
        return state

    def _keep(self, state: _State) -> None:
        self._write(self._state_file, msgspec.json.encode(state))
        self._state = state

    def _write(self, path: Path, body: bytes) -> None:
        made = path.with_name(f".{path.name}.part")
        try:
            with made.open("wb") as out:
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
            made.rename(path)
            _sync(path.parent)
        except OSError:
            made.unlink(missing_ok=True)
            raise StoreFullError("lake.error.full", folder=self.folder) from None


class _Writer:
    """Takes the rows of one source."""

    def __init__(self, outbox: Outbox, identity: str, sensor: str, tlp: Tlp) -> None:
        self._outbox = outbox
        self._identity, self._sensor, self._tlp = identity, sensor, tlp
        self._rows: list[tuple[str, pa.RecordBatch]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._rows = []

    def write(self, table: str, rows: pa.RecordBatch) -> None:
        """Take rows."""
        self._rows.append((table, rows))

    def commit(self, report: Any) -> Source:
        """Keep them."""
        known = self._outbox.known(self._identity)
        if known is None:
            self._outbox.put(self._identity, report, self._rows)
        made = _source(self._identity, self._sensor, self._outbox.form)
        rows = sum(batch.num_rows for _, batch in self._rows)
        return msgspec.structs.replace(
            made, tlp=self._tlp, rows=rows, records=report.records, notes=dict(report.notes)
        )


def _source(identity: str, sensor: str, form: Form) -> Source:
    from kaname.model.marking import Tlp

    return Source(
        batch=batch_id(identity), identity=identity, path=f"outbox:{sensor}", size=0,
        sensor=sensor, tlp=Tlp.RED, reader=form.reader, reader_version=form.version,
        ingested=now_us(),
        rows=0, records=0, damaged=False, counters={}, notes={}, problems=(), first_us=None,
        last_us=None, seconds=0.0,
    )  # fmt: skip


def _gave_up(header: Header) -> GaveUp:
    """The time that a delivery was of, in whole minutes."""
    first = header.first_us or 0
    last = (header.last_us or first) + MINUTE
    return GaveUp(first, last, max(1, (last - first) // MINUTE))


def _joined(gaps: list[GaveUp]) -> list[GaveUp]:
    """Gaps that touch made one, so that a long outage of the nexus stays a short list."""
    found: list[GaveUp] = []
    for gap in gaps:
        if found and gap.since <= found[-1].until:
            before = found.pop()
            until = max(before.until, gap.until)
            found.append(GaveUp(before.since, until, before.minutes + gap.minutes))
        else:
            found.append(gap)
    return found[-_MOST_GAPS:]


def _number(path: Path) -> int:
    return int(path.name.partition(".")[0])


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def spool_folder(data: Path, sensor: str, url: str) -> Path:
    """Where the spool of a sensor that delivers to ``url`` lies in the data folder."""
    return data / "spool" / f"{sensor}-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
