"""Every error as a problem document (RFC 9457), in the reader's language."""

from __future__ import annotations

import logging
import re
import secrets
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.types import Scope, Send

from kaname.api.language import negotiate
from kaname.api.shapes import Problem
from kaname.api.throttle import ThrottledError
from kaname.model.errors import KanameError
from kaname.model.messages import text

__all__ = ["MEDIA_TYPE", "answer", "headers_for", "problem", "refuse"]

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger("kaname.api")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def problem(error: KanameError, language: str, instance: str = "") -> Problem:
    """The document for one of our own errors; ``type`` names its class."""
    slug = _CAMEL.sub("-", type(error).__name__.removesuffix("Error")).lower() or "failure"
    return Problem(
        type=f"urn:kaname:problem:{slug}",
        title=text(f"api.problem.{error.http_status}", language),
        status=error.http_status,
        detail=error.render(language),
        code=error.key,
        instance=instance,
    )


def headers_for(error: KanameError) -> dict[str, str]:
    """Headers that the status asks for (RFC 9110): how to authenticate, when to retry."""
    if error.http_status == 401:
        return {"WWW-Authenticate": 'Bearer realm="kaname"'}
    if isinstance(error, ThrottledError):
        return {"Retry-After": str(error.values["seconds"])}
    return {}


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    language = negotiate(request.headers.get("accept-language", ""))
    known = error if isinstance(error, KanameError) else _translate(request, error)
    document = problem(known, language, request.url.path)
    headers = {"Content-Language": language, **headers_for(known)}
    if isinstance(error, MethodNotAllowedException) and error.headers:
        headers.update(error.headers)
    return Response(
        msgspec.json.encode(document),
        status_code=document.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


async def refuse(scope: Scope, send: Send, error: KanameError) -> None:
    """Answer a WebSocket's opening request with a problem (ASGI's denial response).

    A server that cannot send one closes the connection, which clients see as status 403.
    """
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    accepted = next((v for k, v in scope["headers"] if k == b"accept-language"), b"")
    language = negotiate(accepted.decode("latin-1"))
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Content-Language": language,
        "Cache-Control": "no-store",
        **headers_for(error),
    }
    start: Any = {
        "type": "websocket.http.response.start",
        "status": error.http_status,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    body: Any = {
        "type": "websocket.http.response.body",
        "body": msgspec.json.encode(problem(error, language, scope["path"])),
        "more_body": False,
    }
    await send(start)
    await send(body)


class _HttpError(KanameError):
    """What the framework refused, under the status it chose."""

    def __init__(self, status: int, key: str, /, **values: object) -> None:
        super().__init__(key, **values)
        self.http_status = status  # type: ignore[misc]  # each one has its own


def _translate(request: Request[Any, Any, Any], error: Exception) -> KanameError:
    """An error of the framework, or a defect of ours, as one of our own."""
    path = request.url.path
    if isinstance(error, NotFoundException):
        return _HttpError(404, "api.error.no_route", path=path)
    if isinstance(error, MethodNotAllowedException):
        return _HttpError(405, "api.error.method", method=request.method, path=path)
    if isinstance(error, ValidationException):
        return _HttpError(400, "api.error.invalid", what=_fields(error))
    if isinstance(error, HTTPException) and error.status_code < 500:
        key = "api.error.too_large" if error.status_code == 413 else "api.error.request"
        return _HttpError(error.status_code, key, reason=error.detail)
    reference = secrets.token_hex(6)
    _log.error("request failed", exc_info=error, extra={"path": path, "reference": reference})
    return _HttpError(500, "api.error.internal", reference=reference)


def _fields(error: ValidationException) -> str:
    """What the framework found unfit, one clause a field."""
    extra = error.extra if isinstance(error.extra, list) else []
    clauses = [f"{item.get('key', '')}: {item.get('message', '')}" for item in extra]
    return "; ".join(clauses) or error.detail
