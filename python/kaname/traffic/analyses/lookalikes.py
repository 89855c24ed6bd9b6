"""Domains that imitate a brand, wherever they are seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection, quoted
from kaname.model.instant import DAY
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.readers.domains import registered
from kaname.traffic.names.brands import read_brands
from kaname.traffic.names.evidence import condition, listings, messages, questions, visits
from kaname.traffic.names.listing import listing
from kaname.traffic.names.lookalike import Imitation, Lookalikes
from kaname.traffic.names.sightings import TABLES, Sighting, hosts_with, sightings
from kaname.traffic.names.suffixes import Suffixes

__all__ = ["LookalikeDomains"]

_DOMAINS, _PHISHING = "T1583.001", "T1566.002"
_KINDS = {
    "homoglyph": Severity.HIGH,
    "embedded": Severity.HIGH,
    "look": Severity.MEDIUM,
    "words": Severity.MEDIUM,
    "suffix": Severity.LOW,
}

_DOC = AnalysisDoc(
    en=(
        "Finds domains that imitate a brand: other characters of the same look, a letter "
        "added, left out, swapped or mistyped, a flipped bit, hyphens, luring words beside "
        "the name, the brand's own domain put in front, or its name below another suffix."
    ),
    ja=(
        "ブランドに似せたドメインを見つけます。見た目の同じ別の文字、文字の追加・脱落・"
        "入れ替え・打ち間違い、ビット反転、ハイフン、誘い文句との組み合わせ、"
        "正規ドメインを前に置いたホスト名、別の接尾辞での同名を調べます。"
    ),
    references=(
        "Unicode Technical Standard 39, Unicode Security Mechanisms (skeletons)",
        "dnstwist (kinds of permutation)",
        (
            "P. Agten et al., Seven Months' Worth of Mistakes: A Longitudinal Study of "
            "Typosquatting Abuse, NDSS 2015"
        ),
    ),
    limitations_en=(
        "Only brands of the list are known; a site should add its own by `brands`.",
        (
            "Brands below six letters are found by look and by words beside them, not by one "
            "changed letter."
        ),
        (
            "A brand's own domain that is not on its line is named as well; names below another "
            "suffix are therefore of low severity and give no indicator."
        ),
    ),
    limitations_ja=(
        "一覧にあるブランドだけが対象です。自組織の名前は `brands` で追加してください。",
        "6 文字未満のブランドは見た目と語の組み合わせだけを調べ、1 文字違いは調べません。",
        (
            "一覧に書かれていない正規のドメインも検出することがあります。このため別の接尾辞での"
            "同名は重大度を低くし、インジケーターにしません。"
        ),
    ),
)


class LookalikeDomains:
    """See `_DOC`. One finding for each domain, whatever sensors saw it."""

    name: ClassVar[str] = "dns.lookalikes"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = TABLES
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    across: ClassVar[bool] = True
    techniques: ClassVar[tuple[str, ...]] = (_DOMAINS, _PHISHING)
    labels: ClassVar[tuple[str, ...]] = ("lookalike",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "brands",
            "",
            None,
            None,
            "file",
            "file of brands instead of the shipped list: a name and its own domains a line",
            "同梱の一覧に代わるブランドのファイル(1 行に名前と自社ドメイン)",
            file=True,
        ),
        Parameter(
            "surely",
            0.3,
            0.0,
            1.0,
            "",
            "confidence below which an imitation is not reported",
            "報告する確信度の下限",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the domains that all sensors saw in one day."""
        looked = Lookalikes(read_brands(context.text("brands")))
        seen = sightings(context.tables, context.window)
        found = {imitation.domain: imitation for imitation in looked.all(sorted(seen))}
        for imitation in _embedded(context, looked):
            found.setdefault(imitation.domain, imitation)
        for domain in sorted(seen.keys() & found.keys()):
            if found[domain].sure >= float(context.params["surely"]):
                yield _draft(context, found[domain], seen[domain])


def _embedded(context: Context, looked: Lookalikes) -> Iterable[Imitation]:
    """Domains below which hosts begin with a brand's own domain; lists and filters do so too."""
    ordinary = Suffixes.ordinary("", listing("carriers"))
    for host in hosts_with(context.tables, context.window, looked.domains):
        domain = registered(host)
        if domain is not None and not ordinary.cover(host):
            imitation = looked.embedded(host, domain)
            if imitation is not None:
                yield imitation


def _draft(context: Context, imitation: Imitation, seen: Mapping[str, Sighting]) -> Draft:
    brand = imitation.brand
    own = imitation.kind == "suffix"
    counts = {table: seen[table].rows if table in seen else 0 for table in TABLES}
    return Draft(
        label="lookalike",
        subject=(imitation.domain,),
        first_seen=min(s.first for s in seen.values()),
        last_seen=max(s.last for s in seen.values()),
        severity=_severity(imitation, seen),
        confidence=round(min(0.99, imitation.sure + (0.1 if len(seen) > 1 else 0)), 4),
        artifacts=(
            Artifact(ArtifactKind.DOMAIN, imitation.domain, Role.UNKNOWN if own else Role.ATTACKER),
            Artifact(ArtifactKind.DOMAIN, brand.domains[0], Role.TARGET),
        ),
        techniques=(_DOMAINS, *((_PHISHING,) if "mail" in seen else ())),
        message="traffic.finding.lookalike",
        values={
            "domain": imitation.domain,
            "brand": brand.name,
            "own": brand.domains[0],
            "n": sum(counts.values()),
        },
        reasons=tuple(_reasons(imitation, counts)),
        evidence=_evidence(context, imitation.domain, seen),
    )


def _severity(imitation: Imitation, seen: Mapping[str, Sighting]) -> Severity:
    """One step up where people got a link to it, and somebody's machine went there."""
    severity = _KINDS.get(imitation.kind, Severity.MEDIUM)
    followed = "mail" in seen and ("user_events" in seen or "dns" in seen)
    return list(Severity)[severity.rank + 1] if followed else severity


def _reasons(
    imitation: Imitation, counts: Mapping[str, int]
) -> Iterable[tuple[str, dict[str, Any]]]:
    yield f"traffic.reason.lookalike_{imitation.kind}", {"change": imitation.change}
    for table, rows in counts.items():
        if rows:
            yield f"traffic.reason.lookalike_in_{table}", {"n": rows}


def _evidence(context: Context, domain: str, seen: Mapping[str, Sighting]) -> Selection:
    """The rows of the most telling table."""
    name = quoted(domain)
    table = next(table for table in TABLES if table in seen)
    if table == "mail":
        below = f"from_dom = {name} OR from_dom LIKE {quoted('%.' + domain)}"
        where = condition(context.window, "", f"(list_contains(url_regdoms, {name}) OR {below})")
        return messages(where)
    where = condition(context.window, "", f"regdom = {name}")
    return {"user_events": visits, "dns": questions, "feeds": listings}[table](where)
