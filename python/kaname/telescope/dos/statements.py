"""Drafts about attacks: one for each of the strongest, one for the rest, one for the faint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kaname.analysis.frame import Draft
from kaname.analysis.selection import Selection, among, during, flowtuples, quoted
from kaname.model.address import to_text
from kaname.model.instant import MINUTE, SECOND
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.telescope.dos.answers import DIRECT, destinations, services
from kaname.telescope.dos.events import Event
from kaname.telescope.dos.judgement import Attack, Judged
from kaname.telescope.families import BY_NAME, FAMILIES, Mark
from kaname.telescope.kinds import DIRECT_FLOOD
from kaname.telescope.picture import Picture
from kaname.telescope.reasons import Reason

__all__ = ["Statements", "spelt"]

# A victim that sends so many packets a second, at least, is worth more than a glance.
_HIGH_RATE, _MEDIUM_RATE = 100_000.0, 10_000.0
_NAMED = 3  # services that a finding names
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp"}

Victim = tuple[int, int]


def spelt(proto: int, port: int | None) -> str:
    """``443/tcp``, ``53/udp``, ``icmp``: what was attacked."""
    name = _PROTOCOLS.get(proto, str(proto))
    return name if name == "icmp" or port is None else f"{port}/{name}"


class Statements:
    """Says what was found about the victims of one picture."""

    def __init__(self, picture: Picture, found: Judged) -> None:
        self._picture = picture
        self._found = found

    def all(self, top: int, gathered: int) -> Iterator[Draft]:
        """``top`` attacks singly, the others and what is too faint in drafts of their own."""
        chosen, rest = self._found.attacks[:top], self._found.attacks[top:]
        victims = [attack.victim for attack in chosen]
        asked = self._services(victims)
        reached = destinations(self._found.rows, victims) if victims else {}
        for attack in chosen:
            own = [s for s in asked.get(attack.victim, []) if _overlap(s, attack)]
            yield self._single(attack, own, reached.get(attack.victim, 0))
        for label in ("dos_corsaro", "dos_extended"):
            if others := [attack for attack in rest if attack.label == label]:
                yield self._many(label, others, gathered)
        if self._found.faint:
            yield self._faint(gathered)

    def _services(self, victims: list[Victim]) -> dict[Victim, list[dict[str, Any]]]:
        found: dict[Victim, list[dict[str, Any]]] = {}
        for row in services(self._found.rows, victims) if victims else []:
            found.setdefault((row["hi"], row["lo"]), []).append(row)
        return found

    def _single(self, attack: Attack, asked: list[dict[str, Any]], reached: int) -> Draft:
        victim = to_text(*attack.victim)
        names = _names(asked) or [spelt(v.proto, v.target_port) for v in attack.vectors]
        return Draft(
            label=attack.label,
            subject=(victim, attack.first),
            first_seen=attack.first * SECOND,
            last_seen=attack.last * SECOND,
            severity=_severity(attack.event),
            confidence=_confidence(attack.packets, reached),
            artifacts=(
                _victim(attack.victim),
                *(Artifact(ArtifactKind.PORT, n, Role.TARGET) for n in names if "/" in n),
            ),
            techniques=(DIRECT_FLOOD,),
            spoofable=True,
            message=f"telescope.{attack.label}",
            values=self._values(attack, victim, names, len(asked), reached),
            reasons=self._reasons(attack, reached),
            evidence=self._evidence(attack),
        )

    def _values(
        self, attack: Attack, victim: str, names: list[str], ports: int, reached: int
    ) -> dict[str, Any]:
        event = attack.event
        more = f" +{ports - len(names)}" if ports > len(names) else ""
        return {
            "victim": victim,
            "services": ", ".join(names) + more,
            "packets": attack.packets,
            "destinations": reached or max((v.uniq_dst for v in attack.vectors), default=0),
            "seconds": attack.last - attack.first,
            "rate": round(event.rate.pps, 1) if event else 0.0,
            "low": round(event.rate.low, 1) if event else 0.0,
            "high": round(event.rate.high, 1) if event else 0.0,
        }

    def _reasons(self, attack: Attack, reached: int) -> tuple[Reason, ...]:
        reasons: list[Reason] = []
        if attack.event is not None:
            rate = attack.event.rate
            reasons.append(("telescope.reason.answers", {"n": reached}))
            reasons.append(
                (
                    "telescope.reason.dos_rate",
                    {
                        "low": round(rate.low, 1),
                        "limit": self._found.rate,
                        "k": attack.event.packets,
                        "of": self._picture.extent.addresses,
                    },
                )
            )
            kinds = attack.event.protocols.items()
            shares = ", ".join(f"{_PROTOCOLS[proto]} {packets}" for proto, packets in kinds)
            reasons.append(("telescope.reason.dos_protocols", {"protocols": shares}))
        reasons += [
            (
                "telescope.reason.dos_corsaro",
                {
                    "protocol": _PROTOCOLS.get(v.proto, str(v.proto)),
                    "ppm": v.max_ppm,
                    "k": v.packets,
                    "seconds": v.last - v.first,
                    "intervals": v.intervals,
                },
            )
            for v in attack.vectors
        ]
        return tuple(reasons)

    def _evidence(self, attack: Attack) -> Selection:
        if attack.event is None:
            return self._reports(attack)
        start = attack.first * SECOND
        end = attack.last * SECOND
        span = during(start - start % MINUTE, end - end % MINUTE + MINUTE)
        return flowtuples(self._condition([attack.victim], span))

    def _reports(self, attack: Attack) -> Selection:
        window = self._picture.window
        own = (
            f"{during(window.start, window.end)}\n  AND sensor = {quoted(self._picture.sensor)}"
            f"\n  AND {among('src', [attack.victim])}"
        )
        keys = (("ts", "minute"), ("ip(src_hi, src_lo)", "victim"), ("proto", "protocol"))
        names = ("packets", "octets", "max_ppm", "uniq_dst")
        sums = tuple((f"CAST(max({name}) AS BIGINT)", name) for name in names)
        return Selection("rsdos", own, keys, sums)

    def _condition(self, victims: Sequence[Victim], *more: str) -> str:
        kinds = ", ".join(f"'{ptype}'" for ptype in DIRECT)
        direct = f"ptype IN ({kinds}) AND {among('src', victims)}"
        error = FAMILIES[BY_NAME["icmp_error"]].sql
        quoted_error = f"{error} AND (fp_any & {Mark.MISQUOTED}) = 0 AND {among('vic', victims)}"
        return self._picture.condition(*more, f"(({direct})\n    OR ({quoted_error}))")

    def _many(self, label: str, others: list[Attack], most: int) -> Draft:
        named = others[:most]
        return Draft(
            label=label,
            subject=("rest",),
            first_seen=min(attack.first for attack in others) * SECOND,
            last_seen=max(attack.last for attack in others) * SECOND,
            severity=Severity.LOW,
            confidence=_confidence(others[len(others) // 2].packets, 2),
            artifacts=tuple(_victim(attack.victim) for attack in named),
            techniques=(DIRECT_FLOOD,),
            spoofable=True,
            message=f"telescope.many.{label}",
            values={
                "n": len(others),
                "named": len(named),
                "packets": sum(attack.packets for attack in others),
            },
            reasons=(self._threshold(),),
            evidence=flowtuples(
                self._condition([attack.victim for attack in named]), by_source=True
            ),
        )

    def _faint(self, most: int) -> Draft:
        faint = sorted(self._found.faint, key=lambda e: (-e.packets, e.victim, e.first))
        named = faint[:most]
        victims = list(dict.fromkeys(event.victim for event in named))
        return Draft(
            label="dos_faint",
            subject=("faint",),
            first_seen=min(event.first for event in faint) * SECOND,
            last_seen=max(event.last for event in faint) * SECOND,
            severity=Severity.INFO,
            confidence=0.5,
            artifacts=tuple(_victim(victim) for victim in victims),
            techniques=(DIRECT_FLOOD,),
            spoofable=True,
            message="telescope.dos_faint",
            values={
                "n": len({event.victim for event in faint}),
                "named": len(victims),
                "packets": sum(event.packets for event in faint),
            },
            reasons=(self._threshold(),),
            evidence=flowtuples(self._condition(victims), by_source=True),
        )

    def _threshold(self) -> Reason:
        values = {"limit": self._found.rate, "least": self._found.least}
        return ("telescope.reason.dos_threshold", values)


def _overlap(asked: dict[str, Any], attack: Attack) -> bool:
    return bool(asked["first"] <= attack.last and asked["last"] >= attack.first)


def _names(asked: list[dict[str, Any]]) -> list[str]:
    return [spelt(one["attack"], one["service"]) for one in asked[:_NAMED]]


def _victim(victim: Victim) -> Artifact:
    return Artifact(ArtifactKind.IP, to_text(*victim), Role.VICTIM)


def _severity(event: Event | None) -> Severity:
    if event is None:
        return Severity.LOW
    if event.rate.low >= _HIGH_RATE:
        return Severity.HIGH
    return Severity.MEDIUM if event.rate.low >= _MEDIUM_RATE else Severity.LOW


def _confidence(packets: int, reached: int) -> float:
    """Surer with more answers, and with more addresses that got one."""
    return round(0.99 * packets / (packets + 1) * max(reached, 1) / (max(reached, 1) + 0.5), 4)
