"""Attacks told from ordinary traffic: means, target, time and direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.traffic.flow_scenes import HOUR, START, drafts

from kaname.analysis.frame import Draft, Window
from kaname.model.records import Role
from kaname.traffic.analyses.ddos import Ddos
from kaname.traffic.ddos.baseline import limits
from kaname.traffic.ddos.vectors import VECTORS
from kaname.traffic.evaluation.ddos import named
from kaname.traffic.simulator.attacks import MEANS, Assault, assault
from kaname.traffic.simulator.background import Link, background
from kaname.traffic.simulator.records import Records, joined, records, sampled, v4

CAPTURES = Path(__file__).parents[4] / "shared" / "data" / "lake" / "ddos"
HOURS = 2
WINDOW = Window(START + HOUR, START + HOURS * HOUR)


@pytest.fixture(scope="module")
def ordinary() -> Records:
    return background(np.random.default_rng(5), Link(rate=0.3), START, HOURS)


def _attack(vector: str, target: str, rate: float = 400.0, wide: bool = False) -> Records:
    means = next(m for m in MEANS if (m.vector, m.wide > 1) == (vector, wide))
    plan = Assault(means, target, 3600 + 725.0, 240.0, rate)
    return assault(np.random.default_rng(6), plan, START)


def _attacked(whole: Records, vector: str, rate: float = 400.0) -> Records:
    return joined([whole, _attack(vector, "10.0.0.80", rate)])


def _told(whole: Records, **params: Any) -> list[Draft]:
    return drafts(Ddos(), whole, WINDOW, **params)


TARGETS = {"dns": "10.0.0.80", "syn": "10.0.1.7", "synack": "10.0.1.9", "fragments": "10.0.1.11"}


@pytest.fixture(scope="module")
def told(ordinary: Records) -> list[Draft]:
    """What is said of attacks on four hosts and on a network, in one hour."""
    attacks = [_attack(vector, target) for vector, target in TARGETS.items()]
    return _told(joined([ordinary, *attacks, _attack("dns", "10.0.3.0", 2000.0, wide=True)]))


def test_ordinary_traffic_is_no_attack(ordinary: Records) -> None:
    assert _told(ordinary) == []


@pytest.mark.parametrize("vector", TARGETS)
def test_the_means_is_told_at_once(told: list[Draft], vector: str) -> None:
    (draft,) = [d for d in told if d.values["target"] == TARGETS[vector]]
    assert draft.values["vector"] == vector
    assert draft.artifacts[0].role is Role.VICTIM
    assert "traffic.reason.direction_unknown" in dict(draft.reasons)
    begin = START + int((3600 + 725.0) * 1e6)
    assert draft.first_seen + 60_000_000 - begin <= 120_000_000


def test_many_hosts_of_a_network_are_one_attack(told: list[Draft]) -> None:
    (draft,) = [d for d in told if d.label == "carpet_bombing"]
    assert draft.values["target"] == "10.0.3.0/24"
    assert len(told) == len(TARGETS) + 1


@pytest.mark.parametrize(
    ("own", "direction"),
    [("10.0.0.0/8", "in"), ("60.0.0.0/6, 64.0.0.0/5, 72.0.0.0/6", "out")],
)
def test_own_prefixes_tell_the_direction(own: str, direction: str) -> None:
    (draft,) = _told(_attack("ntp", "10.0.0.80"), own=own)
    reasons = dict(draft.reasons)
    assert f"traffic.reason.direction_{direction}" in reasons
    # nothing came before it
    assert "traffic.reason.little_history" in reasons


def test_answers_that_were_asked_for_are_no_attack() -> None:
    n = 30_000
    us = START + HOUR + np.arange(n) * 10_000
    resolver, server = v4("10.0.0.53"), v4("198.51.100.1")
    asked = records(n, us=us, src_lo=resolver, dst_lo=server, sport=4000, dport=53, proto=17)
    told = records(
        n, us=us, src_lo=server, dst_lo=resolver, sport=53, dport=4000, proto=17, octets=1400
    )
    assert _told(joined([asked, told])) == []


def test_samples_count_for_what_they_stand_for(ordinary: Records) -> None:
    whole = _attacked(ordinary, "ntp", rate=20_000.0)
    few = sampled(whole, 512, np.random.default_rng(7))
    (draft,) = _told(few, threshold_pps=5000.0, threshold_mbps=0)
    reasons = dict(draft.reasons)
    assert abs(draft.values["packets"] / (20_000 * 240) - 1) < 0.05
    seen = reasons["traffic.reason.sampled"]["seen"]
    # sFlow's formula, by hand
    assert reasons["traffic.reason.sampled"]["bound"] == round(196 / seen**0.5, 1)


def test_a_scan_of_one_host_is_no_flood(ordinary: Records) -> None:
    n = 60_000
    scan = records(
        n, us=START + HOUR + np.arange(n) * 1000, src_lo=v4("60.1.2.3"), dst_lo=v4("10.0.0.80"),
        sport=40_000, dport=1 + np.arange(n), tcp_bits=2, octets=44,
    )  # fmt: skip
    assert [d for d in _told(joined([ordinary, scan])) if d.label == "syn_flood"] == []


def test_a_lasting_change_becomes_usual() -> None:
    values = np.r_[np.full(200, 100.0), np.full(1000, 1000.0)]
    found = limits(values, 6)
    assert values[200] > found.limit[200]
    assert values[-1] <= found.limit[-1]


def test_marks_mean_the_same_in_both_languages() -> None:
    for vector in VECTORS:
        assert vector.sql.startswith("packets > 0")
        assert ("sport IN" in vector.sql) == bool(vector.sports)


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="needs ../shared/data/lake")
@pytest.mark.parametrize(
    ("name", "vector"),
    [
        ("amp.UDP.isakmp", "isakmp"),
        ("amp.dns.RRSIG.fragmented", "dns"),
        ("pkt.TCP.DOMINATE.syn.ecn.cwr", "syn"),
        ("ntp-mode7", "–"),  # a host that asks itself
    ],
)
def test_captures_of_real_attacks_are_named(name: str, vector: str) -> None:
    (path,) = CAPTURES.glob(f"{name}.pcap*")
    assert dict(named([path], {})) == {path.name: vector}
