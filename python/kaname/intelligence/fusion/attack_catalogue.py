"""The knowledge base of ATT&CK as entities: tactics, techniques, groups, software.

``kaname intelligence attack load FILE`` reads a STIX bundle (2.0 or 2.1) as MITRE publishes it.
Entities have the ids of ATT&CK itself (T1059.001, G0016, S0154, C0022, TA0002). What a
bundle says of an object is kept when it is not older than what is known of it, so that
loading an older version takes nothing back. MITRE's notice applies to the contents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from kaname.knowledge.entities import Entities, Entity, Name
from kaname.model.errors import InputError, UsageError
from kaname.model.instant import parse_us

__all__ = ["AUTHORITY", "Catalogue", "Matrix", "Tactic", "Technique", "keep", "load", "matrix"]

AUTHORITY = "mitre"

_TYPES = {
    "attack-pattern": "technique",
    "intrusion-set": "actor",
    "malware": "malware",
    "tool": "tool",
    "campaign": "operation",
    "x-mitre-tactic": "tactic",
}
_SOURCES = {"mitre-attack", "mitre-ics-attack", "mitre-mobile-attack"}
_LONGEST = 2_000  # characters of a description


class Catalogue(msgspec.Struct, frozen=True):
    """What a bundle holds: its entities, the version it says it is, what was passed over."""

    entities: tuple[Entity, ...]
    version: str
    skipped: int


class Technique(msgspec.Struct, frozen=True, kw_only=True):
    """A technique of the matrix with its sub-techniques."""

    id: str
    name: str
    sub: tuple[Technique, ...] = ()


class Tactic(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the matrix."""

    id: str
    name: str
    techniques: tuple[Technique, ...]


class Matrix(msgspec.Struct, frozen=True):
    """The tactics in their order; ``version`` is that of the catalogue."""

    tactics: tuple[Tactic, ...]
    version: str


def load(data: bytes) -> Catalogue:
    """The entities in a STIX bundle of ATT&CK.

    Raises:
        InputError: it is no such bundle.
    """
    try:
        bundle = msgspec.json.decode(data)
        objects = [one for one in bundle["objects"] if isinstance(one, dict)]
    except (msgspec.DecodeError, KeyError, TypeError, RecursionError) as error:
        raise InputError("intelligence.error.attack", reason=str(error)) from None
    numbers = {one["id"]: number for one in objects if (number := _number(one))}
    if not numbers:
        raise InputError("intelligence.error.attack", reason="no object with an ATT&CK id")
    links = _links(objects, numbers)
    order = _order(objects, numbers)
    shortnames = {
        one.get("x_mitre_shortname", ""): numbers[one["id"]]
        for one in objects
        if one.get("type") == "x-mitre-tactic" and one.get("id") in numbers
    }
    version = _version(objects)
    entities: dict[str, Entity] = {}
    skipped = 0
    for one in objects:
        if one.get("id") not in numbers:
            continue
        try:
            entity = _entity(one, numbers[one["id"]], links, shortnames, order, version)
        except (KeyError, TypeError, UsageError):
            skipped += 1
            continue
        entities[entity.id] = _newer(entities.get(entity.id), entity)
    return Catalogue(tuple(entities[key] for key in sorted(entities)), version, skipped)


def keep(catalogue: Catalogue, store: Entities) -> int:
    """Keep what is not older than what is known; how many entities were new or changed.

    Names that other authorities gave to an entity stay, and the Japanese names that are
    shipped are added.
    """
    from kaname.intelligence.fusion.entities import japanese_names

    known = {one.id: one for type_ in set(_TYPES.values()) for one in store.every(type_)}
    fresh = []
    for entity in catalogue.entities:
        before = known.get(entity.id)
        if before is None:
            fresh.append(entity)
        elif before.changed <= entity.changed:
            others = [name for name in before.names if name.authority != AUTHORITY]
            fresh.append(msgspec.structs.replace(entity, names=(*entity.names, *others)))
    changed = store.put(fresh)
    japanese_names(store)
    return changed


def matrix(store: Entities) -> Matrix:
    """The tactics and techniques that stand, columns in MITRE's order, techniques by name."""
    tactics = sorted(
        (one for one in store.every("tactic") if _stands(one)),
        key=lambda one: (one.properties["domain"], one.properties["order"], one.id),
    )
    techniques = [one for one in store.every("technique") if _stands(one)]
    children: dict[str, list[Entity]] = defaultdict(list)
    columns: dict[str, list[Entity]] = defaultdict(list)
    for one in techniques:
        if parent := one.properties.get("parent"):
            children[parent].append(one)
            continue
        for tactic in one.properties["tactics"]:
            columns[tactic].append(one)
    version = max((one.properties.get("version", "") for one in tactics), default="")
    return Matrix(
        tuple(
            Tactic(
                id=one.id,
                name=one.name,
                techniques=tuple(_row(entity, children) for entity in _by_name(columns[one.id])),
            )
            for one in tactics
        ),
        version,
    )


