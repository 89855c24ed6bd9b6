"""Clients that carry data in DNS: tunnels, and what is smuggled out in names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import among, quoted
from kaname.model.address import to_text
from kaname.model.instant import DAY
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.traffic.names.evidence import carried, condition
from kaname.traffic.names.listing import listing
from kaname.traffic.names.suffixes import Suffixes
from kaname.traffic.tunnels.channels import Channel, channels

__all__ = ["Tunnels"]

_OVER_DNS, _TUNNEL = "T1071.004", "T1572"
_FRESH, _ODD = 0.7, 0.5
_LONG = 30.0  # characters of a sub-name from which on it may carry data by itself
_LONG_TIMES = 5  # so many times the least number of names, when the types are ordinary
_NUMERIC = 0.5
_FEW_CLIENTS, _FEW_SHARE = 3, 0.1

_DOC = AnalysisDoc(
    en=(
        "Finds clients that ask for ever new names below one domain with types that carry "
        "data (TXT, NULL, CNAME, MX, SRV), or with long names: DNS tunnels and exfiltration."
    ),
    ja=(
        "1 つのドメインの下で常に新しい名前を、データを運べる型(TXT、NULL、CNAME、MX、SRV)"
        "または長い名前で問い合わせるクライアントを見つけます。DNS トンネルやデータの持ち出しです。"
    ),
    references=(
        "K. Born and D. Gustafson, Detecting DNS Tunnels Using Character Frequency Analysis, 2010",
        (
            "V. Paxson et al., Practical Comprehensive Bounds on Surreptitious Communication over "
            "DNS, USENIX Security 2013"
        ),
        "iodine, doc/proto_00000502.txt (encoding of upstream data in names)",
    ),
    limitations_en=(
        "A slow channel that stays below the least number of names in a day is not seen.",
        (
            "With ordinary types (A, AAAA) only long names are found, and only where few clients "
            "ask below the domain."
        ),
        "The bits are a bound from the look of the names, not what was really sent.",
    ),
    limitations_ja=(
        "1 日の名前数が下限に満たない低速な通信は見つけられません。",
        "通常の型(A、AAAA)では長い名前だけを、利用するクライアントが少ない場合に限り検出します。",
        "ビット数は名前の見た目から求めた上限で、実際に送られた量ではありません。",
    ),
)


class Tunnels:
    """See `_DOC`. One finding for each client and domain."""

    name: ClassVar[str] = "dns.tunnels"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("dns",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = (_OVER_DNS, _TUNNEL)
    labels: ClassVar[tuple[str, ...]] = ("dns_tunnel",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "names",
            20,
            5,
            1_000_000,
            "names",
            "names below one domain that a client must ask for in a day",
            "1 日に 1 つのドメインの下で問い合わせた名前数の下限",
        ),
        Parameter(
            "kilobits",
            1.0,
            0.1,
            1e9,
            "kbit",
            "what those names must be able to carry together",
            "それらの名前が運べる情報量の下限",
        ),
        Parameter(
            "ignore",
            "",
            None,
            None,
            "suffixes",
            "further suffixes below which names carry data for good reasons, blanks between",
            "正当な理由で名前にデータを載せる接尾辞の追加(空白区切り)",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the channels that one sensor saw in one day."""
        ordinary = Suffixes.ordinary(context.text("ignore"), listing("carriers"))
        least, enough = context.number("names"), 1000 * float(context.params["kilobits"])
        for channel in channels(context.tables["dns"], context.window, least):
            if not ordinary.cover(channel.domain) and _carries(channel, least, enough):
                yield _draft(context, channel, least)


def _carries(channel: Channel, least: int, enough: float) -> bool:
    """Whether names are new, carry enough, and are no look-ups of addresses."""
    if channel.fresh < _FRESH or channel.bits < enough or channel.numeric >= _NUMERIC:
        return False
    if channel.odd >= _ODD:
        return True
    rare = channel.askers <= max(_FEW_CLIENTS, _FEW_SHARE * channel.clients)
    return rare and channel.length >= _LONG and channel.names >= _LONG_TIMES * least


def _draft(context: Context, channel: Channel, least: int) -> Draft:
    client = to_text(channel.hi, channel.lo)
    return Draft(
        label="dns_tunnel",
        subject=(client, channel.domain),
        first_seen=channel.first,
        last_seen=channel.last,
        severity=Severity.HIGH,
        confidence=_confidence(channel, least),
        artifacts=(
            Artifact(ArtifactKind.IP, client, Role.VICTIM),
            Artifact(ArtifactKind.DOMAIN, channel.domain, Role.ATTACKER),
        ),
        techniques=(_OVER_DNS, _TUNNEL),
        message="traffic.finding.dns_tunnel",
        values={
            "client": client,
            "domain": channel.domain,
            "names": channel.names,
            "kilobytes": round(channel.bits / 8000, 1),
            "rate": round(channel.rate),
            "octets_in": channel.octets_in,
        },
        reasons=tuple(_reasons(channel)),
        evidence=carried(
            condition(
                context.window,
                context.sensor,
                among("src", [(channel.hi, channel.lo)]),
                f"regdom = {quoted(channel.domain)}",
            )
        ),
    )


def _confidence(channel: Channel, least: int) -> float:
    """Surer with more names, with fresher ones, and with types that carry data."""
    size = channel.names / (channel.names + least)
    kind = 0.7 + 0.3 * max(channel.odd, min(1.0, channel.length / 60))
    return round(0.99 * (0.5 + 0.5 * size) * kind * (0.8 + 0.2 * channel.fresh), 4)


def _reasons(channel: Channel) -> Iterable[tuple[str, dict[str, Any]]]:
    new = {"share": round(100 * channel.fresh), "names": channel.names}
    yield "traffic.reason.tunnel_fresh", {**new, "limit": round(100 * _FRESH)}
    if channel.odd >= _ODD:
        odd = {"share": round(100 * channel.odd), "limit": round(100 * _ODD)}
        yield "traffic.reason.tunnel_types", odd
    look = {"length": round(channel.length, 1), "entropy": round(channel.entropy, 2)}
    yield "traffic.reason.tunnel_look", look
    yield "traffic.reason.tunnel_clients", {"n": channel.askers, "of": channel.clients}
