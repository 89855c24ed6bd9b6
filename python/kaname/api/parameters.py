"""What requests carry in the query string, read strictly.

An unknown parameter is an error that names the nearest known one: a misspelt filter
would otherwise give more than was asked for.
"""

from __future__ import annotations

import difflib
import re
from typing import Annotated, Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg, QueryParameter

from kaname.model.errors import UsageError
from kaname.model.instant import parse_us

__all__ = ["Cursor", "Limit", "Since", "Until", "instant", "known_parameters", "one_of", "within"]

_LATEST = 100_000_000_000_000_000  # in the year 5138
_MICROSECONDS = re.compile(r"-?\d{12,18}")
_INJECTED = frozenset({"request", "state", "headers", "cookies", "query", "body", "data", "scope"})

_TIME = "microseconds since the epoch, ISO 8601, Unix seconds, or how long ago (2h, 7d)"
Since = Annotated[str | None, QueryParameter(name="since", description=f"from, inclusive: {_TIME}")]
Until = Annotated[str | None, QueryParameter(name="until", description=f"to, exclusive: {_TIME}")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=1000, description="items per page")]
Cursor = Annotated[
    str | None,
    QueryParameter(name="cursor", max_length=1024, description="`next` of the page before"),
]


def instant(text: str | None) -> int | None:
    """An instant from the query string, microseconds.

    Raises:
        UsageError: it is none of the accepted spellings.
    """
    if text is None or not text.strip():
        return None
    exact = _MICROSECONDS.fullmatch(text.strip())
    return within(int(text) if exact else parse_us(text))


def within(instant: int) -> int:
    """``instant``, if calendars can say it whatever is reckoned from it.

    Raises:
        UsageError: it is before 1970 or far in the future.
    """
    if not 0 <= instant <= _LATEST:
        raise UsageError("api.error.instant", found=instant)
    return instant


def one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    """``value``, if it is one of ``known``.

    Raises:
        UsageError: it is not.
    """
    if value not in known:
        raise UsageError("api.error.choice", name=name, found=value, known=", ".join(known))
    return value


async def known_parameters(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Guard of all routes: refuse a query parameter that the route does not know.

    Raises:
        UsageError: naming the nearest known parameter.
    """
    given = connection.query_params.keys()
    if not given or handler.opt.get("foreign"):  # another standard says what is known there
        return
    known = _names(handler)
    for name in given:
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        if near:
            raise UsageError("api.error.unknown_parameter", name=name, near=near[0])
        raise UsageError("api.error.no_parameters", name=name)


def _names(handler: BaseRouteHandler) -> list[str]:
    """Names of the query parameters that a route's function takes."""
    outside = _INJECTED | set(handler.resolve_dependencies())
    for path in handler.paths:
        outside |= set(re.findall(r"{(\w+)", path))
    own = handler.parsed_fn_signature.parameters
    provided = handler.resolve_dependencies()
    fields = [*own.items()]
    for name in own.keys() & provided.keys():  # what a dependency takes comes from there too
        fields += provided[name].parsed_fn_signature.parameters.items()
    names = []
    for name, field in fields:
        kwarg = field.kwarg_definition
        alias = kwarg.name if isinstance(kwarg, ParameterKwarg) else None
        if alias or name not in outside:
            names.append(alias or name)
    return names