def _row(entity: Entity, children: Mapping[str, list[Entity]]) -> Technique:
    sub = tuple(Technique(id=one.id, name=one.name) for one in _by_name(children[entity.id]))
    return Technique(id=entity.id, name=entity.name, sub=sub)


def _by_name(entities: Iterable[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda one: (one.name, one.id))


def _stands(entity: Entity) -> bool:
    return not entity.properties.get("revoked") and not entity.properties.get("deprecated")


def _newer(before: Entity | None, entity: Entity) -> Entity:
    """Of two versions in one bundle, the newer."""
    return entity if before is None or before.changed <= entity.changed else before


def _number(one: Mapping[str, Any]) -> str:
    """The ATT&CK id of an object that becomes an entity, or nothing."""
    if one.get("type") not in _TYPES or not isinstance(one.get("id"), str):
        return ""
    for reference in one.get("external_references", ()):
        if isinstance(reference, dict) and reference.get("source_name") in _SOURCES:
            return str(reference.get("external_id", ""))
    return ""


def _links(
    objects: Iterable[Mapping[str, Any]], numbers: Mapping[str, str]
) -> dict[tuple[str, str], list[str]]:
    """(ATT&CK id, relationship type) -> ids it leads to."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in objects:
        source, target = (
            numbers.get(one.get("source_ref", "")),
            numbers.get(one.get("target_ref", "")),
        )
        if one.get("type") == "relationship" and source and target and not one.get("revoked"):
            found[source, str(one.get("relationship_type"))].add(target)
    return {key: sorted(targets) for key, targets in found.items()}


def _order(objects: Iterable[Mapping[str, Any]], numbers: Mapping[str, str]) -> dict[str, int]:
    """The place of each tactic in its matrix."""
    return {
        numbers[ref]: place
        for one in objects
        if one.get("type") == "x-mitre-matrix"
        for place, ref in enumerate(one.get("tactic_refs", ()))
        if ref in numbers
    }


def _version(objects: Iterable[Mapping[str, Any]]) -> str:
    """The version of the collection; without one, the day on which it last changed."""
    for one in objects:
        if one.get("type") == "x-mitre-collection":
            return str(one.get("x_mitre_version", ""))
    return max((str(one.get("modified", ""))[:10] for one in objects), default="")


def _entity(
    one: Mapping[str, Any],
    number: str,
    links: Mapping[tuple[str, str], list[str]],
    shortnames: Mapping[str, str],
    order: Mapping[str, int],
    version: str,
) -> Entity:
    type_, name = _TYPES[one["type"]], str(one["name"])
    aliases = one.get("aliases") or one.get("x_mitre_aliases") or ()
    return Entity(
        id=number,
        type=type_,
        name=name,
        authority=AUTHORITY,
        changed=parse_us(one["modified"]),
        external=number,
        names=tuple(Name(str(a), AUTHORITY, type_) for a in aliases if a != name),
        properties={
            "stix": one["id"],
            "description": str(one.get("description", ""))[:_LONGEST],
            "version": version,
            **dict(_flags(one, number, links)),
            **dict(_place(one, number, links, shortnames, order)),
        },
    )


def _flags(
    one: Mapping[str, Any], number: str, links: Mapping[tuple[str, str], list[str]]
) -> Iterator[tuple[str, Any]]:
    if one.get("revoked"):
        yield "revoked", True
        yield "revoked_by", links.get((number, "revoked-by"), [])
    if one.get("x_mitre_deprecated"):
        yield "deprecated", True
    for relation in ("uses", "attributed-to"):
        if targets := links.get((number, relation)):
            yield relation, targets


def _place(
    one: Mapping[str, Any],
    number: str,
    links: Mapping[tuple[str, str], list[str]],
    shortnames: Mapping[str, str],
    order: Mapping[str, int],
) -> Iterator[tuple[str, Any]]:
    """Where a tactic or a technique stands in the matrix."""
    if one["type"] == "x-mitre-tactic":
        yield "order", order.get(number, len(order))
        yield "domain", "ics" if number.startswith("TA01") else "enterprise"
    if one["type"] == "attack-pattern":
        phases = [str(phase.get("phase_name")) for phase in one.get("kill_chain_phases", ())]
        yield "tactics", [shortnames[phase] for phase in phases if phase in shortnames]
        parents = links.get((number, "subtechnique-of"), [])
        if parents or "." in number:
            yield "parent", parents[0] if parents else number.partition(".")[0]
