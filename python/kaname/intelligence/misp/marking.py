"""Markings of MISP: TLP and PAP as tags, on an event and on its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kaname.model.errors import UsageError
from kaname.model.marking import Tlp, join
from kaname.model.records import Pap

__all__ = [
    "Viewer",
    "group_of",
    "handed_on",
    "may_see",
    "pap_of",
    "tags_of",
    "tlp_of",
    "visible",
]


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


class Viewer(NamedTuple):
    """Who looks: up to which marking, and in which sharing groups (None: in all of them)."""

    clearance: Tlp
    groups: frozenset[str] | None = None


def group_of(thing: dict[str, Any]) -> str:
    """The sharing group that an event or a part is limited to; empty when to none."""
    if str(thing.get("distribution")) != _SHARING_GROUP:
        return ""
    group = thing.get("SharingGroup")
    name = group.get("name") if isinstance(group, dict) else None
    return str(name or f"misp-{thing.get('sharing_group_id', '')}")[:128]


def may_see(thing: dict[str, Any], tlp: Tlp, viewer: Viewer) -> bool:
    """Whether ``viewer`` may see a thing that is marked ``tlp`` if it says nothing stricter."""
    group = group_of(thing)
    if group and viewer.groups is not None and group not in viewer.groups:
        return False
    return join((tlp, tlp_of(tags_of(thing), tlp))).visible_to(viewer.clearance)


def handed_on(event: dict[str, Any], tlp: Tlp, clearance: Tlp) -> bool:
    """Whether the whole event may go to others with ``clearance`` who are in no group.

    What its author limits to an organisation or a group goes no further.
    """
    limited = str(event.get("distribution")) in (_OWN, _SHARING_GROUP)
    return not limited and visible(event, tlp, Viewer(clearance, frozenset())) is event


def visible(event: dict[str, Any], tlp: Tlp, viewer: Viewer) -> dict[str, Any]:
    """``event`` (marked ``tlp``) without the parts that ``viewer`` may not see.

    The very same object when nothing is to be left out; counts are taken anew otherwise.
    """
    kept = dict(event)
    kept["Attribute"] = list(_seen(event, "Attribute", tlp, viewer))
    kept["Object"] = [
        one if (parts := list(_seen(one, "Attribute", tlp, viewer))) == one.get("Attribute")
        else one | {"Attribute": parts}
        for one in _seen(event, "Object", tlp, viewer)
    ]  # fmt: skip
    if all(kept[part] == event.get(part, []) for part in ("Attribute", "Object")):
        return event
    if "Object" not in event:
        del kept["Object"]
    parts_of = sum(len(one.get("Attribute", ())) for one in kept.get("Object", ()))
    return kept | {"attribute_count": str(len(kept["Attribute"]) + parts_of)}


def _seen(thing: dict[str, Any], part: str, tlp: Tlp, viewer: Viewer) -> Iterator[dict[str, Any]]:
    return (one for one in _dicts(thing.get(part)) if may_see(one, tlp, viewer))


_OWN, _SHARING_GROUP = "0", "4"  # distributions of the MISP core format
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
