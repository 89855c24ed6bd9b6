"""Campaigns and growth, as typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.unit.telescope.test_board import finding

from kaname.cli.main import run
from kaname.knowledge import Knowledge

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> Typed:
    monkeypatch.chdir(tmp_path)

    def typed(*words: str) -> tuple[int, str, str]:
        argv = ["kaname", "--data", str(tmp_path / "data"), "telescope", "campaigns", *words]
        monkeypatch.setattr("sys.argv", argv)
        with pytest.raises(SystemExit) as ended:
            run()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return typed


@pytest.fixture
def counts(tmp_path: Path) -> str:
    """Six days of 30 ports, one of which gets 15 sources more from bin 700 on."""
    values = np.random.default_rng(3).poisson(2.0, (864, 30))
    values[700:, 4] += 15
    lines = [
        f"{at},{port + 100},{n},{n},{3 * n}"
        for at, each in enumerate(values.tolist())
        for port, n in enumerate(each)
        if n
    ]
    path = tmp_path / "counts.csv"
    path.write_text("bin,port,uniq_src,uniq_src16,pkts\n" + "\n".join(lines) + "\n")
    return str(path)


def test_growth_in_a_file_is_listed(typed: Typed, counts: str) -> None:
    code, out, _ = typed(counts, "--json")
    assert code == 0
    alerts = [one for one in json.loads(out)["alerts"] if one["port"] == 104]
    assert [one["bin"] // 3 for one in alerts] == [700 // 3]
    assert alerts[0]["ptype"] == "tcp_syn"
    assert typed(counts)[1].count("104 tcp_syn") == 1


def test_options_of_the_board_are_none_of_a_file(typed: Typed, counts: str) -> None:
    assert typed(counts, "--state", "new")[0] == 2
    assert typed("--false-a-day", "1")[0] == 2


def test_a_damaged_file_is_told(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    code, _, told = typed(str(tmp_path / "x.csv"))
    assert code == 1
    assert "uniq_src" in told


def test_campaigns_are_listed_and_shown(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    found = finding(0, "9530/tcp", family="mirai", hosts=range(20))
    with Knowledge.open(f"sqlite:///{tmp_path}/data/knowledge.sqlite") as knowledge:
        knowledge.replace_window(found.analysis, found.window_start, found.window_end, [found])
    code, out, _ = typed("--json")
    (one,) = json.loads(out)["campaigns"]
    assert (code, one["services"], one["sources"]) == (0, ["9530/tcp"], 20)
    assert one["id"] in typed()[1]
    assert typed("--state", "ended")[1] == ""
    shown = typed("--id", one["id"])[1]
    assert "192.0.2.7" in shown
    assert f"kaname explain {found.id}" in shown
    detail = json.loads(typed("--id", one["id"], "--json")[1])
    assert len(detail["campaign"]["members"]) == 20


def test_an_unknown_campaign_is_told(typed: Typed) -> None:
    code, _, told = typed("--id", "scan-campaign-none")
    assert code == 1
    assert "scan-campaign-none" in told
