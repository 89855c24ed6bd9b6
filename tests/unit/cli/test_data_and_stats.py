"""`kaname data` and `kaname telescope stats`: what they print, and what they refuse."""

from __future__ import annotations

import json
import shutil
import stat
import sys
from pathlib import Path

import pytest

from kaname.cli.main import run

CSV = "198.51.100.0,198.51.100.255,64496,Example Net\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("kaname.lake.networks.BUILT_IN", tmp_path / "none.bin")
    return tmp_path


def _kaname(folder: Path, *words: str) -> int:
    argv = ["kaname", "--data", str(folder / "data"), "--lang", "en", *words]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", argv)
        with pytest.raises(SystemExit) as left:
            run()
    return int(left.value.code or 0)


def test_tables_from_files_are_shown_with_what_they_hold(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "own.csv").write_text(CSV + "damaged\n", encoding="utf-8")
    assert _kaname(folder, "data", "update", "--from", str(folder / "own.csv"), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"]["origin"] == {"ipv4": 1, "ipv6": 0}
    assert [(one["name"], one["passed_over"]) for one in said["sources"]] == [("own.csv", 1)]
    assert _kaname(folder, "data", "show") == 0
    assert "own.csv" in capsys.readouterr().out


def test_a_failed_update_leaves_the_tables_that_were_there(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "own.csv").write_text(CSV, encoding="utf-8")
    (folder / "bad.csv").write_text("no table\n", encoding="utf-8")
    assert _kaname(folder, "data", "update", "--from", str(folder / "own.csv")) == 0
    path = folder / "data" / "networks" / "networks.bin"
    before = path.read_bytes()
    assert _kaname(folder, "data", "update", "--from", str(folder / "bad.csv")) == 1
    assert "no table" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["networks.bin"]


def test_without_npm_it_says_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    assert _kaname(folder, "data", "update") == 1
    assert "--from" in capsys.readouterr().err


def test_npm_is_asked_for_the_newest_packages_and_runs_none_of_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for the client, which writes down how it was called and brings a package."""
    (folder / "package").mkdir()
    described = '{"name": "@ip-location-db/asn", "version": "9"}'
    (folder / "package" / "package.json").write_text(described, encoding="utf-8")
    (folder / "package" / "asn.csv").write_text(CSV, encoding="utf-8")
    client = folder / "npm"
    tar, echo = shutil.which("tar"), shutil.which("echo")
    client.write_text(
        f'#!/bin/sh\n{echo} "$@" > {folder}/called\n{tar} -C {folder} -czf asn-9.tgz package\n',
        encoding="utf-8",
    )
    client.chmod(client.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    assert _kaname(folder, "data", "update") == 0
    called = (folder / "called").read_text(encoding="utf-8")
    assert "--ignore-scripts" in called
    assert "@ip-location-db/asn@latest" in called
    assert "http" not in called


def test_statistics_of_an_empty_lake_say_so_and_wrong_times_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stats = ("telescope", "stats", "--since", "2026-01-01", "--until", "2026-01-03")
    assert _kaname(folder, *stats, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["hosts"], [one["packets"] for one in said["bins"]]) == (0, [None, None])
    assert _kaname(folder, *stats, "--by", "country") == 0
    assert "kaname data update" in capsys.readouterr().err
    assert _kaname(folder, *stats[:3], "2025-01-01", *stats[4:], "--bin", "5m") == 2
    assert "longer step" in capsys.readouterr().err
