"""Making derived tables: windows whose rows changed are made again, the others left.

What a window was made from is kept with its source as a number (`INPUTS`), so no mark can
be ahead of the rows or behind them: both are committed at once. A window that lost all its
rows to retention keeps what was made of it; that is what derived tables are for.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.analysis.derivation import Derivation, derivations, needed
from kaname.analysis.frame import Context, Window, settle
from kaname.analysis.inputs import INPUTS, version_of, windows
from kaname.analysis.pace import Pace
from kaname.lake.layout import AFTER, BEFORE
from kaname.model.errors import CancelledError, KanameError
from kaname.model.ids import digest
from kaname.model.marking import join

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.lake import Lake, LakeFile
    from kaname.lake.expressions import Engine

__all__ = ["DeriveReport", "derive", "identity_of"]

Progress = Callable[[str, int, int], None]
_log = logging.getLogger(__name__)


class DeriveReport(msgspec.Struct, kw_only=True):
    """What came of one derivation."""

    derivation: str
    windows: int = 0
    rows: int = 0
    seconds: float = 0.0
    failed: str = ""  # why it stopped early, in English


def derive(
    lake: Lake,
    *,
    outputs: Collection[str] | None = None,
    params: Mapping[str, Mapping[str, Any]] | None = None,
    cancel: threading.Event | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    pace: Pace | None = None,
) -> list[DeriveReport]:
    """Bring derived tables up to date, all or ``outputs``.

    A derivation that fails leaves the others be, and says so in its report. ``pace`` puts
    off windows that still grow.

    Raises:
        CancelledError: ``cancel`` was set; windows that were made stay made.
    """
    reports = []
    known = derivations()
    wanted = known.keys() if outputs is None else needed(outputs, known)
    for name, each in known.items():
        if name not in wanted:
            continue
        report = DeriveReport(derivation=name)
        begun = time.monotonic()
        try:
            making = _Making(lake, each, (params or {}).get(name, {}), engine)
            making.all(report, pace or Pace(), cancel or threading.Event(), progress)
        except CancelledError:
            raise
        except KanameError as error:
            report.failed = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a derivation, perhaps a third party's, raises
            _log.exception("derivation failed", extra={"derivation": name})
            report.failed = f"{type(error).__name__}: {error}"
        report.seconds = round(time.monotonic() - begun, 3)
        reports.append(report)
    return reports


def identity_of(name: str, sensor: str, start: int) -> str:
    """The identity of the source that holds a window."""
    return hashlib.sha256(f"derived:{name}:{sensor}:{start}".encode()).hexdigest()


@dataclass(slots=True)
class _Account:
    """What the lake keeps of how a window was made."""

    records: int
    notes: dict[str, int]
    first_us: int | None
    last_us: int | None
    counters: dict[str, int] = field(default_factory=dict)
    problems: tuple[object, ...] = ()
    damaged: bool = False
    bad_records: int = 0


class _Making:
    """One derivation over the lake as it is now."""

    def __init__(
        self, lake: Lake, each: Derivation, params: Mapping[str, Any], engine: Engine | None
    ) -> None:
        self._lake, self._each, self._engine = lake, each, engine
        self._params = settle(each.name, each.parameters, params)
        self._settled = [
            (p.name, self._params[p.name], p.content(self._params)) for p in each.parameters
        ]
        found = [f for table in each.tables for f in lake.files(table)]
        self._files: dict[str, list[LakeFile]] = {}
        for file in found:
            if file.rows and file.dt not in {BEFORE, AFTER}:
                self._files.setdefault(file.sensor, []).append(file)

    def all(
        self,
        report: DeriveReport,
        pace: Pace,
        cancel: threading.Event,
        progress: Progress | None,
    ) -> None:
        name = self._each.name
        todo = [due for due in self._pending() if pace.ready(name, due[1].start, due[1].end)]
        for done, (sensor, window, inputs) in enumerate(todo):
            if cancel.is_set():
                raise CancelledError("analysis.error.cancelled")
            if progress is not None:
                progress(name, done, len(todo))
            begun = time.monotonic()
            report.rows += self._window(sensor, window, inputs)
            pace.took(name, window.start, window.end, time.monotonic() - begun)
            report.windows += 1

    def _pending(self) -> Iterator[tuple[str, Window, int]]:
        """Windows that are not what they would be now, the newest first."""
        for sensor, files in sorted(self._files.items()):
            spans = ((f.min_ts, f.max_ts) for f in files)
            for window in reversed(windows(spans, self._each.period)):
                inputs = self._digest(self._near(files, window))
                if self._made_from(sensor, window) != inputs:
                    yield sensor, window, inputs

    def _near(self, files: list[LakeFile], window: Window) -> list[LakeFile]:
        start = window.start - self._each.lookback
        return [f for f in files if f.max_ts >= start and f.min_ts < window.end]

    def _digest(self, files: list[LakeFile]) -> int:
        parts: dict[tuple[str, str], tuple[int, set[int]]] = {}
        for file in files:
            rows, batches = parts.get((file.table, file.dt), (0, set()))
            parts[file.table, file.dt] = (rows + file.rows, batches | set(file.batches))
        account = [
            (*key, rows, [(b, version_of(self._lake.source(b))) for b in sorted(batches)])
            for key, (rows, batches) in sorted(parts.items())
        ]
        return int(digest(self._each.version, self._settled, account)[:15], 16)

    def _made_from(self, sensor: str, window: Window) -> int | None:
        found = self._lake.known(identity_of(self._each.name, sensor, window.start))
        return None if found is None else found.notes.get(INPUTS)

    def _window(self, sensor: str, window: Window, inputs: int) -> int:
        each = self._each
        rows = self._rows(sensor, window)
        near = self._near(self._files[sensor], window)
        with self._lake.writer(
            identity=identity_of(each.name, sensor, window.start),
            path=f"derived:{each.name}:{window.start}",
            size=0,
            sensor=sensor,
            tlp=join(f.tlp for f in near),
            reader=f"derived.{each.name}",
            reader_version=each.version,
            replace=True,
        ) as writer:
            count = 0
            for batch in rows:
                writer.write(each.output, _whole(batch, count))
                count += batch.num_rows
            writer.commit(_Account(count, {INPUTS: inputs}, window.start, window.end - 1))
        return count

    def _rows(self, sensor: str, window: Window) -> list[pa.RecordBatch]:
        each = self._each
        since = window.start - each.lookback
        with self._lake.expression(
            each.tables, since=since, until=window.end, engine=self._engine
        ) as tables:
            own = {name: table.filter(table.sensor == sensor) for name, table in tables.items()}
            return list(each.run(Context(own, window, sensor, self._params)))


def _whole(batch: pa.RecordBatch, before: int) -> pa.RecordBatch:
    """``batch`` with the columns that say where rows are from; no address is ``::``."""
    import pyarrow as pa

    count = batch.num_rows
    common = {
        "sensor": pa.nulls(count, pa.string()),  # this and two more are put on by the writer
        "kind": pa.repeat("derived", count),
        "tlp": pa.nulls(count, pa.string()),
        "batch": pa.repeat(pa.scalar(0, pa.int64()), count),
        "row_in_src": pa.array(range(before, before + count), pa.int64()),
        "src_hi": pa.repeat(pa.scalar(0, pa.int64()), count),
        "src_lo": pa.repeat(pa.scalar(0, pa.int64()), count),
        "ext": pa.nulls(count, pa.string()),
    }
    columns = {name: values for name, values in common.items() if name not in batch.schema.names}
    own = {name: batch.column(name) for name in batch.schema.names}
    return pa.RecordBatch.from_pydict(columns | own)
