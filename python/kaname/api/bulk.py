"""Pages of rows as JSON lines or as an Arrow stream, for programs."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from litestar.response import Stream

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.lake import QueryResult

__all__ = ["ARROW", "NDJSON", "arrow", "headers", "json_lines", "pieces"]

ARROW = "application/vnd.apache.arrow.stream"
NDJSON = "application/x-ndjson"
_PIECE = 1 << 20


def headers(result: QueryResult, following: str | None = None) -> dict[str, str]:
    """What is known of an answer that has no room for it in its body."""
    known = {
        "X-Kaname-Truncated": str(result.truncated).lower(),
        "X-Kaname-Missing-Rows": str(sum(part.rows for part in result.missing)),
        "X-Kaname-Files": str(result.files),
    }
    return known if following is None else {**known, "X-Kaname-Next": following}


def arrow(result: QueryResult, following: str | None = None) -> Stream:
    """The rows as an Arrow stream."""
    body = encoded(result.table)
    return Stream(pieces(body), media_type=ARROW, headers=headers(result, following))


def json_lines(
    result: QueryResult,
    table: str,
    form: str,
    following: str | None,
    hide: Callable[[str], str] | None = None,
) -> Stream:
    """The rows as JSON lines: plain (``jsonl``), ``ocsf`` or ``n6``.

    ``hide`` is put over the destinations of a telescope's rows.
    """
    from kaname.lake.exporting import lines

    made = lines(table, form, result.table.to_batches(), hide)
    return Stream(made, media_type=NDJSON, headers=headers(result, following))


def encoded(table: pa.Table) -> memoryview:
    """A table as the bytes of an Arrow stream."""
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getbuffer()


def pieces(body: memoryview) -> Iterator[bytes]:
    """The bytes in pieces that a server can send one by one."""
    for start in range(0, len(body), _PIECE):
        yield bytes(body[start : start + _PIECE])
