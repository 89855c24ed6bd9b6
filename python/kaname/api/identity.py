"""Who asks, and what they may do.

A request carries a token (``Authorization: Bearer``) or a session cookie. Cookies are
sent by browsers unasked, so anything but reading needs a header as well, which no other
site can make a browser send. A WebSocket can be opened from any site and scripts cannot
give it headers: with a cookie it must come from a page of this server, as its ``Origin``
says (RFC 6455, section 10.2).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.params import SkipValidation
from litestar.types import ASGIApp, Receive, Scope, Send

from kaname.api.problems import refuse
from kaname.api.services import Services
from kaname.api.sessions import COOKIE
from kaname.knowledge import Account
from kaname.model.errors import AuthenticationError, ForbiddenError, KanameError

__all__ = [
    "CONSOLE_HEADER",
    "ROLES",
    "Asking",
    "Identify",
    "Requires",
    "admin",
    "analyst",
    "asking",
    "authenticate",
    "by_option",
    "publisher",
    "viewer",
]

ROLES = ("viewer", "analyst", "publisher", "admin")
CONSOLE_HEADER = "x-kaname-console"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_Connection = ASGIConnection[Any, Any, Any, Any]


class Identify(ASGIMiddleware):
    """Finds the account behind a request; routes marked ``public`` are left alone."""

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET)
    exclude_opt_key = "public"

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Authenticate, then go on.

        Raises:
            AuthenticationError: there is no token, or it is wrong.
            ForbiddenError: a cookie came without the console's header, or from elsewhere.
            ThrottledError: too many wrong tokens came from there.
        """
        connection: _Connection = ASGIConnection(scope)
        try:
            secret = self._secret(connection)
            scope["user"] = await sync_to_thread(authenticate, self._services, connection, secret)
        except KanameError as error:
            if scope["type"] == ScopeType.HTTP:
                raise
            await refuse(scope, send, error)
            return
        scope["auth"] = secret
        await next_app(scope, receive, send)

    def _secret(self, connection: _Connection) -> str:
        scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return bearer.strip()
        session = connection.cookies.get(COOKIE)
        if session is None:
            raise AuthenticationError("api.error.no_token")
        _check_way(connection)
        token = self._services.sessions.token(session)
        if token is None:
            raise AuthenticationError("api.error.session_over")
        return token


class Requires:
    """Guard: the account's role is at least ``role``."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.rank = ROLES.index(role)

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
    ) -> None:
        """Let pass or refuse.

        Raises:
            ForbiddenError: the role is too low.
        """
        account: Account = connection.user
        if ROLES.index(str(account.role)) < self.rank:
            raise ForbiddenError("api.error.role", needed=self.role, role=str(account.role))


viewer, analyst, publisher, admin = (Requires(role) for role in ROLES)


async def by_option(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Guard of routes from below this floor: their option ``role``, viewer without it.

    Raises:
        ForbiddenError: the account's role is too low.
    """
    await Requires(handler.opt.get("role", "viewer"))(connection, handler)


def _check_way(connection: _Connection) -> None:
    """Refuse a cookie that another site made a browser send."""
    if connection.scope["type"] == ScopeType.WEBSOCKET:
        origin = connection.headers.get("origin", "")
        if urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower():
            raise ForbiddenError("api.error.origin", origin=origin or "-")
    elif connection.scope["method"] not in _SAFE and CONSOLE_HEADER not in connection.headers:
        raise ForbiddenError("api.error.console_header")


def authenticate(services: Services, request: _Connection, secret: str) -> Account:
    """Whose token ``secret`` is.

    Raises:
        AuthenticationError: nobody's.
        ThrottledError: too many wrong ones came from there.
    """
    client = request.client.host if request.client else "local"
    services.throttle.check(client, secret)
    account = services.knowledge.authenticate(secret)
    if account is None:
        services.throttle.failed(client, secret)
        raise AuthenticationError("api.error.bad_token")
    services.throttle.passed(secret)
    return account


def asking(request: ASGIConnection[Any, Account, Any, Any]) -> Account:
    """Dependency: the account that asks."""
    return request.user


Asking = NamedDependency[SkipValidation[Account]]
