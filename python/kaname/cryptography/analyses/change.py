"""Cryptography that came or got worse since the inventory before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import ClassVar, Final

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import quoted
from kaname.cryptography.changes import Change, Told, differences
from kaname.cryptography.concerns import WEAK, hybrid_places, year_of
from kaname.cryptography.policy.judge import ORDER, Judge
from kaname.cryptography.policy.tables import Policy
from kaname.cryptography.statements import (
    TABLES,
    Found,
    Inventory,
    artifacts_of,
    assets,
    found_in,
    inventories,
    named,
    one_of,
    policy_of,
    rows_of,
    series,
)
from kaname.model.instant import DAY, format_us
from kaname.model.records import Severity

__all__ = ["Changed"]

_QUARTER: Final = 92 * DAY
_SEVERITY: Final = {
    "weak_appeared": Severity.MEDIUM, "weakened": Severity.HIGH, "hybrid_lost": Severity.MEDIUM,
}  # fmt: skip
_SURE, _UNVERIFIED = 0.9, 0.7
_MOST_NAMED = 1000  # places that evidence names; beyond, all alike rows of the inventory stand

_DOC = AnalysisDoc(
    en=(
        "Compares each inventory with the one before of the same sensor and name, both judged "
        "for the same year: weak cryptography at a place that had none of its kind, places whose "
        "worst verdict got worse, and endpoints that no longer offer a post-quantum group."
    ),
    ja=(
        "同じセンサー・同じ名前の直前のインベントリーと、同じ年の基準で比較します。弱い暗号が"
        "新たに現れた場所、判定が悪化した場所、耐量子のグループを提供しなくなった接続先を報告"
        "します。"
    ),
    references=("CRYPTREC LS-0001-2022R2", "CRYPTREC LS-0003-2022R1"),
    limitations_en=(
        "Inventories of different scope under one name look like changes: name them apart.",
        "The inventory before must not be older than 92 days.",
        "What is the same and judged otherwise in a later year is no change here.",
    ),
    limitations_ja=(
        "範囲の異なるインベントリーを同じ名前で取り込むと変化に見えます。名前を分けてください。",
        "比較の相手は 92 日以内の直前のインベントリーです。",
        "同じ暗号の判定が年の経過で変わることは、ここでは変化とみなしません。",
    ),
)


class Changed:
    """See `_DOC`."""

    name: ClassVar[str] = "cryptography.change"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("crypto_inventories", "crypto_assets")
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = _QUARTER
    techniques: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[tuple[str, ...]] = tuple(_SEVERITY)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        TABLES,
        Parameter("places", 20, 1, 100_000, "places", "places of a change that get a finding "
                  "each; with more of them there is one for all",
                  "場所ごとに報告する上限(超えると 1 件にまとめる)"),
    )  # fmt: skip

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the inventories that one sensor brought in one day."""
        policy = policy_of(context)
        for held in series(inventories(context.tables["crypto_inventories"])).values():
            for before, after in pairwise(held):
                if after.ts >= context.window.start:
                    yield from _between(context, policy, before, after)


def _between(
    context: Context, policy: Policy, before: Inventory, after: Inventory
) -> Iterator[Draft]:
    rows = context.tables["crypto_assets"]
    old, new = found_in(rows, before), found_in(rows, after)
    first, last = policy.years
    judge = Judge(policy, min(max(year_of(after.ts), first), last))
    by_label = _labelled(old, new, judge)
    for label in _SEVERITY:
        for places in _apart(by_label.get(label, []), context.number("places")):
            own = old if label == "hybrid_lost" else new
            yield _draft(context, (before, after), label, places, own, policy)


def _labelled(
    old: Sequence[Found], new: Sequence[Found], judge: Judge
) -> dict[str, list[tuple[str, tuple[Change, ...]]]]:
    """Places by label, each with its changes."""
    found = differences(_told(old, judge), _told(new, judge))
    moved = [one for one in found.worse if one.after in WEAK]
    there = {(one.place, one.kind) for one in (*found.worse, *found.better)}
    held = {(one.item.location, one.item.kind) for one in old}
    came = [
        one
        for one in found.added
        if one.after in WEAK and (one.place, one.kind) not in held | there
    ]
    safe = hybrid_places([one.item for one in old])
    now = hybrid_places([one.item for one in new])
    still = {one.item.location for one in new if one.item.kind == "group"}
    lost = sorted(place for place in safe - now if place in still)
    return {
        "weak_appeared": _by_place(came),
        "weakened": _by_place(moved),
        "hybrid_lost": [(place, ()) for place in lost],
    }


