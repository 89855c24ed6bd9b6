"""What of a judged item somebody has to do something about.

A verdict says what the lists say; a concern is what an operator calls it: a certificate that
expires, a setting that is too weak, keys that are agreed today and broken later. An item may
be of several concerns, or of none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from kaname.cryptography.assets import endpoint_of
from kaname.cryptography.policy.judge import ORDER, Judge
from kaname.cryptography.policy.migration import late
from kaname.model.instant import DAY
from kaname.model.records import Severity

if TYPE_CHECKING:
    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Purpose, Verdict
    from kaname.cryptography.policy.tables import Policy

__all__ = [
    "LABELS",
    "WEAK",
    "Asked",
    "Concern",
    "concerns",
    "hybrid_places",
    "is_hybrid",
    "year_of",
]

LABELS: Final = (
    "weak_cryptography", "weak_setting", "migration_due", "compatibility_only",
    "unlisted_cryptography", "expired_certificate", "expiring_certificate", "long_lived_key",
    "harvest_now", "unread_cryptography",
)  # fmt: skip
WEAK: Final = frozenset(ORDER[ORDER.index("monitored") :])
"""Words of what the lists do not recommend any more, or never did."""
_SETTINGS: Final = frozenset({"configuration", "protocol", "cipher-suite", "group"})
_WORST_OF_SETTING: Final = {
    "not-usable": Severity.HIGH, "monitored": Severity.MEDIUM, "not-listed": Severity.LOW,
}  # fmt: skip
_SOON: Final = 2  # years before the end of a migration from which on it is of medium severity
_SURE, _UNVERIFIED, _ASSUMED = 0.9, 0.7, 0.6


class Asked(NamedTuple):
    """For when and under which assumptions; years, ``soon`` in microseconds."""

    judge: Judge
    soon: int = 30 * DAY
    confidentiality: int = 10
    migration: int = 3
    quantum_year: int = 0  # 0: the target year of the policy

    @property
    def policy(self) -> Policy:
        """The tables that are asked."""
        return self.judge.policy

    @property
    def late(self) -> bool:
        """Whether data that is sent today will be read, by Mosca's rule."""
        when = self.quantum_year or self.policy.target_year
        return late(self.judge.year, self.confidentiality, self.migration, when)

    @classmethod
    def of(cls, policy: Policy, year: int, use: Purpose, **more: int) -> Asked:
        """For a ``year``, or the nearest one that the strength table speaks of."""
        first, last = policy.years
        return cls(Judge(policy, min(max(year, first), last), use), **more)


class Concern(NamedTuple):
    """A ``label`` of `LABELS`, how much it matters and how sure it is."""

    label: str
    severity: Severity
    confidence: float


def year_of(moment: int) -> int:
    """The year (UTC) of ``moment``, microseconds."""
    return dt.datetime.fromtimestamp(moment / 1e6, dt.UTC).year


def is_hybrid(item: Item) -> bool:
    """Whether ``item`` agrees keys that hold against a quantum computer."""
    return item.kind == "group" and item.use == "kem" and not item.quantum_vulnerable


def hybrid_places(items: Collection[Item]) -> frozenset[str]:
    """Locations that offer a post-quantum or hybrid group beside what else they offer."""
    return frozenset(item.location for item in items if is_hybrid(item))


def concerns(
    item: Item, verdict: Verdict, taken: int, asked: Asked, *, hybrid: bool = False
) -> Iterator[Concern]:
    """What there is to do about ``item``, which was found at ``taken``.

    ``hybrid``: its location offers a group that holds against quantum computers, so that who
    can is protected already.
    """
    if item.kind in {"malformed", "opaque"}:
        yield Concern("unread_cryptography", Severity.INFO, 1.0)
        return
    sure = _sure(item, verdict)
    if (found := _by_word(item, verdict, asked, sure)) is not None:
        yield found
    if item.kind == "certificate":
        yield from _validity(item, taken, asked)
        if verdict.quantum.outlives:
            yield Concern("long_lived_key", Severity.LOW, sure)
    if verdict.quantum.harvest and not hybrid and asked.late:
        yield Concern("harvest_now", Severity.MEDIUM, min(sure, _ASSUMED))


def _sure(item: Item, verdict: Verdict) -> float:
    """Less where the tables were not compared with the documents, or code was only matched."""
    sure = _SURE if verdict.verified else _UNVERIFIED
    said = item.details.get("confidence")
    return min(sure, float(said)) if isinstance(said, int | float) and 0 <= said <= 1 else sure


def _by_word(item: Item, verdict: Verdict, asked: Asked, sure: float) -> Concern | None:
    if verdict.word == "finish-migration":
        years = (verdict.until or asked.judge.year) - asked.judge.year
        return Concern("migration_due", Severity.MEDIUM if years <= _SOON else Severity.LOW, sure)
    if verdict.word not in WEAK:
        return None
    if item.kind in _SETTINGS or (item.kind == "algorithm" and _served(item)):
        return Concern("weak_setting", _WORST_OF_SETTING[verdict.word], sure)
    if verdict.word == "monitored":
        return Concern("compatibility_only", Severity.LOW, sure)
    if verdict.word == "not-listed":
        return Concern("unlisted_cryptography", Severity.LOW, sure)
    # That code names an algorithm does not say that the product relies on it.
    severity = Severity.MEDIUM if item.kind == "code-use" else Severity.HIGH
    return Concern("weak_cryptography", severity, sure)


def _served(item: Item) -> bool:
    """Whether an endpoint offers it, and not a file that may lie about unused."""
    return endpoint_of(item.location) is not None


def _validity(item: Item, taken: int, asked: Asked) -> Iterator[Concern]:
    if item.not_after is None:
        return
    severity = Severity.MEDIUM if _served(item) else Severity.LOW
    if item.not_after < taken:
        yield Concern("expired_certificate", severity, 1.0)
    elif item.not_after < taken + asked.soon:
        yield Concern("expiring_certificate", severity, 1.0)
