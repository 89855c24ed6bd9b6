"""The two-layer view as arrays: artifacts below, what they mean above.

Layout of the answer (little-endian): ``KNL1``, the length of the header (u32), the header
as JSON, then aligned to 4: f32 x, f32 y, u8 layer (0 artifact, 1 semantic), u8 kind (a
position in ``kinds`` or ``types``) of the nodes, aligned to 4: u32 a, u32 b of the edges.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.intelligence.answers.lookups import Sources, groups_of
from kaname.intelligence.store import Pivot
from kaname.intelligence.store.store import GATE
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kaname._native import FusionNear

__all__ = ["Scene", "scene"]

_HOPS = 3
_KINDS = [kind.value for kind in ArtifactKind]
_TYPES = ["campaign"]
_MAGIC = b"KNL1"


@dataclass(frozen=True)
class _Meaning:
    """A semantic node and the positions of its artifacts."""

    name: str
    members: list[int]


@dataclass(frozen=True)
class Scene:
    """What is drawn: artifacts first, then semantic nodes."""

    near: FusionNear
    total: int
    meanings: list[_Meaning]

    def labels(self) -> list[str]:
        """``kind:value`` of artifacts, the names of semantic nodes, in the order of nodes."""
        near = self.near
        artifacts = (f"{k}:{v}" for k, v in zip(near.kinds, near.values, strict=True))
        return [*artifacts, *(meaning.name for meaning in self.meanings)]

    def encode(self) -> bytes:
        """The bytes of the answer."""
        import numpy as np

        x, y = self._positions()
        codes = {kind: at for at, kind in enumerate(_KINDS)}
        kinds = bytes(codes[kind] for kind in self.near.kinds) + bytes(len(self.meanings))
        layers = bytes(len(x) - len(self.meanings)) + b"\1" * len(self.meanings)
        a, b = self._edges()
        header = msgspec.json.encode(self._header(len(x), len(a)))
        head = _MAGIC + struct.pack("<I", len(header)) + header
        nodes = x.astype(np.float32).tobytes() + y.astype(np.float32).tobytes() + layers + kinds
        ends = a.astype(np.uint32).tobytes() + b.astype(np.uint32).tobytes()
        return _aligned(_aligned(head) + nodes) + ends

    def _header(self, nodes: int, edges: int) -> dict[str, Any]:
        kinds, values = self.near.kinds, self.near.values  # each a list made anew
        return {
            "nodes": nodes,
            "edges": edges,
            "kinds": _KINDS,
            "types": _TYPES,
            "total_nodes": self.total + len(self.meanings),
            "total_edges": edges,
            "gated": [
                {"kind": kinds[at], "value": values[at], "neighbours": beside}
                for at, beside in self.near.gated
            ],
        }

    def _positions(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A semantic node stands over the middle of its artifacts."""
        import numpy as np

        x, y = (np.frombuffer(column, np.float32) for column in self.near.positions())
        above = [meaning.members for meaning in self.meanings]
        return (
            np.append(x, [x[members].mean() for members in above]),
            np.append(y, [y[members].mean() for members in above]),
        )

    def _edges(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        import numpy as np

        a, b = (np.frombuffer(column, np.uint32) for column in self.near.ends())
        first = self.near.count
        up = [(at, first + n) for n, one in enumerate(self.meanings) for at in one.members]
        lower, upper = zip(*up, strict=True) if up else ((), ())
        return np.append(a, np.array(lower, np.uint32)), np.append(b, np.array(upper, np.uint32))


def scene(
    sources: Sources, seeds: Sequence[tuple[ArtifactKind, str]], cap: int, clearance: Tlp
) -> Scene:
    """What is near ``seeds``, or the most observed part of everything without any."""
    groups = groups_of(clearance)
    if seeds:
        found: Pivot = sources.store.pivot(
            seeds, hops=_HOPS, gate=GATE, cap=cap, clearance=clearance, groups=groups
        )
        total = found.near.count
    else:
        found, total = sources.store.overview(cap, clearance=clearance, groups=groups)
    return Scene(found.near, total, _meanings(sources, found.near, clearance))


def _meanings(sources: Sources, near: FusionNear, clearance: Tlp) -> list[_Meaning]:
    """Campaigns of the artifacts that are drawn."""
    from kaname.intelligence.fusion.book import Book

    campaigns = Book(sources.knowledge).campaigns(clearance=clearance)
    if not campaigns:
        return []
    places = {key: at for at, key in enumerate(zip(near.kinds, near.values, strict=True))}
    found = []
    for campaign in campaigns:
        keys = ((member.kind, member.value) for member in campaign.members)
        members = [places[key] for key in keys if key in places]
        if members:
            found.append(_Meaning(campaign.name, members))
    return found


def _aligned(head: bytes) -> bytes:
    return head + bytes(-len(head) % 4)
