"""The words of packets are those of the native core."""

from __future__ import annotations

from kaname import _native
from kaname.model.packets import PTYPES, RELATION_BITS, RELATIONS, RELATIVE_RELATIONS


def test_packet_types() -> None:
    assert list(PTYPES) == _native.PACKET_TYPES


def test_relations() -> None:
    told = [
        (name, bits, name in RELATIVE_RELATIONS)
        for name, bits in zip(RELATIONS, RELATION_BITS, strict=True)
    ]
    assert told == _native.RELATIONS
    assert len(set(RELATIONS)) == len(RELATIONS) <= 31  # bit 31 is the sign of the column
