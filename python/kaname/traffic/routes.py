"""Routes of the API that belong to traffic.

The stores are handed in by name by whoever serves the API; who asks has been found out
before, and sees rows of the markings that the account may see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation

from kaname.model.instant import HOUR, now_us, parse_us
from kaname.traffic.aggregates import Axis, Bin

if TYPE_CHECKING:
    from kaname.lake import Lake

__all__ = ["ROUTES"]

_TIME = "ISO 8601, Unix seconds, or how long ago (2h, 7d)"
_Since = Annotated[str | None, QueryParameter(description=f"from, inclusive: {_TIME}")]
_Until = Annotated[str | None, QueryParameter(description=f"to, exclusive: {_TIME}")]
_Seconds = Annotated[int, QueryParameter(name="bin", ge=1, le=86_400, description="seconds")]
_By = Annotated[str, QueryParameter(description="address or port")]
_Share = Annotated[int, QueryParameter(ge=1, le=50, description="per cent of a bin")]
_Sensor = Annotated[str | None, QueryParameter(description="of one sensor only")]


@get("/traffic/heavy-hitters", sync_to_thread=True)
def heavy_hitters(
    request: Request[Any, Any, Any],
    services: NamedDependency[SkipValidation[Any]],
    since: _Since = None,
    until: _Until = None,
    seconds: _Seconds = 300,
    by: _By = "address",
    threshold: _Share = 1,
    sensor: _Sensor = None,
) -> list[Bin]:
    """Hierarchical heavy hitters of flows, bin by bin; the last hour unless said."""
    from kaname.traffic.heavy_hitters import hierarchy

    end = parse_us(until) if until else now_us()
    start = parse_us(since) if since else end - HOUR
    lake: Lake = services.lake
    with (
        services.queries.running(request.user.name, ""),
        lake.expression(
            ("flows",), since=start, until=end, clearance=request.user.clearance
        ) as tables,
    ):
        flows = tables["flows"]
        own = flows if sensor is None else flows.filter(flows.sensor == sensor)
        return hierarchy(own, start, end, seconds, threshold, cast("Axis", by))


ROUTES = (heavy_hitters,)
