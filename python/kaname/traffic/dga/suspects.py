"""Clients judged together: each one's names, and the groups that fail on the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.traffic.dga.communities import communities
from kaname.traffic.dga.failures import Client
from kaname.traffic.dga.names import NameModel
from kaname.traffic.dga.verdicts import (
    LEAST,
    Ordinary,
    Reading,
    Thresholds,
    crowded,
    read,
)

__all__ = ["Companions", "Suspect", "suspects"]

_SHARED_LOOKS = 3.0  # standard errors from which on the names of a group look generated ...
_OWN_LOOKS = 2.0  # ... and those of them that the client itself asked for


@dataclass(frozen=True, slots=True)
class Companions:
    """The group that a client belongs to: how many others, and the domains they share.

    ``looks`` is of all shared names, ``own`` of those that the client asked for.
    """

    others: int
    domains: tuple[str, ...]
    looks: float
    own: float


@dataclass(frozen=True, slots=True)
class Suspect:
    """A client at which a generator of names seems to be at work.

    ``logits`` are those of its failures, in their order.
    """

    client: Client
    logits: NDArray[np.float64]
    reading: Reading
    companions: Companions | None

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that spoke."""
        group = self.companions
        together = group is not None and group.looks >= _SHARED_LOOKS and group.own >= _OWN_LOOKS
        return (*self.reading.spoke, *(("together",) if together else ()))


def suspects(
    clients: Sequence[Client], model: NameModel, least: int, limits: Thresholds
) -> list[Suspect]:
    """The clients of which at least one test speaks, in their order.

    ``least`` is the number of domains below which no client is said to have many.
    """
    ordinary = Ordinary(**model.card["ordinary"])
    crowd = crowded([len(client.failures) for client in clients], least)
    companions = _companions(clients, model, ordinary, limits)
    found: list[Suspect] = []
    for place, client in enumerate(clients):
        if len(client.failures) < LEAST:
            continue
        logits = model.score([failure.label for failure in client.failures])
        reading = _reading(client, logits, crowd, ordinary, limits)
        suspect = Suspect(client, logits, reading, companions.get(place))
        if suspect.tests:
            found.append(suspect)
    return found


def _reading(
    client: Client,
    logits: NDArray[np.float64],
    crowd: int,
    ordinary: Ordinary,
    limits: Thresholds,
) -> Reading:
    """Of labels that stand under several suffixes, one counts."""
    first: dict[str, int] = {}
    for place, failure in enumerate(client.failures):
        first.setdefault(failure.label, place)
    return read(list(first), logits[list(first.values())], crowd, ordinary, limits)


def _companions(
    clients: Sequence[Client], model: NameModel, ordinary: Ordinary, limits: Thresholds
) -> dict[int, Companions]:
    """The group of each client that is in one, by the client's number."""
    found: dict[int, Companions] = {}
    for group in communities([[f.domain for f in client.failures] for client in clients]):
        shared = set(group.domains)
        looks = _looks(shared, model, ordinary, limits)
        for place in group.clients:
            own = shared.intersection(f.domain for f in clients[place].failures)
            found[place] = Companions(
                len(group.clients) - 1,
                group.domains,
                round(looks, 2),
                round(_looks(own, model, ordinary, limits), 2),
            )
    return found


def _looks(
    domains: Iterable[str], model: NameModel, ordinary: Ordinary, limits: Thresholds
) -> float:
    """How generated ``domains`` look together; names that are alike look so in any case."""
    labels = sorted({domain.split(".", 1)[0] for domain in domains})
    if len(labels) < LEAST:
        return 0.0
    reading = read(labels, model.score(labels), len(labels) + 1, ordinary, limits)
    return max(reading.looks, _SHARED_LOOKS) if "alike" in reading.spoke else reading.looks
