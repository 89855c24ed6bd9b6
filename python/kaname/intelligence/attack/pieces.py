"""The pieces of text that the mapper judges: sentences, and lines that stand alone.

Finer than the sentences of a report: an item of a list or a row of a table that is joined
to its neighbours says less. Training and use must cut alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["LEAST", "pieces"]

LEAST = 15  # characters; what is shorter and shows nothing is left out of training too
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"(\[])|\n+")


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where the pieces of ``text`` begin and end; none is blank."""
    start = 0
    for end in _ENDS.finditer(text):
        if text[start : end.start()].strip():
            yield start, end.start()
        start = end.end()
    if text[start:].strip():
        yield start, len(text)
