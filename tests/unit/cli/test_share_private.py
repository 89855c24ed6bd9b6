from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kaname.cli.commands.share_private import private_lookup
from kaname.cli.commands.share_psi import psi
from kaname.intelligence.privacy.filters import build
from kaname.model.errors import UsageError


def run(called: click.Command, *words: object, text: str | None = None) -> Result:
    found = CliRunner().invoke(called, [str(w) for w in words], input=text, standalone_mode=False)
    if found.exception:
        raise found.exception
    return found


def test_a_filter_is_asked_at_home(tmp_path: Path) -> None:
    path = tmp_path / "indicators.bloom"
    path.write_bytes(build(["domain:evil.example", "ip:192.0.2.1"]))
    done = run(private_lookup, "-", "--filter", path, "--json", text="evil[.]example\nx\n9.9.9.9\n")
    answers = json.loads(done.output)["values"]
    assert [one["known"] for one in answers] == [True, None, False]
    assert done.return_value == 0
    assert run(private_lookup, "9.9.9.9", "--filter", path).return_value == 1


def test_one_has_to_say_whom_to_ask() -> None:
    with pytest.raises(UsageError):
        run(private_lookup, "192.0.2.1")


def test_two_members_meet_by_files(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.write_text("192.0.2.1\nEvil[.]example\n")
    theirs.write_text("evil.example\n192.0.2.77\n")
    at = {name: tmp_path / name for name in ("key", "setup", "mine", "request", "response")}
    run(psi, "setup", ours, at["key"], at["setup"], "--asked", 2)
    run(psi, "request", theirs, at["mine"], at["request"])
    run(psi, "respond", at["key"], at["request"], at["response"])
    done = run(psi, "shared", theirs, at["mine"], at["setup"], at["response"])
    assert done.output.split() == ["domain:evil.example"]
    assert at["key"].stat().st_mode & 0o77 == 0
