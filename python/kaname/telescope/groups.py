"""Half an hour of TCP by minute, network and port: what Dark-NMF and Dark-NTD are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.derivations.telescope_windows import network
from kaname.telescope.factoring import Tucker, matrix_factors, otsu, tensor_factors

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["MINUTES", "Cells", "cells", "nmf_ports", "ntd_ports"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MINUTES = 30
RANKS = range(1, 11)
LOUD = 60  # packets in a minute over which a network is left out
ACTIVE = 1.0
ANOMALOUS = 0.5  # of the most of the group
HOSTS = 2
SHARE = 0.3  # of the anomalous networks that send to a port
MOST = 65_000
CORE = 5


@dataclass(frozen=True)
class Cells:
    """Packets by minute (0 to 29), network and port."""

    minute: Ints
    network: Ints
    port: Ints
    packets: Floats

    def __len__(self) -> int:
        return len(self.minute)


def cells(rows: ir.Table, start: int, *, each_least: int = 1) -> Cells:
    """The cells of ``rows`` (with ``at``, seconds) in the half hour from ``start``.

    With ``each_least``, only what one source sent to one port in one minute counts when it
    is so many packets.
    """
    own = rows.filter((rows["at"] >= start) & (rows["at"] < start + 60 * MINUTES))
    own = own.mutate(minute=(own["at"] - start) // 60, network=network(own))
    key = ("minute", "network", "port")
    if each_least > 1:
        per = own.group_by(*key, "src_hi", "src_lo").aggregate(
            packets=own.packets.sum().cast("int64")
        )
        own = per.filter(per.packets >= each_least)
    sums = own.group_by(*key).aggregate(packets=own.packets.sum().cast("int64"))
    table = sums.order_by(*key).to_pyarrow()
    columns = [table[name].to_numpy().astype(np.int64) for name in (*key, "packets")]
    return Cells(columns[0], columns[1], columns[2], columns[3].astype(np.float64))


def nmf_ports(found: Cells) -> dict[int, tuple[int, list[int]]]:
    """By port of a published alert, the most networks in one group, and the ranks."""
    names, place = np.unique(found.network, return_inverse=True)
    matrix = np.zeros((MINUTES, len(names)))
    np.add.at(matrix, (found.minute, place), found.packets)
    kept = (matrix.sum(0) > 1) & (matrix.max(0) <= LOUD)
    if kept.sum() < HOSTS:
        return {}
    sent = _sent(found, place, kept)
    alerts: dict[int, tuple[int, list[int]]] = {}
    for rank in RANKS:
        if rank > min(MINUTES, int(kept.sum())):
            break
        hosts = matrix_factors(matrix[:, kept], rank).hosts
        for group in hosts:
            own = (group >= ACTIVE) & (group >= ANOMALOUS * group.max())
            for port, n in _common(sent, np.flatnonzero(own)):
                most, ranks = alerts.get(port, (0, []))
                alerts[port] = (max(most, n), sorted({*ranks, rank}))
    return alerts


def _sent(found: Cells, place: Ints, kept: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Distinct pairs of network (position among the kept) and port."""
    position = np.cumsum(kept) - 1
    own = kept[place]
    pairs = np.unique(np.stack([position[place[own]], found.port[own]], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _common(sent: tuple[Ints, Ints], hosts: Ints) -> list[tuple[int, int]]:
    """Ports to which enough of ``hosts`` sent, and how many did."""
    if len(hosts) < HOSTS:
        return []
    ports, counts = np.unique(sent[1][np.isin(sent[0], hosts)], return_counts=True)
    good = (counts >= HOSTS) & (counts >= SHARE * len(hosts))
    return [(int(p), int(n)) for p, n in zip(ports[good], counts[good], strict=True)]


def ntd_ports(found: Cells) -> dict[int, int]:
    """By port of an abnormal group of the Tucker decomposition, the networks of the group."""
    if len(found) < CORE:
        return {}
    names, source = np.unique(found.network, return_inverse=True)
    numbers, port = np.unique(found.port, return_inverse=True)
    if min(len(names), len(numbers)) < HOSTS:
        return {}
    tucker = tensor_factors((found.minute, source, port), found.packets, rank=CORE, rounds=40)
    alerts: dict[int, int] = {}
    for group in range(CORE):
        over = _over(tucker.modes[1][:, group])
        if HOSTS <= int(over.sum()) <= MOST:
            for number in _ports_of(tucker, group):
                alerts[int(numbers[number])] = max(
                    int(over.sum()), alerts.get(int(numbers[number]), 0)
                )
    return alerts


def _over(factor: Floats) -> NDArray[np.bool_]:
    return np.asarray(factor > otsu(factor), np.bool_)


def _ports_of(tucker: Tucker, group: int) -> Ints:
    """The ports of the group of ports that a group of sources has most to do with."""
    strength = tucker.core[:, group, :].max(0)
    return np.flatnonzero(_over(tucker.modes[2][:, int(np.argmax(strength))]))
