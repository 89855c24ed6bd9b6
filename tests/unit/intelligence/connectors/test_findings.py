from __future__ import annotations

import msgspec

from kaname.intelligence.connectors.findings import observation_id, observations_of
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Evidence, Finding, Role, Severity

FINDING = Finding(
    id="finding-1",
    analysis="telescope.scans",
    version=1,
    params={},
    window_start=0,
    window_end=100,
    first_seen=10,
    last_seen=90,
    sensor="tap",
    label="horizontal-scan",
    severity=Severity.HIGH,
    confidence=0.9,
    spoofable=False,
    artifacts=(
        Artifact(ArtifactKind.IP, "198.51.100.1", Role.ATTACKER),
        Artifact(ArtifactKind.IP, "192.0.2.1", Role.VICTIM),
    ),
    techniques=("T1595",),
    message="telescope.scan",
    values={"packets": 5},
    evidence=Evidence("SELECT 1", ("t",), 1, "ab", ("x",), ()),
    tlp=Tlp.AMBER,
    created=100,
)


def test_a_finding_is_an_observation_of_its_analysis() -> None:
    (one,) = observations_of(FINDING)
    assert (one.source, one.kind, one.finding) == ("telescope.scans", "finding", "finding-1")
    assert (one.at, one.received, one.weight, one.tlp) == (90, 100, 0.9, Tlp.AMBER)
    assert [(m.value, m.role) for m in one.mentions] == [
        ("198.51.100.1", "attacker"),
        ("192.0.2.1", "victim"),
    ]
    assert one.id.startswith("finding-1.")


def test_a_source_that_may_be_forged_is_no_attacker() -> None:
    (one,) = observations_of(msgspec.structs.replace(FINDING, spoofable=True))
    assert [m.role for m in one.mentions] == ["spoofed", "victim"]


def test_another_statement_is_another_observation() -> None:
    later = msgspec.structs.replace(FINDING, created=200)
    assert observation_id(later) == observation_id(FINDING)
    surer = msgspec.structs.replace(FINDING, confidence=0.95)
    assert observation_id(surer) != observation_id(FINDING)


def test_what_names_nothing_that_can_be_looked_up_is_none() -> None:
    odd = msgspec.structs.replace(FINDING, artifacts=(Artifact(ArtifactKind.IP, "nowhere"),))
    assert observations_of(odd) == []
