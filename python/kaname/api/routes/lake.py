"""The lake: its tables, their rows, and the sources that they came from."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath

from kaname.api import browse, present
from kaname.api.forecast import deliveries, forecast
from kaname.api.health import sensors
from kaname.api.identity import Asking, viewer
from kaname.api.parameters import Cursor, Limit
from kaname.api.services import Injected
from kaname.api.shapes import ForecastOut, PageOut, SensorOut, SourceHealthOut, SourceOut, TableOut
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


@get("/lake/health/sources", guards=[viewer], sync_to_thread=True)
def health_of_sources(services: Injected, account: Asking) -> list[SourceHealthOut]:
    """What each reader delivered for each sensor and table, and what was lost on the way."""
    return deliveries(services.lake, account.clearance, now_us())


@get("/lake/forecast", guards=[viewer], sync_to_thread=True)
def show_forecast(services: Injected, account: Asking) -> ForecastOut:
    """How the tables grow, when the disk is full, and what retention removes next."""
    return forecast(services.lake, services.settings.retention_days, account.clearance)


ROUTES = (
    list_tables,
    show_table,
    list_sources,
    show_source,
    health,
    health_of_sources,
    show_forecast,
)
