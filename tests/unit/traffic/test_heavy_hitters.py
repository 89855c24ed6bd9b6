"""Hierarchical heavy hitters equal to agurim's, and what is new among them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.traffic.flow_scenes import DAY, HOUR, START, drafts, expressions

from kaname._native import hierarchy as search
from kaname.analysis.frame import Window
from kaname.model.errors import UsageError
from kaname.traffic.aguri import text
from kaname.traffic.analyses.heavy_hitters import HeavyHitters
from kaname.traffic.evaluation.heavy_hitters import lines, of_agurim
from kaname.traffic.flows import arrays
from kaname.traffic.heavy_hitters import hierarchy
from kaname.traffic.simulator.records import Records, joined, records, table, v4

VECTORS = Path(__file__).parent / "agurim"
TITLE = re.compile(r"\[ *\d+\] (\S+ \S+): (\d+) \([\d.]+%\)\t(\d+) ")


def _flows(name: str) -> Records:
    return of_agurim(VECTORS / f"{name}.flows.gz")


@pytest.mark.parametrize("name", ["mix"])
def test_a_bin_is_what_agurim_prints(name: str) -> None:
    flows = expressions(flows=table(_flows(name)))["flows"]
    (found,) = hierarchy(flows, START, START + HOUR, 3600, 2)
    assert lines(text(found, 2)) == lines((VECTORS / f"{name}.txt").read_text())


@pytest.mark.parametrize("name", ["mix", "scan"])
def test_aggregates_are_those_of_agurim(name: str) -> None:
    names = ("src_hi", "src_lo", "dst_hi", "dst_lo", "proto", "sport", "dport", "octets", "packets")
    flows = _flows(name)
    batch = pa.RecordBatch.from_arrays([pa.array(flows[n]) for n in names], names=names)
    found = arrays(pa.table(pa.record_batch(search(batch, 2, "address"))))
    whole = found["parent"] == -1
    counts = sorted(zip(found["octets"][whole], found["packets"][whole], strict=True))
    expected = [(int(o), int(p)) for _, o, p in _aggregates((VECTORS / f"{name}.txt").read_text())]
    assert counts == sorted(expected)
    parts = int((~whole).sum())
    assert parts == len(lines((VECTORS / f"{name}.txt").read_text())) - len(expected)


def _aggregates(output: str) -> list[tuple[str, ...]]:
    return [m.groups() for line in output.splitlines() if (m := TITLE.match(line))]


def test_services_first_add_up_by_protocol_and_port() -> None:
    flows = expressions(flows=table(_flows("mix")))["flows"]
    (found,) = hierarchy(flows, START, START + HOUR, 3600, 2, by="port")
    whole = _flows("mix")
    web = (whole["proto"] == 6) & (whole["sport"] == 443)
    (part,) = [a.part for a in found.aggregates
               if (a.part.proto, a.part.sport, a.part.dport) == (6, 443, None)]  # fmt: skip
    assert part.octets == int(whole["octets"][web].sum())


def test_bins_are_aligned_and_only_those_with_traffic() -> None:
    flows = expressions(flows=table(records(3, us=START + np.array([0, 1, 700]) * 1_000_000)))
    found = hierarchy(flows["flows"], START, START + HOUR, 300, 1)
    assert [(b.start - START, b.packets) for b in found] == [(0, 2), (600_000_000, 1)]
    assert hierarchy(flows["flows"], START + HOUR, START + 2 * HOUR, 300, 1) == []


@pytest.mark.parametrize("bad", [{"bins": 0}, {"threshold": 51}, {"by": "colour"}, {"bins": 1}])
def test_what_cannot_be_is_refused(bad: dict[str, object]) -> None:
    flows = expressions()["flows"]
    with pytest.raises(UsageError):
        hierarchy(flows, START, START + HOUR, **{"bins": 300, **bad})


def _steady(hours: int) -> Records:
    n = hours * 600
    return records(
        n, us=START + np.arange(n) * 6_000_000, src_lo=v4("10.0.0.1"), dst_lo=v4("198.51.100.1"),
        sport=40_000, dport=443, packets=1000, octets=1_000_000,
    )  # fmt: skip


def test_only_what_was_not_there_before_is_told() -> None:
    new = records(
        60, us=START + DAY + np.arange(60) * 10_000_000, src_lo=v4("10.0.0.9"),
        dst_lo=v4("203.0.113.5"), sport=50_000, dport=22, packets=5000, octets=7_000_000,
    )  # fmt: skip
    whole = joined([_steady(25), new])
    window = Window(START + DAY, START + DAY + HOUR)
    found = drafts(HeavyHitters(), whole, window, least_mbps=0.5)
    (draft,) = found
    assert draft.subject == ("10.0.0.9", "203.0.113.5")
    assert draft.values["octets"] == 60 * 7_000_000
    assert "6:50000:22" in draft.values["services"]


def test_without_a_day_before_nothing_is_new() -> None:
    assert drafts(HeavyHitters(), _steady(1)) == []
