"""``/taxii2/``: the TAXII 2.1 server, where its clients look for it.

One handler for all methods and all paths below it, because every answer, refusals too,
has to be one of TAXII. It signs clients in by itself: they know Basic, not our cookies.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import FromPath, SkipValidation

from kaname.intelligence.stix.intake import Kept
from kaname.intelligence.stix.observations import observations
from kaname.intelligence.taxii import answers
from kaname.intelligence.taxii.negotiation import MEDIA_TYPE
from kaname.intelligence.taxii.refusals import TaxiiError
from kaname.intelligence.taxii.server import MOST_BYTES, Server, refused
from kaname.knowledge.entities import Entities
from kaname.knowledge.stix_objects import Collection, StixObjects
from kaname.sealing import MEDIA_TYPE as MEDIA_TYPE_SEALED

__all__ = ["OUTSIDE", "PATH"]

PATH = "/taxii2"
_METHODS = [HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE, HttpMethod.PUT, HttpMethod.PATCH]
_KEY, _DOOR = "taxii", "taxii_sealed"  # of the state of the application


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return _response(refused(error, _language(request)), request.method)


def _language(request: Request[Any, Any, Any]) -> str:
    return "ja" if request.headers.get("accept-language", "").startswith("ja") else "en"


@route(
    [PATH, PATH + "/{rest:path}"],
    http_method=_METHODS,
    opt={"public": True, "foreign": True},
    include_in_schema=False,
    request_max_body_size=None,
    status_code=200,
    exception_handlers={Exception: _failed},
)
async def taxii(
    request: Request[Any, Any, Any],
    services: NamedDependency[SkipValidation[Any]],
    rest: FromPath[str] = "",
) -> Response[bytes]:
    """Answer a TAXII client."""
    body = await _body(request)
    asked = answers.Request(
        method=request.method,
        path=rest,
        query=tuple(request.query_params.multi_items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        base=str(request.base_url).rstrip("/"),
        client=request.client.host if request.client else "local",
        language=_language(request),
    )
    if request.headers.get("content-type") == MEDIA_TYPE_SEALED:
        return await sync_to_thread(_sealed, request, services, asked)
    answer = await sync_to_thread(_server(request, services).answer, asked)
    return _response(answer, request.method)


def _sealed(
    request: Request[Any, Any, Any], services: Any, asked: answers.Request
) -> Response[bytes]:
    """Answer a peer, whose whole request is one sealed message."""
    from kaname.intelligence.taxii.sealed import Door

    state = request.app.state
    if _DOOR not in state:
        state[_DOOR] = Door(services.knowledge, services.link_keys)
    door: Door = state[_DOOR]
    told = door.pass_in(asked.body, asked, _server(request, services).answer)
    return Response(told, status_code=200, media_type=MEDIA_TYPE_SEALED)


async def _body(request: Request[Any, Any, Any]) -> bytes:
    """The content of the request, as much as is taken.

    Raises:
        TaxiiError: 413.
    """
    if request.method != "POST":
        return b""
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:18]) > MOST_BYTES:
        raise TaxiiError(413, "too_large", most=MOST_BYTES)
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise TaxiiError(413, "too_large", most=MOST_BYTES)
    except ClientException:
        raise TaxiiError(413, "too_large", most=MOST_BYTES) from None
    return bytes(body)


def _server(request: Request[Any, Any, Any], services: Any) -> Server:
    """The server of this application, made when the first client comes."""
    state = request.app.state
    if _KEY not in state:
        fuse = partial(_fuse, services)
        state[_KEY] = Server(services.knowledge, services.throttle, path=PATH, received=fuse)
    found: Server = state[_KEY]
    return found


def _fuse(services: Any, collection: Collection, fresh: Sequence[Kept]) -> None:
    """Let the fusion know what was added: it runs in the nexus, not in every process.

    The objects are on disk by then.
    """
    if "intelligence" not in getattr(services, "parts", ()):
        return
    store = services.knowledge.part(StixObjects)
    told = observations(fresh, store, collection)
    services.knowledge.part(Entities).put(told.entities)
    fusion = services.part("intelligence")
    fusion.retract(told.retracted)
    fusion.absorb(told.observations)


def _response(answer: answers.Answer, method: str) -> Response[bytes]:
    body = b"" if method == "HEAD" else answer.body
    return Response(body, status_code=answer.status, headers=answer.headers, media_type=MEDIA_TYPE)


OUTSIDE = (taxii,)
