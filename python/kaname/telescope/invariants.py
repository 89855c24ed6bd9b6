"""Learned invariants: relations that all probes of a source satisfy, and nobody listed.

A scanner without memory writes the destination into a field that comes back with the
answer. Mirai and masscan are known by theirs; a variant has another, and shows in the same
way: a relation that chance gives one packet in 2^16 or 2^32 holds for one after the other.
The reader of captures notes for each flowtuple which of its relations all packets satisfy;
here the evidence of a source is put together, and sources with one relation become a
family, whose name depends on the relation alone and is the same on every day and sensor.

What a kernel or an address does by itself is kept out: the upper half of a telescope's
addresses is a constant, a constant identification is a habit, and a repeated probe is no
second piece of evidence.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kaname.model.packets import RELATION_BITS, RELATIONS, RELATIVE_RELATIONS
from kaname.telescope.families import BY_NAME

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.telescope.activity import Activities

__all__ = ["LEAST_BITS", "SHARE", "SUPPORT", "Invariants", "family_name", "learned"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_BITS = 40.0  # chance of at most 2^-40 ...
SUPPORT = 3  # ... on so many packets at least
SHARE = 0.9  # of a source's packets satisfy it
_POOL = 3  # sources on one port that show it together where none does alone

_LISTED = {"seq_is_dst", "id_is_dst_xor_dport_xor_seq"}  # Mirai, masscan
# Constant on one telescope, or a habit of programs that says nothing of the destination.
_HABITS = {"id_is_dst_high", "seq_high_is_dst_high", "id_constant", "sport_is_dport"}
_OF_PORT = {"seq_is_ports", "seq_high_is_dport", "seq_low_is_dport", "id_is_dport"}
_USABLE = [n for n, name in enumerate(RELATIONS) if name not in _LISTED | _HABITS]
_RELATIVE = np.array([name in RELATIVE_RELATIONS for name in RELATIONS])
_BITS = np.array(RELATION_BITS, np.float64)
# Raw sockets; kernels draw sequence numbers themselves, so from them only all 32 bits tell.
_RAW = ("dressed", "probe", "bare")
_KERNEL = ("stack", "windows")
_DATAGRAMS = ("udp", "echo")
_V4_BITS = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Invariants:
    """For each activity the relation it satisfies (-1: none), and how sure that is.

    ``held`` of ``of`` packets that could show it do; ``bits``: by chance once in 2^bits.
    ``shared`` marks sources that prove nothing alone: they act on the port of a family,
    and nothing they sent speaks against it.
    """

    relation: Ints
    held: Ints
    of: Ints
    bits: Floats
    shared: Bools

    def families(self) -> dict[int, Ints]:
        """Positions of the activities of each relation that was found."""
        found = np.unique(self.relation[self.relation >= 0]).tolist()
        return {number: np.flatnonzero(self.relation == number) for number in found}


def family_name(relation: int) -> str:
    """``inv-<hash>``: the same wherever the relation is met."""
    name = RELATIONS[relation]
    kind = "constant" if _RELATIVE[relation] else "exact"
    return f"inv-{hashlib.sha256(f'{name}/{kind}'.encode()).hexdigest()[:8]}"


def learned(rows: ir.Table, activities: Activities) -> Invariants:
    """The invariants of ``activities`` (of ``rows``, see `kaname.telescope.traffic.dark`)."""
    evidence = _Evidence.of(rows, activities)
    found = _none(len(activities))
    _alone(evidence, found)
    _together(evidence, found)
    _joining(evidence, found)
    _silent(rows, evidence, found)
    return found


def _none(size: int) -> Invariants:
    zeros = np.zeros(size, np.int64)
    return Invariants(
        np.full(size, -1, np.int64),
        zeros,
        zeros.copy(),
        np.zeros(size, np.float64),
        np.zeros(size, np.bool_),
    )


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Packets that satisfy each relation: ``held[i, j]`` of the activity ``at[i]``."""

    activities: Activities
    at: Ints
    held: Ints

    @classmethod
    def of(cls, rows: ir.Table, activities: Activities) -> _Evidence:
        families = [BY_NAME[name] for name in (*_RAW, *_KERNEL, *_DATAGRAMS)]
        bits = rows.inv_all.fill_null(0)
        own = rows.filter(rows.family.isin(families) & (bits > 0))
        table = (
            own.group_by("src_lo", "family", "inv_all")
            .aggregate(packets=own.packets.sum().cast("int64"))
            .order_by("src_lo", "family", "inv_all")
            .to_pyarrow()
        )
        column = {n: table.column(n).to_numpy().astype(np.int64) for n in table.column_names}
        place = _places(activities, column["src_lo"], column["family"])
        known = place >= 0
        at, row = np.unique(place[known], return_inverse=True)
        held = np.zeros((len(at), len(RELATIONS)), np.int64)
        for number in _USABLE:
            has = (column["inv_all"][known] >> number & 1).astype(np.bool_)
            np.add.at(held[:, number], row[has], column["packets"][known][has])
        return cls(activities, at, held)

    def chances(self, at: Ints, relation: int) -> Ints:
        """Packets of activities that could show a relation.

        To a relation with the first probe of a minute that probe is neutral.
        """
        packets: Ints = self.activities["packets"][at]
        return packets - self.activities["minutes"][at] if _RELATIVE[relation] else packets

    def of_all(self, at: Ints, relation: int) -> Ints:
        """Packets of any activities that satisfy a relation."""
        if not len(self.at):
            return np.zeros(len(at), np.int64)
        row = np.minimum(np.searchsorted(self.at, at), len(self.at) - 1)
        return np.where(self.at[row] == at, self.held[row, relation], 0).astype(np.int64)

    def support(self, relation: int) -> tuple[Ints, Ints, Ints]:
        """(held, of, independent) of the activities `at`."""
        of = self.chances(self.at, relation)
        held = np.minimum(self.held[:, relation], of)
        probes = self.activities["probes"][self.at]
        if RELATIONS[relation] in _OF_PORT:
            probes = np.maximum(2, self.activities["ports"][self.at])
        return held, of, np.minimum(held, probes)


