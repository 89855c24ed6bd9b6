"""One place: what arrives there is committed to the lake every few seconds.

Each commit is a source of its own, a live batch, with the path ``live:<listener>:<place>``
and the SHA-256 of ``live:<listener>:<sensor>:<start in microseconds>`` as its identity.
A crash loses what was not yet committed, at most one interval; a commit that fails is
tried again with the same rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kaname.model.errors import KanameError, UsageError
from kaname.model.ids import batch_id
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob, ReadReport
from kaname.readers.listening import DatagramDecoder, Decoder, PacketDecoder, StreamDecoder
from kaname.readers.live.datagrams import DatagramInlet
from kaname.readers.live.interface import InterfaceInlet
from kaname.readers.live.place import Place
from kaname.readers.live.standing import Standing, Totals
from kaname.readers.live.streams import StreamInlet

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.lake import Lake, Source

__all__ = ["Intake", "Standing"]

EVERY_S = 10.0
ROWS = 1_000_000  # waiting rows that make a commit come early
_PATIENCE_S = 0.2
_PAUSE_S = 2.0  # between two commits of whole minutes
_log = logging.getLogger("kaname.listen")


class _Inlet(Protocol):
    bytes: int

    @property
    def port(self) -> int: ...
    def pump(self, seconds: float) -> int: ...
    def losses(self) -> dict[str, int]: ...
    def close(self) -> None: ...
    def release(self) -> None: ...


def _inlet(place: Place, decoder: Decoder, sensor: str) -> _Inlet:
    """The open socket of ``place``, of the kind that its transport and decoder take.

    Raises:
        UnavailableError: the place cannot be had.
        UsageError: the decoder does not take what this transport brings.
    """
    if place.transport == "interface" and isinstance(decoder, PacketDecoder):
        return InterfaceInlet(place, decoder.stream, sensor)
    if place.transport == "udp" and isinstance(decoder, DatagramDecoder):
        return DatagramInlet(place, decoder)
    if place.transport in {"tcp", "unix"} and isinstance(decoder, StreamDecoder):
        return StreamInlet(place, decoder)
    known = ", ".join(place.listener.transports)
    raise UsageError("readers.error.transport", found=str(place), known=known)


@dataclass(slots=True)
class _Batch:
    """Rows on their way into the lake."""

    identity: str
    report: ReadReport
    rows: list[tuple[str, pa.RecordBatch]]
    size: int


class Intake:
    """Listens at a place in a thread of its own."""

    def __init__(
        self,
        lake: Lake,
        place: Place,
        *,
        sensor: str,
        tlp: Tlp,
        every_s: float = EVERY_S,
        committed: Callable[[Source], None] | None = None,
        decoder: Decoder | None = None,
    ) -> None:
        self.place = place
        self.sensor = place.sensor or sensor
        self._tlp = place.tlp or tlp
        self._lake = lake
        self._every_s = every_s
        self._committed = committed
        self._decoder = decoder or place.listener.decoder()
        self._inlet: _Inlet | None = None
        self._stop = threading.Event()
        self._unsaved: _Batch | None = None
        self._waiting = 0
        self._begun_us = 0
        self._bytes_before = 0
        self._totals = Totals()
        self._error: str | None = None
        self._thread = threading.Thread(target=self._work, name=f"listen {place}", daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened at, once started."""
        return self._inlet.port if self._inlet else self.place.port

    def start(self) -> None:
        """Open the socket and begin.

        Raises:
            UnavailableError: the place cannot be had.
        """
        self._inlet = _inlet(self.place, self._decoder, self.sensor)
        self._thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Take in what has arrived, commit it, and close."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def standing(self) -> Standing:
        """How it does now; safe from any thread."""
        return self._totals.standing(
            self.place,
            sensor=self.sensor,
            tlp=self._tlp,
            size=self._inlet.bytes if self._inlet else 0,
            waiting=self._waiting,
            error=self._error,
        )

    def _work(self) -> None:
        inlet = self._inlet
        if inlet is None:
            return
        self._begun_us, due = now_us(), time.monotonic() + self._every_s
        committed = time.monotonic()
        while not self._stop.is_set():
            self._pump(inlet, min(_PATIENCE_S, due - time.monotonic()))
            if time.monotonic() >= due or self._is_urgent(committed):
                self._guarded(self._commit, inlet, False)
                committed = time.monotonic()
                due = committed + self._every_s
        self._finish(inlet)

    def _is_urgent(self, committed: float) -> bool:
        """Whether what waits is not kept until the interval is over.

        A minute of packets is whole when it is there: waiting would only make it late.
        """
        if self._waiting >= ROWS:
            return True
        whole = self._waiting > 0 and isinstance(self._decoder, PacketDecoder)
        return whole and time.monotonic() >= committed + min(_PAUSE_S, self._every_s)

    def _finish(self, inlet: _Inlet) -> None:
        inlet.close()
        while self._pump(inlet, 0.0):
            pass
        self._guarded(self._commit, inlet, True)
        with contextlib.suppress(OSError):
            inlet.release()

    def _pump(self, inlet: _Inlet, patience: float) -> int:
        """Let the decoder have what arrived, unless too much waits for a lake in trouble."""
        if self._unsaved is not None and self._waiting >= ROWS and not self._stop.is_set():
            self._stop.wait(_PATIENCE_S)
            return 0
        count = self._guarded(inlet.pump, max(0.0, patience))
        self._waiting = self._decoder.held
        return count

    def _guarded(self, step: Callable[..., int | None], *given: object) -> int:
        """One step; a fault in it is logged and shown, and listening goes on."""
        try:
            return step(*given) or 0
        except KanameError as error:
            self._error = str(error)
            _log.warning("not committed", extra={"place": str(self.place), "reason": str(error)})
        except Exception as error:  # noqa: BLE001 - a decoder's fault must not end the listening
            self._error = repr(error)
            _log.exception("listener stumbled", extra={"place": str(self.place)})
        return 0

    def _commit(self, inlet: _Inlet, last: bool) -> None:
        """Commit what is whole; first what could not be committed before."""
        if self._unsaved is not None:
            self._save(self._unsaved)
        batch = self._gather(inlet, last=last)
        if batch.report.records or batch.report.notes or batch.rows:
            self._unsaved = batch
            self._save(batch)
        self._error = None

    def _gather(self, inlet: _Inlet, *, last: bool) -> _Batch:
        name = f"live:{self.place.listener.name}:{self.sensor}:{self._begun_us}"
        identity = hashlib.sha256(name.encode()).hexdigest()
        self._begun_us = now_us()
        job = ReadJob(path=None, sensor=self.sensor, tlp=self._tlp, batch=batch_id(identity))
        rows = list(self._decoder.take(job, last=last))
        job.report.rows = sum(batch.num_rows for _, batch in rows)
        self._waiting = self._decoder.held
        notes = Counter(job.report.notes) + Counter(inlet.losses())  # without what is 0
        job.report.notes = dict(notes)
        size, self._bytes_before = inlet.bytes - self._bytes_before, inlet.bytes
        job.report.bytes_read = size
        return _Batch(identity, job.report, rows, size)

    def _save(self, batch: _Batch) -> None:
        listener = self.place.listener
        with self._lake.writer(
            identity=batch.identity,
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
        self._unsaved = None
        self._totals.add(batch.report)
        if self._committed is not None:
            self._committed(source)