def _told(found: Sequence[Found], judge: Judge) -> list[Told]:
    """Items with their words; what is alike is asked once."""
    words = {one.alike: one for one in found}
    known = {alike: judge.verdict(one.item).word for alike, one in words.items()}
    return [Told(one.item, known[one.alike]) for one in found]


def _by_place(changes: Iterable[Change]) -> list[tuple[str, tuple[Change, ...]]]:
    by_place: dict[str, list[Change]] = {}
    for one in changes:
        by_place.setdefault(one.place, []).append(one)
    return [(place, tuple(some)) for place, some in sorted(by_place.items())]


_Places = list[tuple[str, tuple[Change, ...]]]


def _apart(places: _Places, most: int) -> list[_Places]:
    """Each place by itself; all of them together where there are too many."""
    if len(places) > most:
        return [places]
    return [[one] for one in places]


def _draft(
    context: Context, pair: tuple[Inventory, Inventory], label: str, places: _Places,
    found: Sequence[Found], policy: Policy,
) -> Draft:  # fmt: skip
    before, after = pair
    names = {place for place, _ in places}
    own = [one for one in found if one.item.location in names and _meant(one, label, places)]
    words = [
        change.after for _, some in places for change in some if change.after is not None
    ]  # fmt: skip
    many = len(places) > 1
    held = before if label == "hybrid_lost" else after
    verified = all(version.verified == version.cells for version in policy.versions)
    return Draft(
        label=label,
        subject=(after.name, after.digest, "" if many else places[0][0]),
        first_seen=after.ts,
        last_seen=after.ts,
        severity=_SEVERITY[label],
        confidence=_SURE if verified else _UNVERIFIED,
        artifacts=artifacts_of(own),
        message=f"cryptography.{label}_many" if many else f"cryptography.{label}",
        values={
            "name": after.name,
            "inventory": after.digest,
            "before": before.digest,
            "since": format_us(before.ts)[:10],
            "place": places[0][0],
            "places": len(places),
            "items": len(own),
            "what": named(one.item for one in own),
            "word": max(words, key=ORDER.index, default="unknown"),
        },
        reasons=tuple(_reasons(places)),
        evidence=assets(_condition(context, held, label, own, many=many)),
    )


def _meant(one: Found, label: str, places: _Places) -> bool:
    """Whether an item is one of those that the finding is about."""
    if label == "hybrid_lost":
        return one.item.kind == "group" and one.item.use == "kem"
    item = one.item
    name = str(item.details.get("suite") or item.algorithm)
    return any(
        (change.place, change.kind, change.algorithm, change.parameter)
        == (item.location, item.kind, name, item.parameter)
        for place, some in places
        if place == item.location
        for change in some
    )


def _reasons(places: _Places) -> Iterator[tuple[str, dict[str, str]]]:
    """What was there before and what is there now, at the first place."""
    for change in places[0][1][:3]:
        if change.before is not None:
            yield (
                "cryptography.reason.was",
                {"kind": change.kind, "before": change.before, "after": change.after or ""},
            )


def _condition(
    context: Context, held: Inventory, label: str, own: Sequence[Found], *, many: bool
) -> str:
    """Which rows the finding is about: of the inventory before, where something is gone."""
    parts = [f"inventory = {quoted(held.digest)}"]
    places = {one.item.location for one in own}
    if not many:
        parts.append(f"location = {quoted(own[0].item.location)}")
    elif len(places) <= _MOST_NAMED:
        parts.append(one_of("location", places))
    parts.append(one_of("alike", (one.alike for one in own)))
    since = context.window.start - _QUARTER if label == "hybrid_lost" else None
    return rows_of(context, *parts, since=since)
