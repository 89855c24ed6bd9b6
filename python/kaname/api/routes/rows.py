"""Rows of a table: page by page as JSON, JSON lines, Arrow, OCSF or n6; and over time."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import MediaType, Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from kaname.api import browse
from kaname.api.bulk import ARROW, NDJSON, arrow, json_lines
from kaname.api.filters import Fields, Picked, fields_of, picking
from kaname.api.identity import Asking, viewer
from kaname.api.parameters import Cursor
from kaname.api.services import Injected
from kaname.api.shapes import HistogramOut, QueryOut
from kaname.knowledge import Account
from kaname.lake.exporting import check_format
from kaname.lake.tables import table
from kaname.model.errors import UsageError
from kaname.writers.shielding import shield_of

__all__ = ["ROUTES"]

Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=100_000, description="rows per page")]
_MOST_JSON = 1000  # rows of one JSON document


@get("/lake/tables/{name:str}/rows", guards=[viewer], dependencies=picking)
async def list_rows(
    request: Request[Account, Any, Any],
    services: Injected,
    account: Asking,
    name: FromPath[str],
    filters: Picked,
    fields: Fields = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response[QueryOut] | Stream:
    """Rows of a table in order of time; Accept chooses JSON, JSON lines or an Arrow stream."""
    wanted = browse.RowQuery(table(name), filters, fields_of(fields), limit, cursor)
    accepted = request.headers.get("accept", "")
    if ARROW in accepted:
        found = await sync_to_thread(browse.fetch, services, account, wanted)
        return await sync_to_thread(arrow, *found)
    if NDJSON in accepted:
        result, following = await sync_to_thread(browse.fetch, services, account, wanted)
        return await sync_to_thread(json_lines, result, name, "jsonl", following)
    if limit > _MOST_JSON:
        raise UsageError("api.error.json_rows", found=limit, most=_MOST_JSON)
    page = await sync_to_thread(browse.rows, services, account, wanted)
    return Response(page, media_type=MediaType.JSON)


@get("/lake/tables/{name:str}/ocsf", guards=[viewer], dependencies=picking)
async def list_ocsf(
    services: Injected,
    account: Asking,
    name: FromPath[str],
    filters: Picked,
    limit: Limit = 1000,
    cursor: Cursor = None,
) -> Stream:
    """Rows of a table as OCSF events, one a line; ``X-Kaname-Next`` is the next cursor."""
    check_format(table(name), "ocsf")
    wanted = browse.RowQuery(table(name), filters, browse.all_fields(table(name)), limit, cursor)
    result, following = await sync_to_thread(browse.fetch, services, account, wanted)
    hide = shield_of(services.settings.data, services.knowledge).pseudonym
    return await sync_to_thread(json_lines, result, name, "ocsf", following, hide)


@get(
    "/lake/tables/{name:str}/histogram", guards=[viewer], dependencies=picking, sync_to_thread=True
)
def show_histogram(
    services: Injected,
    account: Asking,
    name: FromPath[str],
    filters: Picked,
    bins: Annotated[int, QueryParameter(ge=1, le=2000)] = 120,
) -> HistogramOut:
    """How many rows there are over time, in equal steps."""
    return browse.histogram(services, account, table(name), filters, bins)


ROUTES = (list_rows, list_ocsf, show_histogram)
