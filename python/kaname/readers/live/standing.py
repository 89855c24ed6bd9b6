"""How one place of live input does."""

from __future__ import annotations

import msgspec

from kaname.model.marking import Tlp

__all__ = ["Standing"]


class Standing(msgspec.Struct, frozen=True):
    """How one place does, since it was opened.

    ``lost`` counts by name what is known to be lost: ``lost_kernel`` and ``lost_queue`` of
    datagrams, ``lost_*`` of the decoder by sequence numbers. ``notes`` is everything else
    that happened. ``waiting`` rows are not committed yet.
    """

    listener: str
    place: str
    sensor: str
    tlp: Tlp
    bytes: int
    records: int
    rows: int
    bad: int
    lost: dict[str, int]
    notes: dict[str, int]
    batches: int
    waiting: int
    last_commit: int | None
    error: str | None
