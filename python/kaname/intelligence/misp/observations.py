"""A MISP event as observations: one for each attribute, object and sighting with artifacts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from kaname.intelligence.misp.marking import group_of, pap_of, tags_of, tlp_of
from kaname.intelligence.misp.naming import claims, techniques
from kaname.intelligence.misp.reading import Problem
from kaname.intelligence.misp.types import artifacts_of
from kaname.intelligence.records import Mention, Observation
from kaname.model.errors import UsageError
from kaname.model.ids import digest, stable_id
from kaname.model.instant import SECOND, parse_us
from kaname.model.marking import Tlp, join
from kaname.model.records import Pap

__all__ = ["Origin", "event_moment", "observations_of"]

_LIMIT = 253_402_300_800  # the year 10000 in seconds: what lies behind it is no instant
_BEHAVIOURS = (
    (re.compile(r"command.and.control|\bc2\b|\bc&c\b|c&amp;c", re.IGNORECASE), "c2"),
    (re.compile(r"phish", re.IGNORECASE), "phishing"),
    (re.compile(r"\bscann", re.IGNORECASE), "scan"),
)
_PAYLOAD = frozenset({"Payload delivery", "Payload installation", "Artifacts dropped"})
_SIGHTINGS = {"0": "subject", "1": "benign"}  # 2, an expiration, says nothing was seen


class Origin(NamedTuple):
    """Where an event came from: ``tlp`` holds where no tag says another."""

    source: str
    tlp: Tlp
    received: int


class _Event(NamedTuple):
    origin: Origin
    at: int
    tlp: Tlp
    tags: tuple[str, ...]
    body: dict[str, Any]
    org: str
    group: str
    prefix: str
    problems: list[Problem]


def observations_of(
    event: dict[str, Any], key: str, origin: Origin, problems: list[Problem], pointer: str = ""
) -> Iterator[Observation]:
    """What the event ``key`` says; parts of a wrong form go to ``problems``."""
    tags = tags_of(event)
    orgc = event.get("Orgc")
    own = _Event(
        origin,
        event_moment(event) or origin.received,
        tlp_of(tags, origin.tlp),
        tuple(tags),
        {"event": key, "info": str(event.get("info", ""))[:500]},
        str(orgc.get("name", ""))[:128] if isinstance(orgc, dict) else "",
        group_of(event),
        digest(origin.source, key, tags),
        problems,
    )
    for place, attribute in _parts(own, event, "Attribute", pointer):
        yield from _of_attribute(own, attribute, place)
    for place, thing in _parts(own, event, "Object", pointer):
        yield from _of_object(own, thing, place)


def event_moment(thing: dict[str, Any]) -> int | None:
    """The instant (microseconds, UTC) of an event or attribute; None when it says none."""
    for name in ("first_seen", "timestamp", "date_sighting", "date"):
        value = thing.get(name)
        if value is None or isinstance(value, bool) or not isinstance(value, str | int):
            continue
        found = _moment(str(value))
        if found is not None:
            return found
    return None


def _of_attribute(own: _Event, attribute: dict[str, Any], place: str) -> Iterator[Observation]:
    mentions = _mentions(own, attribute, place)
    if mentions:
        yield _observation(own, attribute, mentions, [attribute])
        yield from _of_sightings(own, attribute, mentions)


def _of_object(own: _Event, thing: dict[str, Any], place: str) -> Iterator[Observation]:
    """An object is seen as a whole: its artifacts belong together."""
    parts = _parts(own, thing, "Attribute", place)
    found = [(one, _mentions(own, one, at)) for at, one in parts]
    mentions = dict.fromkeys(mention for _, several in found for mention in several)
    if mentions:
        yield _observation(own, thing, tuple(mentions), [one for one, _ in found])
    for attribute, several in found:
        yield from _of_sightings(own, attribute, several)


def _mentions(own: _Event, attribute: dict[str, Any], place: str) -> tuple[Mention, ...]:
    kind, value = attribute.get("type"), attribute.get("value")
    if not isinstance(kind, str) or not isinstance(value, str):
        own.problems.append(Problem(place, "intelligence.misp.problem.attribute", {}))
        return ()
    if attribute.get("deleted") is True:
        return ()
    role = "listed" if attribute.get("to_ids") is True else "reference"
    return tuple(Mention(kind_of, spelt, role) for kind_of, spelt in artifacts_of(kind, value))


def _observation(
    own: _Event,
    thing: dict[str, Any],
    mentions: tuple[Mention, ...],
    attributes: list[dict[str, Any]],
) -> Observation:
    tags = tuple(tag for one in (thing, *attributes) if "Tag" in one for tag in tags_of(one))
    said = _said_by(own.tags, tags, own.tlp)
    listed = any(mention.role == "listed" for mention in mentions)
    return Observation(
        id=_key(own, thing),
        source=own.origin.source,
        kind="listing" if listed else "report",
        at=_not_later(event_moment(thing) or own.at, own),
        received=own.origin.received,
        mentions=mentions,
        tlp=said.tlp,
        org=own.org,
        groups=_groups(own, thing, attributes),
        pap=said.pap,
        behaviours=_behaviours(attributes, tags) if listed else (),
        body=own.body | _body(thing, attributes) | said.body,
    )


class _Said(NamedTuple):
    tlp: Tlp
    pap: Pap
    body: dict[str, Any]


@functools.lru_cache(maxsize=4096)  # the parts of an event share their tags
def _said_by(of_event: tuple[str, ...], own: tuple[str, ...], tlp: Tlp) -> _Said:
    """What the tags of an event and of a part of it say together."""
    tags = list(dict.fromkeys((*of_event, *own)))
    named = {"techniques": techniques(tags), "entities": [list(one) for one in claims(tags)]}
    body = {name: value for name, value in named.items() if value}
    return _Said(join((tlp, tlp_of(own, tlp))), pap_of(tags), body)


def _groups(
    own: _Event, thing: dict[str, Any], attributes: list[dict[str, Any]]
) -> tuple[str, ...]:
    """The sharing groups that it is limited to: the narrowest that any part names."""
    for one in (*attributes, thing):
        if group := group_of(one):
            return (group,)
    return (own.group,) if own.group else ()


def _body(thing: dict[str, Any], attributes: list[dict[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {"types": [_text(one, "type") for one in attributes]}
    comments = [found for one in attributes if (found := _text(one, "comment"))]
    if comments:
        said["comment"] = "; ".join(comments)[:1000]
    if "Attribute" in thing:
        said["object"] = thing.get("name")
    if references := _dicts(thing.get("ObjectReference")):
        said["references"] = [
            {"to": _text(one, "referenced_uuid"), "how": _text(one, "relationship_type")}
            for one in references
        ]
    return said


def _behaviours(attributes: list[dict[str, Any]], tags: tuple[str, ...]) -> tuple[str, ...]:
    words = " ".join([*tags, *(_text(one, "comment") for one in attributes)])
    delivered = any(str(one.get("category")) in _PAYLOAD for one in attributes)
    return (*_told(words), "payload") if delivered else _told(words)


@functools.lru_cache(maxsize=4096)  # comments repeat
def _told(words: str) -> tuple[str, ...]:
    return tuple(name for pattern, name in _BEHAVIOURS if pattern.search(words))


def _of_sightings(
    own: _Event, attribute: dict[str, Any], mentions: tuple[Mention, ...]
) -> Iterator[Observation]:
    for sighting in _dicts(attribute["Sighting"]) if "Sighting" in attribute else ():
        role = _SIGHTINGS.get(str(sighting.get("type", "0")))
        if role is None or not mentions:
            continue
        seer = sighting.get("Organisation")
        yield Observation(
            id=_key(own, sighting),
            source=own.origin.source,
            kind="sighting",
            at=_not_later(event_moment(sighting) or own.at, own),
            received=own.origin.received,
            mentions=tuple(Mention(one.kind, one.value, role) for one in mentions),
            tlp=join((own.tlp, tlp_of(tags_of(attribute), own.tlp))),
            groups=_groups(own, attribute, []),
            org=str(seer.get("name", ""))[:128] if isinstance(seer, dict) else own.org,
            behaviours=("false-positive",) if role == "benign" else (),
            body=own.body | {"from": _text(sighting, "source")},
        )


def _key(own: _Event, thing: dict[str, Any]) -> str:
    """The id of what ``thing`` says now: another version of it is another observation."""
    return stable_id("misp", own.prefix, thing)


def _not_later(at: int, own: _Event) -> int:
    """Nothing was seen after it was received: a clock ahead must not keep a score up."""
    return min(at, own.origin.received)


def _parts(
    own: _Event, thing: dict[str, Any], name: str, pointer: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(JSON pointer, part) of each part that is an object, each uuid once."""
    found = thing.get(name)
    seen: set[str] = set()
    for index, part in enumerate(found if isinstance(found, list) else []):
        place = f"{pointer}/{name}/{index}"
        key = part.get("uuid") if isinstance(part, dict) else None
        if not isinstance(part, dict):
            own.problems.append(Problem(place, "intelligence.misp.problem.attribute", {}))
        elif isinstance(key, str) and key in seen:
            own.problems.append(Problem(place, "intelligence.misp.problem.twice", {"uuid": key}))
        else:
            seen.add(str(key))
            yield place, part


@functools.lru_cache(maxsize=4096)  # the parts of an event share few instants
def _moment(text: str) -> int | None:
    """Unix seconds or ISO 8601; 0 is MISP's word for none."""
    if text.isascii() and text.isdecimal():
        seconds = int(text) if len(text) < 13 else _LIMIT
        return seconds * SECOND if 0 < seconds < _LIMIT else None
    try:
        found = parse_us(text) if text[:4].isdecimal() else None
    except (UsageError, OverflowError):
        return None
    return found if found and found > 0 else None


def _text(thing: dict[str, Any], name: str) -> str:
    found = thing.get(name)
    return found if isinstance(found, str) else ""


def _dicts(found: object) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
