"""TLP 2.0 in STIX 2.1: the marking definitions that FIRST and OASIS fixed.

STIX 2.1 itself knows TLP 1.0 only. The five objects below, their ids and the extension
are those of the OASIS repository ``cti-stix-common-objects``
(``extension-definition-specifications/tlp-2.0``); every field is part of the published
object, so nothing may be added to them.
"""

from __future__ import annotations

from typing import Any

from kaname.model.marking import Tlp

__all__ = ["marking", "marking_id"]

_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_IDS = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}


def marking_id(tlp: Tlp) -> str:
    """The id of the marking definition of ``tlp``."""
    return _IDS[tlp]


def marking(tlp: Tlp) -> dict[str, Any]:
    """The marking definition of ``tlp``, to travel in the bundle."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _IDS[tlp],
        "created": "2022-10-01T00:00:00.000Z",
        "name": tlp.label,
        "extensions": {_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.value}},
    }
