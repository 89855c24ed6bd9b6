"""What routers told: BGP updates as MRT (RFC 6396), and paths as RIPE Atlas gives them."""

from __future__ import annotations

import ipaddress
import json
import struct
from pathlib import Path
from typing import Any

from kaname.traffic.scenario.cast import SECOND, Cast

__all__ = ["write_traces", "write_updates"]

_PEER = ("192.0.2.254", 64500)
_OWN, _STRANGER = 64511, 64666


def write_updates(path: Path, cast: Cast) -> int:
    """The house's prefix, and five minutes into the flood a piece of it from elsewhere."""
    address, length = cast.prefix
    begun = cast.flood[0]
    updates = (
        (cast.start + 60 * SECOND, address, length, (_PEER[1], 64505, _OWN)),
        (begun + 300 * SECOND, address, length + 1, (_PEER[1], 64507, _STRANGER)),
    )
    path.write_bytes(b"".join(_record(*update) for update in updates))
    return len(updates)


def _record(at: int, prefix: str, length: int, path: tuple[int, ...]) -> bytes:
    """BGP4MP_MESSAGE_AS4 (type 16, subtype 4) with one UPDATE (RFC 4271, 4.3)."""
    peer, local = (ipaddress.ip_address(each).packed for each in (_PEER[0], "192.0.2.253"))
    ends = struct.pack(">IIHH", _PEER[1], 64499, 0, 1) + peer + local
    body = ends + _update(prefix, length, path)
    return struct.pack(">IHHI", at // SECOND, 16, 4, len(body)) + body


def _update(prefix: str, length: int, path: tuple[int, ...]) -> bytes:
    segment = struct.pack(">BB", 2, len(path)) + b"".join(struct.pack(">I", each) for each in path)
    attributes = (
        b"\x40\x01\x01\x00"
        + struct.pack(">BBB", 0x40, 2, len(segment)) + segment
        + b"\x40\x03\x04" + ipaddress.ip_address(_PEER[0]).packed
    )  # fmt: skip
    announced = bytes([length]) + ipaddress.ip_address(prefix).packed[: (length + 7) // 8]
    body = struct.pack(">HH", 0, len(attributes)) + attributes + announced
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 2) + body


def write_traces(path: Path, cast: Cast) -> int:
    """Four traceroutes to the web server, a JSON object a line; gives their number."""
    results = [_trace(cast, n) for n in range(4)]
    path.write_text("".join(json.dumps(each) + "\n" for each in results), encoding="utf-8")
    return len(results)


def _trace(cast: Cast, n: int) -> dict[str, Any]:
    hops = [("10.20.0.1", 1.2), (f"192.0.2.{n + 1}", 8.5), (cast.web, 11.0 + n)]
    return {
        "type": "traceroute", "fw": 5080, "af": 4, "proto": "ICMP",
        "msm_id": 5001, "prb_id": 6000 + n, "from": f"203.0.113.{n + 10}",
        "src_addr": f"203.0.113.{n + 10}", "dst_addr": cast.web, "dst_name": cast.web,
        "timestamp": cast.start // SECOND + 6 * 3600 * n,
        "result": [
            {"hop": at, "result": [{"from": router, "rtt": rtt, "ttl": 64, "size": 28}]}
            for at, (router, rtt) in enumerate(hops, 1)
        ],
    }  # fmt: skip
