"""Victims of floods with forged sources, seen by their answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.model.instant import DAY
from kaname.telescope.dos.judgement import judge
from kaname.telescope.dos.statements import Statements
from kaname.telescope.kinds import DIRECT_FLOOD
from kaname.telescope.picture import ADDRESSES, CROWD_SOURCES, REFLECTORS, Picture
from kaname.telescope.prefixes import SENSORS

__all__ = ["Dos"]

_DOC = AnalysisDoc(
    en=(
        "Finds victims of denial of service by the answers that they send to forged "
        "addresses: SYN-ACKs, RSTs, UDP answers, ping replies, and ICMP errors about them. "
        "All protocols of a victim are one attack, whose rate is estimated from the size of "
        "the telescope. Attacks that CAIDA's corsaro3 would report as well are marked so."
    ),
    ja=(
        "送信元を詐称したフラッドの被害者を、詐称されたアドレスへの応答から見つけます。"
        "SYN-ACK・RST、UDP の応答、ping の応答、被害者に関する ICMP エラーを対象とします。"
        "1 つの被害者への攻撃はプロトコルによらず 1 件とし、観測規模から攻撃の強さを推定します。"
        "CAIDA の corsaro3 も報告する攻撃には、その旨を付けます。"
    ),
    references=(
        "D. Moore et al., Inferring Internet Denial-of-Service Activity, ACM TOCS 2006",
        "CAIDA, corsaro3 libcorsaro/plugins/corsaro_dos.c (9e899da): thresholds of RSDoS",
        "M. Jonker et al., Millions of Targets Under Attack, IMC 2017",
    ),
    limitations_en=(
        "Victims that answer nothing, or whose network filters their answers, are not seen.",
        "Rates assume forged sources drawn at random from all of IPv4.",
        "Answers that a victim repeats count each, and raise the rate.",
        "A host that scans with SYN-ACKs or RSTs looks like a victim.",
        "An attack that goes on at midnight (UTC) has a finding in each of the two days.",
        "corsaro3's rules begin anew with each ingested file; a folder or interface is one stream.",
    ),
    limitations_ja=(
        "応答しない被害者や、応答が途中で遮断される被害者は観測できません。",
        "強さの推定は、送信元が IPv4 全体から一様に詐称されたとみなします。",
        "応答の再送も 1 個ずつ数えるため、推定は大きめになります。",
        "SYN-ACK や RST でスキャンするホストは被害者に見えます。",
        "午前 0 時(UTC)をまたぐ攻撃は両日で 1 件ずつ報告します。",
        "corsaro3 の規則はファイルごとに新たに始まります(フォルダーや回線は一続きに扱います)。",
    ),
)


class Dos:
    """See `_DOC`. One finding for each of the strongest attacks, one for the rest."""

    name: ClassVar[str] = "telescope.dos"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flowtuples", "rsdos")
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = (DIRECT_FLOOD,)
    labels: ClassVar[tuple[str, ...]] = ("dos_corsaro", "dos_extended", "dos_faint")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        ADDRESSES,
        SENSORS,
        CROWD_SOURCES,
        REFLECTORS,
        Parameter(
            "rate",
            50,
            0,
            1 << 32,
            "packets/s",
            "rate at the victim (lower 90 % bound of the estimate) from which on it is an attack",
            "攻撃とみなす被害者側の強さ(推定値の下側 90 % 限界)",
        ),
        Parameter(
            "least",
            1,
            1,
            1_000_000,
            "packets",
            "packets from which on a victim's answers are an attack; the others are counted",
            "攻撃とみなす応答の最少パケット数。これ未満は件数だけを数える",
        ),
        Parameter(
            "top",
            50,
            1,
            5000,
            "victims",
            "attacks that get a finding of their own, the strongest first; the rest share one",
            "個別に報告する攻撃の数(強い順)。残りは 1 件にまとめる",
        ),
        Parameter(
            "gathered",
            2000,
            10,
            20_000,
            "victims",
            "victims that the shared finding names",
            "まとめの検知結果に列挙する被害者の最大数",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the victims that one sensor saw in one day."""
        picture = Picture.of(context)
        found = judge(
            picture,
            context.tables["rsdos"],
            least=context.number("least"),
            rate=context.number("rate"),
        )
        statements = Statements(picture, found)
        yield from statements.all(context.number("top"), context.number("gathered"))
