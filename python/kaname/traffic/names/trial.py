"""Trying an analysis on made or recorded rows: a lake for a while, and what is said of it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.analysis.evaluate import evaluate
from kaname.analysis.frame import ALL, Analysis, Context, Draft, settle
from kaname.analysis.inputs import Inputs
from kaname.lake import Lake
from kaname.model.ids import batch_id, digest
from kaname.model.marking import Tlp
from kaname.model.records import Finding
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import ingest
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["drafts", "findings", "put", "recorded", "trial"]

Row = Mapping[str, Any]


@contextlib.contextmanager
def trial(tables: Mapping[str, Iterable[Row]], sensor: str = "trial") -> Iterator[Lake]:
    """A lake that holds ``tables`` (rows as `kaname.readers.rows.Rows` takes them)."""
    with tempfile.TemporaryDirectory() as folder, Lake.open(Path(folder)) as lake:
        put(lake, tables, sensor)
        yield lake


@contextlib.contextmanager
def recorded(paths: Sequence[Path]) -> Iterator[Lake]:
    """A lake that holds what is in the files ``paths``, read by their readers."""
    with tempfile.TemporaryDirectory() as folder, Lake.open(Path(folder)) as lake:
        for path in paths:
            ingest(lake, path, sensor="trial", tlp=Tlp.CLEAR, options={})
        yield lake


def put(lake: Lake, tables: Mapping[str, Iterable[Row]], sensor: str) -> None:
    """Write rows by table as one source; ``ts`` of each row is in microseconds."""
    identity = digest("trial", sensor, *tables)
    job = ReadJob(path=None, sensor=sensor, tlp=Tlp.CLEAR, batch=batch_id(identity))
    with lake.writer(
        identity=identity,
        path="trial",
        size=0,
        sensor=sensor,
        tlp=Tlp.CLEAR,
        reader="trial",
        reader_version=1,
    ) as writer:
        for table, rows in tables.items():
            for name, batch in _batches(table, rows, job):
                writer.write(name, batch)
        writer.commit(job.report)


def _batches(table: str, rows: Iterable[Row], job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
    gathered = Rows(table, "trial", job)
    for place, row in enumerate(rows):
        gathered.add(row_in_src=place, **row)
        if gathered.full:
            yield gathered.take()
    yield from gathered.rest()


def findings(lake: Lake, analysis: Analysis, params: Mapping[str, Any]) -> list[Finding]:
    """What ``analysis`` says of every window of ``lake``, as it says it to anybody."""
    settled = settle(analysis.name, analysis.parameters, params)
    inputs = Inputs(lake, analysis, settled)
    return [
        finding
        for window in inputs.windows()
        for finding in evaluate(lake, analysis, window, inputs.sensors(window), settled)
    ]


def drafts(lake: Lake, analysis: Analysis, params: Mapping[str, Any]) -> list[Draft]:
    """The same without looking up the evidence, over all sensors together."""
    settled = settle(analysis.name, analysis.parameters, params)
    found: list[Draft] = []
    for window in Inputs(lake, analysis, settled).windows():
        since = window.start - analysis.lookback
        with lake.expression(analysis.tables, since=since, until=window.end) as tables:
            found += analysis.run(Context(tables, window, ALL, settled))
    return found
