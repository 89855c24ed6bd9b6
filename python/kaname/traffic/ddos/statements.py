"""What is said of an attack: its means, size, direction, and against what it was held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kaname.analysis.frame import Context, Draft
from kaname.model.address import Prefix, prefix, to_text
from kaname.model.instant import MINUTE
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.traffic import selections
from kaname.traffic.ddos.alarms import Alarm, Attack
from kaname.traffic.ddos.sources import Senders, senders
from kaname.traffic.flows import error_bound
from kaname.traffic.own import Own

__all__ = ["Statements"]

Reason = tuple[str, dict[str, Any]]

_HIGH_BITS, _HIGH_PACKETS = 1e9, 1e6  # per second, from which on it is severe
_MEDIUM_BITS, _MEDIUM_PACKETS = 1e8, 1e5
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Statements:
    """Says what was found in one window."""

    context: Context
    own: Own
    deviations: float

    def draft(self, attack: Attack, *, network: bool) -> Draft:
        """The draft for one attack on a host, or on many hosts of a network."""
        around = _network(attack.target, whole=network)
        sources = senders(self.context.tables["flows"], attack, around)
        main, target = attack.main, _text(attack.target, around, network=network)
        label = "carpet_bombing" if network else main.vector.label
        return Draft(
            label=label,
            subject=(target, main.vector.name, attack.first * MINUTE),
            first_seen=attack.first * MINUTE,
            last_seen=(attack.last + 1) * MINUTE - 1,
            severity=_severity(attack),
            confidence=_confidence(main, sources),
            artifacts=tuple(self._artifacts(attack, sources, target, network=network)),
            techniques=tuple(sorted({alarm.vector.technique for alarm in attack.alarms})),
            spoofable=main.vector.forged,
            message=f"traffic.finding.{label}",
            values=_values(attack, sources, target),
            reasons=tuple(self._reasons(attack, sources)),
            evidence=selections.flows(self._condition(attack, around)),
        )

    def _condition(self, attack: Attack, around: Prefix) -> str:
        start, end = attack.first * MINUTE, (attack.last + 1) * MINUTE
        marks = sorted({alarm.vector.sql for alarm in attack.alarms})
        means = "(" + " OR ".join(f"({one})" for one in marks) + ")"
        return selections.own(self.context, start, end, around.sql("dst"), means)

    def _direction(self, attack: Attack, sources: Senders) -> str:
        if not self.own:
            return "unknown"
        if self.own.holds(*attack.target):
            return "in"
        inside = self.own.share(address for address, _, _ in sources.top)
        return "out" if inside >= _MOSTLY else "through"

    def _artifacts(
        self, attack: Attack, sources: Senders, target: str, *, network: bool
    ) -> Iterator[Artifact]:
        kind = ArtifactKind.PREFIX if network else ArtifactKind.IP
        yield Artifact(kind, target, Role.VICTIM)
        for address, _, _ in sources.top:
            yield Artifact(ArtifactKind.IP, to_text(*address), self._role(attack, address))

    def _role(self, attack: Attack, address: tuple[int, int]) -> Role:
        if attack.main.vector.reflected:
            # one's own amplifier is to be mended, not to be blocked
            return Role.MISCONFIGURED if self.own.holds(*address) else Role.REFLECTOR
        return Role.ATTACKER

    def _reasons(self, attack: Attack, sources: Senders) -> Iterator[Reason]:
        main = attack.main
        yield self._usual(main)
        yield "traffic.reason.vector", _vector(main, sources)
        yield f"traffic.reason.direction_{self._direction(attack, sources)}", {}
        evenness = {"sources": sources.source_entropy, "ports": sources.port_entropy}
        yield "traffic.reason.evenness", evenness
        if len(attack.alarms) > 1:
            others = ", ".join(a.vector.name for a in attack.alarms if a is not main)
            yield "traffic.reason.other_vectors", {"others": others}
        if any(alarm.sampled for alarm in attack.alarms):
            seen = sum(alarm.seen for alarm in attack.alarms)
            bound = error_bound(seen, sampled=True)
            yield "traffic.reason.sampled", {"seen": seen, "bound": bound}

    def _usual(self, alarm: Alarm) -> Reason:
        rate = {"peak": round(alarm.peak_packets / 60), "history": alarm.history}
        if not alarm.known:
            return "traffic.reason.little_history", rate
        limit = {"limit": round(alarm.limit / 60, 1), "k": self.deviations}
        return "traffic.reason.unusual", rate | limit | {"level": round(alarm.level / 60, 1)}


def _network(target: tuple[int, int], *, whole: bool) -> Prefix:
    v4 = target[0] == 0 and target[1] >> 32 == 0xFFFF
    single, several = (32, 24) if v4 else (128, 48)
    return prefix(f"{to_text(*target)}/{several if whole else single}")


def _text(target: tuple[int, int], around: Prefix, *, network: bool) -> str:
    bits = 24 if around.length == 120 else 48
    return f"{to_text(*target)}/{bits}" if network else to_text(*target)


def _values(attack: Attack, sources: Senders, target: str) -> dict[str, Any]:
    peak_bits = max(alarm.peak_octets for alarm in attack.alarms) * 8 / 60
    return {
        "target": target,
        "vector": attack.main.vector.name,
        "vectors": ", ".join(alarm.vector.name for alarm in attack.alarms),
        "packets": sum(alarm.packets for alarm in attack.alarms),
        "octets": sum(alarm.octets for alarm in attack.alarms),
        "pps": round(max(alarm.peak_packets for alarm in attack.alarms) / 60, 1),
        "mbps": round(peak_bits / 1e6, 2),
        "sources": sources.count,
        "minutes": attack.last - attack.first + 1,
        "hosts": max(alarm.hosts for alarm in attack.alarms),
        "top": sources.named,
    }


def _vector(main: Alarm, sources: Senders) -> dict[str, Any]:
    size = round(main.octets / max(1, main.packets))
    return {"vector": main.vector.name, "size": size, "sources": sources.count}


def _severity(attack: Attack) -> Severity:
    bits = max(alarm.peak_octets for alarm in attack.alarms) * 8 / 60
    packets = max(alarm.peak_packets for alarm in attack.alarms) / 60
    if bits >= _HIGH_BITS or packets >= _HIGH_PACKETS:
        return Severity.CRITICAL
    if bits >= _MEDIUM_BITS or packets >= _MEDIUM_PACKETS:
        return Severity.HIGH
    return Severity.MEDIUM


def _confidence(main: Alarm, sources: Senders) -> float:
    """Surer with history, with more than one minute, and with many sources."""
    known = 1.0 if main.known else 0.6
    lasting = len(main.minutes) / (len(main.minutes) + 0.5)
    many = sources.count / (sources.count + 2)
    return round(0.99 * known * lasting * many, 4)
