"""Sensors on the command line: registered, watched from a folder, looked after."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.unit.readers.live.test_rotation import PACKETS, write

from kaname.cli.main import root
from kaname.model.errors import KanameError, NotFoundError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Result:
        given = ["--data", str(tmp_path / "data"), *words]
        found = CliRunner().invoke(root, given, standalone_mode=False)
        if found.exception:
            raise found.exception
        return found

    return call


def test_a_sensor_is_registered_and_its_prefixes_have_times(run: Any) -> None:
    run("telescope", "sensors", "add", "north", "--prefix", "198.18.0.0/20")
    run("telescope", "sensors", "prefix", "north", "203.0.113.0/24", "--from", "2026-01-01",
        "--until", "2026-02-01")  # fmt: skip
    listed = json.loads(run("telescope", "sensors", "list", "--json").stdout)["sensors"]
    assert [one["prefix"] for one in listed[0]["prefixes"]] == ["198.18.0.0/20", "203.0.113.0/24"]
    assert "203.0.113.0/24" not in run("telescope", "sensors", "list").stdout  # it has ended
    run("telescope", "sensors", "prefix", "north", "198.18.0.0/20", "--end")
    again = json.loads(run("telescope", "sensors", "list", "--json").stdout)["sensors"]
    assert again[0]["prefixes"][0]["until"] > 0
    run("telescope", "sensors", "remove", "north")
    with pytest.raises(NotFoundError):
        run("telescope", "sensors", "remove", "north")


def test_a_token_is_shown_once_and_replaced(run: Any) -> None:
    first = run("telescope", "sensors", "add", "branch", "--remote").stdout.splitlines()[0]
    second = json.loads(run("telescope", "sensors", "token", "branch", "--json").stdout)["secret"]
    assert re.fullmatch(r"kns_[\w-]{43}", first)
    assert re.fullmatch(r"kns_[\w-]{43}", second)
    assert first != second
    shown = run("telescope", "sensors", "list", "--json").stdout
    assert second not in shown
    assert first not in shown
    run("telescope", "sensors", "token", "branch", "--revoke")
    (one,) = json.loads(run("telescope", "sensors", "list", "--json").stdout)["sensors"]
    assert "remote" not in one or one["remote"] is False


def test_a_folder_is_read_once_and_its_sensor_looked_after(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    # 22:13:20 to 22:15:40, and from 22:21:30 on
    write(folder, "a.pcap", PACKETS[:200])
    write(folder, "b.pcap", PACKETS[700:])
    run("telescope", "sensors", "add", "dark", "--prefix", "198.18.0.0/24")
    told = json.loads(
        run("telescope", "watch", str(folder), "--once", "--sensor", "dark", "--json").stdout
    )
    assert (told["records"], told["bad"], told["undelivered"]) == (400, 0, 0)
    other = write(tmp_path, "whole.pcap", PACKETS)
    run("ingest", str(other), "--sensor", "south")
    status, south = json.loads(run("telescope", "sensors", "status", "--json").stdout)["sensors"]
    # one packet each 0.7 s; those of numbers 700 to 799 go to 198.18.3.0/24
    assert (status["packets"], status["offtarget"]) == (400, 100)
    assert status["addresses"] == 256
    assert (south["registered"], south["offtarget"]) == (False, 0)
    gaps = json.loads(
        run("telescope", "sensors", "gaps", "dark", "--since", "2023-11-01", "--json").stdout
    )["gaps"]
    assert [(gap["kind"], gap["amount"]) for gap in gaps] == [("outage", 5)]
    again = run("telescope", "watch", str(folder), "--once", "--sensor", "dark", "--json")
    assert json.loads(again.stdout)["rows"] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("nowhere0",),  # no such interface
        ("lo", "--once"),
        (".", "--to", "https://nexus.example"),  # no token
        (".", "--to", "http://nexus.example", "--token-file", "token"),  # in clear
        (".", "--prefix", "198.18.0.1/24"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Any, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "token").write_text("secret\n")
    with pytest.raises(KanameError) as refused:
        run("telescope", "watch", *words)
    assert "secret" not in str(refused.value)
