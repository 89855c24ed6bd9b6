"""Keys of links on the command line: the nexus's own, a sensor's, a peer's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kaname.cli.main import root
from kaname.model.errors import ConflictError, InputError, NotFoundError, UsageError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def call(*words: str, data: str = "data") -> Result:
        given = ["--data", str(tmp_path / data), *words]
        found = CliRunner().invoke(root, given, standalone_mode=False)
        if found.exception:
            raise found.exception
        return found

    return call


def test_the_key_is_shown_written_rotated_and_retired(run: Any, tmp_path: Path) -> None:
    first = run("link", "key", "-o", "nexus.pub").stdout.strip()
    assert first.startswith("SHA256:")
    told = json.loads(run("link", "key", "--json").stdout)
    assert (told["fingerprint"], told["previous"]) == (first, [])
    assert (tmp_path / "nexus.pub").read_text() == told["key"]
    second = run("link", "rotate").stdout.strip()
    assert second != first
    assert json.loads(run("link", "key", "--json").stdout)["previous"] == [first]
    with pytest.raises(ConflictError):
        run("link", "rotate")
    run("link", "retire")
    with pytest.raises(NotFoundError):
        run("link", "retire")
    assert run("link", "key").stdout.strip() == second


def test_a_sensor_gets_keys_and_loses_them(run: Any, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        run("crypto", "key", name)
    run("telescope", "sensors", "add", "branch", "--remote", "--key", "a.pub")
    run("telescope", "sensors", "key", "branch", "b.pub")
    first, second = run("telescope", "sensors", "key", "branch").stdout.split()
    with pytest.raises(ConflictError):
        run("telescope", "sensors", "key", "branch", "c.pub")
    run("telescope", "sensors", "key", "branch", "--remove", first)
    assert json.loads(run("telescope", "sensors", "key", "branch", "--json").stdout) == {
        "name": "branch", "keys": [second],
    }  # fmt: skip
    listed = json.loads(run("telescope", "sensors", "list", "--json").stdout)["sensors"]
    assert listed[0]["keys"] == [second]
    with pytest.raises(NotFoundError):
        run("telescope", "sensors", "key", "branch", "--remove", first)
    with pytest.raises(NotFoundError):
        run("telescope", "sensors", "key", "nobody", "a.pub")
    with pytest.raises(InputError):  # the secret file is not what is registered
        run("telescope", "sensors", "key", "branch", "a")
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


def test_a_peer_is_registered_changed_and_forgotten(run: Any) -> None:
    theirs = run("link", "key", "-o", "osaka.pub", data="osaka").stdout.strip()
    run("link", "peers", "add", "osaka", "--key", "osaka.pub", "--writes")
    again = run("link", "peers", "add", "osaka", "--key", "osaka.pub", "--tlp", "amber", "--json")
    told = json.loads(again.stdout)
    assert (told["tlp"], told["writes"]) == ("amber", False)
    assert [one["fingerprint"] for one in told["keys"]] == [theirs]
    assert theirs in run("link", "peers", "list").stdout
    run("link", "peers", "drop", "osaka", theirs)
    assert json.loads(run("link", "peers", "list", "--json").stdout)["peers"][0]["keys"] == []
    run("link", "peers", "remove", "osaka")
    assert json.loads(run("link", "peers", "list", "--json").stdout) == {"peers": []}
    for words in (("remove", "osaka"), ("drop", "osaka", theirs)):
        with pytest.raises(NotFoundError):
            run("link", "peers", *words)


@pytest.mark.parametrize("name", ["", "Osaka", "a/b", "x" * 64, "a b"])
def test_a_name_that_makes_no_sense_is_refused(run: Any, name: str) -> None:
    run("crypto", "key", "a")
    with pytest.raises(UsageError):
        run("link", "peers", "add", name, "--key", "a.pub")


def test_options_that_do_not_go_together_are_refused(run: Any, tmp_path: Path) -> None:
    (tmp_path / "captures").mkdir()
    (tmp_path / "token").write_text("kns_x")
    to = ("telescope", "watch", "captures", "--once", "--to", "http://127.0.0.1:1")
    with pytest.raises(UsageError):
        run(*to, "--token-file", "token", "--nexus-key", "nexus.pub")
    with pytest.raises(UsageError):
        run(*to)
    with pytest.raises(InputError):
        run(*to, "--token-file", "token", "--key", "none")
