"""Clients that ask for generated names: machines on which malware looks for its master."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection, among
from kaname.model.address import to_text
from kaname.model.instant import DAY
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.traffic.dga.failures import Failure, clients
from kaname.traffic.dga.names import NameModel, shipped
from kaname.traffic.dga.resemblance import nearest
from kaname.traffic.dga.suspects import Suspect, suspects
from kaname.traffic.dga.verdicts import LEAST, Thresholds
from kaname.traffic.names.evidence import condition, listed, questions
from kaname.traffic.names.suffixes import DYNAMIC, Suffixes

__all__ = ["Dga"]

_DGA = "T1568.002"  # Dynamic Resolution: Domain Generation Algorithms
_NAMED = 200  # domains that a finding names
_EXAMPLES, _PIECES = 10, 5
_SURE_LOGIT = 2.0  # a name from which on it may become an indicator by itself

_DOC = AnalysisDoc(
    en=(
        "Finds clients that ask for many names which do not exist and look, together, as "
        "if a program had generated them: by their letters, by parts that they share, by "
        "their number, or because other clients fail on the same names."
    ),
    ja=(
        "存在しない名前を多数問い合わせ、それらが全体としてプログラムに生成されたように"
        "見えるクライアントを見つけます。文字の並び、共通する部分、数の多さ、"
        "他のクライアントと同じ名前での失敗を手掛かりにします。"
    ),
    references=(
        (
            "D. Plohmann et al., A Comprehensive Measurement Study of Domain Generating "
            "Malware, USENIX Security 2016"
        ),
        (
            "N. Jiang et al., Identifying Suspicious Activities through DNS Failure Graph "
            "Analysis, ICNP 2010"
        ),
        "M. Antonakakis et al., From Throw-Away Traffic to Bots, USENIX Security 2012",
    ),
    limitations_en=(
        "Logs without response codes (BIND's query log) give nothing to look at.",
        "Below five failing domains in a day nothing is said of a client.",
        (
            "A resolver that asks for many clients is taken for one client, unless the same "
            "sensor sees it being asked."
        ),
        (
            "Names of dictionary words are found by their number and by what they share, "
            "which takes about twenty of them."
        ),
    ),
    limitations_ja=(
        "応答コードのないログ(BIND のクエリーログなど)では判断できません。",
        "1 日に失敗したドメインが 5 件未満のクライアントについては何も報告しません。",
        (
            "多数のクライアントを代行するリゾルバーは、同じセンサーで問い合わせ先として"
            "観測されない限り 1 クライアントとして扱います。"
        ),
        "辞書の単語を組み合わせた名前は件数と共通部分から見つけるため、20 件程度が必要です。",
    ),
)


class Dga:
    """See `_DOC`. One finding for each client."""

    name: ClassVar[str] = "dns.dga"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("dns",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = (_DGA,)
    labels: ClassVar[tuple[str, ...]] = ("dga_client",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "many",
            20,
            LEAST,
            100_000,
            "domains",
            "failing domains of a client below which their number says nothing",
            "件数だけでは判断しない、失敗したドメイン数の下限",
        ),
        Parameter(
            "looks",
            3.8,
            1.0,
            100.0,
            "standard errors",
            "how far the mean look of a client's names must lie above that of ordinary ones",
            "クライアントの名前の平均スコアが通常の失敗より高いとみなす標準誤差の倍数",
        ),
        Parameter(
            "ignore",
            "",
            None,
            None,
            "suffixes",
            "further suffixes whose failures are ordinary, with blanks between",
            "失敗しても問題のない接尾辞の追加(空白区切り)",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the clients that one sensor saw in one day."""
        model = shipped()
        ignored = Suffixes.ordinary(context.text("ignore"))
        seen = clients(context.tables["dns"], context.window, ignored)
        limits = Thresholds(looks=float(context.params["looks"]))
        for suspect in suspects(seen, model, context.number("many"), limits):
            yield _draft(context, model, suspect)


