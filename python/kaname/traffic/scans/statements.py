"""What is said of scans: where to, how wide, how fast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kaname.analysis.frame import Context, Draft
from kaname.analysis.selection import among
from kaname.model.address import to_text
from kaname.model.instant import HOUR
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.traffic import selections
from kaname.traffic.own import Own
from kaname.traffic.scans.probes import PROBE_SQL
from kaname.traffic.scans.sequential import BOUND, Walk

__all__ = ["DISCOVERY", "SCANNING", "Statements"]

DISCOVERY = "T1046"  # Network Service Discovery: from inside
SCANNING = "T1595.001"  # Active Scanning: Scanning IP Blocks: from outside

Row = dict[str, Any]


class Statements:
    """Says what was found over a span of time."""

    def __init__(self, context: Context, own: Own, start: int) -> None:
        self._context = context
        self._own = own
        self._start = start

    def scan(self, label: str, row: Row, limit: int) -> Draft:
        """One scan over hosts, ports or both."""
        source = (row["src_hi"], row["src_lo"])
        target = (row["dst_hi"], row["dst_lo"]) if "dst_hi" in row else None
        where = [among("src", [source])]
        if target is not None:
            where.append(among("dst", [target]))
        if label in {"horizontal_scan", "slow_scan"} and "port" in row:
            where.append(f"dport = {row['port']} AND proto = {row['proto']}")
        hours = (row["last"] - row["first"]) / HOUR
        values = {
            "source": to_text(*source),
            "target": to_text(*target) if target else "",
            "service": _service(row),
            "hosts": row["hosts"],
            "ports": row["ports"],
            "tries": row["tries"],
            "hours": round(hours, 2),
            "rate": round(row["tries"] / max(hours, 1 / 3600), 1),
        }
        width = row["ports"] if label == "vertical_scan" else row["hosts"]
        return Draft(
            label=label,
            subject=(values["source"], values["target"], values["service"]),
            first_seen=row["first"],
            last_seen=row["last"],
            severity=self._severity(source),
            confidence=round(0.99 * width / (width + 0.5 * limit), 4),
            artifacts=tuple(self._artifacts(source, target)),
            techniques=(self._technique(source),),
            message=f"traffic.finding.{label}",
            values=values,
            reasons=(
                ("traffic.reason.width", {"n": width, "limit": limit, "tries": row["tries"]}),
            ),
            evidence=selections.pairs(self._condition(*where)),
        )

    def walk(self, walk: Walk) -> Draft:
        """A source known by its failures alone."""
        source = to_text(*walk.source)
        share = walk.failures / walk.hosts
        return Draft(
            label="failing_source",
            subject=(source,),
            first_seen=walk.first,
            last_seen=walk.last,
            severity=Severity.LOW,
            confidence=round(0.8 * share * walk.hosts / (walk.hosts + 10), 4),
            artifacts=tuple(self._artifacts(walk.source, None)),
            techniques=(self._technique(walk.source),),
            message="traffic.finding.failing_source",
            values={
                "source": source,
                "hosts": walk.hosts,
                "failures": walk.failures,
                "share": round(100 * share, 1),
            },
            reasons=(("traffic.reason.walk", {"after": walk.after, "bound": round(BOUND)}),),
            evidence=selections.pairs(self._condition(among("src", [walk.source]))),
        )

    def _condition(self, *more: str) -> str:
        end = self._context.window.end
        return selections.own(self._context, self._start, end, *more, PROBE_SQL)

    def _inside(self, source: tuple[int, int]) -> bool:
        return bool(self._own) and self._own.holds(*source)

    def _severity(self, source: tuple[int, int]) -> Severity:
        """A host of one's own that scans is infected or abused; outsiders scan all day."""
        return Severity.HIGH if self._inside(source) else Severity.LOW

    def _technique(self, source: tuple[int, int]) -> str:
        return DISCOVERY if self._inside(source) or not self._own else SCANNING

    def _artifacts(
        self, source: tuple[int, int], target: tuple[int, int] | None
    ) -> Iterator[Artifact]:
        yield Artifact(ArtifactKind.IP, to_text(*source), Role.ATTACKER)
        if target is not None:
            yield Artifact(ArtifactKind.IP, to_text(*target), Role.TARGET)


def _service(row: Row) -> str:
    if "port" in row:
        return f"{row['port']}/{'udp' if row['proto'] == 17 else 'tcp'}"
    return f"{row['lowest']}–{row['highest']}"
