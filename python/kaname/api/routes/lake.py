"""The lake: its tables, their rows, and the sources that they came from."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, QueryParameter

from kaname.api import browse, present
from kaname.api.health import sensors
from kaname.api.identity import Asking, viewer
from kaname.api.parameters import Cursor, Limit, Since, Until, instant
from kaname.api.services import Injected
from kaname.api.shapes import PageOut, QueryOut, SensorOut, SourceOut, TableOut
from kaname.lake.tables import table, tables
from kaname.model.errors import NotFoundError
from kaname.model.instant import now_us

__all__ = ["ROUTES"]


@get("/lake/tables", guards=[viewer], sync_to_thread=True)
def list_tables(services: Injected, account: Asking) -> list[TableOut]:
    """All tables and how much is in them."""
    stock = services.inventory.of(services.lake, account.clearance)
    return [browse.table_out(one, stock, full=False) for one in tables().values()]


@get("/lake/tables/{name:str}", guards=[viewer], sync_to_thread=True)
def show_table(services: Injected, account: Asking, name: FromPath[str]) -> TableOut:
    """One table with its columns and days."""
    stock = services.inventory.of(services.lake, account.clearance)
    return browse.table_out(table(name), stock, full=True)


@get("/lake/tables/{name:str}/rows", guards=[viewer])
async def list_rows(
    services: Injected,
    account: Asking,
    name: FromPath[str],
    since: Since = None,
    until: Until = None,
    net: Annotated[str | None, QueryParameter(description="an address or a prefix")] = None,
    port: Annotated[int | None, QueryParameter(ge=0, le=65535)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> QueryOut:
    """Rows of a table in order of time."""
    wanted = browse.RowQuery(
        table=table(name),
        since=instant(since),
        until=instant(until),
        net=net,
        port=port,
        limit=limit,
        cursor=cursor,
    )
    return await sync_to_thread(browse.rows, services, account, wanted)


@get("/lake/sources", guards=[viewer], sync_to_thread=True)
def list_sources(
    services: Injected, account: Asking, limit: Limit = 100, cursor: Cursor = None
) -> PageOut[SourceOut]:
    """Ingested sources, the newest first."""
    return browse.sources(services, account, limit, cursor)


@get("/lake/sources/{batch:int}", guards=[viewer], sync_to_thread=True)
def show_source(services: Injected, account: Asking, batch: FromPath[int]) -> SourceOut:
    """One source with its counters and problems."""
    record = services.lake.source(batch)
    if not record.tlp.visible_to(account.clearance):
        raise NotFoundError("api.error.no_source", batch=batch)
    return present.source(record)


@get("/lake/health", guards=[viewer], sync_to_thread=True)
def health(services: Injected, account: Asking) -> list[SensorOut]:
    """Each sensor: when it was last heard of, and how much of it was damaged."""
    stock = services.inventory.of(services.lake, account.clearance)
    return sensors(stock.sources, now_us())


ROUTES = (list_tables, show_table, list_rows, list_sources, show_source, health)
