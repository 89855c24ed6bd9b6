"""`kaname ingest` on folders and with options: exit codes, sums, what is kept and refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kaname.cli.main import root
from kaname.lake import Lake
from kaname.model.errors import InputError, UnknownFormatError, UsageError

Kaname = Callable[..., int]
SSH = "Dec 31 23:59:59 h sshd[1]: Failed password for root from 192.0.2.7 port 1 ssh2\n"
EVE = '{"timestamp":"2024-05-01T00:00:00+0000","event_type":"stats","flow_id":1}\n'


@pytest.fixture
def kaname(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kaname:
    monkeypatch.setenv("KANAME_LANG", "en")
    monkeypatch.setenv("KANAME_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> int:
        return root.main(arguments, standalone_mode=False) or 0

    return run


def rows(tmp_path: Path, sql: str) -> list[list[object]]:
    with Lake.open(tmp_path / "data") as lake:
        return lake.query(sql).rows()


def test_a_folder_is_read_past_what_nobody_knows_and_summed_up(kaname, tmp_path, capsys):
    inside = tmp_path / "in" / "deep"
    inside.mkdir(parents=True)
    (inside / "auth.log").write_text(SSH)
    (inside / "program").write_bytes(b"\x7fELF" + bytes(100))
    (inside / "empty").touch()
    (tmp_path / "in" / "eve.json").write_text(EVE + "{broken\n" + EVE)
    assert kaname("ingest", "in") == 3
    said = capsys.readouterr().err
    assert "4 sources, 1 rows: 1 done, 2 not read, 1 damaged" in said
    assert "no reader knows the format of in/deep/program" in said
    assert rows(tmp_path, "SELECT count(*) FROM user_events") == [[1]]
    assert kaname("ingest", "in/deep/auth.log") == 0
    assert "in the lake already" in capsys.readouterr().err


def test_what_nobody_knows_alone_is_an_error(kaname, tmp_path):
    (tmp_path / "program").write_bytes(b"\x7fELF" + bytes(100))
    assert kaname("ingest", "program") == UnknownFormatError.exit_code


def test_options_of_a_reader_are_typed_and_checked(kaname, tmp_path, capsys):
    (tmp_path / "auth.log").write_text(SSH)
    zone = ("--option", "zone=Asia/Tokyo", "--option", "year=2019")
    assert kaname("ingest", "auth.log", *zone) == 0
    assert rows(tmp_path, "SELECT epoch_us(ts) FROM user_events") == [[1_577_804_399_000_000]]
    capsys.readouterr()
    assert kaname("ingest", "auth.log", "--replace", "--option", "colour=red") == 2
    assert 'the reader syslog has no option "colour"; it has: zone, year' in capsys.readouterr().err
    with pytest.raises(UsageError):
        kaname("ingest", "auth.log", "--option", "zone")


def test_the_reader_can_be_named(kaname, tmp_path, capsys):
    (tmp_path / "x").write_text("free text that nobody knows\n" + SSH * 3)
    assert kaname("ingest", "x", "--reader", "syslog") == 3
    assert rows(tmp_path, "SELECT count(*) FROM user_events") == [[3]]
    assert kaname("ingest", "x", "--reader", "nothing", "--replace") == 2
    assert "There is no reader" in capsys.readouterr().err


def test_ruins_are_refused_unless_forced(kaname, tmp_path, capsys):
    (tmp_path / "x").write_text("rubbish\n" * 3 + SSH * 2)
    assert kaname("ingest", "x", "--reader", "syslog") == InputError.exit_code
    assert "3 of 5 records are damaged" in capsys.readouterr().err
    with Lake.open(tmp_path / "data") as lake:
        assert lake.sources() == []
    assert kaname("ingest", "x", "--reader", "syslog", "--force") == 3
    assert rows(tmp_path, "SELECT count(*) FROM user_events") == [[2]]


def test_half_is_not_most(kaname, tmp_path):
    (tmp_path / "x").write_text("rubbish\n" * 2 + SSH * 2)
    assert kaname("ingest", "x", "--reader", "syslog") == 3


def test_readers_and_listeners_are_listed(kaname, capsys):
    assert kaname("ingest", "--list", "--json") == 0
    known = {one["name"]: one for one in json.loads(capsys.readouterr().out)["readers"]}
    assert known["syslog"]["options"] == ["zone", "year"]
    assert "Suricata EVE JSON" in known["eve"]["formats"]
    assert kaname("listen", "--list", "--json") == 0
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["listeners"]}
    assert found["syslog"]["port"] == 5514


def test_nowhere_to_listen_is_said(kaname):
    with pytest.raises(UsageError, match="nowhere to listen"):
        kaname("listen")
