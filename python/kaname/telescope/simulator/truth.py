"""The truth beside a capture: who was what, and how many packets of each were written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.process import Population
from kaname.telescope.simulator.records import Packets

__all__ = ["Truth"]


class Truth:
    """Counts packets by source and population while they are written."""

    def __init__(
        self, people: list[Population], start: int, end: int, settings: dict[str, Any]
    ) -> None:
        self._people = people
        self._head = {"start": start, "end": end, **settings}
        self._lines = [f"{p.label},{p.event}\n" for p in people]
        self._keys: NDArray[np.uint64] = np.zeros(0, np.uint64)
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self.packets = 0
        self.labels: dict[str, int] = {}

    def count(self, packets: Packets) -> Iterable[str]:
        """Add ``packets``; the lines of the label file for them."""
        self.packets += len(packets)
        for group, number in zip(*np.unique(packets["group"], return_counts=True), strict=True):
            label = self._people[group].label
            self.labels[label] = self.labels.get(label, 0) + int(number)
        keys = packets["group"].astype(np.uint64) << np.uint64(32) | packets["src"]
        new, counts = np.unique(keys, return_counts=True)
        together = np.concatenate([self._keys, new])
        self._keys, places = np.unique(together, return_inverse=True)
        weights = np.concatenate([self._counts, counts])
        self._counts = np.bincount(places, weights=weights).astype(np.int64)
        return (self._lines[group] for group in packets["group"].tolist())

    @property
    def sources(self) -> int:
        """Distinct sources so far."""
        return len(np.unique(self._keys & np.uint64(0xFFFFFFFF)))

    def document(self) -> bytes:
        """Settings and sources as JSON: address, label, event, packets."""
        sources = [
            {
                "source": ".".join(str(byte) for byte in (key & 0xFFFFFFFF).to_bytes(4, "big")),
                "label": self._people[key >> 32].label,
                "event": self._people[key >> 32].event,
                "packets": count,
            }
            for key, count in zip(self._keys.tolist(), self._counts.tolist(), strict=True)
        ]
        head = {**self._head, "packets": self.packets, "labels": dict(sorted(self.labels.items()))}
        return msgspec.json.format(msgspec.json.encode({**head, "sources": sources}), indent=1)
