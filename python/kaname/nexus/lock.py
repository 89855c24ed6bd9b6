"""One nexus per data folder: a lock that the system releases however the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from kaname.model.errors import ConflictError, StoreAccessError

__all__ = ["DataLock"]

_NAME = "nexus.lock"


class DataLock:
    """Holds the data folder from `acquire` to `release`."""

    def __init__(self, data: Path) -> None:
        self._path = data / _NAME
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the folder, making it when it is not there.

        Raises:
            ConflictError: another nexus holds it.
            StoreAccessError: the folder cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        except OSError as error:
            raise StoreAccessError(
                "nexus.error.data", path=self._path.parent, reason=error.strerror
            ) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = file.read().strip() or "?"
            file.close()
            raise ConflictError("nexus.error.locked", path=self._path.parent, pid=holder) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the folder back; doing it again is no matter."""
        if self._file is not None:
            self._file.close()
            self._file = None
