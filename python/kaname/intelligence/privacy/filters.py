"""All indicators of an audience as one file to ask at home: the server learns nothing.

The layout is that of DCSO's Bloom filters (version 1), so that ``bloom`` and ``flor`` read
it, too. What lies behind the bits is a JSON object that says what they are of. Values are
"kind:value"; whoever has the file can test any guess, so that it hides nothing of easily
guessed values from its holder: it is given only to those who may see the indicators.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from kaname._native import BloomFilter
from kaname.model.errors import InputError, UsageError

__all__ = ["RATE", "build", "read"]

RATE: Final = 1e-4
"""Of values that are not in it, the share to which it says "perhaps": 19.2 bits a value."""


def build(keys: Sequence[str], *, rate: float = RATE, about: dict[str, Any] | None = None) -> bytes:
    """The filter of ``keys`` as bytes.

    Raises:
        UsageError: the rate is not between 0 and 1.
    """
    unique = sorted(set(keys))
    try:
        # One more than there are: readers refuse to add to a filter that is full.
        made = BloomFilter.of(unique, len(unique) + 1, rate)
    except ValueError as error:
        raise UsageError("intelligence.error.filter_rate", found=rate) from error
    facts = (about or {}) | {"values": len(unique), "false_positives": made.false_positives}
    return made.write(msgspec.json.encode(facts))


def read(data: bytes) -> BloomFilter:
    """The filter in these bytes.

    Raises:
        InputError: there is none.
    """
    try:
        return BloomFilter.parse(data)
    except ValueError as error:
        raise InputError("intelligence.error.filter") from error
