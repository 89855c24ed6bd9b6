"""Threshold random walk: a scanner known by its failures before it has tried many doors.

J. Jung et al., Fast Portscan Detection Using Sequential Hypothesis Testing, IEEE S&P 2004:
each first contact with a host multiplies a likelihood ratio, by 4 where it fails and by
a quarter where it succeeds, until it passes a bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["BOUND", "Walk", "walks"]

# Chance of success for a harmless source and for a scanner; wrong and right alarms.
_HARMLESS, _SCANNER, _FALSE, _TRUE = 0.8, 0.2, 0.01, 0.99
BOUND = _TRUE / _FALSE
_CLEARED = (1 - _TRUE) / (1 - _FALSE)
_FAILURE = (1 - _SCANNER) / (1 - _HARMLESS)
_SUCCESS = _SCANNER / _HARMLESS


@dataclass(frozen=True, slots=True)
class Walk:
    """A source that passed the bound: after how many first contacts, and of how many."""

    source: tuple[int, int]
    after: int
    hosts: int
    failures: int
    first: int
    last: int


def walks(found: dict[str, Any]) -> list[Walk]:
    """The sources of `kaname.traffic.scans.probes.outcomes` that pass the bound."""
    n = len(found["us"])
    if not n:
        return []
    key = np.stack([found["src_hi"], found["src_lo"]], 1)
    starts = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]).any(1)]).tolist()
    walked = (
        _walk(tuple(key[begin].tolist()), found["us"][begin:end], found["failed"][begin:end])
        for begin, end in zip(starts, [*starts[1:], n], strict=True)
    )
    return [walk for walk in walked if walk is not None]


def _walk(source: Any, us: Any, failed: Any) -> Walk | None:
    ratio = 1.0
    for number, bad in enumerate(failed.tolist(), 1):
        ratio *= _FAILURE if bad else _SUCCESS
        if ratio >= BOUND:
            hosts, failures = len(failed), int(failed.sum())
            return Walk(source, number, hosts, failures, int(us[0]), int(us[-1]))
        # a source that was cleared is looked at afresh, since what it is may change
        ratio = 1.0 if ratio <= _CLEARED else ratio
    return None
