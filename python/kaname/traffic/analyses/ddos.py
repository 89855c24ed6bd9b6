"""Floods against hosts and networks, told as they begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.model.instant import DAY, HOUR
from kaname.traffic.ddos import profiles
from kaname.traffic.ddos.alarms import Alarm, alarms, attacks
from kaname.traffic.ddos.profiles import Floors
from kaname.traffic.ddos.statements import Statements
from kaname.traffic.ddos.vectors import DIRECT, REFLECTED
from kaname.traffic.own import OWN, Own

__all__ = ["Ddos"]

_DOC = AnalysisDoc(
    en=(
        "Finds floods against single hosts and against whole networks (/24, /48), minute by "
        "minute: what exceeds both a static threshold and what is usual for the same target "
        "and means, and looks like one of the known means: amplifiers by service, SYN, "
        "SYN-ACK reflection, RST, ACK, ICMP, UDP, QUIC, fragments, GRE, carpet bombing."
    ),
    ja=(
        "単一ホストおよびネットワーク全体(/24、/48)へのフラッドを 1 分単位で見つけます。"
        "静的な閾値と、同じ宛先・同じ手段の平常値の両方を超え、かつ既知の攻撃手段"
        "(サービス別の増幅、SYN、SYN-ACK リフレクション、RST、ACK、ICMP、UDP、QUIC、"
        "フラグメント、GRE、絨毯爆撃)に一致するものを報告します。"
    ),
    references=(
        "C. Rossow, Amplification Hell, NDSS 2014",
        "FastNetMon Community: names and meaning of the static thresholds",
        "StopDDoS, packet-captures: real attack traffic by vector",
        "sFlow.org, Packet Sampling Basics: 196 * sqrt(1/n) %",
    ),
    limitations_en=(
        "Without 30 minutes of history before it, static thresholds alone decide.",
        "Records that begin in one minute and last for many count in the first one.",
        "A flood of complete requests (HTTP) looks like visitors and is not found here.",
        "Exporters that do not tell TCP flags show no TCP floods.",
    ),
    limitations_ja=(
        "30 分以上の履歴がない場合は静的な閾値だけで判断します。",
        "複数分にわたるフローレコードは開始分に計上します。",
        "正規のリクエストによるフラッド(HTTP)は利用者と区別できず、対象外です。",
        "TCP フラグを出力しないエクスポーターでは TCP フラッドを検出できません。",
    ),
)


class Ddos:
    """See `_DOC`. One finding for each target and span of time."""

    name: ClassVar[str] = "flow.ddos"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    period: ClassVar[int] = HOUR
    lookback: ClassVar[int] = DAY
    techniques: ClassVar[tuple[str, ...]] = (DIRECT, REFLECTED)
    labels: ClassVar[tuple[str, ...]] = (
        "amplification",
        "synack_reflection",
        "syn_flood",
        "tcp_flood",
        "udp_flood",
        "icmp_flood",
        "ip_flood",
        "fragments",
        "carpet_bombing",
    )
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "threshold_pps",
            50.0,
            0.0,
            1e12,
            "packets/s",
            "packets per second below which nothing is reported; 0: off",
            "これ未満は報告しない毎秒パケット数。0 で無効",
        ),
        Parameter(
            "threshold_mbps",
            1.0,
            0.0,
            1e9,
            "Mbit/s",
            "megabits per second that are reported as well; 0: off",
            "報告する毎秒メガビット数の下限。0 で無効",
        ),
        Parameter(
            "threshold_flows",
            0.0,
            0.0,
            1e12,
            "flows/s",
            "flows per second that are reported as well; 0: off",
            "報告する毎秒フロー数の下限。0 で無効",
        ),
        Parameter(
            "deviations",
            6.0,
            1.0,
            1000.0,
            "deviations",
            "how far above the usual level, in robust standard deviations",
            "平常値からの隔たり(頑健な標準偏差の倍数)",
        ),
        OWN,
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the attacks that one sensor saw in one hour."""
        own = Own.read(context.text("own"))
        statements = Statements(context, own, float(context.params["deviations"]))
        single = attacks(list(self._alarms(context, network=False)))
        for attack in single:
            yield statements.draft(attack, network=False)
        for attack in attacks(list(self._alarms(context, network=True))):
            yield statements.draft(attack, network=True)

    def _alarms(self, context: Context, *, network: bool) -> Iterator[Alarm]:
        window, table = context.window, context.tables["flows"]
        start, floors = window.start - self.lookback, _floors(context)
        hot = profiles.hot(table, window, floors, blocks=network)
        if hot.keys:
            found = profiles.minutes(table, start, window, hot, blocks=network)
            running = profiles.running(table, start, window.end)
            deviations = float(context.params["deviations"])
            yield from alarms(found, running, window, floors, deviations, network=network)


def _floors(context: Context) -> Floors:
    packets, megabits, flows = (
        float(context.params[name])
        for name in ("threshold_pps", "threshold_mbps", "threshold_flows")
    )
    return Floors(packets, megabits * 1e6, flows)
