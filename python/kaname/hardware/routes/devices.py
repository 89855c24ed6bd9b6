"""Devices by their power: the fleet, one device, and what edges deliver.

An edge has a token of its sensor and no account, like a sensor of a telescope: it opens one
door only, which therefore stands outside the routes for accounts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation

from kaname.hardware.power.deliveries import SEGMENTS
from kaname.hardware.routes.shapes import DeviceDetail, DevicePage
from kaname.model.instant import parse_us
from kaname.readers.deliveries.over_http import MOST_BODY, take

if TYPE_CHECKING:
    from kaname.hardware.devices import Asked
__all__ = ["OUTSIDE", "ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_MICROSECONDS = re.compile(r"\d{12,18}")
_Since = Annotated[
    str | None, QueryParameter(description="from, inclusive: microseconds, ISO 8601, or 1h")
]
_Until = Annotated[str | None, QueryParameter(description="to, exclusive; else the last row")]
_Group = Annotated[str | None, QueryParameter(max_length=100, description="of this group only")]


@get("/hardware/power/devices", sync_to_thread=True)
def hardware_devices(
    request: _Asking,
    services: _Services,
    group: _Group = None,
    since: _Since = None,
    until: _Until = None,
) -> DevicePage:
    """List devices with their measures, those with anomalies first."""
    from kaname.hardware.devices import devices

    return devices(services.lake, _asked(since, until), request.user.clearance, group=group)


@get("/hardware/power/devices/{device:str}", sync_to_thread=True)
def hardware_device(
    request: _Asking,
    services: _Services,
    device: FromPath[str],
    since: _Since = None,
    until: _Until = None,
) -> DeviceDetail:
    """One device: the course of its power, segments, anomalies, peers."""
    from kaname.hardware.devices import device as found

    asked, clearance = _asked(since, until), request.user.clearance
    return found(services.lake, services.knowledge, device, asked, clearance)


def _asked(since: str | None, until: str | None) -> Asked:
    from kaname.hardware.devices import Asked

    return Asked(_instant(since), _instant(until))


def _instant(text: str | None) -> int | None:
    """An instant of the query string, microseconds."""
    if text is None:
        return None
    return int(text) if _MICROSECONDS.fullmatch(text) else parse_us(text)


@post(
    "/api/v1/hardware/power/segments/{sensor:str}",
    opt={"public": True, "foreign": True},
    include_in_schema=False,
    request_max_body_size=MOST_BODY,
    status_code=200,
)
async def take_segments(
    request: _Asking, services: _Services, sensor: FromPath[str]
) -> Response[bytes]:
    """Take a delivery of an edge; with its sensor's token only."""
    return await take(request, services, sensor, SEGMENTS)


ROUTES = (hardware_devices, hardware_device)
OUTSIDE = (take_segments,)
