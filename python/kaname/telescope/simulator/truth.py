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

_NEVER = np.iinfo(np.int64).max


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
        self._first: NDArray[np.int64] = np.zeros(0, np.int64)
        self._last: NDArray[np.int64] = np.zeros(0, np.int64)
        self._ports: dict[tuple[int, int], int] = {}
        self.packets = 0
        self.labels: dict[str, int] = {}

    def count(self, packets: Packets) -> Iterable[str]:
        """Add ``packets``; the lines of the label file for them."""
        self.packets += len(packets)
        for group, number in zip(*np.unique(packets["group"], return_counts=True), strict=True):
            label = self._people[group].label
            self.labels[label] = self.labels.get(label, 0) + int(number)
        keys = packets["group"].astype(np.uint64) << np.uint64(32) | packets["src"]
        new, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
        first, last = np.full(len(new), _NEVER), np.zeros(len(new), np.int64)
        np.minimum.at(first, which, packets["ts"])
        np.maximum.at(last, which, packets["ts"])
        self._add(new, counts, first, last)
        self._count_ports(packets)
        return (self._lines[group] for group in packets["group"].tolist())

    def _add(
        self,
        new: NDArray[np.uint64],
        counts: NDArray[np.int64],
        first: NDArray[np.int64],
        last: NDArray[np.int64],
    ) -> None:
        self._keys, places = np.unique(np.concatenate([self._keys, new]), return_inverse=True)
        weights = np.concatenate([self._counts, counts])
        self._counts = np.bincount(places, weights=weights).astype(np.int64)
        lows, highs = np.full(len(self._keys), _NEVER), np.zeros(len(self._keys), np.int64)
        np.minimum.at(lows, places, np.concatenate([self._first, first]))
        np.maximum.at(highs, places, np.concatenate([self._last, last]))
        self._first, self._last = lows, highs

    def _count_ports(self, packets: Packets) -> None:
        pairs = packets["group"].astype(np.int64) << 16 | packets["dport"]
        for pair, number in zip(*np.unique(pairs, return_counts=True), strict=True):
            key = (int(pair) >> 16, int(pair) & 0xFFFF)
            self._ports[key] = self._ports.get(key, 0) + int(number)

    @property
    def sources(self) -> int:
        """Distinct sources so far."""
        return len(np.unique(self._keys & np.uint64(0xFFFFFFFF)))

    def document(self) -> bytes:
        """Settings, events and sources as JSON; instants in microseconds."""
        rows = list(zip(self._keys, self._counts, self._first, self._last, strict=True))
        sources = [
            {
                "source": ".".join(str(b) for b in (int(key) & 0xFFFFFFFF).to_bytes(4, "big")),
                "label": self._people[int(key) >> 32].label,
                "event": self._people[int(key) >> 32].event,
                "packets": int(count),
                "first": int(first),
                "last": int(last),
            }
            for key, count, first, last in rows
        ]
        head = {**self._head, "packets": self.packets, "labels": dict(sorted(self.labels.items()))}
        whole = {**head, "events": self._events(), "sources": sources}
        return msgspec.json.format(msgspec.json.encode(whole), indent=1)

    def _events(self) -> list[dict[str, Any]]:
        """Every population that sent anything: what, when, how many, and its chief port."""
        group = (self._keys >> np.uint64(32)).astype(np.int64)
        found = []
        for number in np.unique(group).tolist():
            own = group == number
            ports = {port: n for (of, port), n in self._ports.items() if of == number}
            found.append(
                {
                    "label": self._people[number].label,
                    "event": self._people[number].event,
                    "sources": int(own.sum()),
                    "packets": int(self._counts[own].sum()),
                    "first": int(self._first[own].min()),
                    "last": int(self._last[own].max()),
                    "port": max(ports, key=lambda port: (ports[port], -port)),
                }
            )
        return found
