"""Reflection attacks, seen from the addresses that they are aimed at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import among, flowtuples
from kaname.model.address import to_text
from kaname.model.instant import DAY, MINUTE, SECOND, format_us
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.telescope import reflection
from kaname.telescope.families import any_of
from kaname.telescope.kinds import REFLECTION
from kaname.telescope.picture import ADDRESSES, CROWD_SOURCES, REFLECTORS, Picture
from kaname.telescope.prefixes import SENSORS

__all__ = ["Reflections"]

_NAMED = 100  # targets and reflectors that a finding names, each

_DOC = AnalysisDoc(
    en=(
        "Finds attacks in which many servers answer few addresses that never asked them: "
        "TCP reflection (SYN-ACK, RST, ICMP errors) and UDP reflection."
    ),
    ja=(
        "要求していない少数のアドレスに多数のサーバーが応答する攻撃を見つけます。"
        "TCP リフレクション(SYN-ACK、RST、ICMP エラー)と UDP リフレクションを対象とします。"
    ),
    references=(
        "M. Kührer et al., Hell of a Handshake: Abusing TCP for Reflective DDoS, WOOT 2014",
        "NICT, NICTER Observation Report, first quarter of 2020 (SYN-ACK storms)",
    ),
    limitations_en=(
        "Attacks on more addresses than half the number of reflectors look like backscatter.",
        "Attacks at the same time are reported as one.",
    ),
    limitations_ja=(
        "宛先アドレス数が応答元の半数以上の攻撃は、バックスキャッタと区別できません。",
        "同じ時間帯の攻撃は 1 件として報告します。",
    ),
)


class Reflections:
    """See `_DOC`. One finding for each attack."""

    name: ClassVar[str] = "telescope.reflection"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = (REFLECTION,)
    labels: ClassVar[tuple[str, ...]] = tuple(reflection.FAMILIES)
    parameters: ClassVar[tuple[Parameter, ...]] = (ADDRESSES, SENSORS, CROWD_SOURCES, REFLECTORS)

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the reflection attacks on one sensor in one day."""
        picture = Picture.of(context)
        for event in picture.reflections:
            yield _draft(picture, event)


def _draft(picture: Picture, event: reflection.Reflection) -> Draft:
    targets = [(int(hi), int(lo)) for hi, lo in event.targets]
    names = [to_text(*target) for target in targets]
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    start = event.first * SECOND
    return Draft(
        label=event.label,
        subject=(names[0], format_us(start)),
        first_seen=start,
        last_seen=event.last * SECOND,
        severity=Severity.HIGH,
        confidence=_confidence(event),
        artifacts=_artifacts(event, names),
        techniques=(REFLECTION,),
        spoofable=True,
        message=f"telescope.{event.label}",
        values={
            "target": names[0] + more,
            "targets": len(targets),
            "n": len(event.sources),
            "packets": event.packets,
            "seconds": event.last - event.first,
        },
        reasons=(
            (
                "telescope.reason.sources_targets",
                {
                    "sources": len(event.sources),
                    "targets": len(targets),
                    "limit": picture.reflectors,
                    "ratio": reflection.RATIO,
                },
            ),
            ("telescope.reason.focus", {"share": round(100 * reflection.FOCUS)}),
        ),
        evidence=flowtuples(_condition(picture, event, targets)),
    )


def _confidence(event: reflection.Reflection) -> float:
    """Surer with more reflectors, and with fewer targets for each."""
    size = len(event.sources) / (len(event.sources) + 5)
    ratio = len(event.targets) / len(event.sources)
    return round(0.99 * size * (1 - 0.5 * ratio / reflection.RATIO), 4)


def _artifacts(event: reflection.Reflection, names: list[str]) -> tuple[Artifact, ...]:
    victims = [Artifact(ArtifactKind.IP, name, Role.VICTIM) for name in names[:_NAMED]]
    sources = [to_text(int(hi), int(lo)) for hi, lo in event.sources[:_NAMED]]
    return (*victims, *(Artifact(ArtifactKind.IP, name, Role.REFLECTOR) for name in sources))


def _condition(
    picture: Picture, event: reflection.Reflection, targets: list[tuple[int, int]]
) -> str:
    first = event.first * SECOND
    last = event.last * SECOND
    minutes = (
        format_us(t - t % MINUTE).replace("T", " ").replace("Z", "+00:00") for t in (first, last)
    )
    start, end = minutes
    span = f"ts >= TIMESTAMPTZ '{start}' AND ts <= TIMESTAMPTZ '{end}'"
    families = reflection.FAMILIES[event.label]
    return picture.condition(span, any_of(families), among("dst", targets))
