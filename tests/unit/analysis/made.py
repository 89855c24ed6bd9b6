"""Findings, drafts and a small analysis made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import during, flowtuples, quoted
from kaname.model.instant import DAY, SECOND
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Evidence, Finding, Role, Severity

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
NOTHING = Evidence(query="SELECT 1", tables=(), rows=1, digest="", columns=("1",), sample=())


def finding(number: int, role: Role = Role.ATTACKER, **changes: Any) -> Finding:
    """A finding about 192.0.2.1 that was seen during the first hour."""
    values: dict[str, Any] = {
        "id": f"finding-{number}",
        "analysis": "made.count",
        "version": 1,
        "params": {},
        "window_start": START,
        "window_end": START + DAY,
        "first_seen": START,
        "last_seen": START + 3600 * SECOND,
        "sensor": "darknet",
        "label": "mirai",
        "severity": Severity.MEDIUM,
        "confidence": 1.0,
        "spoofable": False,
        "artifacts": (Artifact(ArtifactKind.IP, "192.0.2.1", role),),
        "message": "telescope.mirai",
        "values": {},
        "evidence": NOTHING,
        "tlp": Tlp.GREEN,
        "created": START,
    }
    return Finding(**values | changes)


class Count:
    """Says how many flowtuples there are; more than ``most`` make it fail."""

    name: ClassVar[str] = "made.count"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = AnalysisDoc("Counts rows.", "行を数えます。", (), (), ())
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most", 1000, 1, 10_000, "rows", "rows at most", "最大行数"),
    )
    techniques: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[tuple[str, ...]] = ("count",)

    def run(self, context: Context) -> Iterable[Draft]:
        count = context.tables["flowtuples"].count().to_pyarrow().as_py()
        if count > context.number("most"):
            raise RuntimeError("too many")
        window = during(context.window.start, context.window.end)
        yield Draft(
            label="count",
            subject=("all",),
            first_seen=context.window.start,
            last_seen=context.window.end - 1,
            severity=Severity.INFO,
            confidence=1.0,
            artifacts=(Artifact(ArtifactKind.IP, "192.0.2.1", Role.ATTACKER),),
            message="telescope.few_packets",
            values={"n": count, "packets": count, "least": 2},
            evidence=flowtuples(f"{window} AND sensor = {quoted(context.sensor)}"),
        )
