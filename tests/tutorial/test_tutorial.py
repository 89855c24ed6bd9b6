"""The tutorial of CONTRIBUTING, followed to the letter: its reader works as it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.docs.manual import ROOT
from tests.golden.cases import cases, compare

BIN = Path(sys.executable).parent
PAGES = ("CONTRIBUTING.md", "CONTRIBUTING.ja.md")
_FILE = re.compile(
    r"^<!-- file: (?P<path>\S+) -->\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


def _files(page: str) -> dict[str, str]:
    text = (ROOT / page).read_text("utf-8")
    return {found["path"]: found["text"] for found in _FILE.finditer(text)}


def _shell(page: str) -> list[list[str]]:
    """Calls of kaname in the shell blocks, in order."""
    text = (ROOT / page).read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("kaname ")]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package of the tutorial, as an installer would leave it."""
    for name, text in _files(PAGES[0]).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))["project"]
    info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(metadata, "utf-8")
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items())
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(groups), "utf-8")
    return tmp_path


def _run(package: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    """One command of the tutorial, in its folder, with data of its own."""
    data = str(package / "data")
    moved = [data if word == "/tmp/tutorial" else word for word in words[1:]]  # noqa: S108
    return subprocess.run(
        [str(BIN / "kaname"), *moved, "--json"],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(package), "KANAME_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )


def _rows(document: str) -> list[dict[str, Any]]:
    answer = json.loads(document)
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


def test_both_languages_teach_the_same_code() -> None:
    assert _files(PAGES[0]) == _files(PAGES[1])
    assert _shell(PAGES[0]) == _shell(PAGES[1])


def test_the_reader_gives_what_its_fixture_says(package: Path) -> None:
    read, ask = _shell(PAGES[0])
    done = _run(package, read)
    assert done.returncode == 3, done.stderr  # one line is damaged, as the page says
    (source,) = json.loads(done.stdout)["sources"]
    (case,) = cases(package / "tests" / "golden")

    def query(sql: str) -> list[dict[str, Any]]:
        answer = _run(package, [*ask[:3], sql, *ask[4:]])
        assert answer.returncode == 0, answer.stderr
        return _rows(answer.stdout)

    compare(case, source, query)


def test_the_query_of_the_page_shows_the_rows_that_are_whole(package: Path) -> None:
    read, ask = _shell(PAGES[0])
    _run(package, read)
    answer = _run(package, ask)
    assert [row["src"] for row in _rows(answer.stdout)] == ["192.0.2.1", "2001:db8::1"]


def test_the_code_of_the_page_is_kept_as_ours_is(package: Path) -> None:
    ruff, mypy = str(BIN / "ruff"), str(BIN / "mypy")
    config = ["--config", str(ROOT / "pyproject.toml")]
    for words in (
        [ruff, "check", "--ignore", "INP001", *config],  # it lies outside of a package
        [ruff, "format", "--check", *config],
        [mypy, "--strict", "--config-file", str(ROOT / "pyproject.toml")],
    ):
        done = subprocess.run(
            [*words, str(package / "kaname_tcpdump.py")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
