"""What the console believes of hardware's documents is what the routes answer."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from kaname.hardware.routes import shapes

TYPESCRIPT = Path(__file__).parents[3] / "ui" / "src" / "api" / "hardware.ts"
# Where the console has another name for a document.
NAMES = {
    "HardwareFinding": "FindingOut",
    "CircuitNode": "Node",
    "Design": "DesignOut",
    "RankedNet": "NetOut",
    "HardwareModel": "ModelOut",
    "Device": "DeviceOut",
    "Segment": "SegmentOut",
    "Peer": "PeerOut",
}


def _interfaces() -> dict[str, set[str]]:
    text = TYPESCRIPT.read_text(encoding="utf-8")
    blocks = re.findall(r"export interface (\w+) \{\n(.*?)\n\}", text, re.DOTALL)
    return {name: set(re.findall(r"^  (\w+): ", body, re.MULTILINE)) for name, body in blocks}


@pytest.mark.parametrize("name", sorted(_interfaces()))
def test_the_console_knows_every_field(name: str) -> None:
    served = getattr(shapes, NAMES.get(name, name))
    assert _interfaces()[name] == {field.name for field in msgspec.structs.fields(served)}


def test_the_console_knows_every_document() -> None:
    known = {NAMES.get(name, name) for name in _interfaces()}
    assert set(shapes.__all__) - known == {"ModelPage"}  # written out where it is fetched
