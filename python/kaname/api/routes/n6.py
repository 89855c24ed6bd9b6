"""Events for clients of n6, the exchange of CERT Polska: ``GET /n6/{resource}.json``."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import MediaType, Response, get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, QueryParameter

from kaname.api import browse
from kaname.api.bulk import headers
from kaname.api.filters import Picked, picking
from kaname.api.identity import Asking, viewer
from kaname.api.parameters import Cursor
from kaname.api.services import Injected
from kaname.lake import QueryResult
from kaname.lake.exporting import Hide, check_format, hidden
from kaname.lake.tables import table
from kaname.lake.views import n6_event, readable
from kaname.model.errors import NotFoundError, UsageError
from kaname.writers.shielding import shield_of

__all__ = ["ROUTES"]

_EVER_GIVEN = "matatabi"  # the resource of n6-matatabi, which takes the table as ``source``
_SUFFIX = ".json"

Source = Annotated[str | None, QueryParameter(max_length=64, description="table of `matatabi`")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=10_000, description="events")]
OptLimit = Annotated[int | None, QueryParameter(name="opt.limit", ge=1, le=10_000)]


@get("/n6/{resource:str}", guards=[viewer], dependencies=picking)
async def list_n6(
    services: Injected,
    account: Asking,
    resource: FromPath[str],
    filters: Picked,
    source: Source = None,
    limit: Limit = 1000,
    opt_limit: OptLimit = None,
    cursor: Cursor = None,
) -> Response[list[dict[str, Any]]]:
    """Rows of the table ``resource`` as n6 events; ``X-Kaname-Next`` is the next cursor."""
    name = _table_of(resource, source)
    check_format(table(name), "n6")
    fields = browse.all_fields(table(name))
    wanted = browse.RowQuery(table(name), filters, fields, opt_limit or limit, cursor)
    result, following = await sync_to_thread(browse.fetch, services, account, wanted)
    shield = await sync_to_thread(shield_of, services.settings.data, services.knowledge)
    events = await sync_to_thread(_events, name, result, shield.pseudonym)
    return Response(events, media_type=MediaType.JSON, headers=headers(result, following))


def _table_of(resource: str, source: str | None) -> str:
    if not resource.endswith(_SUFFIX):
        raise NotFoundError("api.error.n6_resource", found=resource)
    name = resource.removesuffix(_SUFFIX)
    if name != _EVER_GIVEN:
        return name
    if source is None:
        raise UsageError("api.error.n6_source")
    return source


def _events(name: str, result: QueryResult, hide: Hide) -> list[dict[str, Any]]:
    batches = result.table.to_batches()
    rows = (row for batch in batches for row in readable(batch))
    return [n6_event(name, hidden(name, row, hide)) for row in rows]


ROUTES = (list_n6,)
