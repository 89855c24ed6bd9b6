"""Many sources before one address: floods with forged sources, and misled peers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import flowtuples
from kaname.model.address import to_text
from kaname.model.instant import DAY, SECOND
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.telescope.crowds import LIFT, PURE, SINGLE, Crowd
from kaname.telescope.kinds import DIRECT_FLOOD
from kaname.telescope.picture import ADDRESSES, CROWD_SOURCES, REFLECTORS, Picture, facing
from kaname.telescope.prefixes import SENSORS
from kaname.telescope.reasons import Reason
from kaname.telescope.words import service

__all__ = ["Floods"]

_DOC = AnalysisDoc(
    en=(
        "Finds addresses and ports that many sources send to which send nowhere else on "
        "that port: floods with forged sources, and peers that were told a wrong address."
    ),
    ja=(
        "多数の送信元が 1 つの宛先アドレス・ポートだけに送信する現象を見つけます。"
        "送信元を詐称したフラッドと、誤ったアドレスを教えられた P2P などの通信を区別します。"
    ),
    references=(
        "D. Moore et al., Inferring Internet Denial-of-Service Activity, ACM TOCS 2006",
        "E. Wustrow et al., Internet Background Radiation Revisited, IMC 2010",
    ),
    limitations_en=(
        "On a telescope of few addresses a crowd cannot be told from a scan of all of them.",
        "A flood whose sources each send several packets is taken for misled peers.",
    ),
    limitations_ja=(
        "観測アドレスが少ない場合、集中と全体へのスキャンを区別できません。",
        "各送信元が複数のパケットを送るフラッドは P2P などの誤通信と判断します。",
    ),
)


class Floods:
    """See `_DOC`. One finding for each address and port."""

    name: ClassVar[str] = "telescope.floods"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = (DIRECT_FLOOD,)
    labels: ClassVar[tuple[str, ...]] = ("spoofed_flood", "p2p_misconf")
    parameters: ClassVar[tuple[Parameter, ...]] = (ADDRESSES, SENSORS, CROWD_SOURCES, REFLECTORS)

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the crowds of one sensor in one day."""
        picture = Picture.of(context)
        for crowd in picture.crowds:
            yield _draft(picture, crowd)


def _draft(picture: Picture, crowd: Crowd) -> Draft:
    target = to_text(crowd.dst_hi, crowd.dst_lo)
    flood = crowd.label == "spoofed_flood"
    asked = service("udp" if crowd.proto == 17 else "tcp", crowd.port)
    return Draft(
        label=crowd.label,
        subject=(target, crowd.proto, crowd.port),
        first_seen=crowd.first * SECOND,
        last_seen=crowd.last * SECOND,
        severity=Severity.MEDIUM if flood else Severity.INFO,
        confidence=_confidence(crowd),
        artifacts=(
            Artifact(ArtifactKind.IP, target, Role.TARGET),
            Artifact(ArtifactKind.PORT, asked, Role.TARGET),
        ),
        techniques=(DIRECT_FLOOD,) if flood else (),
        spoofable=True,
        message=f"telescope.{crowd.label}",
        values={
            "target": target,
            "service": asked,
            "n": crowd.sources,
            "packets": crowd.packets,
            "seconds": crowd.last - crowd.first,
        },
        reasons=tuple(
            (f"telescope.reason.{key}", values) for key, values in _reasons(crowd, picture)
        ),
        evidence=flowtuples(picture.condition(facing(crowd))),
    )


def _confidence(crowd: Crowd) -> float:
    """Surer with more members, and with members that are more alike."""
    size = crowd.sources / (crowd.sources + 10)
    kind = crowd.single if crowd.label == "spoofed_flood" else crowd.pure
    return round(0.99 * size * (0.6 + 0.4 * kind), 4)


def _reasons(crowd: Crowd, picture: Picture) -> list[Reason]:
    size: list[Reason] = [
        ("crowd", {"n": crowd.sources, "limit": picture.crowd_sources}),
        ("lift", {"lift": round(crowd.lift, 1), "limit": LIFT}),
    ]
    single: Reason = (
        "single",
        {"share": round(100 * crowd.single, 1), "limit": round(100 * SINGLE)},
    )
    if crowd.label == "spoofed_flood":
        spread: Reason = ("octets", {"n": crowd.octets, "share": round(100 * crowd.spread, 1)})
        forged: Reason = ("unroutable", {"n": crowd.unroutable})
        odd: list[Reason] = [("odd_ttl", {"n": crowd.odd})] if crowd.odd else []
        return [*size, single, spread, forged, *odd]
    alike: Reason = ("alike", {"share": round(100 * crowd.pure, 1), "limit": round(100 * PURE)})
    return [*size, alike]
