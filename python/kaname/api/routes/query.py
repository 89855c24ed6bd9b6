"""SQL over the lake: rows as JSON, or in bulk as an Arrow stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from litestar import MediaType, Request, Response, delete, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from kaname.api.browse import query_out
from kaname.api.bulk import ARROW, arrow
from kaname.api.identity import Asking, viewer
from kaname.api.services import Injected
from kaname.api.shapes import QueryIn, QueryOut
from kaname.knowledge import Account
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from kaname.lake import Cancel, QueryResult

__all__ = ["ROUTES"]

T = TypeVar("T")


@post("/lake/query", guards=[viewer], status_code=200)
async def query_lake(
    request: Request[Account, Any, Any],
    services: Injected,
    account: Asking,
    data: JSONBody[QueryIn],
) -> Response[QueryOut] | Stream:
    """Run one read-only query; it ends when the client goes away."""
    as_arrow = ARROW in request.headers.get("accept", "")
    with services.queries.running(account.name, data.id) as cancel:
        result = await _unless_gone(request, cancel, lambda: _run(services, account, data, cancel))
        if not as_arrow:
            return Response(await sync_to_thread(query_out, result), media_type=MediaType.JSON)
        return await sync_to_thread(arrow, result)


@delete("/lake/queries/{query_id:str}", guards=[viewer])
async def cancel_query(services: Injected, account: Asking, query_id: FromPath[str]) -> None:
    """Stop a query of one's own that runs now."""
    services.queries.cancel(account.name, query_id)


def _run(services: Injected, account: Account, data: QueryIn, cancel: Cancel) -> QueryResult:
    from kaname.lake import Limits

    settings = services.settings
    if not 1 <= data.limit <= settings.query_rows:
        raise UsageError("api.error.query_limit", found=data.limit, most=settings.query_rows)
    if not 0 < data.seconds <= settings.query_seconds:
        raise UsageError("api.error.query_seconds", found=data.seconds, most=settings.query_seconds)
    limits = Limits(rows=data.limit, seconds=data.seconds, memory_mb=settings.query_memory_mb)
    return services.lake.query(data.sql, limits=limits, clearance=account.clearance, cancel=cancel)


async def _unless_gone(request: Request[Any, Any, Any], cancel: Cancel, work: Callable[[], T]) -> T:
    """Do ``work`` in a thread; when the client disconnects, ask it to stop."""
    watch = asyncio.create_task(_gone(request))
    watch.add_done_callback(lambda task: None if task.cancelled() else cancel.set())
    try:
        return await sync_to_thread(work)
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _gone(request: Request[Any, Any, Any]) -> None:
    """Return when the client has disconnected."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


ROUTES = (query_lake, cancel_query)