def _draft(context: Context, model: NameModel, suspect: Suspect) -> Draft:
    client = to_text(suspect.client.hi, suspect.client.lo)
    order = sorted(
        range(len(suspect.client.failures)),
        key=lambda place: (-suspect.logits[place], suspect.client.failures[place].domain),
    )
    failures = [suspect.client.failures[place] for place in order]
    examples = [failure.domain for failure in failures[:_EXAMPLES]]
    return Draft(
        label="dga_client",
        subject=(client,),
        first_seen=min(f.first for f in failures),
        last_seen=max(f.last for f in failures),
        severity=Severity.HIGH,
        confidence=_confidence(suspect),
        artifacts=(
            Artifact(ArtifactKind.IP, client, Role.VICTIM),
            *_domains(suspect, order),
        ),
        techniques=(_DGA,),
        message="traffic.finding.dga_client",
        values={
            "client": client,
            "n": len(failures),
            "asks": sum(f.asks for f in failures),
            "examples": ", ".join(examples[:3]),
            "tests": len(suspect.tests),
        },
        reasons=tuple(_reasons(suspect, model, examples)),
        evidence=_evidence(context, suspect, failures[:_NAMED]),
    )


def _confidence(suspect: Suspect) -> float:
    """Surer with every test that speaks, and with more names."""
    doubt = 0.35 * 0.4 ** (len(suspect.tests) - 1)
    return round(0.99 * (1 - doubt * 20 / (20 + suspect.reading.count)), 4)


def _domains(suspect: Suspect, order: list[int]) -> Iterable[Artifact]:
    """The domains; one that looks ordinary by itself is not held against anybody."""
    for place in order[:_NAMED]:
        sure = suspect.logits[place] >= _SURE_LOGIT
        domain = suspect.client.failures[place].domain
        yield Artifact(ArtifactKind.DOMAIN, domain, Role.ATTACKER if sure else Role.UNKNOWN)


def _reasons(
    suspect: Suspect, model: NameModel, examples: list[str]
) -> Iterable[tuple[str, dict[str, Any]]]:
    reading, limits = suspect.reading, Thresholds()
    values: dict[str, dict[str, Any]] = {
        "looks": {"errors": round(reading.looks, 1), "n": reading.count},
        "odd": {"k": reading.odd, "n": reading.count, "power": round(reading.chance, 1)},
        "alike": {"share": round(100 * reading.alike), "limit": round(100 * limits.related)},
        "many": {"n": reading.count, "limit": reading.crowd},
    }
    for test in reading.spoke:
        yield f"traffic.reason.dga_{test}", values[test]
    if suspect.companions is not None:
        others = {"n": suspect.companions.others, "domains": len(suspect.companions.domains)}
        yield "traffic.reason.dga_together", others
    yield "traffic.reason.dga_names", {"names": ", ".join(examples)}
    best = examples[0].split(".", 1)[0]
    pieces = ", ".join(f"{p} {w:+.2f}" for p, w in model.explain(best, _PIECES))
    yield "traffic.reason.dga_pieces", {"name": best, "pieces": pieces}
    labels = [failure.label for failure in suspect.client.failures]
    shape, distance = nearest(labels, model.card["centroids"])
    yield f"traffic.reason.dga_shape_{shape}", {"distance": distance}


def _evidence(context: Context, suspect: Suspect, failures: list[Failure]) -> Selection:
    domains = [failure.domain for failure in failures]
    below = [d for d in domains if d.split(".", 1)[-1] in DYNAMIC]
    named = [listed("regdom", set(domains) - set(below))]
    if below:
        named.append(listed("qname", below))
    return questions(
        condition(
            context.window,
            context.sensor,
            among("src", [(suspect.client.hi, suspect.client.lo)]),
            "rcode = 3",
            "(" + " OR ".join(named) + ")",
        )
    )
