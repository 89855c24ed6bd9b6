"""Findings: lists, one with its evidence, and the proof repeated."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery, QueryParameter

from kaname.api import present
from kaname.api.identity import Asking, viewer
from kaname.api.parameters import Cursor, Limit, Since, Until, instant, one_of
from kaname.api.services import Injected
from kaname.api.shapes import DayCount, FindingOut, FindingRow, PageOut, RerunOut
from kaname.knowledge import Account, FindingQuery, IndicatorQuery
from kaname.model.records import Severity

__all__ = ["ROUTES"]

_SORTS = ("-last_seen", "-severity", "-created", "-confidence")
_STATUS = ("active", "withdrawn", "all")
_SEVERITIES = tuple(level.value for level in Severity)


@get("/findings", guards=[viewer], sync_to_thread=True)
def list_findings(  # noqa: PLR0913 - the filters of the route
    services: Injected,
    account: Asking,
    *,
    since: Since = None,
    until: Until = None,
    time: FromQuery[str] = "last_seen",
    severity: Annotated[str | None, QueryParameter(description="this or higher")] = None,
    label: FromQuery[str | None] = None,
    analysis: FromQuery[str | None] = None,
    artifact: Annotated[str | None, QueryParameter(description="a value, or a prefix")] = None,
    q: Annotated[str | None, QueryParameter(description="text to look for", max_length=200)] = None,
    sensor: FromQuery[str | None] = None,
    status: FromQuery[str] = "active",
    sort: FromQuery[str] = "-last_seen",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PageOut[FindingRow]:
    """A page of findings."""
    level = None if severity is None else Severity(one_of("severity", severity, _SEVERITIES))
    page = services.knowledge.findings(
        FindingQuery(
            since=instant(since),
            until=instant(until),
            time=one_of("time", time, ("last_seen", "created")),  # type: ignore[arg-type]
            severity_min=level,
            label=label,
            analysis=analysis,
            artifact=artifact,
            text=q,
            sensor=sensor,
            status=one_of("status", status, _STATUS),  # type: ignore[arg-type]
            sort=one_of("sort", sort, _SORTS),  # type: ignore[arg-type]
            limit=limit,
            cursor=cursor,
            clearance=account.clearance,
        )
    )
    rows = [present.finding_row(record) for record in page.items]
    return PageOut(items=rows, next=page.next_cursor, total=page.total)


@get("/findings/daily", guards=[viewer], sync_to_thread=True)
def count_daily(
    services: Injected,
    account: Asking,
    since: Since = None,
    until: Until = None,
    analysis: FromQuery[str | None] = None,
) -> list[DayCount]:
    """How many findings each analysis has a day, by severity; days without any are left out."""
    counted = services.knowledge.count_daily(
        FindingQuery(
            since=instant(since),
            until=instant(until),
            analysis=analysis,
            clearance=account.clearance,
        )
    )
    return [DayCount(*each) for each in counted]


@get("/findings/{finding:str}", guards=[viewer], sync_to_thread=True)
def show_finding(services: Injected, account: Asking, finding: FromPath[str]) -> FindingOut:
    """One finding with its evidence and the indicators that it carries."""
    clearance = account.clearance
    record = services.knowledge.finding(finding, clearance=clearance)
    carried = services.knowledge.indicators(IndicatorQuery(finding=finding, clearance=clearance))
    return present.finding(record, [one.id for one in carried.items])


@post("/findings/{finding:str}/rerun", guards=[viewer], status_code=200)
async def rerun_finding(services: Injected, account: Asking, finding: FromPath[str]) -> RerunOut:
    """Repeat the evidence query and say whether the finding still holds."""
    return await sync_to_thread(_rerun, services, account, finding)


def _rerun(services: Injected, account: Account, finding: str) -> RerunOut:
    from kaname.analysis import evidence

    record = services.knowledge.finding(finding, clearance=account.clearance)
    with services.queries.running(account.name, ""):
        again = evidence.rerun(services.lake, record, account.clearance)
    return RerunOut(
        status=again.status,
        rows_then=again.rows_then,
        rows_now=again.rows_now,
        digest_then=again.digest_then,
        digest_now=again.digest_now,
        missing=again.missing,
        seconds=again.seconds,
        sample=[present.exact(row) for row in again.sample],
        text=present.both(
            f"api.rerun.{again.status}",
            then=again.rows_then,
            now=again.rows_now,
            missing=again.missing,
        ),
    )


ROUTES = (list_findings, count_daily, show_finding, rerun_finding)
