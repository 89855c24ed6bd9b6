"""Statistics: packets and hosts along time, and rankings of who, whence and what for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation

from kaname.model.errors import UsageError
from kaname.model.instant import DAY, HOUR, MINUTE, parse_us

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Time = Annotated[str, QueryParameter(description="ISO 8601, or how long ago: 1h")]
_Bin = Annotated[Literal["5m", "1h", "1d"], QueryParameter(name="bin", description="step of time")]
_Sensor = Annotated[str, QueryParameter(max_length=200, description="of one sensor only")]
_Survey = Annotated[
    Literal["with", "without"], QueryParameter(description="whether surveys are counted")
]
_By = Annotated[
    str,
    QueryParameter(
        max_length=100,
        description="what to rank, with commas: country, asn, tcp, udp, label, ptype",
    ),
]
_Top = Annotated[int, QueryParameter(ge=1, le=1000, description="places of each ranking")]
_BINS = {"5m": 5 * MINUTE, "1h": HOUR, "1d": DAY}


class BinOut(msgspec.Struct, frozen=True):
    """One step of time (us); null where nothing was observed at all."""

    at: int
    packets: int | None
    hosts: int | None


class CellOut(msgspec.Struct, frozen=True):
    """One place of a ranking, with the query of its rows."""

    key: str
    name: str
    packets: int
    hosts: int
    where: str


class RankingOut(msgspec.Struct, frozen=True):
    """The first of each order.

    Where ``exact`` is false, hosts are the mean of a day instead of those of the time.
    """

    by: str
    exact: bool
    keys: int
    by_hosts: list[CellOut]
    by_packets: list[CellOut]


class AttributionOut(msgspec.Struct, frozen=True):
    """Whom to name beside what comes from the network tables."""

    text: str
    link: str


class StatsOut(msgspec.Struct, frozen=True):
    """All counts. ``pending``: days with packets whose sources are not labelled yet."""

    since: int
    until: int
    bin: int
    sensor: str
    sensors: list[str]
    survey: bool
    packets: int
    hosts: int
    where: str
    bins: list[BinOut]
    rankings: list[RankingOut]
    pending: list[str]
    networks: str
    attributions: list[AttributionOut]


@get("/telescope/stats", sync_to_thread=True)
def telescope_stats(
    request: Request[Any, Any, Any],
    services: _Services,
    since: _Time,
    until: _Time,
    bin_: _Bin = "1d",
    sensor: _Sensor = "",
    survey: _Survey = "with",
    by: _By = "",
    top: _Top = 10,
) -> StatsOut:
    """Packets and distinct hosts along time and in rankings, with the query of each number."""
    from kaname.lake.networks import Networks
    from kaname.telescope.stats import Asked, registry_of, stats

    asked = Asked(
        since=parse_us(since),
        until=parse_us(until),
        bin=_BINS[bin_],
        sensor=sensor,
        survey=survey == "with",
        by=_named(by),
        top=top,
        clearance=request.user.clearance,
        registry=registry_of(services.settings.data),
    )
    found = stats(services.lake, Networks.open(services.settings.data), asked)
    told = msgspec.to_builtins(found)
    told["attributions"] = [{"text": text, "link": link} for text, link in found.attributions]
    return msgspec.convert(told, StatsOut)


def _named(by: str) -> tuple[str, ...]:
    """The rankings that ``by`` lists."""
    from kaname.telescope.stats import BY

    names = tuple(dict.fromkeys(name for name in by.split(",") if name))
    unknown = [name for name in names if name not in BY]
    if unknown:
        raise UsageError("telescope.error.stats_by", found=unknown[0], known=", ".join(BY))
    return names


ROUTES = (telescope_stats,)
