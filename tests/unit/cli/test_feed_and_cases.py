"""`kaname feed` and `kaname cases`: exit codes, what is kept, what is refused."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kaname.cli.main import root
from kaname.intelligence.store import FusionStore
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.records import ArtifactKind

Kaname = Callable[..., int]
LINE = (
    '{"id":"o%d","ts":"2025-06-02T00:00:18Z","source":"darknet","kind":"scan","tlp":"green",'
    '"artifacts":[{"type":"ipv4-addr","value":"198.18.11.%d","role":"src"}]}\n'
)


@pytest.fixture
def kaname(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kaname:
    monkeypatch.setenv("KANAME_LANG", "en")
    monkeypatch.setenv("KANAME_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> int:
        return root.main(arguments, standalone_mode=False) or 0

    return run


def known(tmp_path: Path, value: str) -> bool:
    store = FusionStore.open(tmp_path / "data" / "intelligence" / "store", read_only=True)
    try:
        return bool(store.items(ArtifactKind.IP, value))
    finally:
        store.close()


def test_lines_from_a_pipe_are_kept_beside_damaged_ones(kaname, tmp_path, capsys, monkeypatch):
    body = (LINE % (1, 1) + "{oops\n" + LINE % (2, 2)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
    assert kaname("feed", "read", "-", "--json") == 3
    out, err = capsys.readouterr()
    assert json.loads(out) == {"new": 2, "duplicates": 0, "rejected": 1}
    assert err.startswith("2: ")
    assert known(tmp_path, "198.18.11.2")


def test_a_feed_from_adding_to_removing(kaname, tmp_path, capsys):
    (tmp_path / "list.txt").write_text("198.51.100.7\n# comment\nbad[.]example\n")
    assert kaname("feed", "add", "mine", "--kind", "text", "--path", "list.txt") == 0
    assert kaname("feed", "poll", "mine") == 0
    assert capsys.readouterr().out == "mine\t2\t0\t0\t\n"
    assert kaname("feed", "list") == 0
    assert capsys.readouterr().out.startswith("mine\ttext\tidle\t")
    assert kaname("feed", "show", "mine") == 0
    assert capsys.readouterr().out.split("\t")[1:] == ["1", "2", "0", "0\n"]
    assert known(tmp_path, "198.51.100.7")
    (tmp_path / "list.txt").unlink()
    assert kaname("feed", "poll", "mine") == 1
    assert kaname("feed", "remove", "mine") == 0
    with pytest.raises(NotFoundError):
        kaname("feed", "poll", "mine")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--kind", "text"),
        ("--kind", "text", "--url", "http://a.example/", "--path", "x"),
        ("--kind", "text", "--url", "http://a.example/", "--every", "1s"),
    ],
)
def test_a_feed_that_cannot_work_is_refused(kaname, arguments):
    with pytest.raises(UsageError):
        kaname("feed", "add", "mine", *arguments)


def test_a_case_takes_what_one_pastes(kaname, capsys):
    kaname("cases", "open", "不審な通信", "--tlp", "green")
    case = capsys.readouterr().out.strip()
    kaname("cases", "add", case, "hxxp://bad[.]example/x", "ip:198.51.100.7", "entity:G0016")
    kaname("cases", "note", case, "端末を隔離した")
    kaname("cases", "state", case, "closed")
    capsys.readouterr()
    kaname("cases", "show", case, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert [(item["kind"], item["value"]) for item in shown["items"]] == [
        ("url", "http://bad.example/x"),
        ("ip", "198.51.100.7"),
        ("entity", "G0016"),
    ]
    assert shown["state"] == "closed"
    kaname("cases", "list", "--state", "closed")
    assert "不審な通信" in capsys.readouterr().out
    with pytest.raises(UsageError):
        kaname("cases", "add", case, "???")
