"""Running analyses: over a range on demand, or over whatever changed.

Both evaluate whole windows and replace what was said of each in one transaction, so they
cannot disagree. An analysis that fails is reported, and the others go on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.analysis.deriving import derive
from kaname.analysis.evaluate import evaluate
from kaname.analysis.frame import Analysis, Window, analyses, analysis, is_on_demand, settle
from kaname.analysis.inputs import Inputs
from kaname.analysis.pace import Pace
from kaname.model.errors import CancelledError, KanameError, SettingError, StoreError

if TYPE_CHECKING:
    from kaname.bus import Bus
    from kaname.knowledge import Change, Knowledge
    from kaname.lake import Lake
    from kaname.lake.expressions import Engine

__all__ = ["RunReport", "catch_up", "pending", "run"]

Progress = Callable[[str, int, int], None]
_log = logging.getLogger(__name__)


class RunReport(msgspec.Struct, kw_only=True):
    """What came of running one analysis; ``findings`` stand now in the windows it did."""

    analysis: str
    windows: int = 0
    findings: int = 0
    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    seconds: float = 0.0
    failed: str = ""  # why it stopped early, in English; empty when it did not

    def count(self, change: Change, findings: int) -> None:
        """Add one window."""
        self.windows += 1
        self.findings += findings
        self.added += len(change.added)
        self.changed += len(change.changed)
        self.withdrawn += len(change.withdrawn)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.withdrawn)


def run(
    lake: Lake,
    knowledge: Knowledge,
    name: str,
    since: int | None = None,
    until: int | None = None,
    params: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    *,
    bus: Bus | None = None,
    engine: Engine | None = None,
) -> RunReport:
    """Evaluate all windows of the analysis ``name`` that have rows in [since, until).

    Windows are evaluated whole, even where the range cuts them, and again even if nothing
    changed. ``engine`` evaluates where the DuckDB of this process does not suffice.

    Raises:
        NotFoundError: there is no such analysis.
        SettingError: a parameter is unknown or does not fit.
        CancelledError: ``cancel`` was set; windows that were done stay done.
    """
    each = analysis(name)
    settled = settle(name, each.parameters, params or {})
    for made in derive(lake, outputs=each.tables, cancel=cancel, engine=engine):
        if made.failed:
            raise StoreError("analysis.error.derived", name=made.derivation, reason=made.failed)
    inputs = Inputs(lake, each, settled)
    job = _Job(lake, knowledge, bus, cancel or threading.Event(), progress, engine)
    report = RunReport(analysis=name)
    try:
        job.windows(each, settled, inputs, inputs.windows(since, until), report)
    except _FailedError as failed:
        raise failed.reason from failed.reason.__cause__
    return report


def pending(
    lake: Lake, knowledge: Knowledge, each: Analysis, params: Mapping[str, Any] | None = None
) -> list[Window]:
    """The windows of an analysis whose rows, version or parameters are not those it did.

    A window that lost all its rows counts too, so that what was said of it is withdrawn.
    """
    settled = settle(each.name, each.parameters, params or {})
    return _pending(Inputs(lake, each, settled), knowledge, each)


def _pending(inputs: Inputs, knowledge: Knowledge, each: Analysis) -> list[Window]:
    marks = knowledge.marks(each.name)
    present = inputs.windows()
    starts = {window.start for window in present}
    lost = [Window(s, s + each.period) for s in marks if s not in starts]
    candidates = sorted([*present, *lost], key=lambda window: window.start)
    return [w for w in candidates if marks.get(w.start) != inputs.digest(w)]


def catch_up(
    lake: Lake,
    knowledge: Knowledge,
    bus: Bus | None = None,
    cancel: threading.Event | None = None,
    *,
    progress: Progress | None = None,
    params: Mapping[str, Mapping[str, Any]] | None = None,
    engine: Engine | None = None,
    pace: Pace | None = None,
) -> list[RunReport]:
    """Evaluate every window of every analysis whose inputs changed; derived tables first.

    Those that are run on demand are left out, unless ``params`` name them.

    ``params`` are by analysis and derivation. One that fails has ``failed`` in its report;
    its remaining windows stay pending. ``pace`` puts off windows that still grow.

    Raises:
        CancelledError: ``cancel`` was set; windows that were done stay done.
        StoreError: what was found cannot be stored, which would stop all analyses alike.
    """
    pace = pace or Pace()
    pace.begin()
    job = _Job(lake, knowledge, bus, cancel or threading.Event(), progress, engine, pace)
    reports = job.derivations(params or {})
    named = set(params or ())
    for name, each in analyses().items():
        if is_on_demand(each) and name not in named:
            continue
        reports.append(report := RunReport(analysis=name))
        job.analysis(each, (params or {}).get(name, {}), report)
    return reports


class _FailedError(Exception):
    """Evaluating an analysis failed, as told from a store that cannot be used."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


