"""`kaname crypto plan` as a user calls it: made again from a saved answer, and beside KEMTLS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kaname.cli.main import root
from kaname.model.errors import IntegrityError, UsageError


def plan(*arguments: object):
    return CliRunner().invoke(root, ["crypto", "plan", *map(str, arguments)], standalone_mode=False)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    place = tmp_path / "answer.json"
    place.write_text(plan("urllc", "--year", 2026, "--rtt", 1, "--json").stdout, "utf-8")
    return place


def test_a_saved_answer_is_made_again(saved: Path):
    found = plan("--replay", saved)
    assert found.return_value == 0
    assert json.loads(saved.read_text("utf-8"))["digest"] in found.stderr
    assert json.loads(plan("--replay", saved, "--json").stdout)["same"] is True


def test_other_rules_are_told_with_exit_code_1(saved: Path, tmp_path: Path):
    from importlib import resources

    own = resources.files("kaname.cryptography.planning") / "data" / "rules.toml"
    other = tmp_path / "rules.toml"
    other.write_text(own.read_text("utf-8") + "\n# ours\n", "utf-8")
    found = plan("--replay", saved, "--rules", other)
    assert found.return_value == 1
    told = json.loads(plan("--replay", saved, "--rules", other, "--json").stdout)
    assert told["changed"] == ["rules"]
    assert told["best_before"] == told["best_now"]


def test_a_changed_answer_and_a_changed_request_are_refused(saved: Path):
    for beside in (("embb",), ("--year", 2030), ("--kemtls",)):
        assert isinstance(plan("--replay", saved, *beside).exception, UsageError)
    saved.write_text(saved.read_text("utf-8").replace("2026", "2027", 1), "utf-8")
    assert isinstance(plan("--replay", saved).exception, IntegrityError)


def test_authentication_by_kem_is_told_beside_the_suites():
    found = plan("embb", "--year", 2026, "--kemtls")
    assert found.return_value == 0
    assert "7028" in found.stderr  # 1216 + 1120 + 1184 + 2420 + 1088
    assert "7028" not in found.stdout


def test_costs_are_measured_once_and_stand_in_the_answer(tmp_path: Path):
    costs = tmp_path / "costs.json"
    told = json.loads(plan("embb", "--year", 2026, "--measure", costs, "--json").stdout)
    written = json.loads(costs.read_text("utf-8"))
    assert told["measured"]["microseconds"] == written["microseconds"]
    assert all(one["microseconds"] > 0 for one in told["ranked"])
    assert [one.name for one in tmp_path.iterdir()] == ["costs.json"]
