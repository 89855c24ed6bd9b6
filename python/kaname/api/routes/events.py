"""Live events: what happens on the bus, as server-sent events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from litestar import Request, get
from litestar.concurrency import sync_to_thread
from litestar.params import QueryParameter
from litestar.response import Stream

from kaname.api.identity import Asking, viewer
from kaname.api.services import Injected
from kaname.api.streams import EventStream
from kaname.api.telling import teller
from kaname.bus.message import check_pattern, pattern
from kaname.knowledge import Account
from kaname.model.errors import UsageError

__all__ = ["ROUTES"]

_TOPICS = "ingest.*,lake.*,findings.*,indicators.*,analysis.*,health"
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@get("/events", guards=[viewer])
async def events(
    request: Request[Account, Any, Any],
    services: Injected,
    account: Asking,
    topics: Annotated[str, QueryParameter(description="patterns, separated by commas")] = _TOPICS,
    cursor: Annotated[str | None, QueryParameter(description="replay what came after")] = None,
) -> Stream:
    """Messages from now on, or all after a cursor (or the header Last-Event-ID)."""
    after = _cursor(request.headers.get("last-event-id") or cursor)
    wanted = [_selects(text.strip()) for text in topics.split(",")]
    tell = teller(services, account, lambda topic: any(one(topic) for one in wanted))
    services.streams.check()
    subscription = await sync_to_thread(services.bus.subscribe, ">", durable=None, cursor=after)
    secret: str = request.auth

    def allowed() -> bool:
        return services.knowledge.authenticate(secret) == account

    frames = services.streams.serve(EventStream(subscription, tell, allowed))
    return Stream(frames, media_type="text/event-stream", headers=_HEADERS)


def _selects(text: str) -> Callable[[str], object]:
    """Whether a topic is one that ``text`` (a pattern of the bus) selects.

    Raises:
        UsageError: it is no pattern.
    """
    check_pattern(text)
    return pattern(text).fullmatch


def _cursor(text: str | None) -> int | None:
    if text is None or not text.strip():
        return None
    try:
        return int(text)
    except ValueError:
        raise UsageError("api.error.event_cursor", found=text) from None


ROUTES = (events,)
