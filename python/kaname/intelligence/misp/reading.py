"""Bytes to MISP events: all shapes in which they travel, and what can be saved of damage.

Shapes: ``{"Event": ..}``, ``{"response": [{"Event": ..}, ..]}``, a list of either, a bare
event, the answer to a search for attributes, and the manifest of a feed.
"""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from kaname.model.ids import NAMESPACE

__all__ = ["MAX_BYTES", "Found", "Listed", "Problem", "Reading", "manifest", "read"]

MAX_BYTES = 512 << 20
_MOST_BROKEN = 100
_START = re.compile(r'\{\s*"Event"\s*:\s*(?=\{)')
_list = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Problem(NamedTuple):
    """What could not be taken: a JSON pointer, a catalogue key and its values."""

    pointer: str
    key: str
    values: dict[str, Any]


class Found(NamedTuple):
    """An event: its bytes as they came, and what they say."""

    pointer: str
    uuid: str
    body: bytes
    event: dict[str, Any]


class Listed(NamedTuple):
    """An event that a manifest names, with its timestamp (seconds)."""

    uuid: str
    timestamp: int


class Reading(msgspec.Struct):
    """What a document holds: ``attributes`` are those of a search, each with its event."""

    events: list[Found] = []
    attributes: list[dict[str, Any]] = []
    problems: list[Problem] = []


def read(data: bytes) -> Reading:
    """All events in ``data``; what is not whole is said and the rest is read."""
    reading = Reading()
    if len(data) > MAX_BYTES:
        _refuse(reading, "", "size", most=MAX_BYTES, found=len(data))
        return reading
    try:
        _walk(reading, msgspec.Raw(data), "", 0)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        reading = Reading()
        _refuse(reading, "", "json", reason=str(error) or type(error).__name__)
        reading.events = list(_salvaged(data))
    return reading


def manifest(data: bytes) -> list[Listed]:
    """The events that the manifest of a feed names; an entry of another form is left out."""
    try:
        entries = msgspec.json.decode(data, type=dict[str, dict[str, Any]])
    except (msgspec.MsgspecError, RecursionError):
        return []
    return [
        Listed(key.lower(), int(stamp))
        for key, entry in entries.items()
        if _is_uuid(key) and (stamp := str(entry.get("timestamp", "0"))).isdecimal()
    ]


def _walk(reading: Reading, raw: msgspec.Raw, pointer: str, depth: int) -> None:
    """Go down to the events; they are at most four levels below."""
    first = bytes(raw).lstrip()[:1]
    if depth > 4 or first not in (b"{", b"["):
        _refuse(reading, pointer, "shape")
    elif first == b"[":
        for index, one in enumerate(_list.decode(raw)):
            _walk(reading, one, f"{pointer}/{index}", depth + 1)
    else:
        _object_of(reading, raw, pointer, depth)


def _object_of(reading: Reading, raw: msgspec.Raw, pointer: str, depth: int) -> None:
    fields = _object.decode(raw)
    if "Event" in fields and "type" not in fields:
        _event(reading, fields["Event"], f"{pointer}/Event")
    elif "response" in fields:
        _walk(reading, fields["response"], f"{pointer}/response", depth + 1)
    elif "info" in fields or "Orgc" in fields:
        _event(reading, raw, pointer)
    elif "Attribute" in fields:
        _attributes(reading, fields["Attribute"], f"{pointer}/Attribute")
    elif all(map(_is_uuid, fields)):
        return  # a manifest, or nothing at all
    else:
        _refuse(reading, pointer, "shape")


def _event(reading: Reading, raw: msgspec.Raw, pointer: str) -> None:
    body = bytes(raw)
    try:
        event = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        _refuse(reading, pointer, "json", reason=str(error))
        return
    if not isinstance(event, dict):
        _refuse(reading, pointer, "shape")
        return
    reading.events.append(Found(pointer, _uuid_of(event, body), body, event))


def _attributes(reading: Reading, raw: msgspec.Raw, pointer: str) -> None:
    found = msgspec.json.decode(raw)
    for index, one in enumerate(found if isinstance(found, list) else [found]):
        if isinstance(one, dict):
            reading.attributes.append(one)
        else:
            _refuse(reading, f"{pointer}/{index}", "shape")


def _uuid_of(event: dict[str, Any], body: bytes) -> str:
    """Its own; without a right one, one that its content always gives."""
    found = str(event.get("uuid", "")).lower()
    return found if _is_uuid(found) else str(uuid.uuid5(NAMESPACE, body.hex()))


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _refuse(reading: Reading, pointer: str, why: str, **values: Any) -> None:
    reading.problems.append(Problem(pointer, f"intelligence.misp.problem.{why}", values))


def _salvaged(data: bytes) -> Iterator[Found]:
    """The events that are whole in a document that is not.

    The search goes on behind the place where an event broke off, and ends after many that
    broke: to say where costs the decoder a look at all that came before.
    """
    text = data.decode("utf-8", "replace")
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    position, broken = 0, 0
    while broken < _MOST_BROKEN and (match := _START.search(text, position)):
        position = match.end()
        try:
            _, end = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError) as error:
            position = max(position, getattr(error, "pos", 0))
            broken += 1
            continue
        body = text[position:end].encode("utf-8", "replace")
        position = end
        with contextlib.suppress(msgspec.MsgspecError, RecursionError):
            event = msgspec.json.decode(body)  # as strict as for whole documents
            if isinstance(event, dict):
                yield Found("", _uuid_of(event, body), body, event)
