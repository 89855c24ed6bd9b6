"""What each sensor monitors, and since when: prefixes of unused addresses, valid from and until.

How large a telescope is decides what its counts mean, and a packet to an address that it
does not monitor says nothing of the Internet. The registry (`kaname.knowledge.sensors`) is
written as a file beside the data; analyses read that file as a parameter, so that they stay
functions of rows and parameters, and are run again when it changes.

A row of `flowtuples` holds the destinations of one /24 (IPv6: /120). A prefix that is longer
counts with its own size, while rows belong to it by their block.
"""

from __future__ import annotations

import functools
import ipaddress
import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kaname.analysis.frame import Parameter, Window
from kaname.model.address import Prefix, prefix
from kaname.model.errors import SettingError
from kaname.model.instant import format_us
from kaname.model.sensors import Monitored, Registry

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = [
    "SENSORS",
    "Valid",
    "addresses",
    "inside",
    "monitored",
    "read_registry",
    "sql",
    "valid",
]

SENSORS = Parameter(
    "sensors",
    "",
    None,
    None,
    "file",
    "JSON file of the sensors and the prefixes they monitor (`kaname telescope sensors`)",
    "センサーと観測プレフィックスの JSON ファイル(`kaname telescope sensors` が書き出す)",
    file=True,
)
_BLOCK = 256
_BLOCK_LENGTH = 120


class Valid(NamedTuple):
    """A prefix and the part of a window in which it is monitored."""

    prefix: Prefix
    text: str
    since: int
    until: int

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """First and last address of its blocks: high, low, high, low."""
        first, last = self.prefix.first, self.prefix.last
        if self.prefix.length <= _BLOCK_LENGTH:
            return first.hi, first.lo, last.hi, last.lo
        low = first.lo - first.lo % _BLOCK
        return first.hi, low, last.hi, low + _BLOCK - 1


def read_registry(path: str) -> Registry:
    """The registry in the file ``path``; an empty one for no path.

    Raises:
        SettingError: the file cannot be read, or is no registry.
    """
    if not path:
        return Registry()
    try:
        return msgspec.json.decode(Path(path).expanduser().read_bytes(), type=Registry)
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingError("analysis.error.file", name=SENSORS.name, reason=error) from None


def monitored(registry: Registry, sensor: str, window: Window) -> tuple[Valid, ...] | None:
    """The prefixes that ``sensor`` monitors in (a part of) the window, in order.

    None: nobody said what it monitors, so that everything it saw counts.
    """
    if not registry.sensors.get(sensor):
        return None
    return valid(registry.sensors, sensor, window.start, window.end)


def valid(
    sensors: Mapping[str, Sequence[Monitored]], sensor: str, start: int, end: int
) -> tuple[Valid, ...]:
    """As `monitored`, for start <= time < end."""
    found = []
    for each in sensors.get(sensor, ()):
        since, until = max(each.since, start), min(end if each.until is None else each.until, end)
        if since < until:
            found.append(Valid(prefix(each.prefix), each.prefix, since, until))
    return tuple(sorted(found, key=lambda one: (one.prefix, one.since)))


def addresses(prefixes: Sequence[Valid]) -> int:
    """IPv4 addresses of the prefixes together; one that lies inside another counts once."""
    nets = (ipaddress.ip_network(one.text, strict=False) for one in prefixes)
    fours = [net for net in nets if isinstance(net, ipaddress.IPv4Network)]
    return sum(net.num_addresses for net in ipaddress.collapse_addresses(fours))


def inside(rows: ir.Table, prefixes: Sequence[Valid]) -> ir.BooleanValue:
    """Whether the destination of a row is monitored at its time."""
    import ibis

    def one(each: Valid) -> ir.BooleanValue:
        hi, lo, last_hi, last_lo = each.bounds
        if hi == last_hi:
            within = (rows.dst_hi == hi) & rows.dst_lo.between(lo, last_lo)
        else:
            within = rows.dst_hi.between(hi, last_hi)
        since, until = (ibis.timestamp(format_us(at)) for at in (each.since, each.until))
        return within & (rows.ts >= since) & (rows.ts < until)

    return functools.reduce(operator.or_, map(one, prefixes), ibis.literal(value=False))


def sql(prefixes: Sequence[Valid], window: Window) -> str:
    """The SQL condition that a row of the window is `inside`."""

    def one(each: Valid) -> str:
        hi, lo, last_hi, last_lo = each.bounds
        low = f" AND dst_lo BETWEEN {lo} AND {last_lo}" if hi == last_hi else ""
        parts = [f"dst_hi BETWEEN {hi} AND {last_hi}{low}"]
        if each.since > window.start:
            parts.append(f"ts >= TIMESTAMPTZ '{_written(each.since)}'")
        if each.until < window.end:
            parts.append(f"ts < TIMESTAMPTZ '{_written(each.until)}'")
        return " AND ".join(parts)

    return "(" + (" OR ".join(map(one, prefixes)) or "false") + ")"


def _written(at: int) -> str:
    return format_us(at).replace("T", " ").replace("Z", "+00:00")
