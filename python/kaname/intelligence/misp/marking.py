"""Markings of MISP: TLP and PAP as tags, on an event and on its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kaname.model.errors import UsageError
from kaname.model.marking import Tlp, join
from kaname.model.records import Pap

__all__ = ["pap_of", "tags_of", "tlp_of", "visible"]


def tags_of(thing: dict[str, Any]) -> list[str]:
    """The names of the tags of an event or attribute."""
    return [name for tag in _dicts(thing.get("Tag")) if isinstance(name := tag.get("name"), str)]


def tlp_of(tags: Iterable[str], default: Tlp) -> Tlp:
    """The strictest TLP among ``tags``; ``default`` when there is none."""
    found = list(_levels(tags))
    return join(found) if found else default


def pap_of(tags: Iterable[str]) -> Pap:
    """The strictest PAP among ``tags``; CLEAR of none."""
    order = list(Pap)
    words = (tag.lower().removeprefix("pap:") for tag in tags if tag.lower().startswith("pap:"))
    known = [Pap("clear" if word == "white" else word) for word in words if word in _PAPS]
    return max(known, key=order.index, default=Pap.CLEAR)


def visible(event: dict[str, Any], tlp: Tlp, clearance: Tlp) -> dict[str, Any]:
    """``event`` (marked ``tlp``) without the parts that ``clearance`` may not see.

    The very same object when it may see all; counts are taken anew otherwise.
    """
    kept = dict(event)
    kept["Attribute"] = list(_seen(event, "Attribute", tlp, clearance))
    kept["Object"] = [
        one if (parts := list(_seen(one, "Attribute", tlp, clearance))) == one.get("Attribute")
        else one | {"Attribute": parts}
        for one in _seen(event, "Object", tlp, clearance)
    ]  # fmt: skip
    if all(kept[part] == event.get(part, []) for part in ("Attribute", "Object")):
        return event
    if "Object" not in event:
        del kept["Object"]
    parts_of = sum(len(one.get("Attribute", ())) for one in kept.get("Object", ()))
    return kept | {"attribute_count": str(len(kept["Attribute"]) + parts_of)}


def _seen(thing: dict[str, Any], part: str, tlp: Tlp, clearance: Tlp) -> Iterator[dict[str, Any]]:
    for one in _dicts(thing.get(part)):
        if join((tlp, tlp_of(tags_of(one), tlp))).visible_to(clearance):
            yield one


_PAPS = frozenset({*Pap, "white"})


def _levels(tags: Iterable[str]) -> Iterator[Tlp]:
    for tag in tags:
        if tag.lower().startswith("tlp:"):
            try:
                yield Tlp.parse(tag)
            except UsageError:
                continue  # tlp:ex:chr and the like say nothing of who may see it


def _dicts(found: object) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
