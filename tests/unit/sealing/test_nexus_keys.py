"""The key of a nexus: made once, whole, for its owner only; two are valid while it changes."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from kaname.model.errors import ConflictError, InputError, KanameError, NotFoundError
from kaname.sealing import nexus_keys
from kaname.sealing.hybrid import MLKEM1024_P384, XWING
from kaname.sealing.keyfiles import make
from kaname.sealing.link_keys import link_key, link_public_key
from kaname.sealing.message import open_message, seal_message
from kaname.sealing.nexus_keys import NexusKeys


def test_it_is_made_on_first_use_and_stays(tmp_path: Path) -> None:
    made = NexusKeys(tmp_path).current
    path = tmp_path / "keys" / "link.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert NexusKeys(tmp_path).current.public == made.public
    assert [one.name for one in path.parent.iterdir()] == ["link.key"]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    found: list[str] = []
    several = [NexusKeys(tmp_path) for _ in range(8)]
    threads = [
        threading.Thread(target=lambda one=one: found.append(one.current.public.fingerprint))
        for one in several
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_two_are_valid_until_the_old_one_is_retired(tmp_path: Path) -> None:
    running, sender = NexusKeys(tmp_path), NexusKeys(tmp_path / "sensor").current
    old = running.current
    raw = seal_message(b"x", old.public, sender, "p")
    made = NexusKeys(tmp_path).rotate()  # by another process
    assert [one.public for one in running.valid] == [made.public, old.public]
    assert open_message(raw, running.valid, [sender.public], "p").own.public == old.public
    with pytest.raises(ConflictError):
        NexusKeys(tmp_path).rotate()
    NexusKeys(tmp_path).retire()
    assert [one.public for one in running.valid] == [made.public]
    with pytest.raises(InputError):
        open_message(raw, running.valid, [sender.public], "p")
    with pytest.raises(NotFoundError):
        running.retire()


def test_killed_while_it_changes_nothing_is_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = NexusKeys(tmp_path)
    old = keys.current.public
    drawn = nexus_keys.LinkKey.drawn

    class Killed(BaseException):
        """As a signal would."""

    def kill(_kem: object) -> None:
        raise Killed

    monkeypatch.setattr(nexus_keys.LinkKey, "drawn", kill)
    with pytest.raises(Killed):
        keys.rotate()
    monkeypatch.setattr(nexus_keys.LinkKey, "drawn", drawn)
    again = NexusKeys(tmp_path)
    assert [one.public for one in again.valid] == [old]
    made = again.rotate()
    assert [one.public for one in NexusKeys(tmp_path).valid] == [made.public, old]


def test_a_change_of_keys_may_change_their_kind(tmp_path: Path) -> None:
    keys = NexusKeys(tmp_path)
    assert keys.current.opening.kem is XWING
    assert keys.rotate(MLKEM1024_P384).opening.kem is MLKEM1024_P384
    keys.retire()
    assert keys.rotate().opening.kem is MLKEM1024_P384  # as before
    sender = NexusKeys(tmp_path / "sensor").current
    for own in keys.valid:
        raw = seal_message(b"x", own.public, sender, "p")
        assert open_message(raw, keys.valid, [sender.public], "p").own.public == own.public


def test_a_half_file_of_a_killed_process_is_in_nobodys_way(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / ".link.key.abc123").write_text("kaname-open")
    assert NexusKeys(tmp_path).current


def test_what_is_no_key_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    for wrong in (b"", b"kaname-opening-key-1 AAAA\n", os.urandom(3000)):
        (folder / "link.key").write_bytes(wrong)
        with pytest.raises(InputError):
            _ = NexusKeys(tmp_path).current
        assert (folder / "link.key").read_bytes() == wrong  # never replaced by itself


def test_the_command_s_key_files_are_link_keys(tmp_path: Path) -> None:
    public = make(tmp_path / "sensor.key")
    own = link_key(tmp_path / "sensor.key")
    assert own.public == link_public_key(public.read_text())
    with pytest.raises(ConflictError):
        make(tmp_path / "sensor.key")
    (tmp_path / "sensor.key").unlink()
    with pytest.raises(ConflictError):  # never a new pair beside an old half
        make(tmp_path / "sensor.key")
    with pytest.raises(KanameError):
        link_key(public)
