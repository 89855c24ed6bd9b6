"""STIX 2.0 as STIX 2.1: a view for whoever wants one form; the original stays as it came.

Ids, versions and what is not named here are kept. Labels of 2.0 that were a type's list
move to the property that 2.1 has for it, and objects inside observed data become objects
of their own with deterministic ids (STIX 2.1, appendix of changes). What was wrong before
is wrong afterwards.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from kaname.intelligence.stix.ids import observable_id
from kaname.model.ids import NAMESPACE

__all__ = ["upgraded"]

_LISTS = {
    "indicator": "indicator_types",
    "malware": "malware_types",
    "report": "report_types",
    "threat-actor": "threat_actor_types",
    "tool": "tool_types",
}
_RENAMED: dict[str, dict[str, str | None]] = {
    "email-message": {"content_ref": "raw_email_ref"},
    "file": {"encryption_algorithm": None, "decryption_key": None, "is_encrypted": None},
    "process": {
        "created": "created_time",
        "name": None,
        "arguments": None,
        "binary_ref": "image_ref",
    },
    "user-account": {"password_last_changed": "credential_last_changed"},
    "windows-registry-key": {"modified": "modified_time"},
}


def upgraded(thing: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``thing`` as 2.1, first, and the objects that were inside it."""
    if thing.get("spec_version") == "2.1":
        return [dict(thing)]
    kind = thing["type"]
    found = {**thing, "spec_version": "2.1"}
    if kind in _LISTS and _LISTS[kind] not in found and "labels" in found:
        found[_LISTS[kind]] = found.pop("labels")
    if kind == "malware":
        found.setdefault("is_family", True)  # 2.0 had no samples, only families
    if kind == "indicator":
        found.setdefault("pattern_type", "stix")
    if kind == "observed-data" and isinstance(found.get("objects"), dict):
        inside = _observables(thing["id"], found.pop("objects"))
        return [found | {"object_refs": [one["id"] for one in inside]}, *inside]
    return [found]


def _observables(owner: str, things: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects of observed data; references by number become references by id.

    The id of an object may depend on ids of those that it refers to, so these come first;
    in a circle, or where nothing makes an object the same everywhere, the id is of its
    place.
    """
    made: dict[str, dict[str, Any]] = {}
    waiting = dict(things)
    while waiting:
        ready = [key for key, one in waiting.items() if not _open_refs(one, waiting)]
        for key in ready or [next(iter(waiting))]:
            made[key] = _observable(owner, key, waiting.pop(key), made)
    return [_referring(one, made) for one in made.values()]


def _open_refs(thing: Mapping[str, Any], waiting: Mapping[str, Any]) -> bool:
    return any(
        one in waiting
        for name, value in thing.items()
        if name.endswith(("_ref", "_refs"))
        for one in (value if isinstance(value, list) else [value])
    )


def _observable(
    owner: str, key: str, thing: Mapping[str, Any], made: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    kind = thing["type"]
    names = _RENAMED.get(kind, {})
    found = {
        names.get(name) or f"x_{name}" if name in names else name: value
        for name, value in thing.items()
    }
    found = _referring(found, made) | {"spec_version": "2.1"}
    place = f"{kind}--{uuid.uuid5(NAMESPACE, f'{owner} {key}')}"
    return {"id": observable_id(found) or place} | found


def _referring(thing: dict[str, Any], made: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """``thing`` with ids in place of numbers, as far as they are known."""

    def named(value: Any) -> Any:
        return made[value]["id"] if isinstance(value, str) and value in made else value

    found = dict(thing)
    for name, value in thing.items():
        if name.endswith("_ref"):
            found[name] = named(value)
        elif name.endswith("_refs") and isinstance(value, list):
            found[name] = [named(one) for one in value]
    return found
