from __future__ import annotations

import pytest

from kaname.api.uploads import PREFIX
from kaname.model.marking import Tlp
from kaname.nexus.inbox import Note, accepted, leave

NOTE = Note("x.pcap", "lab", Tlp.AMBER_STRICT, packets=True, actor="mika")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / f"{PREFIX}1"
    made.mkdir()
    return made


def test_a_note_is_read_as_it_was_left(tmp_path, folder):
    (folder / "x.pcap").write_bytes(b"x")
    leave(folder, NOTE)
    assert list(accepted(tmp_path)) == [(folder / "x.pcap", NOTE)]


@pytest.mark.parametrize("note", [None, b"", b"{}", b'{"file":"x.pcap","tlp":"purple"}'])
def test_an_upload_without_a_readable_note_is_removed(tmp_path, folder, note):
    (folder / "x.pcap").write_bytes(b"x")
    if note is not None:
        (folder / ".job").write_bytes(note)
    assert list(accepted(tmp_path)) == []
    assert not folder.exists()


def test_a_note_without_its_file_is_removed(tmp_path, folder):
    leave(folder, NOTE)
    assert list(accepted(tmp_path)) == []
    assert not folder.exists()


def test_what_others_keep_in_the_inbox_is_left_alone(tmp_path):
    spool = tmp_path / "stdin-abc"
    spool.write_bytes(b"x")
    assert list(accepted(tmp_path)) == []
    assert spool.exists()
