"""The outermost layer: every answer passes here, those to unknown routes too.

It checks the Host header, adds the security headers, and counts. A page of another site
can make a browser call a loopback address under that site's own name (DNS rebinding);
such a request carries a foreign Host header and is refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from kaname.api.language import negotiate
from kaname.api.metrics import Counters
from kaname.api.problems import MEDIA_TYPE, problem, refuse
from kaname.model.errors import KanameError

__all__ = ["Edge", "MisdirectedError"]

_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", _CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_STREAMS = b"text/event-stream"


class MisdirectedError(KanameError):
    """The request names a host that this server is not."""

    http_status = 421


class Edge:
    """Wraps the application; ``hosts`` are the names it answers to, None for any."""

    def __init__(self, app: ASGIApp, counters: Counters, hosts: frozenset[str] | None) -> None:
        self._app = app
        self._counters = counters
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI)."""
        doors = {ScopeType.HTTP: self._answer, ScopeType.WEBSOCKET: self._open}
        await doors.get(scope["type"], self._app)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        began = time.perf_counter()
        status = 500
        endless = False

        async def dressed(message: Message) -> None:
            nonlocal status, endless
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], *_missing(message["headers"])]
                endless = any(v.startswith(_STREAMS) for k, v in headers if k == b"content-type")
                message = {**message, "headers": headers}
            await send(message)

        try:
            if self._knows(scope):
                await self._app(scope, receive, dressed)
            else:
                await _refuse(scope, dressed)
        finally:
            route = str(scope.get("path_template") or "unknown")
            spent = 0.0 if endless else time.perf_counter() - began
            self._counters.request(str(scope.get("method")), route, status, spent)

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a WebSocket; it is counted when it ends, as one of method ``WS``."""
        if not self._knows(scope):
            await refuse(scope, send, MisdirectedError("api.error.host"))
            self._counters.request("WS", "unknown", MisdirectedError.http_status, 0.0)
            return
        status = 101

        async def heeded(message: Message) -> None:
            nonlocal status
            if message["type"] == "websocket.http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, heeded)
        finally:
            route = str(scope.get("path_template") or "unknown")
            self._counters.request("WS", route, status, 0.0)

    def _knows(self, scope: Scope) -> bool:
        if self._hosts is None:
            return True
        given = next((v for k, v in scope["headers"] if k == b"host"), b"").decode("latin-1")
        host = given[: given.rfind("]") + 1] if given.startswith("[") else given.partition(":")[0]
        return host.lower() in self._hosts


def _missing(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Our headers that the answer does not set itself; answers are not kept by caches."""
    present = {name.lower() for name, _ in headers}
    wanted = (*_HEADERS, (b"cache-control", b"no-store"))
    return [(name, value) for name, value in wanted if name not in present]


async def _refuse(scope: Scope, send: Send) -> None:
    accepted = next((v for k, v in scope["headers"] if k == b"accept-language"), b"")
    language = negotiate(accepted.decode("latin-1"))
    document = problem(MisdirectedError("api.error.host"), language, scope["path"])
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-language", language.encode())]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    body = msgspec.json.encode(document)
    await send({"type": "http.response.body", "body": body, "more_body": False})
