"""Verdicts: whether the lists allow an item, in which use, until which year, and why.

Three things decide: the list a technique is on (LS-0001), the class of strength its key
length has (LS-0003; a length outside it does not count as a listed technique) and, for
protocol versions, the TLS guideline's three types. Beside the verdict stands the quantum
view: what Shor's algorithm breaks, by when it has to go, and which certificates outlive that.
A verdict that rests on a cell nobody compared with the official document says so.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from kaname.cryptography.inventory.strength import canonical
from kaname.cryptography.policy.tables import Version
from kaname.cryptography.policy.techniques import Part, parts_of, relied_on, version_of
from kaname.cryptography.policy.tls_types import TYPES, types_of
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.tables import Policy, StrengthCell

__all__ = ["ORDER", "Judge", "Judged", "Purpose", "Quantum", "Reason", "Verdict", "Word", "judge"]

Word = Literal[
    "allowed", "allowed-until", "unknown", "finish-migration", "monitored", "not-listed",
    "not-usable",
]  # fmt: skip
Purpose = Literal["new", "processing"]
ORDER: tuple[Word, ...] = (
    "allowed", "allowed-until", "unknown", "finish-migration", "monitored", "not-listed",
    "not-usable",
)  # fmt: skip
"""From best to worst: of the parts of an item the worst counts."""
_COLLISIONS = frozenset({"SHA-1", "MD5", "RIPEMD-160", "MD4", "MD2"})
_LASTING = frozenset({"kem", "key-agreement", "cipher", "aead", "tls"})


class Reason(msgspec.Struct, frozen=True):
    """A reason: the key of its text (``cryptography.reason.<key>``) and what fills it."""

    key: str
    values: dict[str, str | int] = {}


class Quantum(msgspec.Struct, frozen=True):
    """What a large quantum computer means for an item.

    ``target`` is the year by which it has to be replaced; ``outlives`` whether a certificate
    is valid longer than that; ``harvest`` whether traffic of today can be read then.
    """

    vulnerable: bool
    target: int | None = None
    outlives: bool = False
    harvest: bool = False


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the policy says of one item.

    ``until`` is the last year in which the verdict's use holds; ``tier`` the worst list of
    its parts; ``strength`` the class that decided (0: below every class); ``verified``
    whether all cells it stands on were compared with the official documents.
    """

    item: str
    word: Word
    until: int | None
    tier: str | None
    strength: int | None
    reasons: tuple[Reason, ...]
    verified: bool
    tls_types: tuple[str, ...] = ()
    quantum: Quantum


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A whole inventory, judged. ``lists`` names the editions that the verdicts stand on."""

    year: int
    use: Purpose
    lists: tuple[Version, ...]
    verdicts: tuple[Verdict, ...]
    counts: dict[str, int]


class _Found(NamedTuple):
    """What the tables say of one part."""

    word: Word
    until: int | None
    tier: str | None
    strength: int | None
    reasons: tuple[Reason, ...]
    verified: bool


class Judge:
    """Judges items for a year and a use.

    Raises:
        UsageError: the strength table says nothing of ``year``.
    """

    def __init__(self, policy: Policy, year: int, use: Purpose = "processing") -> None:
        first, last = policy.years
        if not first <= year <= last:
            raise UsageError("cryptography.error.year", year=year, first=first, last=last)
        self.policy, self.year, self.use = policy, year, use
        self._part = lru_cache(16384)(self._part_found)
        self._all = lru_cache(16384)(self._together)
        end = dt.datetime(policy.target_year + 1, 1, 1, tzinfo=dt.UTC)
        self._target_us = int(end.timestamp()) * 1_000_000

    def verdict(self, item: Item) -> Verdict:
        """The verdict on one item."""
        found, types = self._found(item)
        reasons = found.reasons
        quantum = self._quantum(item)
        if quantum.vulnerable:
            key = "outlives" if quantum.outlives else "quantum"
            reasons = (*reasons, Reason(key, {"year": self.policy.target_year}))
        if item.kind == "certificate":
            reasons = (*reasons, *self._own_signature(item), *_validity(item))
        verified = found.verified and (not quantum.vulnerable or self.policy.target_cell.verified)
        if not verified:
            reasons = (*reasons, Reason("unverified"))
        return Verdict(
            item=item.id, word=found.word, until=found.until, tier=found.tier,
            strength=found.strength, reasons=reasons, verified=verified, tls_types=types,
            quantum=quantum,
        )  # fmt: skip

    def _found(self, item: Item) -> tuple[_Found, tuple[str, ...]]:
        if item.kind in {"malformed", "opaque"}:
            return _plain("unknown", Reason(item.kind)), ()
        if item.kind == "protocol":
            return self._protocol(item)
        parts = parts_of(item)
        if not parts:
            return _plain("unknown", Reason("nothing-to-judge")), ()
        types = types_of(self.policy, item) if item.kind == "cipher-suite" else ()
        return self._all(parts), types

    def _together(self, parts: tuple[Part, ...]) -> _Found:
        """The parts of an item together: the worst word, the soonest year, all reasons."""
        found = [self._part(part) for part in parts]
        if any(part.hybrid for part in parts):
            found.append(_plain("allowed", Reason("hybrid"), verified=False))
        found.sort(key=lambda one: -ORDER.index(one.word))  # what decides is told first
        worst = found[0]
        same = [one.until for one in found if one.word == worst.word and one.until is not None]
        strengths = [one.strength for one in found if one.strength is not None]
        reasons = tuple({(r.key, *r.values.items()): r for one in found for r in one.reasons}
                        .values())  # fmt: skip
        return _Found(
            worst.word, min(same, default=None), worst.tier, min(strengths, default=None),
            reasons, all(one.verified for one in found),
        )  # fmt: skip

    def _part_found(self, part: Part) -> _Found:
        listed = self._listed(part)
        strong = self._strong(part)
        worst = max((listed, strong), key=lambda one: ORDER.index(one.word))
        until = strong.until if strong.word == worst.word else None
        first, second = (strong, listed) if worst is strong else (listed, strong)
        return _Found(
            worst.word, until, listed.tier, strong.strength, first.reasons + second.reasons,
            listed.verified and strong.verified,
        )  # fmt: skip

    def _listed(self, part: Part) -> _Found:
        """What the list says of a technique, and what is known of its curve."""
        cell = self.policy.technique(part.technique)
        named: dict[str, str | int] = {"technique": part.technique}
        if cell is None:
            experimental = part.technique.startswith(("Rocca", "AEGIS", "HiAE"))
            key = "experimental" if experimental else "not-listed"
            return _Found("not-listed", None, "not-listed", None, (Reason(key, named),), False)
        word: Word = {
            "recommended": "allowed",
            "pqc": "allowed",
            "candidate": "allowed",
            "monitored": "monitored",
            "not-listed": "not-listed",
            "unseen": "unknown",
        }[cell.tier]  # type: ignore[assignment]  # the values are words
        reasons = [Reason(f"tier-{cell.tier}", named)]
        notes = self.policy.notes(part.technique)
        reasons += [Reason(f"note-{note.note}", named) for note in notes]
        verified = cell.verified and all(note.verified for note in notes)
        if part.curve is not None:
            curve = self.policy.curve(part.curve)
            verified = verified and curve is not None and curve.verified
            # A size says which strength, not which curve: that stays open.
            sized = part.curve.isdigit()
            if not sized and (curve is None or curve.listed is False):
                word = max(word, "not-listed", key=ORDER.index)
                reasons.append(Reason("curve-not-listed", {"curve": part.curve}))
            elif curve is None or curve.listed is None:
                reasons.append(Reason("curve-unverified", {"curve": part.curve}))
        return _Found(word, None, cell.tier, None, tuple(reasons), verified)

    def _strong(self, part: Part) -> _Found:
        """What the strength table says of a part in this use and year."""
        if not part.keyed:
            return _plain("allowed", verified=True)
        if part.technique in {"SHA-1", "RIPEMD-160"} and self.use == "processing":
            return _plain("monitored", Reason("compatibility", {"technique": part.technique}))
        if part.strength is None:
            return _plain("unknown", Reason("length-unknown", {"technique": part.technique}))
        strength = self.policy.strength_class(part.strength)
        if strength is None:
            key = "collisions" if part.technique in _COLLISIONS else "below-112"
            values: dict[str, str | int] = {"technique": part.technique, "bits": part.strength}
            return _Found("not-usable", None, None, 0, (Reason(key, values),), False)
        return self._period(strength, self.policy.course(strength, self.use))

    def _period(self, strength: int, course: Sequence[StrengthCell]) -> _Found:
        at = next(n for n, cell in enumerate(course) if cell.first <= self.year <= cell.last)
        state, until = course[at].state, course[at].last
        for cell in course[at + 1 :]:
            if cell.state != state:
                break
            until = cell.last
        end = self.policy.years[1]
        word: Word = {
            "usable": "allowed" if until == end else "allowed-until",
            "tolerated": "allowed-until",
            "finish-migration": "finish-migration",
            "not-usable": "not-usable",
        }[state]
        values: dict[str, str | int] = {"bits": strength, "year": until}
        verified = all(cell.verified for cell in course)
        return _Found(
            word, None if state == "not-usable" else until, None, strength,
            (Reason(f"strength-{state}", values),), verified,
        )  # fmt: skip

    def _protocol(self, item: Item) -> tuple[_Found, tuple[str, ...]]:
        """A version of TLS by the guideline's three types; other protocols have no table."""
        version = version_of(item)
        named: dict[str, str | int] = {"technique": version or item.algorithm}
        if version is None:
            return _plain("unknown", Reason("no-table", named)), ()
        rules = [self.policy.rule(profile, "version", version) for profile in TYPES]
        known = [rule for rule in rules if rule is not None]
        types = types_of(self.policy, item)
        verified = all(rule.verified for rule in known)
        if not known:
            return _plain("not-listed", Reason("no-table", named)), ()
        if not types:
            return _plain("not-usable", Reason("tls-forbidden", named), verified=verified), types
        if types == ("exception",):
            return _plain("monitored", Reason("tls-exception", named), verified=verified), types
        return _plain("allowed", Reason("tls-allowed", named), verified=verified), types

    def _own_signature(self, item: Item) -> tuple[Reason, ...]:
        """A root's weak signature of itself is told, though nobody relies on it."""
        hashed = canonical(str(item.details.get("signature_hash") or ""))
        if not relied_on(item) and hashed:
            cell = self.policy.technique(hashed)
            if cell is None or cell.tier != "recommended":
                return (Reason("root-signature", {"technique": hashed}),)
        return ()

    def _quantum(self, item: Item) -> Quantum:
        if not item.quantum_vulnerable:
            return Quantum(vulnerable=False)
        outlives = item.not_after is not None and item.not_after >= self._target_us
        lasting = item.use in _LASTING or item.kind in {"group", "cipher-suite"}
        return Quantum(True, self.policy.target_year, outlives, lasting)


def judge(items: Iterable[Item], policy: Policy, year: int, use: Purpose = "processing") -> Judged:
    """All of ``items`` judged for ``year`` and ``use``."""
    judging = Judge(policy, year, use)
    verdicts = tuple(judging.verdict(item) for item in items)
    counts = dict.fromkeys(ORDER, 0)
    for verdict in verdicts:
        counts[verdict.word] += 1
    return Judged(
        year=year, use=use, lists=policy.versions, verdicts=verdicts,
        counts={str(word): count for word, count in counts.items()},
    )  # fmt: skip


def _plain(word: Word, reason: Reason | None = None, *, verified: bool = True) -> _Found:
    return _Found(word, None, None, None, () if reason is None else (reason,), verified)


def _validity(item: Item) -> tuple[Reason, ...]:
    notes = item.details.get("notes") or ()
    return tuple(Reason(note) for note in ("expired", "not-yet-valid") if note in notes)
