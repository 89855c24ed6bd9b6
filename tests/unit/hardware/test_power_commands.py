"""`kaname hardware power ...`, `kaname simulate power`, pictures, and slow meters."""

from __future__ import annotations

import csv
import gzip
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

from kaname.cli.commands.hardware_power_evaluate import evaluate_
from kaname.cli.commands.hardware_power_learn import learn
from kaname.cli.commands.hardware_power_scan import scan
from kaname.cli.commands.simulate_power import power
from kaname.hardware.power.evaluating import auc
from kaname.hardware.power.sweep import Outline
from kaname.hardware.power.windows import Windows, describe
from kaname.model.errors import InputError, KanameError, UsageError

SHARED = Path("../shared/data/hardware-crypto/power")


def run(command: click.Command, *words: object) -> Result:
    found = CliRunner().invoke(command, [*map(str, words)], standalone_mode=False)
    if found.exception:
        raise found.exception
    return found


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fleet")
    run(power, folder, "--devices", 2, "--minutes", 6, "--fs", 200, "--anomalies", 0.2, "--seed", 3)
    return folder


def test_learn_then_scan(fleet: Path, tmp_path: Path) -> None:
    profile, picture = tmp_path / "p.json", tmp_path / "p.svg"
    said = json.loads(run(learn, fleet / "board-02.npz", "-o", profile, "--json").stdout)
    assert [one["name"] for one in said["applications"]] == ["A", "B", "C"]
    found = run(scan, fleet / "board-01.npz", "--profile", profile, "--plot", picture, "--json")
    (trace,) = json.loads(found.stdout)["traces"]
    labels = json.loads((fleet / "board-01.events.json").read_text())
    bursts = [one for one in trace["segments"] if one["mode"] == "active"]
    assert abs(len(bursts) - len(labels["events"])) <= 2
    odd = [one for one in labels["events"] if one["kind"] != "normal"]
    told = [
        any(abs(one["start"] / 200 - burst["start"]) < 0.1 and burst["alarm"] for burst in bursts)
        for one in odd
    ]
    assert np.mean(told) >= 0.8
    assert found.return_value == 3  # the gaps in it
    root = ET.parse(picture).getroot()  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall(".//{*}rect[@class='odd']")) >= len(odd) * 0.8


def test_scan_says_segments_as_csv(fleet: Path) -> None:
    rows = list(csv.DictReader(run(scan, fleet, "--csv").stdout.splitlines()))
    assert {row["device"] for row in rows} == {"board-01", "board-02"}
    burst = next(row for row in rows if row["mode"] == "active")
    assert float(burst["duration"]) == pytest.approx(
        float(burst["end"]) - float(burst["start"]), abs=2e-6
    )
    assert 0 < float(burst["p"]) <= 1


def test_scan_fails_where_it_is_asked_to(fleet: Path, tmp_path: Path) -> None:
    assert run(scan, fleet / "board-01.npz", "--fail-on-anomaly").return_value == 1
    (tmp_path / "bad.csv").write_text("no numbers")
    with pytest.raises(InputError):
        run(scan, tmp_path / "bad.csv")
    assert run(scan, tmp_path / "bad.csv", fleet / "board-02.npz", "--json").return_value == 3
    with pytest.raises(UsageError):
        run(scan, fleet / "board-02.npz", "--plot", tmp_path / "p.bmp")


def test_evaluate_says_what_was_measured(fleet: Path) -> None:
    said = json.loads(run(evaluate_, fleet, "--json").stdout)
    assert len(said["traces"]) == 2
    assert said["pooled"]["f1"] > 0.95
    assert set(said["pooled"]["auc"]) == {"energy", "duration", "shape", "overall"}
    assert run(evaluate_, fleet, "--fail-under", "1.0", "--json").return_value in {0, 1}


def test_simulated_csv_and_npz_are_the_same_trace(tmp_path: Path) -> None:
    from kaname.hardware.power.readings import read

    for form in ("csv", "npz"):
        run(power, tmp_path / form, "--devices", 1, "--minutes", 1, "--fs", 100, "--gaps", 1,
            "--format", form, "--kind", "node")  # fmt: skip
    one, other = (read(tmp_path / form / f"node-01.{form}") for form in ("csv", "npz"))
    assert one.fs == other.fs == 100.0
    assert one.values == pytest.approx(other.values, rel=1e-4)
    assert [gap.at for gap in one.gaps] == [gap.at for gap in other.gaps]


