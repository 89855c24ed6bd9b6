"""One campaign is one object, in whatever order its findings came."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from kaname.model.instant import DAY, HOUR
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Evidence, Finding, Role, Severity
from kaname.telescope.board import board, similar

START = 1_767_225_600_000_000


def finding(
    day: int, service: str, *, family: str = "", hosts: range = range(0), **values: Any
) -> Finding:
    """What one of the two analyses says of one day."""
    name = "telescope.campaigns" if family else "telescope.growth"
    start = START + day * DAY
    common: dict[str, Any] = {
        "service": service,
        "n": len(hosts),
        "named": len(hosts),
        "packets": 100,
        "hours": 1,
        "level": 5.0,
        "before": 1.0,
        "peak": 9,
        "since": start,
        "doubling": 0.0,
        "course": [1, 2],
    }
    if family:
        common["family"] = family
    ips = (Artifact(ArtifactKind.IP, f"192.0.2.{n}", Role.ATTACKER) for n in hosts)
    return Finding(
        id=f"{name}-{day}-{service}-{family}",
        analysis=name,
        version=1,
        params={},
        window_start=start,
        window_end=start + DAY,
        first_seen=start,
        last_seen=start + DAY - 1,
        sensor="darknet",
        label="campaign",
        severity=Severity.LOW,
        confidence=0.9,
        spoofable=False,
        artifacts=(Artifact(ArtifactKind.PORT, service, Role.TARGET), *ips),
        message="telescope.campaign_onset" if family else "telescope.surge_rise",
        values=common | values,
        evidence=Evidence(query="", tables=(), rows=0, digest="", columns=(), sample=()),
        tlp=Tlp.GREEN,
        created=0,
    )  # fmt: skip


def test_findings_of_one_service_and_consecutive_days_are_one_campaign() -> None:
    found = [finding(day, "9530/tcp") for day in range(4)]
    found.append(finding(0, "9530/tcp", family="mirai", hosts=range(20)))
    (one,) = board(found, START + 4 * DAY)
    assert one.detectors == ("telescope.campaigns", "telescope.growth")
    assert (one.sources, len(one.moments), one.services) == (20, 5, ("9530/tcp",))


def test_the_order_of_arrival_does_not_show() -> None:
    found = [
        finding(day, f"{port}/tcp")
        for day in range(5)
        for port in (23, 26, 9530)
        if (day, port) != (2, 26)
    ]
    found += [
        finding(1, "9530/tcp", family="mirai", hosts=range(30)),
        finding(2, "81/tcp", family="bare", hosts=range(25, 60)),
    ]
    first = board(found, START + 6 * DAY)
    shuffled = list(found)
    for seed in range(5):
        random.Random(seed).shuffle(shuffled)
        assert msgspec.json.encode(board(shuffled, START + 6 * DAY)) == msgspec.json.encode(first)


def test_a_third_of_the_sources_in_common_joins_services() -> None:
    one, other = (
        finding(0, "23/tcp", family="mirai", hosts=range(30)),
        finding(0, "2323/tcp", family="mirai", hosts=range(20, 50)),
    )
    (joined,) = board([one, other], START + DAY)
    assert joined.services == ("23/tcp", "2323/tcp")
    apart = finding(0, "2323/tcp", family="mirai", hosts=range(25, 55))  # 5 of 30
    assert len(board([one, apart], START + DAY)) == 2


def test_two_families_on_one_port_are_two_campaigns() -> None:
    found = [
        finding(0, "23/tcp", family=name, hosts=hosts)
        for name, hosts in (("mirai", range(30)), ("bare", range(30, 60)))
    ]
    assert len(board(found, START + DAY)) == 2


def test_growth_of_the_service_does_not_join_the_families_on_it() -> None:
    found = [
        finding(0, "23/tcp", family="mirai", hosts=range(30)),
        finding(0, "23/tcp", family="bare", hosts=range(30, 50)),
        finding(0, "23/tcp"),
        finding(1, "23/tcp"),
    ]
    sizes = {one.families: len(one.moments) for one in board(found, START + 2 * DAY)}
    assert sizes == {("mirai",): 3, ("bare",): 1}


def test_more_than_a_day_without_findings_ends_a_campaign() -> None:
    found = [finding(0, "23/tcp"), finding(4, "23/tcp")]
    late, early = board(found, START + 5 * DAY)
    assert (late.state, early.state) == ("new", "ended")
    assert late.id != early.id


def test_states_along_a_life() -> None:
    days = [
        finding(0, "23/tcp", since=START),
        finding(1, "23/tcp", since=START, level=9.0, doubling=10.0),
    ]
    states = [
        board(days[:1], START + DAY - HOUR)[0].state,
        board(days, START + 2 * DAY)[0].state,
        board([*days, finding(2, "23/tcp", since=START, level=9.2)], START + 3 * DAY)[0].state,
        board(days, START + 4 * DAY)[0].state,
    ]
    assert states == ["new", "growing", "steady", "ended"]


def test_the_id_stays_while_a_campaign_grows() -> None:
    days = [finding(day, "23/tcp") for day in range(4)]
    ids = {board(days[: n + 1], START + n * DAY)[0].id for n in range(4)}
    assert len(ids) == 1


def test_shares_of_members_add_up_and_the_busiest_is_first() -> None:
    (one,) = board(
        [finding(0, "23/tcp", family="mirai", hosts=range(3), shares=[0.2, 0.5, 0.3])], START + DAY
    )
    assert [(m.source, m.share) for m in one.members] == [
        ("192.0.2.1", 0.5),
        ("192.0.2.2", 0.3),
        ("192.0.2.0", 0.2),
    ]


def test_similar_campaigns_are_earlier_ones_and_the_likest_is_first() -> None:
    found = [
        finding(0, "23/tcp", family="mirai", hosts=range(30), purity=0.9),
        finding(0, "8080/tcp", family="stack", hosts=range(100, 104), synchrony=1.0),
        finding(3, "9530/tcp", family="mirai", hosts=range(40, 75), purity=0.9),
    ]
    known = board(found, START + 4 * DAY)
    newest = next(one for one in known if one.services == ("9530/tcp",))
    alike = similar(newest, known)
    assert [one.services for one in alike] == [("23/tcp",), ("8080/tcp",)]
    assert alike[0].likeness > 0.9 > alike[1].likeness


def test_the_strictest_marking_is_that_of_the_campaign() -> None:
    found = [finding(0, "23/tcp"), msgspec.structs.replace(finding(1, "23/tcp"), tlp=Tlp.AMBER)]
    assert board(found, START + 2 * DAY)[0].tlp == Tlp.AMBER.value
