"""The rows behind findings over flows, names and acts, as SQL that anybody can run again.

Every selection groups by what an analyst reads and says nothing of where rows are stored,
so its digest is that of the observations; see `kaname.analysis.selection`.
"""

from __future__ import annotations

from kaname.analysis.frame import Context
from kaname.analysis.selection import Selection, during, quoted
from kaname.model.address import Prefix

__all__ = [
    "MINUTE",
    "acts",
    "contacts",
    "exposures",
    "flows",
    "handshakes",
    "inside",
    "own",
    "pairs",
    "volumes",
]

MINUTE = ("date_trunc('minute', ts)", "minute")
_SOURCE = ("ip(src_hi, src_lo)", "source")
_DESTINATION = ("ip(dst_hi, dst_lo)", "destination")
_COUNT = ("CAST(count(*) AS BIGINT)", "records")
_VOLUME = (
    ("CAST(sum(packets * sampling) AS BIGINT)", "packets"),
    ("CAST(sum(octets * sampling) AS BIGINT)", "octets"),
)
_SOURCES = ("CAST(count(DISTINCT (src_hi, src_lo)) AS BIGINT)", "sources")


def own(context: Context, start: int, end: int, *more: str) -> str:
    """The condition of rows of the context's sensor in [start, end) for which ``more`` hold.

    A context over all sensors has the sensor ``all``.
    """
    parts = [during(start, end)]
    if context.sensor != "all":
        parts.append(f"sensor = {quoted(context.sensor)}")
    return "\n  AND ".join((*parts, *more))


def inside(column: str, prefixes: tuple[Prefix, ...]) -> str:
    """The condition that the address in ``column`` is in one of ``prefixes``."""
    return "(" + " OR ".join(f"({one.sql(column)})" for one in prefixes) + ")"


def flows(condition: str) -> Selection:
    """Flows by minute, destination and service; how many sources, packets and octets."""
    keys = (MINUTE, _DESTINATION, ("proto", "protocol"), ("dport", "port"), ("tcp_bits", "bits"))
    return Selection("flows", condition, keys, (_COUNT, _SOURCES, *_VOLUME))


def volumes(condition: str) -> Selection:
    """Flows by minute and protocol: how many hosts on either side, packets and octets."""
    hosts = ("CAST(count(DISTINCT (dst_hi, dst_lo)) AS BIGINT)", "destinations")
    keys = (MINUTE, ("proto", "protocol"))
    return Selection("flows", condition, keys, (_COUNT, _SOURCES, hosts, *_VOLUME))


def contacts(condition: str) -> Selection:
    """Flows between two hosts, one row a contact."""
    keys = (("ts", "at"), _SOURCE, _DESTINATION, ("proto", "protocol"), ("dport", "port"))
    return Selection("flows", condition, keys, (_COUNT, *_VOLUME))


def pairs(condition: str) -> Selection:
    """Flows by pair of hosts and service."""
    keys = (_SOURCE, _DESTINATION, ("proto", "protocol"), ("dport", "port"))
    first = ("min(ts)", "first")
    return Selection("flows", condition, keys, (first, _COUNT, *_VOLUME))


def handshakes(condition: str) -> Selection:
    """TLS handshakes, one row a contact."""
    keys = (("ts", "at"), _SOURCE, _DESTINATION, ("coalesce(sni, ja3)", "server"))
    return Selection("tls", condition, keys, (_COUNT,))


def acts(condition: str) -> Selection:
    """Acts of users, one row a contact."""
    keys = (("ts", "at"), _SOURCE, ("domain", "domain"), ("url", "url"))
    octets = ("CAST(sum(octets_out) AS BIGINT)", "octets_out")
    return Selection("user_events", condition, keys, (_COUNT, octets))


def exposures(condition: str) -> Selection:
    """Exposed services by host."""
    keys = (("ts", "at"), _SOURCE, ("port", "port"), ("proto", "protocol"), ("report", "report"))
    return Selection("exposure", condition, keys, (_COUNT,))
