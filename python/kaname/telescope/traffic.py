"""The rows that a telescope looks at: traffic to addresses that nobody uses.

On a darknet that is everything. In an ordinary capture most addresses are used; there
the rows are left out whose destination has itself sent to their source, since then both
sides talk, and what goes to groups (multicast, broadcast). The rest is what a darknet
would have seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from kaname.telescope.families import family_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["BLOCK", "Extent", "dark", "extent", "is_v4", "octet", "seconds_of", "to_group"]

BLOCK = 256  # addresses of a destination block (/24, IPv6 /120)
_V4 = 0xFFFF << 32
_MULTICAST_V4 = _V4 + (224 << 24)
_MULTICAST_V6 = -(1 << 56)  # ff00::/8 as the high word, signed
_COLUMNS = (
    "src_hi",
    "src_lo",
    "dst_hi",
    "dst_lo",
    "dst_more",
    "uniq_dst",
    "port",
    "proto",
    "ptype",
    "packets",
    "octets",
    "uniq_sport",
    "ttl_mode",
    "win_first",
    "opt_first",
    "pay_first",
    "fp_all",
    "fp_any",
    "vic_hi",
    "vic_lo",
    "vic_proto",
    "vic_port",
    "inv_all",
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a telescope sees: its size, and the span of its rows."""

    addresses: int
    first: int  # seconds since 1970
    last: int

    @property
    def expiry(self) -> int:
        """Seconds of silence after which a source has stopped.

        A scanner that sends 100 packets per second to the whole IPv4 Internet is missed
        for so long with a chance of 0.1 %: ln(1000) * 2^32 / (100 * addresses), and not
        less than 5 minutes or more than 6 hours. (Merit's 624 s is this for 475,136.)
        """
        silence = 6.908 * 2**32 / (100 * max(1, self.addresses))
        return int(min(6 * 3600, max(300, silence)))


def seconds_of(rows: ir.Table) -> ir.IntegerValue:
    """Seconds since 1970 of the first packet of each row."""
    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    minute = rows.ts.delta(epoch, unit="microsecond") // 1_000_000
    return (minute + rows.first_s).cast("int64")


def octet(lo: ir.IntegerValue) -> ir.IntegerValue:
    """The first octet of an IPv4 address given its low word."""
    return (lo - _V4) // (1 << 24)


def dark(flowtuples: ir.Table) -> ir.Table:
    """The rows to look at, with ``family`` and ``at`` (seconds since 1970)."""
    rows = flowtuples.select(
        *_COLUMNS, family=family_of(flowtuples), at=seconds_of(flowtuples)
    ).filter(~to_group(flowtuples))
    spoken = _spoken(rows)
    if spoken.count().to_pyarrow().as_py() == 0:
        return rows  # a darknet: nothing that is asked of these rows need join again
    return rows.anti_join(spoken, ("src_hi", "src_lo", "dst_hi", "dst_lo"))


def is_v4(rows: ir.Table) -> ir.BooleanValue:
    """Whether rows go to IPv4 addresses."""
    return (rows.dst_hi == 0) & (rows.dst_lo >= _V4)


def to_group(rows: ir.Table) -> ir.BooleanValue:
    """Whether rows go to groups (multicast, broadcast) and not to one address."""
    v4 = (rows.dst_hi == 0) & (rows.dst_lo >= _MULTICAST_V4)
    v6 = (rows.dst_hi < 0) & (rows.dst_hi >= _MULTICAST_V6)
    return v4 | v6


def _spoken(rows: ir.Table) -> ir.Table:
    """Pairs (source, destination) for which the reverse exists as well.

    Only addresses that appear on both sides can be in one: of these a darknet has next
    to none, which keeps the join small.
    """
    senders = rows.select("src_hi", "src_lo").distinct()
    receivers = rows.select("dst_hi", "dst_lo").distinct()
    both = senders.semi_join(
        receivers, [senders.src_hi == receivers.dst_hi, senders.src_lo == receivers.dst_lo]
    ).select(hi="src_hi", lo="src_lo")
    out = rows.semi_join(both, [rows.src_hi == both.hi, rows.src_lo == both.lo])
    pairs = out.select("src_hi", "src_lo", "dst_hi", "dst_lo").distinct()
    # the reverse of what those addresses sent is what was sent to them in reply
    return pairs.select(src_hi="dst_hi", src_lo="dst_lo", dst_hi="src_hi", dst_lo="src_lo")


def extent(rows: ir.Table, addresses: int) -> Extent:
    """The extent that ``rows`` (of `dark`) show; ``addresses`` is the size where known.

    Without it the size is taken as 256 for each IPv4 block that received anything.
    """
    seen = rows.aggregate(
        first=rows["at"].min(),
        last=rows["at"].max(),
        blocks=(rows.dst_lo // BLOCK).nunique(where=is_v4(rows)),
    ).to_pyarrow()
    first, last, blocks = (seen.column(name)[0].as_py() or 0 for name in seen.column_names)
    return Extent(addresses or blocks * BLOCK, first, last)
