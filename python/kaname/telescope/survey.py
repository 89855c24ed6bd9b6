"""Survey scanners: organisations that look at the whole Internet, again and again.

They are known by list, by volume (NICTER's rule: one source, 30 ports or more and a
packet for every monitored address in a day), or by company: sources of one /24 that
together cover 30 ports, which is how slow and distributed surveys show. Only the list
says who it is; the other two say how it behaves.
"""

from __future__ import annotations

import csv
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kaname.model.address import IPv4_LOW
from kaname.model.errors import InputError
from kaname.telescope.families import BY_NAME
from kaname.telescope.traffic import BLOCK

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.telescope.activity import Activities
    from kaname.telescope.traffic import Extent

__all__ = ["ASKING", "MEMBER_PORTS", "SurveyList", "blocks_of_surveys", "by_volume"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Families in which a survey asks for services.
ASKING = ("masscan", "zmap2", "zmap4", "probe", "stack", "dressed", "bare", "udp", "echo")
MEMBER_PORTS = 5  # ports that a member of a block must ask for itself
MEMBERS = 2


@dataclass(frozen=True, slots=True)
class SurveyList:
    """IPv4 prefixes of known survey scanners: first and last addresses, and whose."""

    first: Ints
    last: Ints
    names: tuple[str, ...]

    @classmethod
    def load(cls, path: str) -> SurveyList:
        """Read a CSV file with the columns ``org`` and ``cidr`` (others are ignored).

        An empty path gives an empty list. IPv6 prefixes are left out.

        Raises:
            InputError: the file cannot be read, or a line is not a prefix.
        """
        if not path:
            return cls(np.array([], np.int64), np.array([], np.int64), ())
        try:
            with Path(path).expanduser().open(encoding="utf-8", newline="") as lines:
                entries = [
                    _entry(row, number) for number, row in enumerate(csv.DictReader(lines), 2)
                ]
        except (OSError, UnicodeDecodeError, csv.Error, ValueError, KeyError) as error:
            raise InputError("telescope.error.survey_list", path=path, reason=error) from None
        known = sorted(entry for entry in entries if entry is not None)
        return cls(
            np.array([first for first, _, _ in known], np.int64),
            np.array([last for _, last, _ in known], np.int64),
            tuple(name for _, _, name in known),
        )

    def find(self, activities: Activities) -> Ints:
        """The number of the entry that holds each source, -1 where none does."""
        low = activities["src_lo"]
        if not self.names:
            return np.full(len(low), -1, np.int64)
        place = np.searchsorted(self.first, low, side="right") - 1
        inside = (place >= 0) & (low <= self.last[place]) & (activities["src_hi"] == 0)
        return np.where(inside, place, -1).astype(np.int64)


def _entry(row: dict[str, str], number: int) -> tuple[int, int, str] | None:
    try:
        network = ipaddress.ip_network(row["cidr"].strip())
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from None
    if network.version != 4:
        return None
    first, last = int(network.network_address), int(network.broadcast_address)
    return IPv4_LOW | first, IPv4_LOW | last, row["org"]


def by_volume(activities: Activities, extent: Extent, ports: int) -> Bools:
    """NICTER's rule, free of the telescope's size: many ports, a packet per address."""
    wide = activities["ports"] >= ports
    many: Bools = activities["packets"] >= extent.addresses
    asked: Bools = activities.of(*ASKING) & wide & many
    return asked


def blocks_of_surveys(rows: ir.Table, activities: Activities, ports: int) -> Bools:
    """Sources of an IPv4 /24 with several members that cover ``ports`` together."""
    block = activities["src_lo"] // BLOCK
    member = activities.of(*ASKING) & (activities["ports"] >= MEMBER_PORTS)
    member &= activities["src_hi"] == 0
    blocks, sources = np.unique(
        np.unique(np.stack([block[member], activities["src_lo"][member]], 1), axis=0)[:, 0],
        return_counts=True,
    )
    several = blocks[sources >= MEMBERS]
    if not len(several):
        return np.zeros(len(activities), np.bool_)
    found: Bools = member & np.isin(block, _covering(rows, several, ports))
    return found


def _covering(rows: ir.Table, blocks: Ints, ports: int) -> Ints:
    asking = rows.filter(rows.family.isin([BY_NAME[name] for name in ASKING]))
    own = asking.mutate(block=asking.src_lo // BLOCK)
    own = own.filter(own.block.isin(blocks.tolist()))
    covered = own.group_by("block").aggregate(covered=own.port.nunique())
    found: Ints = covered.filter(covered.covered >= ports).block.to_pyarrow().to_numpy()
    return found.astype(np.int64)
