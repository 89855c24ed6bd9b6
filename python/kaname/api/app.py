"""The application: all routes under one roof."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import partial

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp

from kaname.api import console, openapi, problems
from kaname.api.edge import Edge
from kaname.api.identity import Identify, asking, by_option
from kaname.api.parameters import known_parameters
from kaname.api.routes import (
    accounts,
    analyses,
    catalogue,
    events,
    findings,
    indicators,
    ingest,
    lake,
    links,
    metrics,
    n6,
    pivot,
    query,
    rows,
    session,
    settings,
    status,
    summary,
)
from kaname.api.services import Services

__all__ = ["PREFIX", "application", "litestar", "loopback_names"]

PREFIX = "/api/v1"
_BODY_BYTES = 1 << 20
_OUTSIDE = (*metrics.ROUTES, *n6.ROUTES)  # where others expect them
_SUBJECTS = (
    accounts,
    analyses,
    catalogue,
    events,
    findings,
    indicators,
    ingest,
    lake,
    links,
    pivot,
    query,
    rows,
    session,
    settings,
    status,
    summary,
)


def application(
    services: Services,
    *,
    hosts: frozenset[str] | None = None,
    more: Sequence[BaseRouteHandler] = (),
    outside: Sequence[BaseRouteHandler] = (),
) -> ASGIApp:
    """The whole as one ASGI application.

    Args:
        services: the stores and queues behind it.
        hosts: names that it answers to; None for any.
        more: routes of the capabilities, below the same prefix.
        outside: routes of theirs at places that other standards name, with doors of
            their own.
    """
    return Edge(litestar(services, more=more, outside=outside), services.counters, hosts)


def litestar(
    services: Services,
    *,
    more: Sequence[BaseRouteHandler] = (),
    outside: Sequence[BaseRouteHandler] = (),
    described: bool = False,
) -> Litestar:
    """The routes, with everything that holds for all of them.

    Only one that is ``described`` can make the OpenAPI document. It is never served,
    because the framework would add pages of its own to it.
    """
    own = [route for subject in _SUBJECTS for route in subject.ROUTES]
    return Litestar(
        [
            Router(PREFIX, route_handlers=own),
            # Capabilities lie below this floor: the door is put before them here.
            Router(PREFIX, route_handlers=more, guards=[by_option]),
            Router("/", route_handlers=outside),
            # In a router too, because that is what copies routes for each application.
            Router("/", route_handlers=[*_OUTSIDE, openapi.openapi_json, *console.routes()]),
        ],
        guards=[known_parameters],
        middleware=[Identify(services)],
        dependencies={
            "services": Provide(lambda: services, sync_to_thread=False, use_cache=True),
            "account": Provide(asking, sync_to_thread=False),
        },
        exception_handlers={Exception: problems.answer},
        openapi_config=openapi.config(services.version) if described else None,
        request_max_body_size=_BODY_BYTES,
        logging_config=None,
        state=State({openapi.DESCRIBED: partial(litestar, services, more=more, described=True)}),
    )


def loopback_names(host: str) -> frozenset[str] | None:
    """Names that a server bound to ``host`` answers to: the loopback's own, or any."""
    names = {"localhost", "127.0.0.1", "[::1]"}
    try:
        local = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        local = False
    own = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return frozenset(names | {own}) if local else None
