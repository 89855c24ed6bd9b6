"""The OpenAPI 3.1 document, made from the routes and served without any page around it."""

from __future__ import annotations

import functools
import re
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from kaname.api.problems import MEDIA_TYPE

__all__ = ["DESCRIBED", "config", "document", "openapi_json"]

DESCRIBED = "described"  # where an application keeps how to make one that can be described
_PROBLEM = {
    "description": "A problem document (RFC 9457); its text follows Accept-Language.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_UPLOAD = {
    "required": True,
    "description": "The bytes of one file, as they are.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_PAGE = re.compile(r"PageOut_kaname\.api\.shapes\.(\w+?)(?:Out|Row)?_(?=\W)")
_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "key of the message, stable"},
        "instance": {"type": "string", "format": "uri-reference"},
    },
}


def config(version: str) -> OpenAPIConfig:
    """How the framework describes the routes."""
    return OpenAPIConfig(
        title="kaname",
        version=version,
        description="Findings, indicators and the observations behind them.",
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer"),
                "session": SecurityScheme(
                    type="apiKey", security_scheme_in="cookie", name="kaname_session"
                ),
            }
        ),
        security=[{"token": []}, {"session": []}],
    )


@functools.lru_cache(maxsize=1)
def document(app: Litestar) -> dict[str, Any]:
    """The document, with problem documents as the answer to everything that fails."""
    described: Litestar = app.state[DESCRIBED]()
    raw = msgspec.json.encode(described.openapi_schema.to_schema())
    made: dict[str, Any] = msgspec.json.decode(_PAGE.sub(r"\1Page", raw.decode()))
    made["components"]["schemas"]["Problem"] = _PROBLEM_SCHEMA
    public = _public_names(app)
    for operations in made["paths"].values():
        for operation in operations.values():
            _finish(operation, public=operation["operationId"] in public)
    made["paths"]["/api/v1/ingest"]["post"]["requestBody"] = _UPLOAD
    return made


def _finish(operation: dict[str, Any], *, public: bool) -> None:
    answers = operation["responses"]
    good = {status: answer for status, answer in answers.items() if status < "400"}
    operation["responses"] = good | {"default": _PROBLEM}
    if public:
        operation["security"] = []


def _public_names(app: Litestar) -> set[str]:
    """Operation ids of the routes that need no token."""
    handlers = (handler for route in app.routes for handler in getattr(route, "route_handlers", ()))
    return {_operation_id(handler) for handler in handlers if handler.opt.get("public")}


def _operation_id(handler: HTTPRouteHandler, *_: object) -> str:
    return handler.handler_name


@get(
    ["/openapi.json", "/api/v1/openapi.json"],
    public=True,
    include_in_schema=False,
)
async def openapi_json(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The OpenAPI document."""
    made = await sync_to_thread(document, request.app)
    return Response(made, headers={"Cache-Control": "no-cache"})
