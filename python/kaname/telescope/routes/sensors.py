"""Sensors: what they monitor, how they do, and their deliveries.

Who delivers has a token of the sensor and no account: it opens one door only. That route
therefore stands outside those for accounts, though below the same prefix.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from kaname.knowledge.sensor_records import Sensor
from kaname.knowledge.sensors import Sensors
from kaname.model.errors import ForbiddenError
from kaname.model.instant import DAY, now_us, parse_us
from kaname.model.marking import Tlp
from kaname.readers.deliveries.over_http import MOST_BODY, take
from kaname.readers.ingest import check_sensor
from kaname.telescope.sensors.minutes import MINUTES

__all__ = ["OUTSIDE", "ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_ADMIN = {"role": "admin"}
_MICROSECONDS = re.compile(r"\d{12,18}")
_Since = Annotated[
    str | None,
    QueryParameter(description="from, inclusive: microseconds or ISO 8601; else a week before"),
]
_Until = Annotated[str | None, QueryParameter(description="to, exclusive; else now")]


class SensorIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sensor to register, or to describe anew."""

    name: str
    description: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    tlp: Tlp = Tlp.AMBER


class SensorPrefixIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A prefix that a sensor monitors for since <= time < until (microseconds)."""

    prefix: Annotated[str, msgspec.Meta(max_length=60)]
    since: Annotated[int, msgspec.Meta(ge=0, le=1 << 57)] = 0
    until: Annotated[int, msgspec.Meta(ge=0, le=1 << 57)] | None = None


class TelescopeSensorOut(msgspec.Struct, frozen=True):
    """How a sensor does; see `kaname.telescope.sensors.status.SensorStatus`."""

    name: str
    description: str
    tlp: str
    remote: bool
    registered: bool
    prefixes: list[dict[str, Any]]
    addresses: int
    packets: int
    offtarget: int
    lost: int
    first: int | None
    last: int | None
    last_seen: int | None
    deliveries: int


class TelescopeSensorPage(msgspec.Struct, frozen=True):
    """All sensors that the account may see."""

    items: list[TelescopeSensorOut]
    total: int


class SensorGapOut(msgspec.Struct, frozen=True):
    """A time of which the sensor says nothing."""

    kind: str
    since: int
    until: int
    amount: int


class SensorGapPage(msgspec.Struct, frozen=True):
    """Gaps, the latest first."""

    items: list[SensorGapOut]
    total: int


def _part(services: Any) -> Sensors:
    found: Sensors = services.knowledge.part(Sensors)
    return found


def _seen(request: _Asking, services: Any) -> list[TelescopeSensorOut]:
    from kaname.telescope.sensors.status import statuses

    clearance = request.user.clearance
    visible = _part(services).sensors(clearance=clearance)
    hidden = {one.name for one in _part(services).sensors()} - {one.name for one in visible}
    found = statuses(services.lake, visible, clearance=clearance)
    return [
        TelescopeSensorOut(
            name=one.sensor.name,
            description=one.sensor.description,
            tlp=one.sensor.tlp.label,
            remote=one.sensor.remote,
            registered=one.registered,
            prefixes=[msgspec.to_builtins(each) for each in one.sensor.prefixes],
            addresses=one.addresses,
            packets=one.packets,
            offtarget=one.offtarget,
            lost=one.lost,
            first=one.first_us,
            last=one.last_us,
            last_seen=one.sensor.last_seen,
            deliveries=one.sensor.minutes,
        )
        for one in found
        if one.sensor.name not in hidden
    ]


@get("/telescope/sensors", sync_to_thread=True)
def sensors(request: _Asking, services: _Services) -> TelescopeSensorPage:
    """List the sensors of the telescope, with the counts of their last day."""
    found = _seen(request, services)
    return TelescopeSensorPage(found, len(found))


@post("/telescope/sensors", sync_to_thread=True, opt=_ADMIN, status_code=200)
def put_sensor(
    request: _Asking, services: _Services, data: JSONBody[SensorIn]
) -> TelescopeSensorOut:
    """Register a sensor, or change its description or marking."""
    check_sensor(data.name)
    if not data.tlp.visible_to(request.user.clearance):
        raise ForbiddenError("telescope.error.sensor_clearance", tlp=data.tlp.label)
    made = Sensor(name=data.name, description=data.description, tlp=data.tlp)
    _known(request, services, data.name, missing_is_fine=True)
    if _part(services).put_sensor(made):
        services.knowledge.audit(request.user.name, "sensor.put", data.name)
    return _one(request, services, data.name)


@delete("/telescope/sensors/{name:str}", sync_to_thread=True, opt=_ADMIN)
def remove_sensor(request: _Asking, services: _Services, name: FromPath[str]) -> None:
    """Forget a sensor; what it observed stays."""
    _known(request, services, name)
    _part(services).remove_sensor(name)
    services.knowledge.audit(request.user.name, "sensor.remove", name)


@post("/telescope/sensors/{name:str}/prefixes", sync_to_thread=True, opt=_ADMIN, status_code=200)
def add_sensor_prefix(
    request: _Asking, services: _Services, name: FromPath[str], data: JSONBody[SensorPrefixIn]
) -> TelescopeSensorOut:
    """Say that a sensor monitors a prefix."""
    _known(request, services, name)
    _part(services).monitor(name, data.prefix, data.since, data.until)
    details = {"prefix": data.prefix, "since": data.since, "until": data.until}
    services.knowledge.audit(request.user.name, "sensor.prefix", name, details)
    return _one(request, services, name)


@get("/telescope/sensors/{name:str}/gaps", sync_to_thread=True)
def sensor_gaps(
    request: _Asking,
    services: _Services,
    name: FromPath[str],
    since: _Since = None,
    until: _Until = None,
) -> SensorGapPage:
    """List the times of which a sensor says nothing, the latest first."""
    from kaname.telescope.sensors.gaps import all_gaps

    _known(request, services, name, missing_is_fine=True)
    end = _instant(until) if until else now_us()
    start = _instant(since) if since else end - 7 * DAY
    found = all_gaps(services.lake, _part(services), name, start, end)
    items = [SensorGapOut(one.kind, one.since, one.until, one.amount) for one in found]
    return SensorGapPage(items, len(items))


def _instant(text: str) -> int:
    """An instant of the query string, microseconds."""
    return int(text) if _MICROSECONDS.fullmatch(text) else parse_us(text)


def _known(
    request: _Asking, services: Any, name: str, *, missing_is_fine: bool = False
) -> Sensor | None:
    """The sensor, if the account may see it; one above its clearance is as if missing."""
    part, clearance = _part(services), request.user.clearance
    if missing_is_fine and name not in {one.name for one in part.sensors()}:
        return None
    return part.sensor(name, clearance=clearance)


def _one(request: _Asking, services: Any, name: str) -> TelescopeSensorOut:
    return next(one for one in _seen(request, services) if one.name == name)


@post(
    "/api/v1/telescope/sensors/{name:str}/minutes",
    opt={"public": True, "foreign": True},
    include_in_schema=False,
    request_max_body_size=MOST_BODY,
    status_code=200,
)
async def take_minutes(
    request: _Asking, services: _Services, name: FromPath[str]
) -> Response[bytes]:
    """Take a delivery of a sensor; with the sensor's token only."""
    return await take(request, services, name, MINUTES)


ROUTES = (sensors, put_sensor, remove_sensor, add_sensor_prefix, sensor_gaps)
OUTSIDE = (take_minutes,)
