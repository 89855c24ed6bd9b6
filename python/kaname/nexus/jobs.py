"""The ingest queue: one source after the other, each with a state that can be watched.

A job that fails takes nothing else with it. Uploads that were accepted outlive the
process (`kaname.nexus.inbox`).
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.api.present import both, failure
from kaname.api.shapes import JobOut, Text
from kaname.api.uploads import discard
from kaname.model.errors import CancelledError, ConflictError, KanameError, NotFoundError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.nexus.inbox import Note, accepted, leave
from kaname.readers.frame import ReadReport
from kaname.readers.options import Options

if TYPE_CHECKING:
    from kaname.bus import Bus
    from kaname.lake import Lake
    from kaname.readers.ingest import IngestResult

__all__ = ["IngestQueue"]

_log = logging.getLogger("kaname.nexus")
_KEPT = 500
_TELL_EVERY_S = 0.5


@dataclass(slots=True)
class _Job:
    id: str
    path: Path
    sensor: str
    tlp: Tlp
    packets: bool
    owned: bool
    reader: str | None = None
    options: Options = field(default_factory=dict)
    state: str = "queued"
    report: ReadReport = field(default_factory=ReadReport)
    started: int | None = None
    ended: int | None = None
    error: Text | None = None
    batch: str | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    told: float = 0.0

    def shown(self) -> JobOut:
        """The job as others see it; an upload goes by its own name."""
        return JobOut(
            id=self.id,
            path=self.path.name if self.owned else str(self.path),
            sensor=self.sensor,
            tlp=self.tlp,
            state=self.state,
            bytes_read=self.report.bytes_read,
            bytes_total=self.report.bytes_total,
            records=self.report.records,
            rows=self.report.rows,
            started=self.started,
            ended=self.ended,
            error=self.error,
            batch=self.batch,
        )


class IngestQueue:
    """Takes files, ingests them in a thread of its own, tells how it goes on the bus."""

    def __init__(
        self, lake: Lake, bus: Bus, inbox: Path, *, threads: int, committed: Callable[[], None]
    ) -> None:
        self.inbox = inbox
        self._lake = lake
        self._bus = bus
        self._threads = threads
        self._committed = committed
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="ingest", daemon=True)

    def start(self) -> None:
        """Begin; uploads that a former process accepted come first."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        self._recover()
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Cancel what runs and leave the rest; accepted uploads stay for the next start."""
        self._stopping = True
        with self._lock:
            for job in self._jobs.values():
                job.cancel.set()
        self._waiting.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def submit(
        self,
        path: Path,
        *,
        sensor: str,
        tlp: Tlp,
        packets: bool,
        owned: bool,
        actor: str,
        reader: str | None = None,
        options: Options | None = None,
    ) -> JobOut:
        """Queue one file; see `kaname.api.services.IngestJobs`.

        Raises:
            UsageError: the sensor's name is not plain.
        """
        from kaname.readers.ingest import check_sensor

        check_sensor(sensor)
        if owned:
            leave(path.parent, Note(path.name, sensor, tlp, packets, actor, reader, options or {}))
        job = _Job(
            f"job-{secrets.token_hex(8)}", path, sensor, tlp, packets, owned, reader, options or {}
        )
        job.report.bytes_total = path.stat().st_size
        with self._lock:
            self._jobs[job.id] = job
            self._forget_old()
        self._waiting.put(job)
        self._tell("ingest.progress", job)
        _log.info("queued", extra={"job": job.id, "file": path.name, "actor": actor})
        return job.shown()

    def jobs(self) -> list[JobOut]:
        """Known jobs, the newest first."""
        with self._lock:
            return [job.shown() for job in reversed(self._jobs.values())]

    def cancel(self, job: str) -> JobOut:
        """Ask a job to stop.

        Raises:
            NotFoundError: there is none with that id.
            ConflictError: it has ended already.
        """
        with self._lock:
            found = self._jobs.get(job)
        if found is None:
            raise NotFoundError("api.error.no_job", id=job)
        if found.ended is not None:
            raise ConflictError("nexus.error.job_ended", id=job, state=found.state)
        found.cancel.set()
        return found.shown()

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None and not self._stopping:
            try:
                self._run(job)
            except Exception:  # noqa: BLE001 - a job's fault must not end the process
                _log.exception("ingest thread stumbled", extra={"job": job.id})

    def _run(self, job: _Job) -> None:
        job.state, job.started = "running", now_us()
        self._tell("ingest.progress", job)
        state = self._outcome(job)
        if job.owned and not (state == "cancelled" and self._stopping):
            discard(job.path)
        job.state, job.ended = state, now_us()  # last, so that "ended" means tidied up
        self._tell("ingest.done", job)
        _log.info("ingest ended", extra={"job": job.id, "state": state})

    def _outcome(self, job: _Job) -> str:
        """Do the job and say the state that it ends in."""
        try:
            return self._finish(job, self._ingest(job))
        except CancelledError:
            return "cancelled"
        except KanameError as error:
            job.error = failure(error)
        except Exception:  # noqa: BLE001 - a fault in one job must not end the process
            _log.exception("ingest failed", extra={"job": job.id})
            job.error = both("nexus.error.job_failed", id=job.id)
        return "failed"

    def _ingest(self, job: _Job) -> IngestResult:
        from kaname.readers.ingest import ingest

        if job.cancel.is_set():
            raise CancelledError("nexus.error.job_cancelled", id=job.id)
        return ingest(
            self._lake,
            job.path,
            sensor=job.sensor,
            tlp=job.tlp,
            options=job.options | ({"packets": True} if job.packets else {}),
            reader=job.reader,
            progress=lambda report: self._progress(job, report),
            cancel=job.cancel,
            threads=self._threads,
            name=job.path.name if job.owned else None,
        )

    def _finish(self, job: _Job, result: IngestResult) -> str:
        source = result.source
        if source.tlp.visible_to(job.tlp):  # known already, under a stricter marking
            job.batch = str(source.batch)
        job.report.records, job.report.rows = source.records, source.rows
        if result.already:
            return "already"
        self._committed()
        return "damaged" if source.damaged else "done"

    def _progress(self, job: _Job, report: ReadReport) -> None:
        job.report = report
        if time.monotonic() - job.told >= _TELL_EVERY_S:
            self._tell("ingest.progress", job)

    def _tell(self, topic: str, job: _Job) -> None:
        """Publish the job; a bus in trouble does not stop the ingest."""
        job.told = time.monotonic()
        body: dict[str, Any] = msgspec.to_builtins(job.shown())
        try:
            self._bus.publish(topic, body)
        except KanameError as error:
            _log.warning("not told", extra={"topic": topic, "reason": str(error)})

    def _forget_old(self) -> None:
        ended = [key for key, job in self._jobs.items() if job.ended is not None]
        for key in ended[: max(0, len(self._jobs) - _KEPT)]:
            del self._jobs[key]

    def _recover(self) -> None:
        """Queue accepted uploads again."""
        for path, note in accepted(self.inbox):
            try:
                self.submit(
                    path,
                    sensor=note.sensor,
                    tlp=note.tlp,
                    packets=note.packets,
                    owned=True,
                    actor=note.actor,
                    reader=note.reader,
                    options=note.options,
                )
            except KanameError as error:
                _log.warning("upload given up", extra={"file": path.name, "reason": str(error)})
                discard(path)
