"""The frame of readers whose source is JSON documents, each one event of some kind.

Such a reader says what an event means with `routes`: the name of its kind, the table,
and the function that takes its columns out of the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.readers.document import Document
from kaname.readers.frame import ReadJob
from kaname.readers.json_lines import decoded, first_document
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Columns", "Route", "first_event", "read_events", "read_records"]

Columns = dict[str, Any]
# Kind, table, columns; without a table the event is counted as ``skipped_<kind>``.
Route = tuple[str, str | None, Callable[[Document], Columns] | None]

_DECODER = msgspec.json.Decoder(dict[str, Any])


def first_event(head: bytes) -> dict[str, Any] | None:
    """The first document of a source that begins with ``head``, if it is an object."""
    document = first_document(head)
    if document is None:
        return None
    try:
        return _DECODER.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def read_events(
    job: ReadJob,
    kind: str,
    time_of: Callable[[Document], int | None],
    route_of: Callable[[Document], Route],
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Rows of every event that has a table; each event is counted by its kind."""
    records = ((offset, tree) for offset, tree in decoded(job, _DECODER))
    yield from read_records(job, kind, records, time_of, route_of)


def read_records(
    job: ReadJob,
    kind: str,
    records: Iterator[tuple[int, dict[str, Any]]],
    time_of: Callable[[Document], int | None],
    route_of: Callable[[Document], Route],
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """As `read_events`, of documents that are decoded already."""
    waiting: dict[str, Rows] = {}
    for offset, tree in records:
        event = Document(tree)
        ts = time_of(event)
        if ts is None:
            job.report.bad(offset, "malformed", "no time")
            continue
        name, table, columns_of = route_of(event)
        if table is None or columns_of is None:
            job.report.count(f"skipped_{name[:32]}")
            continue
        job.report.count(name)
        rows = waiting.setdefault(table, Rows(table, kind, job))
        row = {"ts": ts, "row_in_src": offset, **columns_of(event)}
        row["ext"] = event.rest()
        rows.put(row)
        if rows.full:
            yield rows.take()
    for rows in waiting.values():
        yield from rows.rest()
