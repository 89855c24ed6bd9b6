"""What makes two sources the same source."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from kaname.model.errors import InputError

__all__ = ["identify"]

_MIB = 1 << 20


def identify(path: Path) -> str:
    """SHA-256 (hex) of the first MiB, the last MiB and the size (u64, big-endian).

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(_MIB)
            file.seek(max(0, size - _MIB))
            tail = file.read(_MIB)
    except OSError as error:
        raise InputError("lake.error.source", path=path, reason=error.strerror) from None
    return hashlib.sha256(head + tail + size.to_bytes(8, "big")).hexdigest()
