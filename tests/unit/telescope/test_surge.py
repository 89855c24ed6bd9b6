"""Growth on port counts: chance, surveys, gaps and known campaigns."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.model.errors import InputError
from kaname.telescope.simulator.port_counts import make_port_counts
from kaname.telescope.surge.common import common
from kaname.telescope.surge.course import course, doubling
from kaname.telescope.surge.detection import rises
from kaname.telescope.surge.evaluation import evaluate, simulated
from kaname.telescope.surge.files import read_counts
from kaname.telescope.surge.grid import BIN, Grid
from kaname.telescope.surge.judging import judge
from kaname.telescope.surge.scales import distance, log_tail

SHARED = Path("../shared/data/telescope/port_counts_shared.truth.json")
DAY = 144


def grid(counts: np.ndarray) -> Grid:
    values = counts.astype(np.float64)
    kinds = ("tcp_syn",) * counts.shape[1]
    return Grid(0, kinds, np.arange(counts.shape[1]) + 1000, values, values, 3 * values)


def quiet(days: int = 8, ports: int = 60, seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.uniform(0.3, 4.0, ports), (days * DAY, ports))


# P(Z > z) of the standard normal, from tables
@pytest.mark.parametrize(
    ("z", "p"), [(1.0, 0.158655), (3.0, 1.349898e-3), (5.0, 2.866516e-7), (8.0, 6.220961e-16)]
)
def test_tails_are_those_of_the_tables(z: float, p: float) -> None:
    assert log_tail(np.array([z]))[0] == pytest.approx(math.log(p), abs=2e-3)


def _poisson_above(count: int, mean: float) -> float:
    below = sum(math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(count))
    return 1 - below


@pytest.mark.parametrize(("count", "mean"), [(9, 2.0), (17, 4.0), (40, 20.0), (130, 100.0)])
def test_distance_is_the_normal_quantile_of_the_poisson_tail(count: int, mean: float) -> None:
    z = float(distance(np.array([count]), np.array([mean]), np.array([mean]))[0])
    assert float(log_tail(np.array([z]))[0]) == pytest.approx(
        math.log(_poisson_above(count, mean)), abs=0.35
    )


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.floats(0, 1e4), st.floats(0, 1e8))
def test_distance_is_finite_and_has_the_sign_of_the_difference(
    count: int, mean: float, more: float
) -> None:
    z = float(distance(np.array([float(count)]), np.array([mean]), np.array([mean + more]))[0])
    assert math.isfinite(z)
    assert z == 0 or (z > 0) == (count > mean)


def test_a_step_is_found_at_once_and_told_once() -> None:
    counts = quiet()
    counts[5 * DAY :, 7] += np.random.default_rng(1).poisson(12.0, 3 * DAY)
    found = [rise for rise in rises(grid(counts)) if rise.series == 7]
    assert [rise.first for rise in found] == [True]
    assert 5 * DAY <= found[0].at <= 5 * DAY + 6


def test_a_survey_of_all_ports_is_no_rise_of_any() -> None:
    counts = quiet()
    counts[900:915] += np.random.default_rng(2).poisson(1.2, (15, counts.shape[1]))
    assert [rise for rise in rises(grid(counts)) if 890 < rise.at < 960] == []
    shared = common(counts.astype(np.float64))
    assert shared.extra[900:915].mean() == pytest.approx(1.2, abs=0.25)


def test_a_gap_of_the_sensor_is_neither_end_nor_begin() -> None:
    counts = quiet()
    counts[800:830] = 0
    assert not common(counts.astype(np.float64)).seeing[800:830].any()
    assert [rise for rise in rises(grid(counts)) if 800 <= rise.at < 980] == []


def test_packets_of_one_source_are_no_rise() -> None:
    counts = quiet()
    one = grid(counts)
    one.packets[700:740, 3] += 5000
    assert rises(one) == rises(grid(counts))


def test_quiet_months_stay_within_the_false_alarms_that_were_asked_for() -> None:
    found = rises(grid(quiet(days=12, ports=150, seed=9)), a_day=0.8)
    assert len(found) <= 12


def test_nothing_is_said_of_no_counts_and_of_a_first_day() -> None:
    assert rises(grid(np.zeros((DAY, 0), np.int64))) == []
    assert rises(grid(np.zeros((0, 4), np.int64))) == []
    assert rises(grid(np.full((30, 4), 500))) == []


def test_later_bins_do_not_change_what_was_said() -> None:
    counts = quiet(days=7)
    counts[4 * DAY :, 9] += 15
    early = rises(grid(counts[: 6 * DAY]))
    late = [rise for rise in rises(grid(counts)) if rise.at < 6 * DAY - 40]
    assert late == [rise for rise in early if rise.at < 6 * DAY - 40]


def test_doubling_is_that_of_the_growth() -> None:
    hours = np.arange(3 * DAY) / 6
    grown = 2.0 + 0.5 * 2 ** (hours / 12)  # every 12 h
    assert doubling(grown, 2.0) == pytest.approx(12, rel=0.05)
    assert doubling(np.full(3 * DAY, 40.0), 2.0) == 0.0


def test_an_episode_is_over_when_the_level_is_that_of_before() -> None:
    counts = quiet(days=10)
    counts[5 * DAY : 7 * DAY, 7] += 20
    whole = grid(counts)
    own = [rise for rise in rises(whole) if rise.series == 7]
    during = course(
        Grid(
            0,
            whole.kinds,
            whole.ports,
            *(v[: 7 * DAY] for v in (whole.sources, whole.networks, whole.packets)),
        ),
        [r for r in own if r.at < 7 * DAY],
        6 * DAY,
    )
    assert during is not None
    assert during.level > during.before + 15
    assert course(whole, own, 9 * DAY) is None


def test_the_shared_benchmark() -> None:
    measured = evaluate([SHARED], {}).measures
    assert float(measured["recall_72h"]) >= 14 / 15 - 1e-4
    assert float(measured["false_a_day"]) <= 1.0


def test_a_simulated_month_is_the_same_for_the_same_seed() -> None:
    one, other = make_port_counts(3, days=14, ports=60), make_port_counts(3, days=14, ports=60)
    assert (one.sources == other.sources).all()
    assert one.truth == other.truth


def test_an_alarm_counts_for_its_port_and_time_only() -> None:
    truth = {"bins": 1440, "campaigns": [{"port": 23, "onset_bin": 500}]}
    verdict = judge(truth, [(499, 23), (506, 23), (506, 80), (932, 23)])
    assert verdict.delays == (1.0,)
    assert (verdict.false, verdict.found(24), verdict.days) == (3, 1, 10.0)


def test_files_in_both_forms_are_read_alike(tmp_path: Path) -> None:
    table = pa.table(
        {"bin": [0, 3], "port": [23, 80], "uniq_src": [5, 6], "uniq_src16": [4, 6], "pkts": [9, 7]}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text("bin,port,uniq_src,uniq_src16,pkts\n0,23,5,4,9\n3,80,6,6,7\n")
    one, other = read_counts(tmp_path / "a.parquet"), read_counts(tmp_path / "a.csv")
    assert one.sources.tolist() == other.sources.tolist() == [[5, 0], [0, 0], [0, 0], [0, 6]]
    assert one.instant(3) == 3 * BIN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1",
        b"PAR1\x00\x00junkPAR1",
        b"bin,port\n1,2\n",
        b"bin,port,uniq_src,uniq_src16,pkts\nx,y,z,1,2\n",
        b"\xff\xfe\x00",
    ],
)
def test_damaged_files_are_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "counts.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_counts(path)


def test_a_truth_without_campaigns_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.truth.json").write_text(json.dumps({"bins": 4}))
    with pytest.raises(InputError, match="campaigns"):
        evaluate([tmp_path / "x.truth.json"], {})


def test_simulated_sets_have_onsets_inside_the_time() -> None:
    made = simulated(4)
    assert all(0 < c["onset_bin"] < made.truth["bins"] for c in made.truth["campaigns"])
    assert len(made.truth["campaigns"]) == 15
