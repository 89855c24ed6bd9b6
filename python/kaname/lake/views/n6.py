"""Events of n6, the exchange of CERT Polska, of lake rows.

Names of fields are those of the n6 SDK: category, address (a list of ip, cc, asn), time,
fqdn, url, proto, sport, dport, name, confidence, source, restriction. ``id`` is made of
the row's place, so that a client that asks twice sees the same event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from kaname.lake.views.rows import Row
from kaname.model.errors import UsageError
from kaname.model.instant import format_us

__all__ = ["n6_event", "n6_tables"]

Event = dict[str, Any]
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}
_RESTRICTIONS = {"clear": "public", "green": "need-to-know"}  # stricter ones are internal
# Labels of feeds in n6's words; whatever else stays "other".
_CATEGORIES = {"phishing": "phish", "malware": "malurl", "c2": "cnc", "spam": "spam",
               "scanner": "scanning", "bots": "bots"}  # fmt: skip
_LEVELS = ((80, "high"), (40, "medium"), (0, "low"))


def n6_tables() -> tuple[str, ...]:
    """Tables whose rows can be said as n6 events."""
    return tuple(_MAPPINGS)


def n6_event(table: str, row: Row) -> Event:
    """The event of a row.

    Raises:
        UsageError: the table has none.
    """
    mapping = _MAPPINGS.get(table)
    if mapping is None:
        known = ", ".join(_MAPPINGS)
        raise UsageError("lake.error.export_format", table=table, format="n6", known=known)
    place = f"{table}:{row.get('batch', 0)}:{row.get('row_in_src', 0)}:{row['ts']}"
    event: Event = {
        "id": hashlib.md5(place.encode(), usedforsecurity=False).hexdigest(),
        "rid": hashlib.md5(str(row.get("batch", 0)).encode(), usedforsecurity=False).hexdigest(),
        "source": f"kaname.{row.get('sensor', '') or 'lake'}",
        "restriction": _RESTRICTIONS.get(str(row.get("tlp")), "internal"),
        "confidence": "medium",
        "time": f"{format_us(row['ts'])[:19]}Z",
        "address": _addresses(row),
        "proto": _PROTOCOLS.get(row.get("proto", -1)),
        "sport": row.get("sport") or None,
        "dport": row.get("dport") or None,
    } | mapping(row)
    return {name: value for name, value in event.items() if value not in (None, [], "")}


def _addresses(row: Row) -> list[Event]:
    """Source and destination as n6-matatabi wrote them: with the direction."""
    found = []
    for side in ("src", "dst"):
        if side in row:
            one = {("ipv6" if ":" in row[side] else "ip"): row[side], "dir": side}
            system = row.get(f"{side}_as") or (row.get("asn") if side == "src" else None)
            found.append(one | ({"asn": system} if system else {}) | _country(row, side))
    return found


def _country(row: Row, side: str) -> Event:
    return {"cc": row["cc"]} if side == "src" and row.get("cc") else {}


def _level(confidence: int | None) -> str:
    if confidence is None:
        return "medium"
    return next(level for least, level in _LEVELS if confidence >= least)


def _flow(row: Row) -> Event:
    return {"category": "flow", "name": row.get("app") or row.get("state")}


def _darknet(row: Row) -> Event:
    return {"category": "scanning", "name": row.get("ptype"), "dport": row.get("port")}


def _dns(row: Row) -> Event:
    return {"category": "dns-query", "fqdn": row.get("qname"), "proto": row.get("transport")}


def _feed(row: Row) -> Event:
    label, kind = str(row.get("label", "")), row.get("vtype")
    value = row.get("value")
    return {
        "category": _CATEGORIES.get(label, "other"),
        "name": label or None,
        "url": row.get("url") or (value if kind == "url" else None),
        "fqdn": value if kind == "domain" else None,
        "confidence": _level(row.get("confidence")),
        "target": row.get("target"),
        "source": f"{row.get('feed', 'kaname')}.{row.get('sensor', 'lake')}",
    }


def _exposure(row: Row) -> Event:
    return {
        "category": "vulnerable",
        "name": row.get("service") or row.get("report"),
        "fqdn": row.get("hostname"),
        "dport": row.get("port"),
    }


def _mail(row: Row) -> Event:
    urls = row.get("urls") or []
    return {
        "category": "spam",
        "name": row.get("subject") or None,
        "fqdn": row.get("from_dom") or None,
        "url": urls[0] if urls else None,
    }


def _alert(row: Row) -> Event:
    severe = row.get("severity", 3) <= 2
    return {
        "category": "other",
        "name": row.get("signature"),
        "fqdn": row.get("domain"),
        "url": row.get("url"),
        "confidence": "high" if severe else "medium",
    }


def _web(row: Row) -> Event:
    return {"category": "other", "name": row.get("app"), "url": row.get("url"),
            "fqdn": row.get("domain")}  # fmt: skip


def _tls(row: Row) -> Event:
    return {"category": "flow", "name": row.get("version"), "fqdn": row.get("sni"), "proto": "tcp"}


def _crawl(row: Row) -> Event:
    bad = row.get("verdict") in {"malicious", "suspicious"}
    return {"category": "malurl" if bad else "other", "url": row.get("final_url"),
            "name": row.get("engine"), "confidence": "high" if bad else "low"}  # fmt: skip


_MAPPINGS: dict[str, Callable[[Row], Event]] = {
    "flows": _flow,
    "flowtuples": _darknet,
    "dns": _dns,
    "feeds": _feed,
    "exposure": _exposure,
    "mail": _mail,
    "alerts": _alert,
    "user_events": _web,
    "tls": _tls,
    "crawl": _crawl,
}
