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
from kaname.model.errors import InputError, UsageError
from kaname.model.instant import parse_us
from kaname.telescope.families import ASKING_TCP
from kaname.telescope.traffic import BLOCK

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.telescope.activity import Activities
    from kaname.telescope.traffic import Extent

__all__ = ["ALIKE", "ASKING", "MEMBER_PORTS", "SurveyList", "blocks_of_surveys", "by_volume"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Families in which a survey asks for services.
ASKING = (*(name for name in ASKING_TCP if name != "mirai"), "udp", "echo")
MEMBER_PORTS = 5  # ports that a member of a block must ask for itself
MEMBERS = 2
ALIKE = 3  # members of one make that make a group
FEW_PORTS = 3  # ports that a member of a /20 must ask for itself


@dataclass(frozen=True, slots=True)
class SurveyList:
    """IPv4 prefixes of known survey scanners: first and last addresses, and whose.

    ``versions``: of the list that each stood in, where it says so.
    """

    first: Ints
    last: Ints
    names: tuple[str, ...]
    versions: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: str, at: int | None = None) -> SurveyList:
        """Read a CSV file with the columns ``org`` and ``cidr`` (unknown ones are ignored).

        Lists change, and an address is not a scanner's for ever: of entries with
        ``valid_from`` or ``valid_to`` (ISO 8601, the latter excluded) those count that are
        valid ``at`` an instant (microseconds; None: all). An empty path gives an empty
        list. IPv6 prefixes are left out.

        Raises:
            InputError: the file cannot be read, or a line is not a prefix.
        """
        if not path:
            return cls(np.array([], np.int64), np.array([], np.int64), ())
        try:
            with Path(path).expanduser().open(encoding="utf-8", newline="") as lines:
                entries = [
                    _entry(row, number, at) for number, row in enumerate(csv.DictReader(lines), 2)
                ]
        except (OSError, UnicodeDecodeError, csv.Error, ValueError, KeyError) as error:
            raise InputError("telescope.error.survey_list", path=path, reason=error) from None
        known = sorted(entry for entry in entries if entry is not None)
        return cls(
            np.array([first for first, *_ in known], np.int64),
            np.array([last for _, last, *_ in known], np.int64),
            tuple(name for _, _, name, _ in known),
            tuple(version for *_, version in known),
        )

    def cited(self, entry: int) -> str:
        """An entry as a finding names it: whose it is, and by which version of the list."""
        version = self.versions[entry] if self.versions else ""
        return f"{self.names[entry]} ({version})" if version else self.names[entry]

    def find(self, activities: Activities) -> Ints:
        """The number of the entry that holds each source, -1 where none does."""
        low = activities["src_lo"]
        if not self.names:
            return np.full(len(low), -1, np.int64)
        place = np.searchsorted(self.first, low, side="right") - 1
        inside = (place >= 0) & (low <= self.last[place]) & (activities["src_hi"] == 0)
        return np.where(inside, place, -1).astype(np.int64)


_Entry = tuple[int, int, str, str]


def _entry(row: dict[str, str], number: int, at: int | None) -> _Entry | None:
    try:
        network = ipaddress.ip_network(row["cidr"].strip())
        valid = _valid(row, at)
    except (ValueError, UsageError) as error:
        raise ValueError(f"line {number}: {error}") from None
    if network.version != 4 or not valid:
        return None
    first, last = int(network.network_address), int(network.broadcast_address)
    return IPv4_LOW | first, IPv4_LOW | last, row["org"], row.get("list_version") or ""


def _valid(row: dict[str, str], at: int | None) -> bool:
    since, until = row.get("valid_from") or "", row.get("valid_to") or ""
    if at is None:
        return True
    begun = not since or parse_us(since) <= at
    return begun and (not until or at < parse_us(until))


def by_volume(activities: Activities, extent: Extent, ports: int) -> Bools:
    """NICTER's rule, free of the telescope's size: many ports, a packet per address."""
    wide = activities["ports"] >= ports
    many: Bools = activities["packets"] >= extent.addresses
    asked: Bools = activities.of(*ASKING) & wide & many
    return asked


def blocks_of_surveys(rows: ir.Table, activities: Activities, ports: int) -> Bools:
    """Sources of an IPv4 network with several members that cover ``ports`` together.

    Members of a /24 ask `MEMBER_PORTS` for themselves, or are of one make (`ALIKE` or
    more, the same family, options and window): then each may have a port or two only, as
    surveys do that divide their work. Of one make are also those of a /20, which is how an
    organisation with several /24 shows; there it takes twice as many ports.
    """
    asking = activities.of(*ASKING) & (activities["src_hi"] == 0)
    wide = asking & (activities["ports"] >= MEMBER_PORTS)
    found = wide & _covering(rows, activities, wide, _Net(BLOCK, MEMBERS, ports, alike=False))
    found |= asking & _covering(rows, activities, asking, _Net(BLOCK, ALIKE, ports, alike=True))
    larger = _Net(16 * BLOCK, ALIKE, 2 * ports, alike=True)
    several = asking & (activities["ports"] >= FEW_PORTS)
    found |= several & _covering(rows, activities, several, larger)
    covered: Bools = found
    return covered


@dataclass(frozen=True, slots=True)
class _Net:
    """``size`` addresses of which ``members`` cover ``ports``; ``alike``: of one make."""

    size: int
    members: int
    ports: int
    alike: bool


def _covering(rows: ir.Table, a: Activities, candidates: Bools, net: _Net) -> Bools:
    """Which activities lie in a network whose ``candidates`` satisfy ``net``."""
    traits = ("family", "opt_low", "win_low") if net.alike else ()
    parts = [a["src_lo"] // net.size, *(a[name] for name in traits)]
    keys = np.stack(parts, axis=1)
    chosen = np.flatnonzero(candidates)
    _, group = np.unique(keys[chosen], axis=0, return_inverse=True)
    group = group.reshape(-1)
    sources = np.unique(np.stack([group, a["src_lo"][chosen]], axis=1), axis=0)[:, 0]
    # a group cannot cover more ports than its members have, counted one by one
    count, most = np.bincount(sources), np.bincount(group, weights=a["ports"][chosen])
    large = np.flatnonzero((count >= net.members) & (most >= net.ports))
    kept = np.isin(group, large)
    chosen, group = chosen[kept], group[kept]
    covered = _ports_of(rows, a, chosen, group)
    found = np.zeros(len(a), np.bool_)
    found[chosen[np.isin(group, [g for g, n in covered.items() if n >= net.ports])]] = True
    return found


def _ports_of(rows: ir.Table, a: Activities, chosen: Ints, group: Ints) -> dict[int, int]:
    """Distinct ports of each group of activities."""
    if not len(chosen):
        return {}
    group_of = {
        (lo, family): number
        for lo, family, number in zip(
            a["src_lo"][chosen].tolist(), a["family"][chosen].tolist(), group.tolist(), strict=True
        )
    }
    own = rows.filter(rows.src_lo.isin(sorted({lo for lo, _ in group_of})) & (rows.src_hi == 0))
    pairs = own.select("src_lo", "family", "port").distinct().to_pyarrow()
    ports: dict[int, set[int]] = {}
    columns = (pairs.column(name).to_pylist() for name in ("src_lo", "family", "port"))
    for lo, family, port in zip(*columns, strict=True):
        if (lo, family) in group_of:
            ports.setdefault(group_of[lo, family], set()).add(port)
    return {number: len(found) for number, found in ports.items()}
