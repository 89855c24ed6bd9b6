"""Searching events as MISP's restSearch does, over what the asker may see.

An event is first cut to what the clearance allows and only then tested, so that no
answer tells of a value that was hidden. Values are compared in lower case; ``%`` at an end
stands for anything, ``!`` in front for not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kaname.intelligence.misp.marking import Viewer, may_see, tags_of, visible
from kaname.knowledge.misp_events import MispEvents, StoredEvent
from kaname.model.errors import UsageError
from kaname.model.instant import SECOND, now_us, parse_us

__all__ = ["attributes_in", "found_attributes", "found_events", "shown"]

_ATTRIBUTE_FILTERS = ("value", "type", "category", "to_ids", "object_name")
_UNIX = re.compile(r"\d{1,8}(\.\d+)?|\d{11}(\.\d+)?")  # what `parse_us` takes for other things
Filter = dict[str, Any]


def shown(stored: StoredEvent, viewer: Viewer) -> dict[str, Any]:
    """The event as it is given out: what may be seen, under the number it has here."""
    event: dict[str, Any] = msgspec.json.decode(stored.body)
    return visible(event, stored.tlp, viewer) | {
        "id": str(stored.number),
        "uuid": stored.uuid,
    }


def found_events(events: MispEvents, wanted: Filter, viewer: Viewer) -> list[dict[str, Any]]:
    """The events that ``wanted`` (the body of a restSearch) asks for, a page of them."""
    found = (
        event
        for event in _events(events, wanted, viewer)
        if _holds(event, wanted)
    )  # fmt: skip
    return list(_page(found, wanted))


def found_attributes(events: MispEvents, wanted: Filter, viewer: Viewer) -> list[dict[str, Any]]:
    """The attributes that ``wanted`` asks for, each with the event that it is of."""
    return list(_page(_attributes(events, wanted, viewer), wanted))


def attributes_in(event: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """(attribute, the object that it is in) of all attributes of ``event``."""
    for attribute in event.get("Attribute") or ():
        if isinstance(attribute, dict):
            yield attribute, None
    for thing in event.get("Object") or ():
        for attribute in (thing.get("Attribute") or ()) if isinstance(thing, dict) else ():
            if isinstance(attribute, dict):
                yield attribute, thing


def _attributes(events: MispEvents, wanted: Filter, viewer: Viewer) -> Iterator[dict[str, Any]]:
    tests = _tests(wanted)
    tags = _words(wanted.get("tags"))
    for event in _events(events, wanted, viewer):
        of_event = {name: event.get(name) for name in ("id", "uuid", "info", "org_id", "orgc_id")}
        for attribute, thing in attributes_in(event):
            known = [*tags_of(event), *tags_of(attribute)]
            fits = all(test(attribute, thing) for test in tests) and _tagged(known, tags)
            if fits and not attribute.get("deleted"):
                yield attribute | {"event_id": event["id"], "Event": of_event}


def _events(events: MispEvents, wanted: Filter, viewer: Viewer) -> Iterator[dict[str, Any]]:
    """The events that the filters on the event itself let pass."""
    since, until = _interval(wanted.get("timestamp") or wanted.get("event_timestamp"))
    published = wanted.get("published")
    chosen = events.misp_events(
        since=since,
        until=until,
        published=None if published is None else published in (True, 1, "1"),
        clearance=viewer.clearance,
    )
    keys = set(_words(wanted.get("eventid"))) | set(_words(wanted.get("uuid")))
    for stored in chosen:
        event = shown(stored, viewer)
        if not may_see(event, stored.tlp, viewer):
            continue
        if keys and not keys & _keys(event):
            continue
        if _event_fits(event, wanted):
            yield event


def _keys(event: dict[str, Any]) -> set[str]:
    inner = (str(one.get("uuid")).lower() for one, _ in attributes_in(event))
    return {event["id"], event["uuid"], *inner}


def _event_fits(event: dict[str, Any], wanted: Filter) -> bool:
    info = str(event.get("info", ""))
    if wanted.get("eventinfo") and not _matches(info, _words(wanted["eventinfo"])):
        return False
    if wanted.get("org"):
        orgc = event.get("Orgc") if isinstance(event.get("Orgc"), dict) else {}
        names = {str((orgc or {}).get(part, "")).lower() for part in ("name", "uuid")}
        if not names & set(_words(wanted["org"])):
            return False
    day = str(event.get("date", ""))
    begin, end = _day(wanted.get("from")), _day(wanted.get("to"))
    return not ((begin and day < begin) or (end and day > end))


def _holds(event: dict[str, Any], wanted: Filter) -> bool:
    """Whether the event has an attribute that fits, where one is asked for."""
    tests = _tests(wanted)
    parts = list(attributes_in(event))
    tags = _words(wanted.get("tags") or wanted.get("event_tags"))
    known = [*tags_of(event), *(tag for one, _ in parts for tag in tags_of(one))]
    if not _tagged(known, tags):
        return False
    text = _words(wanted.get("searchall") or wanted.get("quickFilter"))
    if text and not _anywhere(event, parts, text):
        return False
    return not tests or any(all(test(*part) for test in tests) for part in parts)


def _anywhere(
    event: dict[str, Any], parts: list[tuple[dict[str, Any], Any]], words: list[str]
) -> bool:
    texts = [str(event.get("info", ""))]
    texts += [str(one.get(name, "")) for one, _ in parts for name in ("value", "comment")]
    return any(word.strip("%") in text.lower() for word in words for text in texts)


Test = Callable[[dict[str, Any], dict[str, Any] | None], bool]


def _tests(wanted: Filter) -> list[Test]:
    """What an attribute is tested for."""
    return [
        _test(name, words) for name in _ATTRIBUTE_FILTERS if (words := _words(wanted.get(name)))
    ]


def _test(name: str, words: list[str]) -> Test:
    if name == "to_ids":
        flag = words[0] in ("1", "true")
        return lambda one, _: bool(one.get("to_ids")) is flag
    if name == "object_name":
        return lambda _, thing: _matches(str((thing or {}).get("name")), words)
    if name == "value":
        return lambda one, _: _value_matches(str(one.get("value")), words)
    return lambda one, _: _matches(str(one.get(name)), words)


def _value_matches(value: str, words: list[str]) -> bool:
    """A composite value is found by each of its parts, as in MISP."""
    return _matches(value, words) or any(_matches(part, words) for part in value.split("|"))


def _tagged(tags: list[str], words: list[str]) -> bool:
    wanted = [word for word in words if not word.startswith("!")]
    refused = [word[1:] for word in words if word.startswith("!")]
    if any(_matches(tag, refused) for tag in tags if refused):
        return False
    return not wanted or any(_matches(tag, wanted) for tag in tags)


def _matches(text: str, words: list[str]) -> bool:
    lower = text.lower()
    wanted = [word for word in words if not word.startswith("!")]
    if any(_like(lower, word[1:]) for word in words if word.startswith("!")):
        return False
    return not wanted or any(_like(lower, word) for word in wanted)


def _like(text: str, word: str) -> bool:
    if "%" not in word:
        return text == word
    starts, ends = word.endswith("%"), word.startswith("%")
    core = word.strip("%")
    if starts and ends:
        return core in text
    return text.startswith(core) if starts else text.endswith(core)


def _words(found: object) -> list[str]:
    """A filter as words in lower case: one, a list, or MISP's {"OR": .., "NOT": ..}."""
    if found is None or found == "":
        return []
    if isinstance(found, dict):
        joined = [word for name in ("OR", "AND") for word in _words(found.get(name))]
        return joined + [f"!{word}" for word in _words(found.get("NOT"))]
    if isinstance(found, list):
        return [word for one in found for word in _words(one)]
    text = ("1" if found else "0") if isinstance(found, bool) else str(found)
    return [part.strip().lower() for part in text.split("&&") if part.strip()]


