"""Query parameters that pick rows of a table, under the names of n6 and our own older ones."""

from __future__ import annotations

from typing import Annotated

from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation

from kaname.api.parameters import Since, Until, instant
from kaname.lake.filtering import Filters

__all__ = ["Fields", "Picked", "fields_of", "picking"]

_TIME = "ISO 8601, microseconds since the epoch, Unix seconds, or how long ago (2h, 7d)"
TimeMin = Annotated[str | None, QueryParameter(name="time.min", description=f"from: {_TIME}")]
TimeMax = Annotated[
    str | None, QueryParameter(name="time.max", description=f"to, exclusive: {_TIME}")
]
Ip = Annotated[str | None, QueryParameter(description="an address, in any address column")]
IpNet = Annotated[str | None, QueryParameter(name="ip.net", description="a prefix, likewise")]
Net = Annotated[str | None, QueryParameter(description="an address or a prefix")]
Fqdn = Annotated[str | None, QueryParameter(max_length=1024, description="a host name")]
FqdnSub = Annotated[
    str | None,
    QueryParameter(name="fqdn.sub", max_length=1024, description="a name and all names below"),
]
Dport = Annotated[int | None, QueryParameter(ge=0, le=65535, description="destination port")]
Port = Annotated[int | None, QueryParameter(ge=0, le=65535, description="port of either side")]
Proto = Annotated[
    str | None, QueryParameter(max_length=16, description="IP protocol: a number, tcp, udp ...")
]
Sensor = Annotated[str | None, QueryParameter(max_length=64, description="of one sensor only")]
Fields = Annotated[
    str | None, QueryParameter(max_length=4096, description="columns, commas between them")
]


def _picked(  # noqa: PLR0913 - the filters of the routes
    *,
    since: Since = None,
    until: Until = None,
    time_min: TimeMin = None,
    time_max: TimeMax = None,
    ip: Ip = None,
    ip_net: IpNet = None,
    net: Net = None,
    fqdn: Fqdn = None,
    fqdn_sub: FqdnSub = None,
    dport: Dport = None,
    port: Port = None,
    proto: Proto = None,
    sensor: Sensor = None,
) -> Filters:
    """What the parameters say; of several spellings of one the first given counts.

    Raises:
        UsageError: a time is none.
    """
    return Filters(
        since=instant(time_min or since),
        until=instant(time_max or until),
        net=ip or ip_net or net,
        fqdn=fqdn,
        fqdn_sub=fqdn_sub,
        dport=dport,
        port=port,
        proto=proto,
        sensor=sensor,
    )


Picked = NamedDependency[SkipValidation[Filters]]
picking = {"filters": Provide(_picked, sync_to_thread=False)}  # dependencies of a route


def fields_of(text: str | None) -> tuple[str, ...]:
    """Names of columns, each once, in their order."""
    names = (name.strip() for name in (text or "").split(","))
    return tuple(dict.fromkeys(name for name in names if name))
