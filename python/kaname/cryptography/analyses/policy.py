"""Cryptography that the lists do not allow, or not for long: what has to change, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final, NamedTuple

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import quoted
from kaname.cryptography.concerns import (
    LABELS,
    Asked,
    Concern,
    concerns,
    hybrid_places,
    year_of,
)
from kaname.cryptography.policy.judge import ORDER, Judge, Purpose, Verdict
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
from kaname.model.instant import DAY

__all__ = ["InUse", "settled"]

_REASONS: Final = 4  # of the verdict that decides
_BY_TIME: Final = frozenset({"expired_certificate", "expiring_certificate", "long_lived_key"})

_DOC = AnalysisDoc(
    en=(
        "Judges the latest inventory of the day, of each sensor and name, by the CRYPTREC lists "
        "for its year: what is not usable or on no list, what must be migrated and by when, "
        "settings that are too weak, certificates that expire or outlive the move to "
        "post-quantum cryptography, and keys agreed today that a quantum computer opens later. "
        "A finding for each place and concern, or one for all places where there are many."
    ),
    ja=(
        "センサーと名前ごとに、その日の最新のインベントリーを CRYPTREC のリストで判定します。"
        "使用不可・リスト外の暗号、移行期限のある暗号、弱い設定、期限切れの証明書、耐量子計算機"
        "暗号への移行後まで有効な証明書、将来解読されうる鍵共有を報告します。場所と問題ごとに"
        "1 件、場所が多い問題は全体で 1 件にまとめます。"
    ),
    references=(
        "CRYPTREC LS-0001-2022R2",
        "CRYPTREC LS-0003-2022R1",
        "CRYPTREC GL-3001-3.0.1",
        "M. Mosca, Cybersecurity in an Era with Quantum Computers, IEEE S&P 16(5), 2018",
    ),
    limitations_en=(
        "Table cells that nobody compared with the official documents lower the confidence.",
        "What the inventory did not see is not judged; files that could not be read are told.",
        "That code names an algorithm does not say that the product relies on it.",
        "Certificates are held against the day of the inventory: take it anew regularly.",
        "Owners know better for how long data is secret: see the parameters, or the plan.",
    ),
    limitations_ja=(
        "公式文書と照合していない表の値に基づく判定は、確信度を下げます。",
        "インベントリーにないものは判定しません。読めなかったファイルは件数を報告します。",
        "コードにアルゴリズム名があっても、製品がそれに依存しているとは限りません。",
        "証明書の期限はインベントリーの取得日で判定します。定期的に取得してください。",
        "データの秘匿期間は所有者が決めるものです。パラメーターまたは移行計画で指定してください。",
    ),
)


class _Judged(NamedTuple):
    """An item with its verdict and one of its concerns."""

    found: Found
    verdict: Verdict
    concern: Concern


class InUse:
    """See `_DOC`."""

    name: ClassVar[str] = "cryptography.policy"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("crypto_inventories", "crypto_assets")
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[tuple[str, ...]] = LABELS
    parameters: ClassVar[tuple[Parameter, ...]] = (
        TABLES,
        Parameter("year", 0, 0, 2070, "", "year to judge for; 0: that of the inventory",
                  "判定する年(0 はインベントリーの年)"),
        Parameter("use", "processing", None, None, "",
                  "new generation, or processing of what exists",
                  "新規生成(new)か、既存データの処理(processing)か", ("processing", "new")),
        Parameter("soon", 30, 0, 3650, "days", "days before its end from which on a certificate "
                  "is said to expire", "証明書の期限切れを予告する日数"),
        Parameter("confidentiality", 10, 0, 100, "years", "for how long data must stay secret",
                  "データを秘匿すべき年数"),
        Parameter("migration", 3, 0, 50, "years", "how long a migration takes",
                  "移行にかかる年数"),
        Parameter("quantum_year", 0, 0, 2100, "", "when a quantum computer breaks public keys; "
                  "0: the target year of the policy",
                  "量子計算機が公開鍵暗号を破る年(0 は政策の目標年)"),
        Parameter("places", 20, 1, 100_000, "places", "places of a concern that get a finding "
                  "each; with more of them there is one for all",
                  "場所ごとに報告する上限(超えると 1 件にまとめる)"),
    )  # fmt: skip

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about what one sensor brought in one day."""
        policy = policy_of(context)
        for held in series(inventories(context.tables["crypto_inventories"])).values():
            latest = held[-1]
            found = found_in(context.tables["crypto_assets"], latest)
            asked = settled(policy, context, latest)
            for label, some in _by_label(found, latest, asked).items():
                for place, own in _by_place(some, context.number("places")):
                    yield _draft(context, latest, asked, label, place, own)


def settled(policy: Policy, context: Context, one: Inventory) -> Asked:
    """What is asked of the policy, as the parameters have it."""
    use: Purpose = "new" if context.text("use") == "new" else "processing"
    return Asked.of(
        policy, context.number("year") or year_of(one.ts), use,
        soon=context.number("soon") * DAY, confidentiality=context.number("confidentiality"),
        migration=context.number("migration"), quantum_year=context.number("quantum_year"),
    )  # fmt: skip