def _interval(found: object) -> tuple[int | None, int | None]:
    """A timestamp, or a pair of them: from (inclusive) and to (exclusive)."""
    if isinstance(found, list) and len(found) == 2:
        return _instant(found[0]), _instant(found[1])
    return (None if found is None else _instant(found)), None


def _instant(found: object) -> int:
    text = str(found)
    if _UNIX.fullmatch(text):
        return int(float(text)) * SECOND
    return parse_us(text, now=now_us())


def _day(found: object) -> str | None:
    """A date as MISP compares it; from Unix seconds too."""
    if found in (None, "", False):
        return None
    text = str(found)
    if re.fullmatch(r"\d{4}-\d\d-\d\d.*", text):
        return text[:10]
    from kaname.model.instant import day_of

    return day_of(_instant(text))


def _page(found: Iterator[dict[str, Any]], wanted: Filter) -> Iterator[dict[str, Any]]:
    """``limit`` things of page ``page``, from 1; all of them without a limit."""
    limit, page = (_number(wanted.get(name)) for name in ("limit", "page"))
    first = limit * max(0, page - 1)
    for index, one in enumerate(found):
        if limit and index >= first + limit:
            return
        if index >= first:
            yield one


def _number(found: object) -> int:
    if found in (None, "", False):
        return 0
    text = str(found)
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise UsageError("intelligence.misp.error.number", found=text)
    return int(text)
