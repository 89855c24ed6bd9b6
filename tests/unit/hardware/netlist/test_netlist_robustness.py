"""What an attack costs a detector, told as figures, as a report and by the command."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from kaname.cli.main import root
from kaname.hardware.netlist.adversarial import Proof, Robustness, robustness
from kaname.hardware.netlist.adversarial.report import document, write
from kaname.hardware.netlist.adversarial.robustness import Attacked, Level, Target, budgets
from kaname.hardware.netlist.model import Model
from kaname.hardware.netlist.reading import read
from kaname.model.errors import UsageError

_DESIGN = """
module top (ck, a, b, c, d, y);
  input ck, a, b, c, d;
  output y;
  nand h0 (n0, a, b, q0);
  xor h1 (n1, n0, c);
  dff f0 (.RN(1'b1), .SN(1'b1), .CK(ck), .D(n1), .Q(q0));
  and T0 (t0, a, b, c, d);
  and T1 (t1, t0, q0, n1);
  xor T2 (y, n0, t1);
endmodule
"""
_TROJAN = ("T0", "T1", "T2")


class _Detector:
    """Flags gates with so many pins; all say the same of a design."""

    def __init__(self, pins: int, threshold: float = 0.3) -> None:
        self.pins, self.threshold = pins, threshold
        self.head = SimpleNamespace(name=f"pins{pins}")

    def judge(self, netlist, _features=None):
        counts = np.bincount(netlist.pins()["instance"].to_numpy(), minlength=netlist.cells)
        said = np.where(counts >= self.pins, 0.31, 0.05).astype(np.float32)
        return SimpleNamespace(probability=said, threshold=self.threshold)


def _level(budget: int, tpr: float, **more: object) -> Level:
    figures = {"added": budget, "cells": 10, "met": 1.0, "ap": 0.9, "f1": 0.8, "tpr_99": 0.7}
    return Level(budget=budget, tpr=tpr, tcd=0.5, **{**figures, **more})


def test_the_figures_are_means_over_designs() -> None:
    one = Attacked(name="one", cells=100, trojan_cells=10, levels=(_level(0, 1.0), _level(50, 0.5)))
    two = Attacked(name="two", cells=100, trojan_cells=10, levels=(_level(0, 0.8), _level(50, 0.7)))
    found = Robustness(budgets=(50,), seed=1, evaluations=9, guided=True, models={"m": (one, two)})
    assert found.curve("m", "tpr") == pytest.approx((0.9, 0.6))
    assert found.lost("m") == pytest.approx(30.0)
    told = found.as_json()
    assert told["budgets"] == [0, 50]
    assert told["mean"]["m"]["tpr"] == [0.9, 0.6]
    assert told["tpr_points_lost"] == {"m": 30.0}
    assert (
        Robustness(budgets=(5,), seed=1, evaluations=9, guided=True, models={"m": ()}).lost("m")
        == 0
    )


def test_the_threshold_of_the_model_decides_and_added_gates_count() -> None:
    netlist = read(_DESIGN.encode())
    target = Target.of("top", netlist, _TROJAN)
    # Gates of four pins are flagged at 0.31; at a threshold of 0.32 nothing is.
    blind = robustness(_Detector(4, 0.32), [target], 5, guided=False)
    assert blind.curve("model", "tpr")[0] == 0
    found = robustness({"a": _Detector(4), "b": _Detector(3)}, [target], 30, evaluations=24)
    first, *_, last = found.models["a"][0].levels
    assert first.tpr == pytest.approx(2 / 3)  # T0 and T1; the XOR has three pins
    assert first.cells == 3
    assert last.tpr < first.tpr
    assert last.cells == 3 + last.added <= 33
    assert last.proof is not None
    assert last.proof.complete
    assert [level.budget for level in found.models["a"][0].levels] == [0, 10, 25, 30]
    added = [level.added for level in found.models["a"][0].levels]
    assert all(n <= budget for n, budget in zip(added, (0, 10, 25, 30), strict=True))
    assert budgets(100) == (10, 25, 50, 100)
    assert budgets(7) == (7,)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_report_says_what_was_lost_and_how_it_was_proved(language: str) -> None:
    proof = Proof(vectors=100_352, points=7, exact=7, cones=3, widest=9)
    last = _level(100, 0.75, rules={"de_morgan": 3}, proof=proof)
    one = Attacked(name="<one>", cells=50, trojan_cells=9, levels=(_level(0, 1.0), last))
    found = Robustness(
        budgets=(100,), seed=1, evaluations=9, guided=True, models={"m": (one,), "n": (one,)}
    )
    made = document(found, language, "kaname hardware netlist attack x.v")
    text = write(found, "html", language, "kaname hardware netlist attack x.v").decode()
    assert "+25.00" in text
    assert "100,352" in text
    assert "&lt;one&gt;" in text
    assert "<one>" not in text
    assert text.count("<svg") == 3  # two curves and the rules
    assert "hardware.robustness" not in text
    assert made.language == language
    assert json.loads(write(found, "json", language, ""))["tpr_points_lost"]["m"] == 25.0


@pytest.fixture
def _model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "load", lambda _path=None: _Detector(4))


@pytest.mark.usefixtures("_model")
def test_the_command_writes_designs_labels_and_a_report(tmp_path: Path) -> None:
    (tmp_path / "top.v").write_text(_DESIGN)
    (tmp_path / "top.labels.json").write_text(json.dumps({"trojan_instances": list(_TROJAN)}))
    out, page = tmp_path / "out", tmp_path / "report.html"
    arguments = [
        "--data", str(tmp_path / "data"), "hardware", "netlist", "attack",
        str(tmp_path / "top.v"), "--budget", "20", "--evaluations", "12",
        "--out", str(out), "--report", str(page), "--json",
    ]  # fmt: skip
    done = CliRunner().invoke(root, arguments, standalone_mode=False)
    assert done.exception is None, done.exception
    assert done.return_value == 0
    told = json.loads(done.stdout)
    level = told["designs"]["pins4"][0]["levels"][-1]
    assert level["proof"]["exact"] == level["proof"]["points"]
    assert page.read_text().startswith("<!doctype html>")
    again = read(out / "top.rewritten.v")
    labels = json.loads((out / "top.rewritten.labels.json").read_text())
    assert labels["added"] == again.cells - 6 == level["added"]
    assert set(labels["trojan_instances"]) == set(again.cell_names.to_pylist()) - {
        "h0", "h1", "f0"
    }  # fmt: skip
    assert not list(out.glob(".*"))


@pytest.mark.usefixtures("_model")
def test_of_several_files_those_without_labels_are_passed_over(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.v").write_text(_DESIGN)
    (tmp_path / "one.labels.json").write_text(json.dumps({"trojan_instances": ["T0"]}))
    files = [str(tmp_path / f"{name}.v") for name in ("one", "two")]
    common = ["--data", str(tmp_path / "data"), "hardware", "netlist", "attack"]
    done = CliRunner().invoke(
        root, [*common, *files, "--budget", "3", "--random", "--json"], standalone_mode=False
    )
    assert done.return_value == 3
    assert json.loads(done.stdout)["failed"] == [files[1]]
    alone = CliRunner().invoke(root, [*common, files[1]], standalone_mode=False)
    assert isinstance(alone.exception, UsageError)
