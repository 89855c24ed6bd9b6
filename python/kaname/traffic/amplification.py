"""Exposed services and what they send: who is asked, by whom, and how much more goes out.

Exposure tells which services of one's own answer strangers; flows tell whether they do,
and whether somebody uses them. Amplification is measured: octets out over octets in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.model.instant import MINUTE
from kaname.traffic.flows import columns, directed, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.analysis.frame import Window

__all__ = ["SPAN", "Service", "services"]

SPAN = 10 * MINUTE
_KEY = ("hi", "lo", "port")


@dataclass(frozen=True, slots=True)
class Service:
    """One exposed UDP service in a window.

    ``busiest`` is the greatest number of peers in ten minutes, ``unasked`` the octets to
    peers of whom no question was seen. ``reported`` is what the report says of its
    amplification, 0 where it says nothing.
    """

    hi: int
    lo: int
    port: int
    name: str
    reported: float
    sent: int
    received: int
    packets: int
    seen: int
    sampled: int
    peers: int
    busiest: int
    unasked: int
    first: int
    last: int

    @property
    def amplification(self) -> float | None:
        """Octets out per octet in; None where no question was seen."""
        return self.sent / self.received if self.received else None


def services(flows: ir.Table, exposure: ir.Table, window: Window) -> list[Service]:
    """Exposed UDP services that sent anything in ``window``, by address and port."""
    rows = directed(within(flows, window.start, window.end))
    udp = rows.filter(rows.proto == 17)
    known = _exposed(exposure)
    out = _own(udp, known, "src", "sport", "dst")
    back = _own(udp, known, "dst", "dport", "src")
    whole = _per_peer(out, back)
    per_service = whole.group_by(*_KEY).aggregate(
        sent=whole.sent.sum().cast("int64"),
        received=whole.received.sum().cast("int64"),
        packets=whole.packets.sum().cast("int64"),
        seen=whole.seen.sum().cast("int64"),
        sampled=whole.sampled.max(),
        peers=whole.count(),
        unasked=(whole.received == 0).ifelse(whole.sent, 0).sum().cast("int64"),
        first=whole["first"].min(),
        last=whole["last"].max(),
    )
    joined = per_service.join(_busiest(out), list(_KEY)).join(known, list(_KEY))
    names = ("name", "reported", "sent", "received", "packets", "seen", "sampled", "peers")
    chosen = joined.select(*_KEY, *names, "busiest", "unasked", "first", "last")
    found = columns(chosen.order_by(*_KEY))
    lists = {name: column.tolist() for name, column in found.items()}
    return [
        Service(**dict(zip(lists, values, strict=True)))
        for values in zip(*lists.values(), strict=True)
    ]


def _exposed(exposure: ir.Table) -> ir.Table:
    udp = exposure.filter(exposure.proto == 17)
    return udp.group_by(hi=udp.src_hi, lo=udp.src_lo, port=udp.port.cast("int64")).aggregate(
        name=udp.service.cast("string").max(),
        reported=udp.amp_factor.max().fill_null(0.0),
    )


def _own(rows: ir.Table, known: ir.Table, side: str, port: str, peer: str) -> ir.Table:
    named = rows.select(
        hi=rows[f"{side}_hi"],
        lo=rows[f"{side}_lo"],
        port=rows[port],
        peer_hi=rows[f"{peer}_hi"],
        peer_lo=rows[f"{peer}_lo"],
        us=rows.us,
        octets=rows.octets,
        packets=rows.packets,
        seen=rows.seen,
        sampled=rows.sampled,
    )
    return named.semi_join(known, list(_KEY))


def _per_peer(out: ir.Table, back: ir.Table) -> ir.Table:
    key = (*_KEY, "peer_hi", "peer_lo")
    sent = out.group_by(*key).aggregate(
        sent=out.octets.sum().cast("int64"),
        packets=out.packets.sum().cast("int64"),
        seen=out.seen.sum().cast("int64"),
        sampled=out.sampled.max(),
        first=out.us.min(),
        last=out.us.max(),
    )
    got = back.group_by(*key).aggregate(received=back.octets.sum().cast("int64"))
    both = sent.left_join(got, list(key))
    return both.select(*sent.columns, received=both.received.fill_null(0).cast("int64"))


def _busiest(out: ir.Table) -> ir.Table:
    timed = out.mutate(span=out.us // SPAN)
    peers = timed.group_by(*_KEY, "span").aggregate(peers=timed.peer_lo.nunique())
    return peers.group_by(*_KEY).aggregate(busiest=peers.peers.max())
