"""Accepted uploads: what is to be done with each lies beside it.

An upload that was answered with "accepted" outlives the process: the next start finds
the note and goes on. A folder without a note is an upload that never became whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from kaname.api.uploads import PREFIX, discard
from kaname.model.marking import Tlp
from kaname.readers.options import Options

__all__ = ["Note", "accepted", "leave"]

_NAME = ".job"  # no upload can have that name: theirs never begin with a dot


class Note(msgspec.Struct, frozen=True):
    """How an upload is to be ingested."""

    file: str
    sensor: str
    tlp: Tlp
    packets: bool
    actor: str
    reader: str | None = None
    options: Options = {}


def leave(folder: Path, note: Note) -> None:
    """Put the note beside the upload."""
    (folder / _NAME).write_bytes(msgspec.json.encode(note))


def accepted(inbox: Path) -> Iterator[tuple[Path, Note]]:
    """Uploads that a former process accepted; what it left half done is removed."""
    for folder in sorted(inbox.glob(f"{PREFIX}*")):
        try:
            note = msgspec.json.decode((folder / _NAME).read_bytes(), type=Note)
        except (OSError, msgspec.MsgspecError):
            discard(folder / _NAME)
            continue
        if (folder / note.file).is_file():
            yield folder / note.file, note
        else:
            discard(folder / _NAME)
