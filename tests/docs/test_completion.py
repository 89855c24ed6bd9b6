"""The lines that the manual gives for shell completion work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.manual import ROOT

KANAME = str(Path(sys.executable).with_name("kaname"))


def _kaname(**variables: str) -> str:
    done = subprocess.run(
        [KANAME], env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_manual_names_the_variable_that_the_program_reads() -> None:
    page = (ROOT / "docs" / "en" / "operation" / "completion.md").read_text("utf-8")
    assert set(re.findall(r"(\w+)=(\w+)_source", page)) == {
        ("_KANAME_COMPLETE", shell) for shell in ("bash", "zsh", "fish")
    }


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_a_script(shell: str) -> None:
    assert "_KANAME_COMPLETE" in _kaname(_KANAME_COMPLETE=f"{shell}_source")


def test_commands_complete() -> None:
    out = _kaname(_KANAME_COMPLETE="bash_complete", COMP_WORDS="kaname in", COMP_CWORD="1")
    assert {line.split(",")[1] for line in out.splitlines()} == {
        "ingest",
        "indicators",
        "intelligence",
    }


def test_options_of_a_command_complete() -> None:
    out = _kaname(
        _KANAME_COMPLETE="bash_complete", COMP_WORDS="kaname explain --re", COMP_CWORD="2"
    )
    assert out.splitlines() == ["plain,--rerun"]
