"""Names from MISP galaxies: actors and malware, and what they are also called.

A cluster JSON (``clusters/threat-actor.json`` ...) is read as MISP publishes it (CC0 or
BSD-2-Clause). Those that repeat ATT&CK are passed over: ATT&CK is loaded from its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kaname.knowledge.entities import Entity, Name
from kaname.model.errors import InputError

__all__ = ["AUTHORITY", "read"]

AUTHORITY = "misp"

_TYPES = {
    "threat-actor": "actor",
    "microsoft-activity-group": "actor",
    "360net-threat-actor": "actor",
    "ransomware": "malware",
    "malpedia": "malware",
    "botnet": "malware",
    "rat": "malware",
    "stealer": "malware",
    "banker": "malware",
    "backdoor": "malware",
    "cryptominers": "malware",
    "android": "malware",
    "tool": "tool",
}
_MOST_NAMES = 200


def read(data: bytes, *, at: int) -> list[Entity]:
    """The entities of one cluster file; none when it is of a type that is not used.

    Raises:
        InputError: it is no cluster file.
    """
    try:
        cluster = msgspec.json.decode(data)
        type_, values = str(cluster["type"]), list(cluster["values"])
    except (msgspec.DecodeError, KeyError, TypeError, RecursionError) as error:
        raise InputError("intelligence.error.galaxy", reason=str(error)) from None
    kind = _TYPES.get(type_)
    if kind is None:
        return []
    return [_entity(one, kind, at) for one in values if _whole(one)]


def _whole(one: Any) -> bool:
    return isinstance(one, dict) and all(isinstance(one.get(key), str) for key in ("value", "uuid"))


def _entity(one: Mapping[str, Any], kind: str, at: int) -> Entity:
    meta = one.get("meta") if isinstance(one.get("meta"), dict) else {}
    synonyms = (meta or {}).get("synonyms", ())
    names = [str(name) for name in synonyms if isinstance(name, str)] if synonyms else []
    return Entity(
        id=f"misp:{one['uuid']}",
        type=kind,
        name=one["value"],
        authority=AUTHORITY,
        changed=at,
        names=tuple(
            Name(name, AUTHORITY, kind) for name in dict.fromkeys(names) if name != one["value"]
        )[:_MOST_NAMES],
    )
