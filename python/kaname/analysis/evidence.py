"""Evidence: the rows behind a finding, collected when it is made and proved again later."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from kaname.analysis.selection import Selection, span
from kaname.model.marking import Tlp, join
from kaname.model.records import Evidence, Finding, SourceRef

if TYPE_CHECKING:
    from kaname.lake import Digest, Excerpt, Lake

__all__ = ["SAMPLE", "SOURCES", "Rerun", "collect", "gather", "rerun"]

SAMPLE = 5  # rows kept in a finding
SOURCES = 3  # places of origin kept in a finding

Found = tuple[Evidence, list[dict[str, Any]]]  # and batch, tlp and place of its origins
Status = Literal["holds", "changed", "gone", "unavailable"]


class Rerun(msgspec.Struct, frozen=True):
    """What came of repeating the query of a finding.

    ``holds``: the same rows, to the byte. ``changed``: other rows than then. ``gone``: no
    rows any more. ``unavailable``: other rows, and ``missing`` rows of the lake cannot be
    read (a file is lost or in quarantine), which may be why.
    """

    status: Status
    rows_then: int
    rows_now: int
    digest_then: str
    digest_now: str
    seconds: float
    missing: int
    sample: tuple[dict[str, Any], ...]


def collect(lake: Lake, sql: str, tables: tuple[str, ...]) -> Evidence:
    """Run ``sql`` over the whole lake and keep what proves it: count, digest, sample."""
    return _evidence(sql, tables, lake.digest(sql, sample=SAMPLE))


def _evidence(sql: str, tables: tuple[str, ...], found: Digest) -> Evidence:
    return Evidence(
        query=sql,
        tables=tables,
        rows=found.rows,
        digest=found.digest,
        columns=tuple(found.columns),
        sample=tuple(found.sample),
    )


def gather(lake: Lake, selection: Selection, near: Excerpt | None = None) -> tuple[Evidence, Tlp]:
    """The evidence that ``selection`` names, and the strictest marking of its rows.

    ``near`` is asked where it holds all rows of the selection; the answer is the same.
    """
    evidence, origins = _close(selection, near) or _far(lake, selection)
    sources = tuple(
        SourceRef(origin["batch"], origin["place"], lake.source(origin["batch"]).path)
        for origin in origins[:SOURCES]
    )
    marking = join(Tlp(origin["tlp"]) for origin in origins)
    return msgspec.structs.replace(evidence, sources=sources), marking


def _close(selection: Selection, near: Excerpt | None) -> Found | None:
    """What the excerpt says; nothing where it does not hold all rows."""
    if near is None or not near.covers(selection.table, span(selection.condition)):
        return None
    from kaname.lake.excerpt import UnfitError

    try:
        found = near.digest(selection.query, sample=SAMPLE)
        origins = near.table(selection.origins).to_pylist()
    except UnfitError:
        return None
    return _evidence(selection.query, (selection.table,), found), origins


def _far(lake: Lake, selection: Selection) -> Found:
    evidence = collect(lake, selection.query, (selection.table,))
    return evidence, lake.query(selection.origins).table.to_pylist()


def rerun(lake: Lake, finding: Finding, clearance: Tlp = Tlp.RED) -> Rerun:
    """Repeat the query of ``finding`` and compare."""
    then = finding.evidence
    start = time.monotonic()
    now = lake.digest(then.query, clearance=clearance, sample=SAMPLE)
    missing = _missing(lake, then, clearance)
    return Rerun(
        status=_status(then, now.rows, now.digest, missing),
        rows_then=then.rows,
        rows_now=now.rows,
        digest_then=then.digest,
        digest_now=now.digest,
        seconds=time.monotonic() - start,
        missing=missing,
        sample=tuple(now.sample),
    )


def _missing(lake: Lake, then: Evidence, clearance: Tlp) -> int:
    """Rows of the tables behind the query that are in files which cannot be read."""
    lost = {
        (file.table, file.dt, file.rows)
        for table in then.tables
        for file in lake.query(f"SELECT 1 FROM {table} LIMIT 1", clearance=clearance).missing  # noqa: S608
    }
    return sum(rows for _, _, rows in lost)


def _status(then: Evidence, rows: int, digest: str, missing: int) -> Status:
    if digest == then.digest:
        return "holds"
    if missing:
        return "unavailable"
    return "changed" if rows else "gone"
