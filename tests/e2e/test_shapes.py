"""What the console says of others is true: the API's documents, the command line's options."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import click
import msgspec
import pytest

from kaname.api import shapes
from kaname.cli.main import root

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


COMMANDS = TYPESCRIPT.parents[1] / "format" / "command.ts"


@pytest.mark.parametrize(
    ("command", "constant"), [("findings", "FINDINGS"), ("indicators", "INDICATORS")]
)
def test_copied_commands_use_options_that_exist(command: str, constant: str) -> None:
    text = COMMANDS.read_text(encoding="utf-8")
    block = text.split(f"const {constant}")[1].split("};")[0]
    used = set(re.findall(r'"(--[\w-]+)"', block)) | (
        {"--all"} if command == "indicators" else set()
    )
    found = root.get_command(click.Context(root), command)
    assert found is not None
    assert used <= {option for parameter in found.params for option in parameter.opts}
