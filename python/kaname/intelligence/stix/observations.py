"""What objects of STIX say, as observations for the fusion and as entities.

An indicator lists what its pattern compares for equality; a sighting and observed data
tell of something that was seen; a relationship links what its two ends are about; a
report lists what it refers to. Observables by themselves say nothing: whoever refers to
them does. The source is whoever created the object, by name, else the collection.

An object that changes or is revoked takes back what its earlier versions said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.stix.ends import Ends
from kaname.intelligence.stix.intake import Kept
from kaname.intelligence.stix.times import instant
from kaname.knowledge.entities import Entity, Name
from kaname.knowledge.stix_objects import Collection, StixFilter, StixObjects
from kaname.model.ids import digest
from kaname.model.instant import DAY, now_us
from kaname.model.marking import Tlp

__all__ = ["Understood", "observations", "observe"]

_MOST_MENTIONS = 200  # of a report: beyond, it is a catalogue and says nothing of each
_ENTITIES = {
    "attack-pattern": "technique",
    "campaign": "campaign",
    "intrusion-set": "actor",
    "malware": "malware",
    "threat-actor": "actor",
    "tool": "tool",
    "vulnerability": "vulnerability",
}
_BEHAVIOURS = {
    "c2": "c2",
    "command-and-control": "c2",
    "c&c": "c2",
    "phishing": "phishing",
    "malware": "payload",
    "malware-download": "payload",
    "exfiltration": "exfiltration",
    "scanner": "scan",
    "scanning": "scan",
    "reconnaissance": "scan",
    "spam": "spam",
    "brute-force": "bruteforce",
    "botnet": "c2",
}
_KINDS = {
    "indicator": "listing",
    "malware": "report",
    "observed-data": "sighting",
    "relationship": "relation",
    "report": "report",
    "grouping": "report",
    "sighting": "sighting",
}
_REFERRED = {
    "malware": (("sample_refs", "payload"),),
    "report": (("object_refs", "listed"),),
    "grouping": (("object_refs", "listed"),),
    "sighting": (("sighting_of_ref", "subject"), ("observed_data_refs", "subject")),
}
_INSTANTS = {
    "indicator": ("valid_from",),
    "observed-data": ("last_observed",),
    "sighting": ("last_seen", "first_seen"),
    "report": ("published",),
    "relationship": ("stop_time", "start_time"),
}


class Understood(NamedTuple):
    """What objects say now, and ids of observations that are no longer said."""

    observations: list[Observation]
    retracted: list[str]
    entities: list[Entity]


def observations(
    fresh: Sequence[Kept], store: StixObjects, collection: Collection, *, now: int | None = None
) -> Understood:
    """What ``fresh`` objects of ``collection`` say; what they refer to is looked up there."""
    things = [(msgspec.json.decode(one.raw), one.tlp) for one in fresh]
    ends = Ends({thing["id"]: thing for thing, _ in things}, store, collection.id)
    ends.prepare([thing for thing, _ in things])
    found = observe(things, ends, collection.title, now_us() if now is None else now)
    changed = [thing for thing, _ in things if _changed(thing)]
    return found._replace(retracted=list(_earlier(changed, store, collection)))


def observe(
    things: Sequence[tuple[Mapping[str, Any], Tlp]], ends: Ends, title: str, now: int
) -> Understood:
    """What ``things`` with their markings say, without looking at a store.

    Args:
        things: objects as mappings, each with its marking.
        ends: knows the objects that they refer to.
        title: the source of what has no creator.
        now: microseconds; nothing was observed later than a day after.
    """
    said: list[Observation] = []
    entities: list[Entity] = []
    for thing, tlp in things:
        source = ends.creator(thing) or title
        if thing["type"] in _ENTITIES and isinstance(thing.get("name"), str):
            entities.append(_entity(thing, source, tlp, now))
        if thing.get("revoked") is True or thing["type"] not in _KINDS:
            continue
        mentions = tuple(dict.fromkeys(_mentions(thing, ends)))
        if 0 < len(mentions) <= _MOST_MENTIONS:
            said.append(_observation(thing, mentions, source, tlp, now, ends))
    return Understood(said, [], entities)


def _observation(
    thing: Mapping[str, Any],
    mentions: tuple[Mention, ...],
    source: str,
    tlp: Tlp,
    now: int,
    ends: Ends,
) -> Observation:
    confidence = thing.get("confidence")
    return Observation(
        id=_observation_id(thing["id"], thing.get("modified", "")),
        source=source,
        kind=_kind(thing),
        at=_at(thing, now),
        received=now,
        mentions=mentions,
        tlp=tlp,
        org=ends.sighter(thing),
        weight=confidence / 100 if isinstance(confidence, int) else 1.0,
        behaviours=tuple(sorted(_behaviours(thing, ends))),
        body=_body(thing),
    )


def _kind(thing: Mapping[str, Any]) -> str:
    if thing.get("relationship_type") == "resolves-to":
        return "resolution"
    return _KINDS[thing["type"]]


def _observation_id(key: str, modified: str) -> str:
    """One for each version; a name of the object, so that a person finds it."""
    return f"{key}.{digest(modified)[:8]}"


def _at(thing: Mapping[str, Any], now: int) -> int:
    """When it was, as far as it says and can be believed."""
    for name in (*_INSTANTS.get(thing["type"], ()), "modified", "created"):
        text = thing.get(name)
        found = instant(text) if isinstance(text, str) else None
        if found is not None and 0 <= found <= now + DAY:
            return found
    return now


def _body(thing: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "relationship_type", "source_ref", "target_ref", "count", "number_observed")
    return {"stix": thing["id"]} | {name: thing[name] for name in names if name in thing}


def _mentions(thing: Mapping[str, Any], ends: Ends) -> Iterator[Mention]:
    kind = thing["type"]
    if kind == "indicator":
        yield from ends.about(thing, "benign" if "benign" in _labels(thing) else "listed")
    elif kind == "observed-data":
        yield from ends.seen(thing)
    elif kind == "relationship":
        first, second = _roles(thing)
        yield from ends.about_id(thing.get("source_ref"), first)
        yield from ends.about_id(thing.get("target_ref"), second)
    else:
        for name, role in _REFERRED[kind]:
            keys: list[Any] = [*_ids(thing, name)] or [thing.get(name)]
            for key in keys:
                yield from ends.about_id(key, role)


def _roles(thing: Mapping[str, Any]) -> tuple[str, str]:
    return {
        "resolves-to": ("query", "answer"),
        "communicates-with": ("src", "dst"),
        "beacons-to": ("src", "dst"),
        "exfiltrates-to": ("src", "dst"),
        "downloads": ("subject", "payload"),
        "drops": ("subject", "payload"),
    }.get(str(thing.get("relationship_type")), ("subject", "subject"))


def _labels(thing: Mapping[str, Any]) -> set[str]:
    names = ("labels", "indicator_types", "malware_types", "infrastructure_types")
    return {text.lower() for name in names for text in _ids(thing, name)}


def _behaviours(thing: Mapping[str, Any], ends: Ends) -> set[str]:
    """What its labels say, and its phases of a kill chain."""
    labels = _labels(thing) | {phase.lower() for phase in ends.phases(thing)}
    return {_BEHAVIOURS[label] for label in labels if label in _BEHAVIOURS}


def _ids(thing: Mapping[str, Any], name: str) -> list[str]:
    """The texts of a list, if it is one."""
    value = thing.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _entity(thing: Mapping[str, Any], source: str, tlp: Tlp, now: int) -> Entity:
    kind = _ENTITIES[thing["type"]]
    spellings = [thing["name"], *_ids(thing, "aliases"), *_ids(thing, "x_mitre_aliases")]
    return Entity(
        id=thing["id"],
        type=kind,
        name=thing["name"],
        authority=source,
        changed=_at(thing, now),
        tlp=tlp,
        external=_external(thing),
        names=tuple(Name(name, source, kind) for name in dict.fromkeys(spellings)),
    )


def _external(thing: Mapping[str, Any]) -> str:
    """The number in the catalogue that it comes from (T1059, CVE-2024-3400)."""
    references = thing.get("external_references")
    for reference in references if isinstance(references, list) else []:
        if isinstance(reference, dict):
            number = reference.get("external_id")
            if isinstance(number, str):
                return number
    return ""


def _changed(thing: Mapping[str, Any]) -> bool:
    return thing["type"] in _KINDS and thing.get("modified") != thing.get("created")


def _earlier(
    changed: Sequence[Mapping[str, Any]], store: StixObjects, collection: Collection
) -> Iterator[str]:
    """Observations of all versions that are in ``collection``, but the newest."""
    every = StixFilter(versions=("all",), specs=("2.0", "2.1"))
    for thing in changed:
        wanted = every._replace(ids=(thing["id"],))
        rows, _ = store.page(collection.id, wanted, clearance=Tlp.RED, limit=1000)
        newest = max((row.version for row in rows), default="")
        for row in rows:
            told = msgspec.json.decode(row.body)
            if row.version != newest or told.get("revoked") is True:
                yield _observation_id(row.id, told.get("modified", ""))