def _places(activities: Activities, src_lo: Ints, family: Ints) -> Ints:
    """Positions of IPv4 activities by source and family, -1 where there is none."""
    own = (activities["src_lo"] & _V4_BITS) << 8 | activities["family"]
    keys = np.where(activities["src_hi"] == 0, own, -1)
    order = np.argsort(keys, kind="stable")
    wanted = (src_lo & _V4_BITS) << 8 | family
    place = np.minimum(np.searchsorted(keys[order], wanted), max(0, len(order) - 1))
    if not len(order):
        return np.full(len(wanted), -1, np.int64)
    return np.where(keys[order][place] == wanted, order[place], -1).astype(np.int64)


def _bits_of(relation: int, held: Ints, of: Ints, independent: Ints) -> Floats:
    """-log2 of the chance that ``held`` of ``of`` packets satisfy a relation.

    At most the binomial coefficient times the chance of each piece of evidence.
    """
    ways = [
        (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)) / math.log(2)
        for n, k in zip(of.tolist(), held.tolist(), strict=True)
    ]
    bits: Floats = _BITS[relation] * independent - np.array(ways, np.float64)
    return bits


def _suited(evidence: _Evidence, at: Ints, relation: int) -> Bools:
    """Whether a relation means anything in the family of each activity."""
    a = evidence.activities
    family = a["family"][at]
    raw = np.isin(family, [BY_NAME[name] for name in _RAW])
    if _RELATIVE[relation]:
        return raw
    if _BITS[relation] >= 32:
        return raw | np.isin(family, [BY_NAME[name] for name in _KERNEL])
    return raw | np.isin(family, [BY_NAME[name] for name in _DATAGRAMS])


def _alone(evidence: _Evidence, found: Invariants) -> None:
    """Sources whose own packets prove a relation; exact and rarer ones count first."""
    for relation in sorted(_USABLE, key=lambda n: (_RELATIVE[n], -_BITS[n], n)):
        held, of, independent = evidence.support(relation)
        first = 1 if _RELATIVE[relation] else 0  # the probe that the others are like
        enough = (independent + first >= SUPPORT) & (held >= SHARE * of)
        enough &= _suited(evidence, evidence.at, relation)
        enough &= found.relation[evidence.at] < 0
        rows = np.flatnonzero(enough)
        bits = _bits_of(relation, held[rows], of[rows], independent[rows])
        _take(evidence, found, relation, rows[bits >= LEAST_BITS], bits[bits >= LEAST_BITS])


def _take(evidence: _Evidence, found: Invariants, relation: int, rows: Ints, bits: Floats) -> None:
    held, of, _ = evidence.support(relation)
    at = evidence.at[rows]
    found.relation[at], found.held[at], found.of[at] = relation, held[rows], of[rows]
    found.bits[at] = bits


