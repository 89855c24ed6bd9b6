"""The classes that a mapper is trained for."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import msgspec

from kaname.model.errors import InputError

__all__ = ["labels_of"]


def labels_of(path: Path | None) -> list[str]:
    """The techniques in a JSON list; without a file the fifty that TRAM 2 annotates.

    Raises:
        InputError: the file is no list of texts.
    """
    shipped = resources.files("kaname.intelligence.attack") / "labels.json"
    data = shipped.read_bytes() if path is None else path.read_bytes()
    try:
        return msgspec.json.decode(data, type=list[str])
    except msgspec.MsgspecError as error:
        raise InputError("intelligence.error.technique_labels", reason=str(error)) from error
