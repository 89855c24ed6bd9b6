"""Packets for the moving pictures: those that arrive now, and those that are stored.

Both come as frames of `kaname.telescope.feed`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from typing import Annotated, Any

from litestar import Request, Response, WebSocket, get, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect
from litestar.params import QueryParameter, SkipValidation

from kaname.model.errors import KanameError
from kaname.model.instant import parse_us
from kaname.telescope.live import LiveFeed
from kaname.telescope.origins import Origins
from kaname.telescope.replay import MOST, Slice, replay

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Time = Annotated[str, QueryParameter(description="microseconds since the epoch, or ISO 8601")]
_Sensor = Annotated[str, QueryParameter(max_length=200, description="of one sensor only")]
_Points = Annotated[int, QueryParameter(ge=1, le=MOST, description="points at most")]
_MICROSECONDS = re.compile(r"\d{12,18}")
_BUSY = 1013  # try again later
_OVER = 1000


@get("/telescope/replay", sync_to_thread=True)
def telescope_replay(
    request: Request[Any, Any, Any],
    services: _Services,
    since: _Time,
    until: _Time,
    sensor: _Sensor = "",
    limit: _Points = MOST,
) -> Response[bytes]:
    """Stored packets of a slice of time as columns (``KNP1``): a sample where there are many."""
    asked = Slice(_instant(since), _instant(until), sensor, limit)
    origins = Origins(services.settings.data)
    frame = replay(services.lake, request.user.clearance, asked, origins)
    return Response(frame, media_type="application/octet-stream")


@websocket("/telescope/live")
async def telescope_live(
    socket: WebSocket[Any, Any, Any], services: _Services, sensor: _Sensor = ""
) -> None:
    """Packets as they arrive, in binary messages of the form of the replay."""
    from kaname.readers.live.tap import packet_tap

    await socket.accept()
    try:
        services.streams.check()
    except KanameError as error:
        await socket.close(code=_BUSY, reason=str(error)[:120])
        return
    origins = Origins(services.settings.data)
    feed = LiveFeed(
        packet_tap,
        _visible(socket, services, sensor),
        origins,
        _allowed(socket, services),
    )
    await _send(socket, services, feed)


async def _send(socket: WebSocket[Any, Any, Any], services: Any, feed: LiveFeed) -> None:
    """Send frames until the feed ends or the client goes."""
    gone = asyncio.create_task(_until_gone(socket, feed))
    try:
        async with contextlib.aclosing(services.streams.serve(feed)) as frames:
            async for frame in frames:
                await socket.send_bytes(frame)
        await socket.close(code=_OVER)
    except WebSocketDisconnect:
        return
    finally:
        gone.cancel()


async def _until_gone(socket: WebSocket[Any, Any, Any], feed: LiveFeed) -> None:
    """Close the feed when the client closes the connection; what it says is not heard."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    feed.close()


def _visible(socket: WebSocket[Any, Any, Any], services: Any, only: str) -> Callable[[str], bool]:
    """Whether the account may see a sensor: live input has the marking of the settings."""
    cleared: bool = services.settings.tlp.visible_to(socket.user.clearance)
    return lambda sensor: cleared and only in ("", sensor)


def _allowed(socket: WebSocket[Any, Any, Any], services: Any) -> Callable[[], bool]:
    """Whether the account that opened the feed is still what it was."""
    secret, account = socket.auth, socket.user
    return lambda: bool(services.knowledge.authenticate(secret) == account)


def _instant(text: str) -> int:
    """An instant of the query string, microseconds.

    Raises:
        UsageError: it is none.
    """
    exact = _MICROSECONDS.fullmatch(text.strip())
    return int(text) if exact else parse_us(text)


ROUTES = (telescope_replay, telescope_live)
