"""`kaname crypto lab ...`: what is studied and measured, and must not protect anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.cli.frame import Session, group
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["begin", "drawn", "lab", "put_laboratory"]

_HERE = "kaname.cli.commands.crypto_lab"
lab = group(
    "crypto lab",
    {
        "compression": f"{_HERE}_compression:compression",
        "multi": f"{_HERE}_multi:multi",
        "channel": f"{_HERE}_channel:channel",
    },
)


def put_laboratory(found: dict[str, object]) -> None:
    """A JSON document that says what it is before it says anything else."""
    put_json({"laboratory": True, "warning": say("cryptography.lab.warning"), **found})


def begin(session: Session, picture: Path | None) -> None:
    """Say the same to those who read tables, and refuse a picture before any work is done.

    Raises:
        UsageError: its name does not end with .svg.
    """
    if picture is not None and picture.suffix != ".svg":
        raise UsageError("cryptography.error.lab_picture", path=picture)
    if not session.as_json:
        note(say("cryptography.lab.warning"))


def drawn(path: Path, picture: str, *, quiet: bool) -> None:
    """Write a picture whole or not at all."""
    from kaname.lake.faults import clear_errors

    part = path.with_name(f".{path.name}.part")
    with clear_errors(path.parent):
        try:
            part.write_text(picture, encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    if not quiet:
        note(say("cli.crypto.lab.drawn", path=path))
