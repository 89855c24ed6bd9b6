"""Changes of traffic: what flows do together, mixtures, and hosts against their past."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.traffic.flow_scenes import DAY, HOUR, START, drafts, expressions

from kaname.analysis.frame import Window
from kaname.traffic.analyses.anomalies import Anomalies
from kaname.traffic.anomalies.astute import BUCKETS, scores
from kaname.traffic.anomalies.cells import cells
from kaname.traffic.anomalies.mixture import shifts
from kaname.traffic.simulator.attacks import MEANS, Assault, assault
from kaname.traffic.simulator.background import Link, background
from kaname.traffic.simulator.records import Records, joined, records, table, v4

WINDOW = Window(START, START + HOUR)


@pytest.fixture(scope="module")
def ordinary() -> Records:
    return background(np.random.default_rng(12), Link(rate=6.0, weight=1), START, 1)


def _syn(whole: Records) -> Records:
    means = next(m for m in MEANS if m.vector == "syn")
    plan = Assault(means, "10.0.0.80", 2400.0, 120.0, 100.0)
    return joined([whole, assault(np.random.default_rng(13), plan, START)])


def test_ordinary_traffic_gives_little_to_say(ordinary: Records) -> None:
    assert drafts(Anomalies(), ordinary, WINDOW) == []


def test_a_flood_is_blamed_on_its_target(ordinary: Records) -> None:
    found = drafts(Anomalies(), _syn(ordinary), WINDOW)
    assert ("dst", "10.0.0.80") in {draft.subject for draft in found}
    (draft,) = [d for d in found if d.subject == ("dst", "10.0.0.80")]
    assert draft.label == "suspicious"
    assert START + 2_390_000_000 <= draft.first_seen <= START + 2_460_000_000


def test_the_score_is_the_mean_change_over_its_standard_error() -> None:
    n = 40
    level = np.arange(n)
    before, after = np.full(n, 10), 10 + np.arange(n) % 3
    slot = np.r_[np.zeros(n, np.int64), np.ones(n, np.int64)]
    volume = np.r_[before, after]
    part = np.zeros(2 * n, np.int64)
    found = scores(np.r_[level, level], slot, part, volume, 2)
    delta = np.arange(n) % 3
    # by hand: mean * sqrt(F) / standard deviation of the changes
    assert found.shape == (BUCKETS, 2)
    assert found[0, 1] == pytest.approx(delta.mean() * n**0.5 / delta.std())


def test_few_flows_have_no_score() -> None:
    level = np.arange(5)
    none = np.zeros(5, np.int64)
    assert scores(level, none, none, np.full(5, 100), 2).max() == 0


def test_a_mixture_that_changes_names_the_port() -> None:
    web = records(3600, us=START + np.arange(3600) * 1_000_000, src_lo=v4("10.0.0.1"),
                  dst_lo=v4("203.0.113.1"), sport=40_000, dport=443, packets=10)  # fmt: skip
    mining = records(300, us=START + 1_800_000_000 + np.arange(300) * 1_000_000,
                     src_lo=v4("10.0.0.2"), dst_lo=v4("203.0.113.2"), sport=40_001, dport=3333,
                     packets=30)  # fmt: skip
    flows = expressions(flows=table(joined([web, mining])))["flows"]
    found = cells(flows, WINDOW)
    first = next(shift for shift in shifts(found, 6.0) if shift.of == "dport")
    assert first.minute == 30
    assert set(found.dport[first.cells].tolist()) == {3333}


def test_a_host_far_above_its_past_is_told() -> None:
    def hours(day: int, packets: int) -> Records:
        us = START + day * DAY + np.arange(60) * 60_000_000
        return records(60, us=us, src_lo=v4("10.0.0.3"), dst_lo=v4("203.0.113.3"), dport=22,
                       sport=4000, packets=packets)  # fmt: skip

    whole = joined([*(hours(day, 100 + day) for day in range(6)), hours(6, 90_000)])
    window = Window(START + 6 * DAY, START + 6 * DAY + HOUR)
    found = drafts(Anomalies(), whole, window, votes=1)
    assert {d.subject for d in found} == {("dst", "203.0.113.3"), ("src", "10.0.0.3")}
    reasons = dict(found[0].reasons)
    assert reasons["traffic.reason.vote_history"]["days"] == 6
