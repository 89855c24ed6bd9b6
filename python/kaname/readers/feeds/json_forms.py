"""Feeds as JSON: PhishTank, abuse.ch (URLhaus, ThreatFox, Feodo), MISP events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kaname.readers.feeds.entries import Entry, of_value
from kaname.readers.feeds.misp import entries_of_event, event_in
from kaname.readers.fields import number
from kaname.readers.moments import iso_us

__all__ = ["entries_in", "feed_of"]

Object = dict[str, Any]


def feed_of(value: Object) -> str | None:
    """Whose feed an object is of; None when it is of none that is known."""
    if event_in(value) is not None:
        return "misp"
    first = next(_members(value), {})
    if {"phish_id", "url"} <= first.keys():
        return "phishtank"
    if "url" in first and {"url_status", "threat"} & first.keys():
        return "urlhaus"
    if ({"ioc_value"} & first.keys() or "ioc" in first) and "threat_type" in first:
        return "threatfox"
    return "feodo" if {"ip_address", "malware", "first_seen"} <= first.keys() else None


def entries_in(value: Object, feed: str) -> Iterator[Entry | None]:
    """Entries of an object, which is one, or holds many; None for each that is none."""
    event = event_in(value) if feed == "misp" else None
    if event is not None:
        yield from entries_of_event(event)
        return
    for member in _members(value):
        yield _READ[feed](member)


def _members(value: Object) -> Iterator[Object]:
    """The object itself, or what its lists hold: publishers key them by number or name."""
    lists = [each for each in value.values() if isinstance(each, list)]
    inner = [each for each in lists if each and isinstance(each[0], dict)]
    if inner and not {"url", "ioc", "ioc_value", "ip_address"} & value.keys():
        for each in inner:
            yield from (member for member in each if isinstance(member, dict))
        return
    yield value


def _phishtank(value: Object) -> Entry | None:
    entry = of_value(str(value.get("url", "")), label="phishing")
    if entry is None:
        return None
    details = value.get("details")
    detail = details[0] if isinstance(details, list) and details else {}
    detail = detail if isinstance(detail, dict) else {}
    entry.first_us = iso_us(value.get("submission_time"))
    entry.last_us = iso_us(value.get("verification_time"))
    entry.target = _text(value.get("target"))
    entry.status = {"yes": "online", "no": "offline"}.get(str(value.get("online")))
    entry.address = _text(detail.get("ip_address"))
    entry.asn = number(_text(detail.get("announcing_network")))
    entry.cc = _text(detail.get("country"))
    entry.ext = {"id": value.get("phish_id"), "verified": value.get("verified")}
    return entry


def _urlhaus(value: Object) -> Entry | None:
    entry = of_value(str(value.get("url", "")), label="malware")
    if entry is None:
        return None
    entry.first_us = iso_us(value.get("dateadded") or value.get("date_added"))
    entry.last_us = iso_us(value.get("last_online"))
    entry.status = _text(value.get("url_status"))
    entry.ext = {name: value.get(name) for name in ("id", "threat", "tags", "reporter")}
    return entry


def _threatfox(value: Object) -> Entry | None:
    kind = str(value.get("threat_type"))
    label = "c2" if kind == "botnet_cc" else "malware"
    entry = of_value(str(value.get("ioc_value") or value.get("ioc") or ""), label=label)
    if entry is None:
        return None
    entry.first_us = iso_us(value.get("first_seen_utc") or value.get("first_seen"))
    entry.last_us = iso_us(value.get("last_seen_utc") or value.get("last_seen"))
    entry.confidence = number(_text(value.get("confidence_level")))
    names = ("id", "ioc_type", "malware_printable", "malware", "tags", "reporter")
    entry.ext = {**entry.ext, "threat": kind, **{name: value.get(name) for name in names}}
    return entry


def _feodo(value: Object) -> Entry | None:
    entry = of_value(str(value.get("ip_address", "")), label="c2")
    if entry is None:
        return None
    entry.first_us = iso_us(value.get("first_seen"))
    entry.last_us = iso_us(value.get("last_online"))
    entry.status = _text(value.get("status"))
    entry.asn = number(_text(value.get("as_number")))
    entry.cc = _text(value.get("country"))
    entry.ext = {name: value.get(name) for name in ("port", "hostname", "malware", "as_name")}
    return entry


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


_READ = {
    "phishtank": _phishtank,
    "urlhaus": _urlhaus,
    "threatfox": _threatfox,
    "feodo": _feodo,
}
