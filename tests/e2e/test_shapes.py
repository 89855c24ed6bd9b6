"""The console's types of the API's documents name the same fields as the API itself."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import msgspec

from kaname.api import shapes

TYPESCRIPT = Path(__file__).parents[2] / "ui" / "src" / "api" / "shapes.ts"


def _interfaces() -> dict[str, set[str]]:
    text = TYPESCRIPT.read_text(encoding="utf-8")
    blocks = re.findall(r"export interface (\w+)(?:<\w+>)? \{(.*?)\n\}", text, re.DOTALL)
    return {name: set(re.findall(r"readonly (\w+):", body)) for name, body in blocks}


def test_every_document_has_the_fields_that_the_console_knows() -> None:
    served = {
        name: {field.name for field in msgspec.structs.fields(kind)}
        for name, kind in inspect.getmembers(shapes, inspect.isclass)
        if issubclass(kind, msgspec.Struct)
    }
    known = _interfaces()
    assert set(known) <= set(served)
    for name, fields in known.items():
        assert (name, fields) == (name, served[name])
