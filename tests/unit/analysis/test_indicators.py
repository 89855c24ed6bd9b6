"""Indicators: named contributions, half-lives by label, and who never becomes one."""

from __future__ import annotations

import pytest
from tests.unit.analysis.made import START, finding

from kaname.analysis.indicators import BENIGN_LABEL, derive
from kaname.model.instant import DAY, HOUR
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Role, Severity

LAST = START + HOUR


def test_an_attacker_becomes_an_indicator_that_halves() -> None:
    (made,) = derive([finding(1)], START + DAY)
    assert (made.label, made.half_life, made.updated) == ("mirai", DAY, START + DAY)
    assert (made.valid_from, made.valid_until) == (START, LAST + DAY)
    assert made.score(LAST) == 45.0  # medium, at full confidence
    assert made.score(LAST + DAY) == 22.5


@pytest.mark.parametrize(
    ("label", "days"),
    # reference, "Indicators": dynamic residential 24 h, hosted tool 7 d
    [("mirai", 1), ("worm_scan", 1), ("bot_unnamed", 1), ("masscan", 7), ("zmap4", 7)],
)
def test_half_lives(label: str, days: int) -> None:
    (made,) = derive([finding(1, label=label)], START)
    assert made.half_life == days * DAY


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("10.20.1.40", False),
        ("172.31.255.255", False),
        ("172.32.0.0", True),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("fd00::1", False),
        ("fe80::1", False),
        ("2001:db8::1", True),
        ("203.0.113.80", True),
    ],
)
def test_an_address_that_is_everybodys_is_no_indicator(address: str, *, shared: bool) -> None:
    found = finding(1, artifacts=(Artifact(ArtifactKind.IP, address, Role.ATTACKER),))
    assert bool(derive([found], START)) is shared


def test_forged_sources_never_become_attackers() -> None:
    assert derive([finding(1, spoofable=True)], START) == []


@pytest.mark.parametrize(
    "role", [Role.VICTIM, Role.REFLECTOR, Role.TARGET, Role.MISCONFIGURED, Role.UNKNOWN]
)
def test_who_attacks_nobody_becomes_none(role: Role) -> None:
    assert derive([finding(1, role)], START) == []


def test_a_known_survey_becomes_a_note_for_ninety_days() -> None:
    (note,) = derive([finding(1, Role.BENIGN, label="survey", severity=Severity.INFO)], START)
    assert (note.label, note.half_life, note.artifact.role) == (BENIGN_LABEL, 90 * DAY, Role.BENIGN)


def test_a_score_is_the_sum_of_what_findings_say() -> None:
    again = finding(2, first_seen=START - DAY, last_seen=LAST)
    other = finding(3, label="host_scan", severity=Severity.LOW, confidence=0.8)
    (made,) = derive([finding(1), again, other], START)
    parts = {(c.name, c.points) for c in made.contributions}
    assert parts == {
        ("telescope.label.mirai", 45.0),
        ("analysis.contribution.again", 10.0),
        ("telescope.label.host_scan", 20.0),
    }
    assert made.score(LAST) == 75.0
    assert made.valid_from == START - DAY


def test_saying_it_every_day_does_not_add_up_for_ever() -> None:
    (made,) = derive([finding(n) for n in range(50)], START)
    assert [c.points for c in made.contributions] == [45.0, 10.0, 10.0, 10.0]


def test_the_marking_is_the_strictest() -> None:
    (made,) = derive([finding(1), finding(2, tlp=Tlp.AMBER)], START)
    assert made.tlp is Tlp.AMBER


def test_a_finding_about_many_says_less_of_each() -> None:
    many = tuple(Artifact(ArtifactKind.IP, f"192.0.2.{n}", Role.ATTACKER) for n in range(9))
    made = derive([finding(1, artifacts=many)], START)
    assert len(made) == 9
    assert {i.score(LAST) for i in made} == {36.0}


def test_order_of_findings_does_not_show() -> None:
    findings = [finding(n, label=("mirai", "masscan")[n % 2]) for n in range(6)]
    assert derive(findings, START) == derive(reversed(findings), START)
