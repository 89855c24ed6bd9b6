"""Analyses: what there is, and running one on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from kaname.api.identity import Asking, analyst, viewer
from kaname.api.parameters import within
from kaname.api.services import Injected
from kaname.api.shapes import AnalysisOut, ParameterOut, RunIn, RunOut, Text
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.analysis.frame import Analysis, Parameter

__all__ = ["ROUTES"]


@get("/analyses", guards=[viewer], sync_to_thread=True)
def list_analyses(services: Injected) -> list[AnalysisOut]:
    """All analyses with their parameters, and what is pending."""
    from kaname.analysis.frame import analyses

    last = services.knowledge.last_marked()
    return [_shown(one, last.get(name), services) for name, one in analyses().items()]


@get("/analyses/runs", guards=[viewer])
async def list_runs(services: Injected, account: Asking) -> list[RunOut]:
    """Runs that somebody asked for, the newest first.

    A run reads everything, so only who may see everything learns how much it found.
    """
    runs = services.runs.runs()
    if account.clearance is Tlp.RED:
        return runs
    return [msgspec.structs.replace(run, findings=None) for run in runs]


@post("/analyses/{name:str}/run", guards=[analyst], status_code=202, sync_to_thread=True)
def run_analysis(
    services: Injected, account: Asking, name: FromPath[str], data: JSONBody[RunIn]
) -> RunOut:
    """Queue one run over a time range, all data by default."""
    from kaname.analysis.frame import analysis

    each = analysis(name)
    stock = services.inventory.of(services.lake, account.clearance)
    held = [t for t in stock.tables.values() if t.name in each.tables and t.rows]
    if not held and (data.since is None or data.until is None):
        raise UsageError("api.error.no_data", name=name)
    since = within(data.since) if data.since is not None else min(t.first or 0 for t in held)
    until = within(data.until) if data.until is not None else max(t.last or 0 for t in held) + 1
    if since >= until:
        raise UsageError("api.error.period", since=since, until=until)
    run = services.runs.submit(
        name, since=since, until=until, params=data.params, actor=account.name
    )
    services.knowledge.audit(
        account.name, "analysis.run", name, {"since": since, "until": until} | data.params
    )
    return run


def _shown(analysis: Analysis, last_run: int | None, services: Injected) -> AnalysisOut:
    from kaname.analysis import runner
    from kaname.analysis.frame import is_on_demand

    params = services.parameters_of(analysis.name)
    waits = is_on_demand(analysis) and analysis.name not in services.settings.analyses
    todo = [] if waits else runner.pending(services.lake, services.knowledge, analysis, params)
    return AnalysisOut(
        name=analysis.name,
        version=analysis.version,
        text=Text(en=analysis.doc.en, ja=analysis.doc.ja),
        tables=list(analysis.tables),
        period=analysis.period,
        parameters=[_parameter(one) for one in analysis.parameters],
        labels=list(analysis.labels),
        references=list(analysis.doc.references),
        limitations=[
            Text(en=en, ja=ja)
            for en, ja in zip(analysis.doc.limitations_en, analysis.doc.limitations_ja, strict=True)
        ],
        techniques=list(analysis.techniques),
        last_run=last_run,
        pending=len(todo),
        on_demand=waits,
    )


def _parameter(one: Parameter) -> ParameterOut:
    return ParameterOut(
        name=one.name,
        default=one.default,
        low=one.low,
        high=one.high,
        unit=one.unit or " | ".join(one.choices),
        text=Text(en=one.en, ja=one.ja),
    )


ROUTES = (list_analyses, list_runs, run_analysis)
