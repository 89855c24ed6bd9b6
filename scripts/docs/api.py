"""Page of the HTTP API, from its OpenAPI document."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from kaname.api.app import litestar
from kaname.api.openapi import document
from kaname.api.services import Services
from kaname.nexus.capabilities import routes
from scripts.docs.markdown import cell, code, head, table
from scripts.words import say

__all__ = ["api_page"]


def api_page() -> str:
    """Every operation: method, path, parameters, what it does."""
    # The document speaks of routes only; no store is opened to describe them.
    nothing = SimpleNamespace(version="")
    described = document(litestar(cast("Services", nothing), more=routes()))
    rows = (
        (
            code(f"{method.upper()} {path}"),
            ", ".join(code(parameter["name"]) for parameter in operation.get("parameters", []))
            or "–",
            cell(_about(operation)),
        )
        for path, operations in sorted(described["paths"].items())
        for method, operation in sorted(operations.items())
    )
    return head("api") + table(("operation", "parameters", "about"), rows)


def _about(operation: dict[str, Any]) -> str:
    name = operation["operationId"]
    try:
        return say(f"docs.api.{name}")
    except KeyError:
        raise SystemExit(say("docs.api_missing", name=name)) from None
