"""Clients that fail on the same names: groups in the graph of clients and domains.

Machines infected alike ask for the same names of a day. An edge weighs 1 / log(1 + clients
of the name): what half the site asks for binds nobody. Labels spread along the edges,
every client and then every name in a fixed order, until nothing changes; that needs no
parameter, and gives the same groups however the rows were stored.

Sources: N. Jiang et al., Identifying Suspicious Activities through DNS Failure Graph
Analysis, ICNP 2010; U. N. Raghavan et al., Near linear time algorithm to detect community
structures, Phys. Rev. E 76, 2007.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Community", "communities"]

_ROUNDS = 30
_CLIENTS, _NODES = 2, 10  # a group has at least so many
_SHARED = 3  # names that two clients must have in common to be drawn together


@dataclass(frozen=True, slots=True)
class Community:
    """Clients (by number) and the domains that at least two of them failed on."""

    clients: tuple[int, ...]
    domains: tuple[str, ...]


def communities(failures: Sequence[Iterable[str]]) -> list[Community]:
    """The groups among clients, of each of which the domains are given; by first client."""
    askers: dict[str, list[int]] = defaultdict(list)
    for client, domains in enumerate(failures):
        for domain in sorted(set(domains)):
            askers[domain].append(client)
    shared = {domain: who for domain, who in askers.items() if len(who) > 1}
    labels = _spread(_bonds(shared))
    groups: dict[int, list[int]] = defaultdict(list)
    for client, label in sorted(labels.items()):
        groups[label].append(client)
    found = (_community(group, shared) for group in groups.values())
    return [
        each
        for each in found
        if len(each.clients) >= _CLIENTS and len(each.clients) + len(each.domains) >= _NODES
    ]


def _bonds(shared: Mapping[str, list[int]]) -> dict[int, dict[int, float]]:
    """How strongly two clients are bound: the summed weights of the names they share."""
    weight: dict[tuple[int, int], float] = defaultdict(float)
    common: dict[tuple[int, int], int] = defaultdict(int)
    for domain in sorted(shared):
        who = shared[domain]
        if len(who) > 200:
            continue  # everybody's name; pairs of its askers would be the cost of the day
        each = 1 / math.log(1 + len(who))
        for place, one in enumerate(who):
            for other in who[place + 1 :]:
                weight[one, other] += each
                common[one, other] += 1
    bonds: dict[int, dict[int, float]] = defaultdict(dict)
    for (one, other), total in weight.items():
        if common[one, other] >= _SHARED:
            bonds[one][other] = bonds[other][one] = total
    return bonds


def _spread(bonds: Mapping[int, Mapping[int, float]]) -> dict[int, int]:
    """The label of each client that is bound to another."""
    labels = {client: client for client in bonds}
    for _ in range(_ROUNDS):
        changed = False
        for client in sorted(bonds):
            pull: dict[int, float] = defaultdict(float)
            for other, weight in bonds[client].items():
                pull[labels[other]] += weight
            best = min(pull, key=lambda label: (-round(pull[label], 9), label))
            changed |= best != labels[client]
            labels[client] = best
        if not changed:
            break
    return labels


def _community(group: Sequence[int], shared: Mapping[str, list[int]]) -> Community:
    members = set(group)
    domains = sorted(d for d, who in shared.items() if len(members.intersection(who)) > 1)
    return Community(tuple(sorted(members)), tuple(domains))