def _together(evidence: _Evidence, found: Invariants) -> None:
    """Sources of one port that prove together what each shows too seldom alone.

    A bot that sends a packet in ten minutes hardly ever sends two in one. So the packets of
    all raw senders with the same chief port are counted as one sender's; where the
    relation holds among them they are a family, those included that could not show it.
    """
    a = evidence.activities
    every = np.flatnonzero(a.of("bare"))
    if not len(every) or not len(evidence.at):
        return
    port = a["top"][every] & 0xFFFF
    for relation in (n for n in _USABLE if _RELATIVE[n]):
        of = evidence.chances(every, relation)
        held = np.minimum(evidence.of_all(every, relation), of)
        for each in np.unique(port[held > 0]).tolist():
            own = (port == each) & (found.relation[every] < 0)
            own |= (port == each) & (found.relation[every] == relation)
            bits = _pooled(relation, held[own], of[own])
            if bits < LEAST_BITS:
                continue
            fits = own & (found.relation[every] < 0) & (held >= SHARE * of)
            at = every[fits]
            found.relation[at], found.held[at], found.of[at] = relation, held[fits], of[fits]
            found.bits[at], found.shared[at] = bits, True


def _pooled(relation: int, held: Ints, of: Ints) -> float:
    """Bits of evidence of a group of sources; 0 where they are too few, or disagree."""
    k, n = int(held.sum()), int(of.sum())
    if np.count_nonzero(held) < _POOL or k < SHARE * n:
        return 0.0
    return float(_bits_of(relation, np.array([k]), np.array([n]), np.array([k]))[0])


def _joining(evidence: _Evidence, found: Invariants) -> None:
    """Sources with too few packets to prove what others have proven.

    32 bits are enough for one packet; of 16 bits it takes the family's port as well.
    """
    a = evidence.activities
    for relation, members in found.families().items():
        if _RELATIVE[relation]:
            continue
        held, of, independent = evidence.support(relation)
        fits = (independent > 0) & (held == of) & (found.relation[evidence.at] < 0)
        fits &= _suited(evidence, evidence.at, relation)
        if _BITS[relation] < 32:
            known = np.unique(a["top"][members] & 0xFFFF)
            fits &= np.isin(a["top"][evidence.at] & 0xFFFF, known)
        rows = np.flatnonzero(fits)
        bits = _bits_of(relation, held[rows], of[rows], independent[rows])
        _take(evidence, found, relation, rows, bits)
        found.shared[evidence.at[rows]] = True


def _silent(rows: ir.Table, evidence: _Evidence, found: Invariants) -> None:
    """Sources that could not show a constant, on the ports of those that have proven it.

    They join where they look the same (the window that all of the family have, or else one
    of their own) and where among all on that port next to nobody speaks against it.
    """
    a = evidence.activities
    bare = a.of("bare")
    for relation, members in found.families().items():
        if not _RELATIVE[relation] or np.count_nonzero(bare[members]) < _POOL:
            continue
        ports = _ports(rows, a, members[bare[members]])
        windows = np.unique(a["win_low"][members])
        steady = bare & (a["win_low"] == a["win_high"])
        alike = steady & (a["win_low"] == windows[0]) if len(windows) == 1 else steady
        own = alike & np.isin(a["top"] & 0xFFFF, ports)
        own &= (found.relation < 0) | (found.relation == relation)
        at = np.flatnonzero(own)
        of = evidence.chances(at, relation)
        held = np.minimum(evidence.of_all(at, relation), of)
        joins = (found.relation[at] < 0) & (held >= SHARE * of)
        for port in ports.tolist():
            there = (a["top"][at] & 0xFFFF) == port
            if held[there].sum() >= SHARE * of[there].sum():
                fits = at[there & joins]
                found.relation[fits], found.shared[fits] = relation, True
                found.bits[fits] = found.bits[members].max()


def _ports(rows: ir.Table, a: Activities, members: Ints) -> Ints:
    """All ports that the activities ``members`` asked for."""
    sources = np.unique(a["src_lo"][members]).tolist()
    own = rows.filter(rows.src_lo.isin(sources) & (rows.family == BY_NAME["bare"]))
    ports = own.select("port").distinct().to_pyarrow().column("port").to_numpy()
    found: Ints = np.sort(ports.astype(np.int64))
    return found
