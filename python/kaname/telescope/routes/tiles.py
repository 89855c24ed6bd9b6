"""Tiles: what each source did in a slot of time."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation

from kaname.model.errors import UsageError
from kaname.model.instant import DAY, MINUTE, parse_us
from kaname.telescope.tiles import MOST, Slot, Tiles, tiles

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Time = Annotated[str, QueryParameter(description="ISO 8601, or how long ago: 1h")]
_Sensor = Annotated[str, QueryParameter(max_length=200, description="of one sensor only")]
_Label = Annotated[str, QueryParameter(max_length=100, description="sources of this label only")]
_Port = Annotated[int | None, QueryParameter(ge=0, le=65_535, description="packets to this port")]
_Country = Annotated[str, QueryParameter(max_length=2, description="two letters of ISO 3166-1")]
_Order = Annotated[
    Literal["packets", "label", "new"], QueryParameter(description="what comes first")
]
_Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="how many tiles")]


@get("/telescope/tiles", sync_to_thread=True)
def telescope_tiles(
    request: Request[Any, Any, Any],
    services: _Services,
    since: _Time,
    until: _Time,
    sensor: _Sensor = "",
    label: _Label = "",
    port: _Port = None,
    country: _Country = "",
    order: _Order = "packets",
    limit: _Limit = MOST,
) -> Tiles:
    """The busiest sources of a slot of time, with points of time, destination and port."""
    from kaname.lake.networks import Networks

    begin, end = parse_us(since), parse_us(until)
    if not MINUTE <= end - begin <= DAY:
        raise UsageError("telescope.error.tiles_span")
    slot = Slot(
        since=begin,
        until=end,
        sensor=sensor,
        label=label,
        port=port,
        country=country.upper(),
        order=order,
        limit=limit,
    )
    networks = Networks.open(services.settings.data)
    return tiles(services.lake, request.user.clearance, slot, networks)


ROUTES = (telescope_tiles,)
