"""Scans over hosts, ports, both and days; ordinary clients beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.unit.traffic.flow_scenes import DAY, HOUR, START, drafts

from kaname.analysis.frame import Window
from kaname.model.records import Severity
from kaname.traffic.analyses.scans import Scans
from kaname.traffic.evaluation.bench import Scene, read
from kaname.traffic.scans.sequential import walks
from kaname.traffic.simulator.background import Link, background
from kaname.traffic.simulator.records import Records, joined, records, v4

ZEEK = Path(__file__).parents[4] / "shared" / "data" / "lake" / "zeek"


def _probes(n: int, gap: int = 1_000_000, begin: int = 0, **columns: object) -> Records:
    return records(
        n, us=START + begin + np.arange(n) * gap, tcp_bits=2, octets=44, sport=40_000,
        **{"src_lo": v4("45.1.2.3"), "dst_lo": v4("10.0.0.1"), "dport": 22, **columns},
    )  # fmt: skip


def _ordinary() -> Records:
    rng = np.random.default_rng(8)
    whole = background(rng, Link(rate=0.5), START, 6)
    quiet = whole["tcp_bits"] != 2
    return {name: column[quiet] for name, column in whole.items()}


def test_clients_are_no_scanners() -> None:
    assert drafts(Scans(), _ordinary()) == []


def test_one_port_of_many_hosts() -> None:
    scan = _probes(80, dst_lo=v4("10.0.2.0") + np.arange(80))
    (draft,) = drafts(Scans(), joined([_ordinary(), scan]))
    assert (draft.label, draft.values["hosts"]) == ("horizontal_scan", 80)
    assert draft.subject == ("45.1.2.3", "", "22/tcp")


def test_many_ports_of_one_host() -> None:
    scan = _probes(100, dport=1 + np.arange(100))
    (draft,) = drafts(Scans(), joined([_ordinary(), scan]))
    assert (draft.label, draft.values["ports"]) == ("vertical_scan", 100)


def test_many_of_both_is_one_finding() -> None:
    n = 100 * 60
    scan = _probes(
        n, 1000, dst_lo=v4("10.0.2.0") + np.arange(n) % 100, dport=1 + np.arange(n) // 100
    )
    (draft,) = drafts(Scans(), scan)
    assert (draft.label, draft.values["hosts"], draft.values["ports"]) == ("block_scan", 100, 60)


def test_a_scan_of_a_week_shows_when_days_are_put_together() -> None:
    slow = _probes(70, DAY // 10, dst_lo=v4("10.0.2.0") + np.arange(70))
    last = Window(START + 6 * DAY, START + 7 * DAY)
    (draft,) = drafts(Scans(), slow, last)
    assert (draft.label, draft.values["hosts"]) == ("slow_scan", 70)
    assert drafts(Scans(), slow) == [] or all(
        d.label == "failing_source" for d in drafts(Scans(), slow)
    )


def test_one_of_ones_own_hosts_matters_more() -> None:
    scan = _probes(80, src_lo=v4("10.0.0.7"), dst_lo=v4("10.0.2.0") + np.arange(80))
    (draft,) = drafts(Scans(), scan, own="10.0.0.0/8")
    assert draft.severity is Severity.HIGH
    assert draft.techniques == ("T1046",)


def test_failures_tell_a_source_early() -> None:
    scan = _probes(12, HOUR // 60, dst_lo=v4("10.0.2.0") + np.arange(12))
    (draft,) = drafts(Scans(), scan)
    assert draft.label == "failing_source"
    # 4^3 = 64 < 99 <= 4^4, so the fourth failure passes the bound
    assert dict(draft.reasons)["traffic.reason.walk"]["after"] == 4


def test_successes_weigh_against_failures() -> None:
    n = 40
    alternating = {
        "src_hi": np.zeros(n, np.int64),
        "src_lo": np.ones(n, np.int64),
        "us": np.arange(n),
        "failed": np.arange(n) % 2,
    }
    assert walks(alternating) == []


@pytest.mark.skipif(not ZEEK.is_dir(), reason="needs ../shared/data/lake")
def test_a_labelled_vertical_scan_is_found() -> None:
    flows: pa.Table = read(ZEEK / "portscan-vertical-conn.log", "zeek", "flows")
    first = pc.min(flows["ts"]).cast(pa.int64()).as_py()
    start = first - first % DAY
    with Scene(flows=flows) as scene:
        found = scene.drafts(Scans(), Window(start, start + DAY))
    assert "vertical_scan" in {draft.label for draft in found}
