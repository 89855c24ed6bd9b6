"""Markings of STIX objects: TLP 1.0 and 2.0 by their fixed ids, and those that travel along.

An object is as closed as the strictest marking that it or a part of it refers to. A
marking that nobody here knows (a statement, a policy) does not open anything: such an
object gets what the collection says of unmarked ones, and keeps its markings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kaname.model.errors import UsageError
from kaname.model.marking import Tlp, join

__all__ = ["TLP_1", "TLP_2", "defined", "marked"]

_DEFINITION = "marking-definition--"
TLP_2 = {
    f"{_DEFINITION}94868c89-83c2-464b-929b-a1a8aa3c8487": Tlp.CLEAR,
    f"{_DEFINITION}bab4a63c-aed9-4cf5-a766-dfca5abac2bb": Tlp.GREEN,
    f"{_DEFINITION}55d920b0-5e8b-4f79-9ee9-91f868d9b421": Tlp.AMBER,
    f"{_DEFINITION}939a9414-2ddd-4d32-a0cd-375ea402b003": Tlp.AMBER_STRICT,
    f"{_DEFINITION}e828b379-4e03-4974-9ac4-e53a884c97c1": Tlp.RED,
}
TLP_1 = {
    f"{_DEFINITION}613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,
    f"{_DEFINITION}34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    f"{_DEFINITION}f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    f"{_DEFINITION}5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
}
_KNOWN = TLP_1 | TLP_2
_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"


def marked(markings: Iterable[str], known: Mapping[str, Tlp], default: Tlp) -> Tlp:
    """The marking of an object that refers to ``markings``.

    Args:
        markings: ids of marking definitions.
        known: those of this exchange that are a TLP, besides the fixed ones.
        default: what holds for an object without any TLP.
    """
    found = [_KNOWN.get(one) or known.get(one) for one in markings]
    levels = [level for level in found if level is not None]
    return join(levels) if levels else default


def defined(thing: Mapping[str, Any]) -> Tlp | None:
    """The TLP that a marking definition stands for; None when it is none."""
    extension = thing.get("extensions", {}).get(_EXTENSION, {})
    definition = thing.get("definition", {})
    text = extension.get("tlp_2_0") or (isinstance(definition, dict) and definition.get("tlp"))
    try:
        return Tlp.parse(text) if isinstance(text, str) else None
    except UsageError:
        return None
