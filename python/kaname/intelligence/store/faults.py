"""Errors of the fusion store, as kaname says them."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from kaname._native import NativeError
from kaname.model.errors import (
    ConflictError,
    IntegrityError,
    KanameError,
    LimitError,
    StoreAccessError,
    StoreFullError,
    UsageError,
)

__all__ = ["clear_errors"]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the core and of the disk into those that name the store in ``folder``."""
    try:
        yield
    except NativeError as error:
        raise _native(folder, *error.args) from None
    except OSError as error:
        kind = StoreFullError if error.errno in _FULL else StoreAccessError
        reason = error.strerror or str(error)
        raise kind("intelligence.error.store_disk", path=folder, reason=reason) from None


def _native(folder: Path, code: str, detail: str) -> KanameError:
    match code:
        case "locked":
            return ConflictError("intelligence.error.store_locked", path=folder)
        case "read_only":
            return StoreAccessError("intelligence.error.store_read_only", path=folder)
        case "damaged":
            return IntegrityError("intelligence.error.store_damaged", path=folder, place=detail)
        case "unfit":
            return LimitError("intelligence.error.store_unfit", path=folder)
        case _:
            return UsageError("intelligence.error.observation", reason=detail)
