"""Opaque cursors: where a page ended, as text that a URL can carry.

A cursor holds the sort key of the last row (keyset paging), not a row count, so rows
that arrive between two pages neither hide nor repeat others. It is no secret and grants
nothing: the marking is tested on every page.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

import msgspec

from kaname.model.errors import UsageError

__all__ = ["Int64", "decode", "encode"]

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


def encode(kind: str, *values: float | str) -> str:
    """The cursor of list ``kind`` for the row whose sort key is ``values``."""
    data = msgspec.json.encode((kind, *values))
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str, kind: str, *types: Any) -> tuple[Any, ...]:
    """The values in a cursor, of ``types``.

    Raises:
        UsageError: it is broken, or belongs to another list or order.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found: tuple[Any, ...] = msgspec.json.decode(data, type=_row_of(types))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise UsageError("knowledge.error.cursor") from None
    if found[0] != kind:
        raise UsageError("knowledge.error.cursor")
    return found[1:]


def _row_of(types: tuple[Any, ...]) -> Any:
    row: Any = tuple
    return row[(str, *types)]
