"""Evaluating one analysis over one window: drafts become findings with evidence."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kaname.analysis.evidence import gather
from kaname.analysis.frame import ALL, Analysis, Context, Draft, Window, is_across
from kaname.model.errors import CancelledError
from kaname.model.ids import stable_id
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.model.records import Evidence, Finding

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.lake import Lake
    from kaname.lake.expressions import Engine

__all__ = ["evaluate", "finding_id"]


def evaluate(
    lake: Lake,
    analysis: Analysis,
    window: Window,
    sensors: Sequence[str],
    params: Mapping[str, Any],
    cancel: threading.Event | None = None,
    *,
    engine: Engine | None = None,
) -> list[Finding]:
    """What ``analysis`` says of ``window``, sensor by sensor, ordered by id.

    ``params`` are settled. ``created`` is now; the store keeps an older one. ``engine``
    evaluates the expressions of the analysis; evidence is gathered here in any case.

    Raises:
        CancelledError: ``cancel`` was set.
    """
    created = now_us()
    findings: dict[str, Finding] = {}
    for sensor in (ALL,) if is_across(analysis) else sensors:
        drafts = _drafts(lake, analysis, window, sensor, params, engine)
        since = window.start - analysis.lookback
        with lake.within(since, window.end, analysis.tables) as excerpt:
            near = excerpt if excerpt.pays(2 * len(drafts)) else None
            for draft in drafts:
                if cancel is not None and cancel.is_set():
                    raise CancelledError("analysis.error.cancelled")
                proof = gather(lake, draft.evidence, near)
                finding = _finding(analysis, window, sensor, params, draft, proof, created)
                findings[finding.id] = finding
    return [findings[key] for key in sorted(findings)]


def _drafts(
    lake: Lake,
    analysis: Analysis,
    window: Window,
    sensor: str,
    params: Mapping[str, Any],
    engine: Engine | None,
) -> list[Draft]:
    since = window.start - analysis.lookback
    opened = lake.expression(analysis.tables, since=since, until=window.end, engine=engine)
    with opened as tables:
        own = tables if is_across(analysis) else _of(sensor, tables)
        return list(analysis.run(Context(own, window, sensor, params)))


def _of(sensor: str, tables: Mapping[str, ir.Table]) -> dict[str, ir.Table]:
    return {name: table.filter(table.sensor == sensor) for name, table in tables.items()}


def finding_id(analysis: str, sensor: str, window: Window, draft: Draft) -> str:
    """The same for the same statement, whatever its numbers are now."""
    return stable_id("finding", analysis, sensor, window.start, draft.label, *draft.subject)


def _finding(
    analysis: Analysis,
    window: Window,
    sensor: str,
    params: Mapping[str, Any],
    draft: Draft,
    proof: tuple[Evidence, Tlp],
    created: int,
) -> Finding:
    evidence, marking = proof
    return Finding(
        id=finding_id(analysis.name, sensor, window, draft),
        analysis=analysis.name,
        version=analysis.version,
        params=dict(params),
        window_start=window.start,
        window_end=window.end,
        first_seen=draft.first_seen,
        last_seen=draft.last_seen,
        sensor=sensor,
        label=draft.label,
        severity=draft.severity,
        confidence=draft.confidence,
        spoofable=draft.spoofable,
        artifacts=draft.artifacts,
        techniques=draft.techniques,
        message=draft.message,
        values=draft.values,
        reasons=draft.reasons,
        evidence=evidence,
        tlp=marking,
        created=created,
    )
