"""Events of MISP (the MISP core format): attributes, those of objects included, as entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kaname.readers.feeds.entries import Entry, of_value
from kaname.readers.feeds.naming import label_of
from kaname.readers.moments import epoch_us, iso_us

__all__ = ["entries_of_event", "event_in"]

Object = dict[str, Any]

# Types whose value is a thing that the table has; of pairs, which half is.
_TYPES = {
    *("ip-src", "ip-dst", "domain", "hostname", "url", "uri", "link", "md5", "sha1", "sha256"),
    *("email", "email-src", "email-dst"),
}
_PAIRS = {
    "ip-src|port": 0,
    "ip-dst|port": 0,
    "hostname|port": 0,
    "domain|ip": 0,
    "filename|md5": 1,
    "filename|sha1": 1,
    "filename|sha256": 1,
    "malware-sample": 1,
}


def event_in(value: Object) -> Object | None:
    """The event of a document, if it is one."""
    event = value.get("Event")
    if isinstance(event, dict) and {"info", "Attribute", "uuid", "Object"} & event.keys():
        return event
    return None


def entries_of_event(event: Object) -> Iterator[Entry | None]:
    """An entry per attribute of a type that the table has; None where its value is not so."""
    label = label_of(" ".join([str(event.get("info", "")), *_tags(event)]))
    base = {"event": event.get("uuid"), "info": event.get("info")}
    ts = epoch_us(event.get("timestamp")) or iso_us(event.get("date"))
    for attribute in _attributes(event):
        value = _value(attribute)
        if value is None:
            continue
        entry = of_value(value, label=label)
        if entry is not None:
            entry.ts = epoch_us(attribute.get("timestamp")) or ts
            entry.first_us = iso_us(attribute.get("first_seen"))
            entry.last_us = iso_us(attribute.get("last_seen"))
            names = ("type", "category", "to_ids", "comment")
            entry.ext = {**entry.ext, **base, **{name: attribute.get(name) for name in names}}
        yield entry


def _attributes(event: Object) -> Iterator[Object]:
    groups = [event.get("Attribute")]
    objects = event.get("Object")
    groups += [each.get("Attribute") for each in objects or () if isinstance(each, dict)]
    for group in groups:
        yield from (each for each in group or () if isinstance(each, dict))


def _value(attribute: Object) -> str | None:
    kind, value = str(attribute.get("type")), attribute.get("value")
    if not isinstance(value, str):
        return None
    if kind in _PAIRS:
        halves = value.split("|", 1)
        return halves[_PAIRS[kind]] if len(halves) == 2 else halves[0]
    return value if kind in _TYPES else None


def _tags(event: Object) -> list[str]:
    tags = event.get("Tag")
    return [str(each.get("name")) for each in tags or () if isinstance(each, dict)]
