"""MISP's REST and feeds, where its clients look for them: at the root and below ``/misp``.

Handlers find out who asks by themselves: PyMISP sends its key bare in ``Authorization``.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from litestar import HttpMethod, Request, Response, route
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kaname.intelligence.misp.reading import MAX_BYTES
from kaname.intelligence.misp.rest import Asked, MispRest
from kaname.intelligence.sharing import policy as policies
from kaname.knowledge import Account
from kaname.knowledge.misp_events import MispEvents
from kaname.model.errors import AuthenticationError, KanameError, LimitError, UsageError

__all__ = ["OUTSIDE", "failed", "signed_in"]

_SUBJECTS = ("servers", "users", "events", "attributes", "sightings", "tags", "warninglists")
_PATHS = [
    path
    for base in ("", "/misp")
    for subject in _SUBJECTS
    for path in (f"{base}/{subject}", f"{base}/{subject}/{{rest:path}}")
]


def failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """An error as MISP writes it; a defect of ours goes on to whoever logs it.

    Raises:
        Exception: it is none that was raised on purpose.
    """
    if not isinstance(error, KanameError):
        raise error
    language = "ja" if request.headers.get("accept-language", "").startswith("ja") else "en"
    message = error.render(language)
    document = {"saved": False, "name": message, "message": message, "url": request.url.path}
    return _answer(document, error.http_status)


@route(
    _PATHS,
    http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.HEAD],
    opt={"public": True, "foreign": True},
    include_in_schema=False,
    request_max_body_size=MAX_BYTES,
    status_code=200,
    exception_handlers={KanameError: failed},
)
async def misp(
    request: Request[Any, Any, Any], services: NamedDependency[SkipValidation[Any]]
) -> Response[bytes]:
    """Answer a MISP client."""
    body = await request.body()
    document = await sync_to_thread(_answered, request, services, body)
    return _answer(document, 200, empty=request.method == "HEAD")


def _answered(request: Request[Any, Any, Any], services: Any, body: bytes) -> Any:
    account = signed_in(request, services)
    path = request.url.path.removeprefix("/misp/").strip("/")
    events = services.knowledge.part(MispEvents)
    rest = MispRest(events, lambda: services.part("intelligence"))
    groups = policies.load(services.knowledge).groups_of(account)
    return rest.answer(Asked(request.method, path, _decoded(body), account, groups))


def signed_in(request: Request[Any, Any, Any], services: Any) -> Account:
    """Whose token came with the request: bare, behind ``Bearer``, or as password of Basic.

    Raises:
        AuthenticationError: nobody's.
        ThrottledError: too many wrong ones came from there.
    """
    sent = request.headers.get("authorization") or request.headers.get("x-misp-auth") or ""
    secret = _secret(sent)
    client = request.client.host if request.client else "local"
    services.throttle.check(client, secret)
    account: Account | None = services.knowledge.authenticate(secret) if secret else None
    if account is None:
        services.throttle.failed(client, secret)
        raise AuthenticationError("intelligence.misp.error.key")
    services.throttle.passed(secret)
    return account


def _secret(sent: str) -> str:
    scheme, _, rest = sent.strip().partition(" ")
    if scheme.lower() != "basic":
        return rest.strip() if scheme.lower() == "bearer" else sent.strip()
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _decoded(body: bytes) -> Any:
    if len(body) > MAX_BYTES:
        raise LimitError("intelligence.misp.problem.size", found=len(body), most=MAX_BYTES)
    try:
        return msgspec.json.decode(body) if body.strip() else None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UsageError("intelligence.misp.problem.json", reason=str(error)) from None


def _answer(document: Any, status: int, *, empty: bool = False) -> Response[bytes]:
    data = b"" if empty else msgspec.json.encode(document)
    return Response(data, status_code=status, media_type="application/json")


OUTSIDE = (misp,)
