"""`kaname telescope report` and `kaname share pseudonyms`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kaname.cli.main import root
from kaname.lake import Lake
from kaname.model.errors import KanameError, UsageError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Lake.open(tmp_path / "data").close()
    return tmp_path / "data"


def run(data: Path, *argv: str) -> Result:
    return CliRunner().invoke(root, ["--data", str(data), *argv], standalone_mode=False)


@pytest.mark.parametrize("name", ["r.html", "r.json", "r.pdf"])
def test_the_ending_decides_the_form(data: Path, tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    done = run(data, "telescope", "report", "month", "2026-01", "--output", str(place), "--json")
    assert done.exception is None
    told = json.loads(done.stdout)
    assert told == {
        "period": "2026-01", "path": str(place), "bytes": place.stat().st_size, "tlp": "clear",
    }  # fmt: skip
    head = {"r.html": b"<!doctype html>", "r.json": b"{", "r.pdf": b"%PDF"}[name]
    assert place.read_bytes().startswith(head)
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [name]


@pytest.mark.parametrize(
    "argv",
    [
        ("day", "2026-01"),
        ("month", "2026-01-01"),
        ("day", "2026-01-01", "--output", "r.docx"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_counted(
    data: Path, argv: tuple[str, ...]
) -> None:
    assert isinstance(run(data, "telescope", "report", *argv).exception, UsageError)


def test_a_folder_that_is_not_there_is_said(data: Path, tmp_path: Path) -> None:
    place = tmp_path / "missing" / "r.html"
    done = run(data, "telescope", "report", "day", "2026-01-01", "--output", str(place))
    assert isinstance(done.exception, KanameError)


def test_pseudonyms_stay_until_the_key_is_changed(data: Path) -> None:
    def shown(*more: str) -> dict[str, str]:
        done = run(data, "share", "pseudonyms", "198.18.1.1", "198.18.1.0/24", "--json", *more)
        assert done.exception is None
        found: dict[str, str] = json.loads(done.stdout)["pseudonyms"]
        return found

    first = shown()
    assert shown() == first
    assert first["198.18.1.0/24"].endswith(".0/24")
    assert first["198.18.1.1"].rpartition(".")[0] == first["198.18.1.0/24"].rpartition(".")[0]
    assert shown("--rotate") != first
    assert isinstance(run(data, "share", "pseudonyms", "nowhere").exception, UsageError)
