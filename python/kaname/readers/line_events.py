"""The frame of readers whose source is lines, each one event of one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kaname.readers.domains import registered
from kaname.readers.frame import ReadJob
from kaname.readers.lines import lines
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ENOUGH", "Row", "host_of", "read_lines", "share_of", "whole_lines"]

Row = dict[str, Any]
_LOOKED_AT = 50
# The share of the first lines that must be understood to know a format again.
ENOUGH = 2 / 3


def read_lines(
    job: ReadJob, kind: str, table: str, parse: Callable[[str], Row | None]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Rows of every line that ``parse`` understands; of others the first are described.

    Empty lines, and those that begin with ``#``, are no records.
    """
    rows = Rows(table, kind, job)
    for offset, line in lines(job):
        if not line.strip() or line.startswith("#"):
            continue
        row = parse(line)
        if row is None:
            job.report.bad(offset, "malformed", f"no line of {kind}", line[:64].encode())
            continue
        job.report.count("entry")
        row["row_in_src"] = offset
        rows.put(row)
        if rows.full:
            yield rows.take()
    yield from rows.rest()


def whole_lines(head: bytes) -> list[str]:
    """The first lines of ``head`` that are not empty and not cut."""
    found = head.decode(errors="replace").split("\n")
    if len(found) > 1 and len(head) >= 64 * 1024:
        found.pop()
    return [line.rstrip("\r") for line in found if line.strip()][:_LOOKED_AT]


def share_of(head: bytes, parse: Callable[[str], Row | None]) -> float:
    """Which share of the first lines ``parse`` understands."""
    found = [line for line in whole_lines(head) if not line.startswith("#")]
    return sum(parse(line) is not None for line in found) / len(found) if found else 0.0


def host_of(url: str | None) -> tuple[str | None, str | None]:
    """The host of a URL (or of ``host:port``) in lower case, and its registered domain."""
    if not url:
        return None, None
    try:
        host = urlsplit(url if "://" in url else f"//{url}").hostname
    except ValueError:
        return None, None
    return (host, registered(host)) if host else (None, None)