class _Job:
    """One pass over windows: the stores, and how to report and stop."""

    def __init__(
        self,
        lake: Lake,
        knowledge: Knowledge,
        bus: Bus | None,
        cancel: threading.Event,
        progress: Progress | None,
        engine: Engine | None,
        pace: Pace | None = None,
    ) -> None:
        self._lake = lake
        self._pace = pace or Pace()
        self._engine = engine
        self._knowledge = knowledge
        self._bus = bus
        self._cancel = cancel
        self._progress = progress

    def derivations(self, params: Mapping[str, Mapping[str, Any]]) -> list[RunReport]:
        """Make the derived tables that analyses read; a report for each that did something."""
        made = derive(
            self._lake,
            params=params,
            cancel=self._cancel,
            progress=self._progress,
            engine=self._engine,
            pace=self._pace,
        )
        reports = []
        for one in made:
            if one.failed:
                _log.error("derivation failed", extra={"name": one.derivation, "why": one.failed})
                self._publish("analysis.failed", {"analysis": one.derivation, "error": one.failed})
            if one.failed or one.windows:
                reports.append(
                    RunReport(
                        analysis=one.derivation,
                        windows=one.windows,
                        seconds=one.seconds,
                        failed=one.failed,
                    )
                )
        return reports

    def analysis(self, each: Analysis, params: Mapping[str, Any], report: RunReport) -> None:
        """Catch up with one analysis; its failure goes into the report."""
        try:
            settled = settle(each.name, each.parameters, params)
            inputs = Inputs(self._lake, each, settled)
            pending = _pending(inputs, self._knowledge, each)
            ready = [w for w in pending if self._pace.ready(each.name, w.start, w.end)]
            self.windows(each, settled, inputs, ready, report)
        except SettingError as error:
            self._fail(each, report, error)
        except _FailedError as failed:
            self._fail(each, report, failed.reason)

    def _fail(self, each: Analysis, report: RunReport, error: Exception) -> None:
        _log.error("analysis failed", exc_info=error, extra={"analysis": each.name})
        known = isinstance(error, KanameError)
        report.failed = str(error) if known else f"{type(error).__name__}: {error}"
        self._publish("analysis.failed", {"analysis": each.name, "error": report.failed})

    def windows(
        self,
        each: Analysis,
        params: Mapping[str, Any],
        inputs: Inputs,
        todo: list[Window],
        report: RunReport,
    ) -> None:
        """Evaluate ``todo``, the newest window first, since it is the one asked about."""
        start = time.monotonic()
        for done, window in enumerate(reversed(todo)):
            self._tell(each.name, done, len(todo))
            begun = time.monotonic()
            self._window(each, params, inputs, window, report)
            took = time.monotonic() - begun
            self._pace.took(each.name, window.start, window.end, took)
            report.seconds = time.monotonic() - start
        if todo:
            self._tell(each.name, len(todo), len(todo))
            self._publish("analysis.done", msgspec.to_builtins(report))

    def _window(
        self,
        each: Analysis,
        params: Mapping[str, Any],
        inputs: Inputs,
        window: Window,
        report: RunReport,
    ) -> None:
        try:
            findings = evaluate(
                self._lake,
                each,
                window,
                inputs.sensors(window),
                params,
                self._cancel,
                engine=self._engine,
            )
        except CancelledError:
            raise
        except Exception as error:  # whatever an analysis, perhaps a third party's, raises
            raise _FailedError(error) from error
        change = self._knowledge.replace_window(
            each.name, window.start, window.end, findings, inputs=inputs.digest(window)
        )
        report.count(change, len(findings))
        if change:
            body = {"analysis": each.name, "window": [window.start, window.end]}
            self._publish("findings.changed", body | change.summary())

    def _tell(self, name: str, done: int, total: int) -> None:
        if self._cancel.is_set():
            raise CancelledError("analysis.error.cancelled")
        if self._progress is not None:
            self._progress(name, done, total)

    def _publish(self, topic: str, body: dict[str, Any]) -> None:
        if self._bus is not None:
            self._bus.publish(topic, body)
