"""What objects refer to: creators by name, and the artifacts at the end of a reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from kaname.intelligence.records import Mention
from kaname.intelligence.stix.kinds import artifact_of
from kaname.intelligence.stix.patterns import PatternError, artifacts, parse
from kaname.intelligence.stix.shapes import is_observable
from kaname.knowledge.stix_objects import StixObjects

__all__ = ["Ends"]

_DEEPEST = 3  # references that are followed: a sighting, its observed data, their objects


class Ends:
    """Objects by id: those at hand, and those that a collection has.

    A reference to what is in neither leads nowhere; it will when the object comes and
    whatever refers to it is read again.
    """

    def __init__(
        self,
        things: dict[str, Any],
        store: StixObjects | None = None,
        collection: str = "",
    ) -> None:
        self._things = things
        self._store = store
        self._collection = collection

    def prepare(self, things: Sequence[Mapping[str, Any]]) -> None:
        """Fetch whatever ``things`` lead to from the store, a step for all at a time."""
        here = things
        for _ in range(_DEEPEST):
            asked = sorted({key for one in here for key in _references(one)} - set(self._things))
            if not asked or self._store is None:
                return
            found = self._store.latest(self._collection, asked)
            self._things.update({key: msgspec.json.decode(raw) for key, raw in found.items()})
            here = [self._things[key] for key in found]

    def creator(self, thing: Mapping[str, Any]) -> str:
        """The name of whoever created ``thing``, or ""."""
        return self._name(thing.get("created_by_ref"))

    def sighter(self, thing: Mapping[str, Any]) -> str:
        """The name of where a sighting was made, or ""."""
        places = thing.get("where_sighted_refs")
        return self._name(places[0]) if isinstance(places, list) and places else ""

    def _name(self, key: object) -> str:
        found = self._things.get(key) if isinstance(key, str) else None
        name = found.get("name") if found else None
        return name[:128] if isinstance(name, str) else ""

    def about_id(self, key: object, role: str, depth: int = 0) -> Iterator[Mention]:
        """Artifacts that the object of that id is about."""
        found = self._things.get(key) if isinstance(key, str) else None
        if found is not None:
            yield from self.about(found, role, depth)

    def about(self, thing: Mapping[str, Any], role: str, depth: int = 0) -> Iterator[Mention]:
        """Artifacts that ``thing`` is about."""
        kind = thing["type"]
        if kind == "indicator":
            yield from _of_pattern(thing, role)
        elif kind == "observed-data" and depth < _DEEPEST:
            yield from self.seen(thing)
        elif kind == "vulnerability" and isinstance(thing.get("name"), str):
            yield from _mention(kind, "name", thing["name"], role)
        elif is_observable(kind):
            yield from _of_observable(thing, role)

    def seen(self, thing: Mapping[str, Any]) -> Iterator[Mention]:
        """Artifacts of observed data, with what they do in traffic (2.0: inside, by number)."""
        inside = thing.get("objects")
        things = dict(inside) if isinstance(inside, dict) else {}
        refs = thing.get("object_refs")
        for key in refs if isinstance(refs, list) else []:
            if isinstance(key, str) and key in self._things:
                things[key] = self._things[key]
        roles = _traffic_roles(things)
        for key, one in things.items():
            if isinstance(one, dict) and isinstance(one.get("type"), str):
                yield from _of_observable(one, roles.get(key, "subject"))

    def phases(self, thing: Mapping[str, Any]) -> list[str]:
        """Names of the phases of a kill chain that ``thing`` is of."""
        value = thing.get("kill_chain_phases")
        return [
            str(one.get("phase_name"))
            for one in (value if isinstance(value, list) else [])
            if isinstance(one, dict)
        ]


def _references(thing: Mapping[str, Any]) -> Iterator[str]:
    for name, value in thing.items():
        if name.endswith("_ref") and isinstance(value, str):
            yield value
        elif name.endswith("_refs") and isinstance(value, list):
            yield from (one for one in value if isinstance(one, str))


def _of_pattern(thing: Mapping[str, Any], role: str) -> Iterator[Mention]:
    text = thing.get("pattern")
    if not isinstance(text, str) or thing.get("pattern_type", "stix") != "stix":
        return
    try:
        found = list(artifacts(parse(text)))
    except PatternError:
        return  # a pattern that nobody can match says nothing; the object is kept
    for one in found:
        yield Mention(one.kind, one.value, role)


def _of_observable(thing: Mapping[str, Any], role: str) -> Iterator[Mention]:
    kind = thing["type"]
    hashes = thing.get("hashes")
    for name, value in (hashes if isinstance(hashes, dict) else {}).items():
        yield from _mention(kind, f"hashes.{name}", value, role)
    for name in ("value", "number", "name", "key"):
        if name in thing:
            yield from _mention(kind, name, thing[name], role)


def _mention(kind: str, path: str, value: object, role: str) -> Iterator[Mention]:
    found = artifact_of(kind, path, value)
    if found is not None:
        yield Mention(*found, role)


def _traffic_roles(things: Mapping[str, Any]) -> dict[str, str]:
    roles: dict[str, str] = {}
    for one in things.values():
        if isinstance(one, dict) and one.get("type") == "network-traffic":
            for name, role in (("src_ref", "src"), ("dst_ref", "dst")):
                if isinstance(one.get(name), str):
                    roles[one[name]] = role
    return roles
