"""Sessions of the console, and who one is."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from kaname.api.identity import Asking, authenticate, viewer
from kaname.api.services import Injected
from kaname.api.sessions import COOKIE, LIFETIME_S
from kaname.api.shapes import MeOut, SessionIn
from kaname.knowledge import Account

__all__ = ["ROUTES"]


@post("/session", public=True, sync_to_thread=True, status_code=200)
def begin_session(
    request: Request[Any, Any, Any], services: Injected, data: JSONBody[SessionIn]
) -> Response[MeOut]:
    """Exchange a token for a cookie that scripts cannot read."""
    account = authenticate(services, request, data.token)
    cookie = _cookie(request, services.sessions.begin(data.token), LIFETIME_S)
    return Response(_me(account), cookies=[cookie])


@delete("/session", guards=[viewer])
async def end_session(request: Request[Any, Any, Any], services: Injected) -> Response[None]:
    """Forget the session and take the cookie back."""
    services.sessions.end(request.cookies.get(COOKIE, ""))
    return Response(None, cookies=[_cookie(request, "", 0)], status_code=204)


@get("/me", guards=[viewer])
async def me(account: Asking) -> MeOut:
    """The account that asks."""
    return _me(account)


def _me(account: Account) -> MeOut:
    return MeOut(
        name=account.name,
        role=account.role.value,
        clearance=account.clearance,
        language=account.language,
    )


def _cookie(request: Request[Any, Any, Any], value: str, seconds: int) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=value,
        path="/",
        max_age=seconds,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


ROUTES = (begin_session, end_session, me)
