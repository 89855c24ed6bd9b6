"""From findings to indicators: who should be known of, how sure, for how long.

A score is a sum of named contributions, each tied to the finding that gives it, and it
halves with a half-life that depends on what the address is: an infected host on a dynamic
address is somebody else tomorrow, a rented scanner stays for a week. Sources that may be
forged never become attacker indicators, and a survey scanner becomes a note that it is
one. Half-lives: reference of the telescope, "Indicators".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from kaname.model.ids import stable_id
from kaname.model.instant import DAY
from kaname.model.marking import join
from kaname.model.records import (
    Artifact,
    ArtifactKind,
    Contribution,
    Finding,
    Indicator,
    Role,
    Severity,
)

__all__ = ["BENIGN_LABEL", "HALF_LIVES", "derive", "half_life"]

BENIGN_LABEL = "benign-scanner"
_HOSTED = 7 * DAY
_BENIGN = 90 * DAY
HALF_LIVES: dict[str, int] = {
    "mirai": DAY,
    "bot_unnamed": DAY,
    "worm_scan": DAY,
    "campaign": DAY,
    BENIGN_LABEL: _BENIGN,
}

# What a finding of each severity says of an attacker at full confidence, of 100.
_POINTS = {
    Severity.INFO: 10.0,
    Severity.LOW: 25.0,
    Severity.MEDIUM: 45.0,
    Severity.HIGH: 65.0,
    Severity.CRITICAL: 80.0,
}
# RFC 1918, 6598, 1122 3.2.1.3, 3927, 4193, 4291 2.5
_INSIDE = tuple(
    ipaddress.ip_network(net)
    for net in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
        "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip
_FOUND_AGAIN = "analysis.contribution.again"
_AGAIN = 10.0  # for each further window in which the same was found ...
_MOST_AGAIN = 3  # ... but not for more than these
_SHARED = 0.8  # a finding about many artifacts says less of each


@dataclass(slots=True)
class _Case:
    """What the findings say of one artifact in one role."""

    artifact: Artifact
    findings: list[Finding] = field(default_factory=list)


def half_life(label: str) -> int:
    """Microseconds after which what was found counts half."""
    return HALF_LIVES.get(label, _HOSTED)


def derive(findings: Iterable[Finding], now: int) -> list[Indicator]:
    """The indicators that ``findings`` give, ordered by id; ``updated`` is ``now``."""
    cases: dict[tuple[ArtifactKind, str, Role], _Case] = {}
    for finding in findings:
        for artifact in finding.artifacts:
            if _counts(finding, artifact):
                key = (artifact.kind, artifact.value, artifact.role)
                cases.setdefault(key, _Case(artifact)).findings.append(finding)
    made = (_indicator(case, now) for case in cases.values())
    return sorted(made, key=lambda indicator: indicator.id)


def _counts(finding: Finding, artifact: Artifact) -> bool:
    if artifact.kind is ArtifactKind.IP and _is_inside(artifact.value):
        return False
    if artifact.role is Role.ATTACKER:
        return not finding.spoofable
    return artifact.role is Role.BENIGN


def _is_inside(address: str) -> bool:
    """Whether an address means another host in every network, so that nobody can use it."""
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in _INSIDE if network.version == parsed.version)


def _indicator(case: _Case, now: int) -> Indicator:
    findings = sorted(case.findings, key=_weight, reverse=True)
    benign = case.artifact.role is Role.BENIGN
    label = BENIGN_LABEL if benign else findings[0].label
    decay = half_life(label)
    return Indicator(
        id=stable_id("indicator", case.artifact.kind, case.artifact.value, case.artifact.role),
        artifact=case.artifact,
        label=label,
        contributions=tuple(_contributions(findings)),
        half_life=decay,
        valid_from=min(f.first_seen for f in findings),
        valid_until=max(f.last_seen for f in findings) + decay,
        updated=now,
        tlp=join(f.tlp for f in findings),
        techniques=tuple(sorted({t for f in findings for t in f.techniques})),
    )


def _weight(finding: Finding) -> tuple[float, int, str]:
    return _points(finding), finding.last_seen, finding.id


def _points(finding: Finding) -> float:
    shared = _SHARED if len(finding.artifacts) > 2 else 1.0
    return round(_POINTS[finding.severity] * finding.confidence * shared, 2)


def _contributions(findings: list[Finding]) -> Iterable[Contribution]:
    """The best finding of each label in full, further windows of it a little each.

    Names are keys of the catalogue: ``<package>.label.<label>`` belongs to who found it.
    """
    seen: dict[str, int] = {}
    for finding in findings:
        times = seen[finding.label] = seen.get(finding.label, 0) + 1
        if times == 1:
            package = finding.message.partition(".")[0]  # who words it words the label too
            name = f"{package}.label.{finding.label}"
            yield Contribution(name, _points(finding), finding.id, finding.last_seen)
        elif times <= 1 + _MOST_AGAIN:
            yield Contribution(_FOUND_AGAIN, _AGAIN, finding.id, finding.last_seen)
