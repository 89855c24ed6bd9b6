"""One artifact over all tables."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from kaname.api.identity import Asking, viewer
from kaname.api.parameters import Cursor, Since, Until, instant
from kaname.api.pivots import pivot
from kaname.api.services import Injected
from kaname.api.shapes import PivotOut

__all__ = ["ROUTES"]

Value = Annotated[
    str,
    QueryParameter(
        max_length=4096,
        description="address, prefix, domain (.name: and below), URL, mail address, hash, "
        "AS number, host or account; defanged forms too",
    ),
]
Subdomains = Annotated[bool, QueryParameter(description="names below a domain as well")]
Tables = Annotated[str | None, QueryParameter(max_length=1024, description="names, commas between")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=1000, description="rows per page")]


@get("/lake/pivot", guards=[viewer], sync_to_thread=True)
def show_pivot(
    services: Injected,
    account: Asking,
    value: Value,
    since: Since = None,
    until: Until = None,
    tables: Tables = None,
    subdomains: Subdomains = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PivotOut:
    """Everything that mentions an artifact: counts by table and day, and rows, newest first."""
    names = tuple(name.strip() for name in (tables or "").split(",") if name.strip())
    with services.queries.running(account.name, "") as cancel:
        found = services.lake.pivot(
            value,
            subdomains=subdomains,
            since=instant(since),
            until=instant(until),
            tables=names,
            limit=limit,
            cursor=cursor,
            clearance=account.clearance,
            seconds=float(services.settings.query_seconds),
            cancel=cancel,
        )
    return pivot(found, instant(since), instant(until))


ROUTES = (show_pivot,)
