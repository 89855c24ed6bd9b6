"""Who sent packets to the telescope, and what each source was doing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.model.instant import DAY
from kaname.telescope.calibration import load
from kaname.telescope.kinds import BOTNET, DIRECT_FLOOD, SCANNING_BLOCKS
from kaname.telescope.labels import LABELS, label
from kaname.telescope.picture import ADDRESSES, CROWD_SOURCES, REFLECTORS, Picture
from kaname.telescope.prefixes import SENSORS
from kaname.telescope.statements import Statements
from kaname.telescope.survey import SurveyList

__all__ = ["Sources"]

_DOC = AnalysisDoc(
    en=(
        "Labels what every source did in a day: infected hosts (Mirai, worms, unnamed "
        "bots), scanning tools (ZMap 2 and 4, Masscan, nmap, unnamed), surveys, "
        "backscatter of DoS victims, and wrong settings."
    ),
    ja=(
        "1 日の各送信元の活動を分類します。感染ホスト(Mirai、ワーム、未知のボット)、"
        "スキャンツール(ZMap 2・4、Masscan、nmap、未知のツール)、調査目的スキャン、"
        "DoS 被害ホストからのバックスキャッタ、設定ミスを見分けます。"
    ),
    references=(
        "Merit Network, darknet-events: event expiry (624 s for 475,136 addresses)",
        "masscan src/templ-tcp: IP id = destination ^ port ^ sequence number",
        "ZMap src/probe_modules/packet.c, before and after PR #798 (2024-03)",
        "M. Antonakakis et al., Understanding the Mirai Botnet, USENIX Security 2017",
        "NICT, NICTER observation reports: survey scanners by ports and volume",
    ),
    limitations_en=(
        "Without `addresses` the size of the darknet is guessed from the /24 blocks it shows.",
        "Probabilities are calibrated on simulated traffic, unless `calibration` is given.",
        "A constant that only a bot of few packets uses is told by its port, or not at all.",
        "A survey known by behaviour only is not called benign, and gives no indicator.",
        "Slow nmap runs (less than two packets a minute) count as unnamed tools.",
    ),
    limitations_ja=(
        "`addresses` を指定しない場合、ダークネットの規模は受信のあった /24 から推定します。",
        "`calibration` を指定しない場合、確率は模擬トラフィックで較正しています。",
        "パケットの少ないボットが使う定数は、同じポートの仲間がなければ見つかりません。",
        "挙動だけで調査目的と判断した送信元は無害とは扱わず、インジケーターにもしません。",
        "毎分 2 パケット未満の低速な nmap は未知のツールとして数えます。",
    ),
)


class Sources:
    """See `_DOC`. One finding for the busiest sources of each label, one for the rest."""

    name: ClassVar[str] = "telescope.sources"
    version: ClassVar[int] = 2
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = (SCANNING_BLOCKS, BOTNET, DIRECT_FLOOD)
    labels: ClassVar[tuple[str, ...]] = (*LABELS, "new_family", "few_packets")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        ADDRESSES,
        SENSORS,
        CROWD_SOURCES,
        REFLECTORS,
        Parameter(
            "min_packets",
            2,
            1,
            1_000_000,
            "packets",
            "packets in the day from which on a source is reported; the others are counted",
            "報告する送信元の 1 日の最少パケット数。これ未満は件数だけを数える",
        ),
        Parameter(
            "top",
            10,
            1,
            1000,
            "sources",
            "sources of each label that get a finding of their own; the rest share one",
            "ラベルごとに個別に報告する送信元の数。残りは 1 件にまとめる",
        ),
        Parameter(
            "gathered",
            2000,
            10,
            20_000,
            "sources",
            "sources that the shared finding names, the busiest first",
            "まとめの検知結果に列挙する送信元の最大数(パケット数順)",
        ),
        Parameter(
            "survey_ports",
            30,
            2,
            65_536,
            "ports",
            "destination ports from which on a source or a /24 counts as a survey",
            "調査目的スキャンとみなす宛先ポート数(送信元または /24 単位)",
        ),
        Parameter(
            "survey_list",
            "",
            None,
            None,
            "file",
            "CSV file (org, cidr; also list_version, valid_from, valid_to) of survey scanners",
            "調査目的スキャナーの CSV(org, cidr。list_version, valid_from, valid_to も可)",
            file=True,
        ),
        Parameter(
            "calibration",
            "",
            None,
            None,
            "file",
            "calibration from `kaname telescope evaluate --calibrate`; empty: as shipped",
            "`kaname telescope evaluate --calibrate` で作った較正表。空なら同梱品",
            file=True,
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the sources of one sensor in one day."""
        survey = SurveyList.load(context.text("survey_list"), context.window.start)
        calibration = load(context.text("calibration"))
        picture = Picture.of(context)
        ports = context.number("survey_ports")
        found = picture.activities(context.number("min_packets"))
        labelled = label(
            picture.rest, found, picture.extent, survey, ports, calibration=calibration
        )
        statements = Statements(picture, labelled, survey, ports)
        yield from statements.all(context.number("top"), context.number("gathered"))
        yield from statements.families(context.number("gathered"))
        yield from statements.few(context.number("min_packets"))
