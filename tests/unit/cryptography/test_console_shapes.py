"""What the console believes of documents on cryptography is what the routes answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kaname.cryptography.changes import Change
from kaname.cryptography.policy.cells import Cell
from kaname.cryptography.policy.judge import Quantum
from kaname.cryptography.policy.migration import Assumptions
from kaname.cryptography.policy.tables import Version
from kaname.cryptography.policy.timeline import Course
from kaname.cryptography.routes import shapes

TYPESCRIPT = Path(__file__).parents[3] / "ui" / "src" / "api" / "cryptography.ts"
SERVED: dict[str, Any] = {
    "Inventory": shapes.InventoryOut, "InventoryPage": shapes.InventoryPage,
    "Reason": shapes.ReasonOut, "Cell": Cell, "Quantum": Quantum, "Verdict": shapes.VerdictOut,
    "CryptoItem": shapes.ItemOut, "Version": Version, "Course": Course,
    "Place": shapes.PlaceOut, "CryptoFinding": shapes.FindingOut,
    "InventoryDetail": shapes.InventoryDetail, "Step": shapes.StepOut, "Plan": shapes.PlanOut,
    "Assumptions": Assumptions, "Change": Change, "TrendPoint": shapes.Point,
}  # fmt: skip


def _fields(name: str) -> set[str]:
    text = TYPESCRIPT.read_text(encoding="utf-8")
    found = re.search(rf"^export interface {name} \{{\n(.*?)\n\}}", text, re.DOTALL | re.MULTILINE)
    assert found is not None, f"the console has no {name}"
    return set(re.findall(r"^  (\w+): ", found[1], re.MULTILINE))


@pytest.mark.parametrize("name", sorted(SERVED))
def test_the_console_knows_every_field(name: str) -> None:
    assert _fields(name) == {field.name for field in msgspec.structs.fields(SERVED[name])}
