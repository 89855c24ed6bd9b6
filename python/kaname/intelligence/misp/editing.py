"""Changing events by REST: a new one, a newer version, a further attribute."""

from __future__ import annotations

import uuid
from typing import Any

from kaname.intelligence.misp.observations import event_moment
from kaname.intelligence.misp.search import attributes_in
from kaname.knowledge import Account
from kaname.model.errors import UsageError
from kaname.model.ids import stix_id
from kaname.model.instant import SECOND, day_of, now_us

__all__ = ["merged", "new_attribute", "new_event", "with_attributes"]

_DEFAULTS = {"threat_level_id": "4", "analysis": "0", "distribution": "0", "published": False}


def new_event(given: dict[str, Any], account: Account) -> dict[str, Any]:
    """``given`` with what MISP fills in where it says nothing; nothing given is changed.

    Raises:
        UsageError: it has no info.
    """
    event = given.get("Event", given)
    if not isinstance(event, dict) or not isinstance(event.get("info"), str):
        raise UsageError("intelligence.misp.error.event")
    now = now_us()
    filled = {
        "uuid": str(uuid.uuid4()),
        "date": day_of(now),
        "timestamp": str(now // SECOND),
        "Orgc": {"name": account.name, "uuid": stix_id("account", account.name).partition("--")[2]},
        **_DEFAULTS,
    }
    event = filled | {name: value for name, value in event.items() if value is not None}
    attributes = [new_attribute(one) for one in event.get("Attribute") or ()]
    return event | {"Attribute": attributes}


def new_attribute(given: object) -> dict[str, Any]:
    """An attribute with its uuid and timestamp.

    Raises:
        UsageError: it has no type or no value.
    """
    found = given.get("Attribute", given) if isinstance(given, dict) else given
    if not isinstance(found, dict) or not _is_whole(found):
        raise UsageError("intelligence.misp.error.attribute")
    filled = {
        "uuid": str(uuid.uuid4()),
        "timestamp": str(now_us() // SECOND),
        "category": "Other",
        "to_ids": False,
        "comment": "",
        "distribution": "5",
        "deleted": False,
    }
    return filled | {name: value for name, value in found.items() if value is not None}


def _is_whole(attribute: dict[str, Any]) -> bool:
    return all(isinstance(attribute.get(name), str) for name in ("type", "value"))


def merged(stored: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """``stored`` with what ``given`` says otherwise; parts that it leaves out stay."""
    event = given.get("Event", given)
    if not isinstance(event, dict):
        raise UsageError("intelligence.misp.error.event")
    changed = stored | {k: v for k, v in event.items() if k not in ("id", "uuid") and v is not None}
    for part in ("Attribute", "Object"):
        if part in event or part in stored:
            changed[part] = _joined(stored.get(part) or [], event.get(part) or [])
    return _newer(stored, changed)


def with_attributes(stored: dict[str, Any], more: list[dict[str, Any]]) -> dict[str, Any]:
    """``stored`` with further attributes.

    Raises:
        UsageError: such an attribute is there already.
    """
    there = {(one.get("type"), one.get("value")) for one, _ in attributes_in(stored)}
    for attribute in more:
        if (attribute["type"], attribute["value"]) in there:
            raise UsageError("intelligence.misp.error.there", value=attribute["value"])
    attributes = [*(stored.get("Attribute") or []), *more]
    return _newer(stored, stored | {"Attribute": attributes})


def _joined(stored: list[Any], given: list[Any]) -> list[Any]:
    """By uuid: the given one takes the place of the stored one, new ones come last."""
    fresh = [one | {"uuid": str(one.get("uuid") or uuid.uuid4())} for one in map(_known, given)]
    by_uuid = {one["uuid"]: one for one in fresh}
    kept = [by_uuid.pop(_key(one), one) for one in stored]
    return kept + list(by_uuid.values())


def _known(part: object) -> dict[str, Any]:
    if not isinstance(part, dict):
        raise UsageError("intelligence.misp.error.attribute")
    return part


def _key(part: object) -> str:
    return str(part.get("uuid")) if isinstance(part, dict) else ""


def _newer(stored: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    """A version has a later timestamp than the one before, whatever the clocks say."""
    before = event_moment({"timestamp": stored.get("timestamp")}) or 0
    now = max(now_us() // SECOND, before // SECOND + 1)
    given = event_moment({"timestamp": changed.get("timestamp")}) or 0
    stamp = str(max(now, given // SECOND)) if given <= before else str(given // SECOND)
    count = str(sum(1 for _ in attributes_in(changed)))
    return changed | {"timestamp": stamp, "attribute_count": count}