def test_an_outline_is_small_and_misses_no_peak() -> None:
    outline = Outline(1000.0)
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, 300_000).astype(np.float32)
    values[123_456] = 99.0
    for part in np.array_split(values, 37):
        outline.add(part)
    outline.skip(60.0)
    outline.add(np.ones(1000, np.float32))
    assert len(outline.high) <= 1 << 14
    assert np.nanmax(outline.high) == 99.0
    at = np.nanargmax(outline.high)
    assert outline.seconds[at] == pytest.approx(123.456, abs=0.2)
    assert np.isnan(outline.low[int(330 / (outline.width / 1000))])


# --- slow meters


def test_windows_are_described_by_hand_made_numbers() -> None:
    rows = describe(np.array([1.0, 3.0, 2.0, 2.0, 5.0]), 2)
    assert rows.tolist() == [[2.0, 1.0, 2.0], [2.0, 0.0, 0.0]]
    assert describe(np.array([1.0, np.nan, 2.0, 4.0]), 2).tolist() == [[3.0, 1.0, 2.0]]
    assert len(describe(np.ones(10), 2, step=1)) == 9
    with pytest.raises(UsageError):
        describe(np.ones(5), 1)


def test_windows_of_a_charging_station() -> None:
    """The published reference: IsolationForest reaches 0.965 on these (overlapping) windows."""
    with gzip.open(SHARED / "cicevse2024_windows.csv.gz") as source:
        table = np.loadtxt(source, delimiter=",")
    rows, kind = table[:, :-1], table[:, -1]
    normal = np.random.default_rng(0).permutation(np.flatnonzero(kind == 0))
    half = len(normal) // 2
    model = Windows.learn(rows[normal[:half]])
    usual = model.score(rows[normal[half:]])
    assert auc(model.score(rows[kind > 0]), usual) >= 0.96
    assert np.mean(model.p(usual) < 0.05) == pytest.approx(0.05, abs=0.03)


def test_windows_say_what_is_missing() -> None:
    with pytest.raises(InputError):
        Windows.learn(np.ones((5, 3)))
    model = Windows.learn(np.random.default_rng(0).normal(5, 1, (50, 3)))
    with pytest.raises(KanameError):
        model.score(np.ones((5, 4)))


def test_slow_meters_are_learnt_and_scanned(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    calm = 5 + rng.normal(0, 0.2, 4000)
    busy = calm.copy()
    busy[2000:2200] += 2.0  # something computes for 200 s
    for name, values in (("calm", calm), ("busy", busy)):
        rows = "".join(f"{at},{value:.4f}\n" for at, value in enumerate(values))
        (tmp_path / f"{name}.csv").write_text("time_s,power_w\n" + rows)
    profile = tmp_path / "slow.json"
    said = run(learn, tmp_path / "calm.csv", "--windows", 20, "-o", profile, "--json")
    assert json.loads(said.stdout)["windows"] == 200
    found = run(scan, tmp_path / "busy.csv", "--profile", profile, "--json")
    (trace,) = json.loads(found.stdout)["traces"]
    alarms = [one["start"] for one in trace["windows"] if one["alarm"]]
    assert [start for start in alarms if 2000 <= start < 2200] == list(range(2000, 2200, 20))
    assert len(alarms) <= 14
    assert run(scan, tmp_path / "busy.csv", "--profile", profile, "--fail-on-anomaly").return_value
    (tmp_path / "fast.csv").write_text("".join(f"{at / 10},{value}\n" for at, value in
                                               enumerate(calm)))  # fmt: skip
    with pytest.raises(InputError):
        run(scan, tmp_path / "fast.csv", "--profile", profile)
    profile.write_text(profile.read_text().replace('"fs":1.0', '"fs":-1.0'))
    with pytest.raises(InputError):
        run(scan, tmp_path / "busy.csv", "--profile", profile)
