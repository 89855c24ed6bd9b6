"""`kaname crypto lab ...`: what is studied and measured, and must not protect anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.cli.frame import Session, group
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["drawn", "lab", "put_laboratory", "warn"]

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


def warn(session: Session) -> None:
    """The same for those who read tables."""
    if not session.as_json:
        note(say("cryptography.lab.warning"))


def drawn(path: Path, picture: str, *, quiet: bool) -> None:
    """Write a picture whole or not at all.

    Raises:
        UsageError: the name does not end with .svg.
    """
    from kaname.lake.faults import clear_errors

    if path.suffix != ".svg":
        raise UsageError("cryptography.error.lab_picture", path=path)
    part = path.with_name(f".{path.name}.part")
    with clear_errors(path.parent):
        try:
            part.write_text(picture, encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    if not quiet:
        note(say("cli.crypto.lab.drawn", path=path))