def _by_label(found: Sequence[Found], latest: Inventory, asked: Asked) -> dict[str, list[_Judged]]:
    hybrid = hybrid_places([one.item for one in found])
    by_label: dict[str, list[_Judged]] = {}
    for one, verdict in _verdicts(found, asked.judge):
        known = one.item.location in hybrid
        for concern in concerns(one.item, verdict, latest.ts, asked, hybrid=known):
            by_label.setdefault(concern.label, []).append(_Judged(one, verdict, concern))
    return {label: by_label[label] for label in LABELS if label in by_label}


def _verdicts(found: Sequence[Found], judge: Judge) -> Iterator[tuple[Found, Verdict]]:
    """Certificates are judged one by one, for their validity; what else is alike once."""
    known: dict[str, Verdict] = {}
    for one in found:
        if one.item.kind == "certificate":
            yield one, judge.verdict(one.item)
            continue
        if one.alike not in known:
            known[one.alike] = judge.verdict(one.item)
        yield one, known[one.alike]


def _by_place(some: Sequence[_Judged], most: int) -> Iterator[tuple[str | None, list[_Judged]]]:
    """The items of each place; of no place (None), where there are too many to tell apart."""
    by_place: dict[str, list[_Judged]] = {}
    for one in some:
        by_place.setdefault(one.found.item.location, []).append(one)
    if len(by_place) > most:
        yield None, list(some)
    else:
        yield from by_place.items()


def _draft(
    context: Context, of: Inventory, asked: Asked, label: str, place: str | None,
    own: Sequence[_Judged],
) -> Draft:  # fmt: skip
    worst = max(own, key=lambda one: (one.concern.severity.rank, ORDER.index(one.verdict.word)))
    items = [one.found.item for one in own]
    places = list(dict.fromkeys(item.location for item in items))
    until = min((one.verdict.until for one in own if one.verdict.until is not None), default=None)
    ends = [item.not_after for item in items if item.not_after is not None]
    return Draft(
        label=label,
        subject=(of.name, label) if place is None else (of.name, place),
        first_seen=of.ts,
        last_seen=of.ts,
        severity=max((one.concern.severity for one in own), key=lambda one: one.rank),
        confidence=round(max(one.concern.confidence for one in own), 4),
        artifacts=artifacts_of([one.found for one in own]),
        message=f"cryptography.{label}" if place is not None else f"cryptography.{label}_many",
        values={
            "name": of.name,
            "inventory": of.digest,
            "place": places[0],
            "places": len(places),
            "items": len(items),
            "what": named(items),
            "word": worst.verdict.word,
            "year": asked.judge.year,
            "until": until or asked.judge.year,
            "target": asked.quantum_year or asked.policy.target_year,
            "day": _day(min(ends, default=of.ts)),
        },
        reasons=_reasons(worst, asked),
        evidence=assets(rows_of(context, *_condition(of, label, place, own, asked))),
    )


def _day(moment: int) -> str:
    from kaname.model.instant import format_us

    return format_us(moment)[:10]


def _reasons(worst: _Judged, asked: Asked) -> tuple[tuple[str, dict[str, str | int]], ...]:
    told: list[tuple[str, dict[str, str | int]]] = [
        (f"cryptography.reason.{reason.key}", dict(reason.values))
        for reason in worst.verdict.reasons[:_REASONS]
    ]
    if worst.concern.label == "harvest_now":
        told.append(
            (
                "cryptography.reason.mosca",
                {
                    "secret": asked.confidentiality,
                    "takes": asked.migration,
                    "year": asked.quantum_year or asked.policy.target_year,
                },
            )
        )
    documents = ", ".join(one.named for one in asked.policy.versions)
    told.append(("cryptography.reason.editions", {"documents": documents}))
    return tuple(told)


def _condition(
    of: Inventory, label: str, place: str | None, own: Sequence[_Judged], asked: Asked
) -> Iterator[str]:
    """Which rows the finding is about."""
    yield f"inventory = {quoted(of.digest)}"
    if place is not None:
        yield f"location = {quoted(place)}"
    yield one_of("alike", (one.found.alike for one in own))
    if label in _BY_TIME:
        yield from _during(of, label, asked)
    elif label == "harvest_now" and place is None:
        offering = "asset = 'group' AND use = 'kem' AND NOT quantum_vulnerable"
        own_rows = f"inventory = {quoted(of.digest)} AND {offering}"
        yield f"location NOT IN (SELECT location FROM crypto_assets WHERE {own_rows})"  # noqa: S608


def _during(of: Inventory, label: str, asked: Asked) -> Iterator[str]:
    """The condition on the end of validity that makes a certificate one of ``label``."""
    from kaname.model.instant import format_us

    def moment(us: int) -> str:
        return quoted(format_us(us).replace("T", " ").replace("Z", "+00:00"))

    if label == "long_lived_key":
        yield f"not_after >= TIMESTAMPTZ '{asked.policy.target_year + 1}-01-01 00:00:00+00:00'"
        return
    end = of.ts if label == "expired_certificate" else of.ts + asked.soon
    yield f"not_after < TIMESTAMPTZ {moment(end)}"
    if label == "expiring_certificate":
        yield f"not_after >= TIMESTAMPTZ {moment(of.ts)}"
