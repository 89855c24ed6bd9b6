"""One object of STIX: whether it is one, and what of it the store wants to know.

Neither of the usual tools is asked: one lets through what the specification forbids,
the other is a thousand times slower, and both raise on hostile input. Where they
disagree, the text of the specification decides (documented with the tests).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from kaname.intelligence.stix.limits import check_raw, name_flaw
from kaname.intelligence.stix.reasons import Flaw, flaw_of
from kaname.intelligence.stix.shapes import Shape, is_observable, shape_of
from kaname.intelligence.stix.times import canonical

__all__ = ["Checked", "check"]

_LONGEST_ID = 256
_LONGEST_TYPE = 64
_LONGEST_VERSION = 40
_TOO_FINE = Flaw("/modified", "long", {})
_LIST_STEP = re.compile(r"\[(\d+)\]")


class Checked(msgspec.Struct, frozen=True, gc=False):
    """What is known of an object that is one; ``version`` as `times.canonical` spells it."""

    id: str
    type: str
    spec: str
    version: str
    markings: tuple[str, ...]  # ids of marking definitions, of the whole or of a part


def check(raw: bytes) -> Checked | Flaw:
    """What ``raw``, one JSON object, is, or what is wrong with it."""
    try:
        flaw = check_raw(raw)
        return flaw or _checked(raw, msgspec.json.decode(raw, type=dict))
    except msgspec.ValidationError as error:
        return flaw_of(str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Flaw("", "malformed", {"found": str(error)})
    except RecursionError:
        return Flaw("", "deep", {})


def _checked(raw: bytes, whole: dict[str, Any]) -> Checked | Flaw:
    kind, key = whole.get("type"), whole.get("id")
    flaw = _head_flaw(kind, key)
    if flaw is not None or not isinstance(kind, str) or not isinstance(key, str):
        return flaw or Flaw("", "malformed", {"found": ""})
    spec = _spec(kind, whole)
    dated = "created" in whole or "modified" in whole
    thing = msgspec.convert(whole, shape_of(kind, spec, dated=dated))
    version, flaw = _version(kind, thing)
    flaw = flaw or _order_flaw(thing) or name_flaw(raw, whole) or _selector_flaw(whole, thing)
    if flaw is not None:
        return flaw
    return Checked(key, kind, spec, version, _markings(thing))


def _head_flaw(kind: object, key: object) -> Flaw | None:
    """What is wrong with the type and the id."""
    if type(kind) is str and type(key) is str and key.startswith(f"{kind}--"):
        if len(key) > _LONGEST_ID or len(kind) > _LONGEST_TYPE:
            return Flaw("/id", "long", {})
        return Flaw("/type", "bundle", {}) if kind == "bundle" else None
    for name, value in (("type", kind), ("id", key)):
        if value is None:
            return Flaw("", "missing", {"name": name})
        if not isinstance(value, str):
            return Flaw(f"/{name}", "type", {"expected": "str", "found": type(value).__name__})
    return Flaw("/id", "id_type", {"type": str(kind)[:_LONGEST_TYPE]})


def _spec(kind: str, whole: dict[str, Any]) -> str:
    """The version of the specification; only 2.0 has dated objects that do not name it."""
    named = whole.get("spec_version")
    if named is not None:
        return "2.0" if named == "2.0" else "2.1"
    dated = "created" in whole or "modified" in whole
    return "2.0" if dated and not is_observable(kind) else "2.1"


def _version(kind: str, thing: Shape) -> tuple[str, Flaw | None]:
    """The instant that makes the version; "" for observables, which have none."""
    if is_observable(kind):
        return "", None
    for name in ("modified", "created"):
        text = getattr(thing, name)
        if text is not UNSET:
            found = canonical(text)
            if found is None:
                return "", Flaw(f"/{name}", "time", {"found": text[:100]})
            return (found, None) if len(found) <= _LONGEST_VERSION else ("", _TOO_FINE)
    return "", None


def _order_flaw(thing: Shape) -> Flaw | None:
    """Two instants in the wrong order (2.1, 3.2 and the types' own rules)."""
    if is_observable(thing.type):
        return None
    for early, late, strict in _orders(type(thing)):
        first, second = getattr(thing, early, UNSET), getattr(thing, late, UNSET)
        if isinstance(first, UnsetType) or isinstance(second, UnsetType):
            continue
        if first == second and not strict:
            continue
        one, other = canonical(first), canonical(second)
        if one is None or other is None:
            place, found = (early, first) if one is None else (late, second)
            return Flaw(f"/{place}", "time", {"found": str(found)[:100]})
        if other < one or (strict and other == one):
            return Flaw(f"/{late}", "order", {"early": early, "late": late})
    return None


@lru_cache(maxsize=256)
def _orders(shape: type[Shape]) -> tuple[tuple[str, str, bool], ...]:
    """Those of `_ORDERS` whose two instants objects of ``shape`` have."""
    return tuple(one for one in _ORDERS if {one[0], one[1]} <= set(shape.__struct_fields__))


_ORDERS = (
    ("created", "modified", False),
    ("valid_from", "valid_until", True),
    ("first_seen", "last_seen", False),
    ("first_observed", "last_observed", False),
    ("start_time", "stop_time", True),
)


def _markings(thing: Shape) -> tuple[str, ...]:
    whole = thing.object_marking_refs
    found = () if isinstance(whole, UnsetType) else tuple(whole)
    parts = thing.granular_markings
    if isinstance(parts, UnsetType):
        return found
    return found + tuple(p.marking_ref for p in parts if not isinstance(p.marking_ref, UnsetType))


def _selector_flaw(whole: dict[str, Any], thing: Shape) -> Flaw | None:
    """A granular marking of something that is not there (2.1, 7.2.3.1)."""
    if isinstance(thing.granular_markings, UnsetType):
        return None
    for n, part in enumerate(thing.granular_markings):
        for m, selector in enumerate(part.selectors):
            if not _selects(whole, selector):
                place = f"/granular_markings/{n}/selectors/{m}"
                return Flaw(place, "selector", {"found": selector})
    return None


def _selects(whole: Any, selector: str) -> bool:
    here = whole
    for step in selector.split("."):
        number = _LIST_STEP.fullmatch(step)
        if number is not None and isinstance(here, list) and int(number[1]) < len(here):
            here = here[int(number[1])]
        elif isinstance(here, dict) and step in here:
            here = here[step]
        else:
            return False
    return True
