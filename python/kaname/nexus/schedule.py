"""Continuous analysis: when the lake has changed, windows with changed input are run again.

One thread does it all, and the runs that people ask for. Commits of other processes are
noticed by looking at the lake's generation. What is pending when the process ends is
found again by the next one, because marks and inputs are compared, not events counted.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kaname.analysis.pace import Pace
from kaname.api.present import both, failure
from kaname.api.shapes import RunOut, Text
from kaname.model.errors import CancelledError, KanameError
from kaname.model.instant import now_us

if TYPE_CHECKING:
    from kaname.analysis.runner import RunReport
    from kaname.bus import Bus
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.lake.expressions import Engine

__all__ = ["Schedule"]

_log = logging.getLogger("kaname.nexus")
_LOOK_S = 2.0
_SETTLE_S = 1.0  # commits often come in rows; wait for a pause
_AT_LEAST_S = 20.0  # ... but not for ever
_BACK_OFF_S = 60.0
_KEPT = 200


@dataclass(slots=True)
class _Run:
    id: str
    analysis: str
    since: int
    until: int
    params: dict[str, Any]
    state: str = "queued"
    findings: int | None = None
    started: int | None = None
    ended: int | None = None
    error: Text | None = None

    def shown(self) -> RunOut:
        return RunOut(
            id=self.id,
            analysis=self.analysis,
            since=self.since,
            until=self.until,
            state=self.state,
            findings=self.findings,
            started=self.started,
            ended=self.ended,
            error=self.error,
        )


@dataclass(slots=True)
class _Due:
    """Since when there is something to analyse, and when the last commit came."""

    first: float | None = None
    last: float = 0.0
    not_before: float = 0.0

    def note(self) -> None:
        self.last = time.monotonic()
        self.first = self.first or self.last

    def again(self, at: float | None) -> None:
        """Look once more at ``at`` on the monotonic clock, even if nothing is committed."""
        if at is not None:
            self.first, self.last, self.not_before = self.first or at, at - _SETTLE_S, at

    def now(self) -> bool:
        if self.first is None:
            return False
        present = time.monotonic()
        settled = present - self.last >= _SETTLE_S or present - self.first >= _AT_LEAST_S
        return settled and present >= self.not_before


class Schedule:
    """Runs analyses in a thread of its own."""

    def __init__(
        self,
        lake: Lake,
        knowledge: Knowledge,
        bus: Bus,
        params: Mapping[str, Mapping[str, Any]],
        engine: Engine | None = None,
    ) -> None:
        self._lake = lake
        self._engine = engine
        self._knowledge = knowledge
        self._bus = bus
        self._params = params
        self._changed = threading.Condition()
        self._asked: deque[_Run] = deque()
        self._runs: OrderedDict[str, _Run] = OrderedDict()
        self._cancel = threading.Event()
        self._busy = False
        self._generation = -1
        self._due = _Due()
        self._pace = Pace()
        self._thread = threading.Thread(target=self._work, name="analysis", daemon=True)

    @property
    def busy(self) -> bool:
        """Whether an analysis runs now."""
        return self._busy

    def start(self) -> None:
        """Begin; what is pending from before comes first."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Cancel what runs; the next start takes it up again."""
        self._cancel.set()
        self.poke()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def poke(self) -> None:
        """Say that there is something to look at."""
        with self._changed:
            self._changed.notify_all()

    def submit(
        self, name: str, *, since: int, until: int, params: dict[str, Any], actor: str
    ) -> RunOut:
        """Queue one run; see `kaname.api.services.AnalysisRuns`."""
        from kaname.analysis.frame import analysis, settle

        settle(name, analysis(name).parameters, params)
        run = _Run(f"run-{secrets.token_hex(8)}", name, since, until, params)
        with self._changed:
            self._runs[run.id] = run
            while len(self._runs) > _KEPT:
                self._runs.popitem(last=False)
            self._asked.append(run)
            self._changed.notify_all()
        _log.info("analysis asked for", extra={"run": run.id, "analysis": name, "actor": actor})
        return run.shown()

    def runs(self) -> list[RunOut]:
        """Known runs, the newest first."""
        with self._changed:
            return [run.shown() for run in reversed(self._runs.values())]

    def _work(self) -> None:
        while not self._cancel.is_set():
            try:
                self._look()
                run = self._next()
                if run is not None:
                    self._answer(run)
                elif self._due.now():
                    self._catch_up()
            except Exception:  # noqa: BLE001 - a job's fault must not end the process
                _log.exception("analysis thread stumbled")
                self._due.not_before = time.monotonic() + _BACK_OFF_S

    def _next(self) -> _Run | None:
        """A run that somebody asked for; waits a little when there is nothing to do."""
        with self._changed:
            if not self._asked and not self._due.now() and not self._cancel.is_set():
                waiting = self._due.first is not None
                self._changed.wait(_SETTLE_S / 2 if waiting else _LOOK_S)
            return self._asked.popleft() if self._asked else None

    def _look(self) -> None:
        generation = self._lake.generation
        if generation == self._generation:
            return
        if self._generation >= 0:
            self._bus.publish("lake.committed", {"generation": generation})
        self._generation = generation
        self._due.note()

    def _catch_up(self) -> None:
        self._due.first = None
        if not any(table.rows for table in self._lake.tables()):
            return
        from kaname.analysis.runner import catch_up

        self._busy = True
        try:
            reports = catch_up(
                self._lake,
                self._knowledge,
                self._bus,
                params=self._params,
                cancel=self._cancel,
                engine=self._engine,
                pace=self._pace,
            )
            self._due.again(self._pace.put_off())
            for report in reports:
                if report.windows:
                    _log.info("analysed", extra=_numbers(report))
        except CancelledError:
            _log.info("analysis interrupted")
        except KanameError as error:
            _log.warning("analysis failed", extra={"reason": str(error)})
            self._due.not_before = time.monotonic() + _BACK_OFF_S
            self._due.note()
        finally:
            self._busy = False

    def _answer(self, run: _Run) -> None:
        from kaname.analysis.runner import run as run_analysis

        self._busy, run.state, run.started = True, "running", now_us()
        try:
            report = run_analysis(
                self._lake,
                self._knowledge,
                run.analysis,
                since=run.since,
                until=run.until,
                params={**self._params.get(run.analysis, {}), **run.params},
                cancel=self._cancel,
                bus=self._bus,
                engine=self._engine,
            )
            run.state, run.findings = "done", report.findings
        except CancelledError:
            run.state = "cancelled"
        except KanameError as error:
            run.state, run.error = "failed", failure(error)
        except Exception:  # noqa: BLE001 - a job's fault must not end the process
            _log.exception("analysis failed", extra={"run": run.id})
            run.state, run.error = "failed", both("nexus.error.run_failed", id=run.id)
        finally:
            self._busy, run.ended = False, now_us()
        self._bus.publish(
            "analysis.done", {"run": run.id, "analysis": run.analysis, "state": run.state}
        )


def _numbers(report: RunReport) -> dict[str, Any]:
    return {
        "analysis": report.analysis,
        "windows": report.windows,
        "findings": report.findings,
        "seconds": round(report.seconds, 3),
    }
