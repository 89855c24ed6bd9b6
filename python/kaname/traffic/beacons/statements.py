"""What is said of regular contacts: a beacon of one client, or a service that many ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kaname.analysis.frame import Context, Draft
from kaname.analysis.selection import Selection, among, quoted
from kaname.model.address import to_text
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.traffic import selections
from kaname.traffic.beacons.peers import Rhythm
from kaname.traffic.beacons.series import Judged

__all__ = ["APPLICATION", "ENCRYPTED", "Source", "Statements"]

APPLICATION = "T1071"  # Application Layer Protocol
ENCRYPTED = "T1573"  # Encrypted Channel
_STRONG, _SURE = 60.0, 25.0  # evidence from which on a beacon matters more
_ONE_KEY = 20.0  # evidence at which confidence is one half of the most
_NAMED = 50  # clients that a shared rhythm names

Reason = tuple[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Source:
    """A table that shows contacts: its name, and the technique that hides in them."""

    table: str
    techniques: tuple[str, ...]


class Statements:
    """Says what was found in one source of contacts."""

    def __init__(self, context: Context, source: Source, clients: int, least: float) -> None:
        self._context = context
        self._source = source
        self._clients = clients
        self._least = least

    def beacons(self, rhythm: Rhythm) -> Iterator[Draft]:
        """One draft for each client of a rhythm that few share."""
        for one in rhythm.series:
            client, peer = to_text(*one.client), self._peer(one)
            yield Draft(
                label="beacon",
                subject=(self._source.table, client, peer, one.port),
                first_seen=one.first,
                last_seen=one.last,
                severity=_severity(one),
                confidence=_confidence(one, rhythm.clients),
                artifacts=(self._artifact(one), _ip(client, Role.VICTIM)),
                techniques=self._source.techniques,
                message="traffic.finding.beacon",
                values=self._values(one, client, peer),
                reasons=tuple(self._reasons(one, rhythm)),
                evidence=self._evidence([one]),
            )

    def service(self, rhythm: Rhythm, why: str) -> Draft:
        """One draft for a rhythm that is a service's own."""
        busiest = sorted(rhythm.series, key=lambda one: (-one.evidence, one.client))
        named, peer = busiest[:_NAMED], rhythm.site or self._peer(busiest[0])
        return Draft(
            label="periodic_service",
            subject=(self._source.table, peer, busiest[0].port, round(rhythm.period)),
            first_seen=min(one.first for one in rhythm.series),
            last_seen=max(one.last for one in rhythm.series),
            severity=Severity.INFO,
            confidence=0.9,
            artifacts=(self._artifact(busiest[0]),),
            message="traffic.finding.periodic_service",
            values={
                "peer": peer,
                "clients": rhythm.clients,
                "period": round(rhythm.period, 1),
                "named": len(named),
            },
            reasons=((f"traffic.reason.{why}", {"peer": peer, **self._prevalence(rhythm)}),),
            evidence=self._evidence(named),
        )

    def _peer(self, one: Judged) -> str:
        return one.name or to_text(one.dst_hi, one.dst_lo)

    def _artifact(self, one: Judged) -> Artifact:
        if not one.name:
            return _ip(to_text(one.dst_hi, one.dst_lo), Role.UNKNOWN)
        dotted = "." in one.name
        return Artifact(ArtifactKind.DOMAIN if dotted else ArtifactKind.HASH, one.name)

    def _values(self, one: Judged, client: str, peer: str) -> dict[str, object]:
        return {
            "client": client,
            "peer": f"{peer}:{one.port}" if one.port else peer,
            "period": round(one.period, 1),
            "jitter": round(100 * one.jitter, 1),
            "run": one.gaps + 1,
            "contacts": one.contacts,
            "share": round(100 * one.share, 1),
            "hours": round((one.last - one.first) / 3.6e9, 1),
            "rita": one.rita,
        }

    def _reasons(self, one: Judged, rhythm: Rhythm) -> Iterator[Reason]:
        evidence = {"evidence": round(one.evidence, 1), "limit": self._least}
        yield "traffic.reason.run", {"run": one.gaps, "period": round(one.period, 1), **evidence}
        yield "traffic.reason.rita", {"rita": one.rita}
        yield "traffic.reason.prevalence", self._prevalence(rhythm)

    def _prevalence(self, rhythm: Rhythm) -> dict[str, object]:
        share = round(100 * rhythm.clients / max(1, self._clients), 1)
        return {"clients": rhythm.clients, "all": self._clients, "share": share}

    def _evidence(self, series: list[Judged]) -> Selection:
        window = self._context.window
        clients = among("src", [one.client for one in series])
        condition = selections.own(
            self._context, window.start, window.end, clients, self._facing(series)
        )
        return _SELECTIONS[self._source.table](condition)

    def _facing(self, series: list[Judged]) -> str:
        if series[0].name:
            names = sorted({one.name for one in series})
            column = "coalesce(sni, ja3)" if self._source.table == "tls" else "domain"
            return f"{column} IN ({', '.join(map(quoted, names))})"
        peers = among("dst", [(one.dst_hi, one.dst_lo) for one in series])
        return f"{peers} AND dport = {series[0].port}"


_SELECTIONS = {
    "flows": selections.contacts,
    "tls": selections.handshakes,
    "user_events": selections.acts,
}


def _severity(one: Judged) -> Severity:
    if one.evidence >= _STRONG:
        return Severity.HIGH
    return Severity.MEDIUM if one.evidence >= _SURE else Severity.LOW


def _confidence(one: Judged, clients: int) -> float:
    """Surer with more evidence; less sure where others share the rhythm.

    Regular is not malicious: even certain regularity is an even bet.
    """
    regular = one.evidence / (one.evidence + _ONE_KEY)
    return float(round(0.6 * regular / clients**0.5, 4))


def _ip(text: str, role: Role) -> Artifact:
    return Artifact(ArtifactKind.IP, text, role)
