from __future__ import annotations

import asyncio

import pytest
from litestar.exceptions import InternalServerException

from kaname.api.uploads import PREFIX, discard, receive
from kaname.model.errors import CancelledError, InputError


async def pieces(*parts, broken=False):
    for part in parts:
        yield part
    if broken:
        raise InternalServerException("client disconnected prematurely")


def upload(inbox, name, *parts, broken=False):
    return asyncio.run(receive(pieces(*parts, broken=broken), inbox, name))


def test_a_whole_upload_is_one_file_in_a_folder_of_its_own(tmp_path):
    path = upload(tmp_path, "capture.pcap.gz", b"abc", b"", b"def")
    assert path.read_bytes() == b"abcdef"
    assert path.name == "capture.pcap.gz"
    assert path.parent.parent == tmp_path
    assert path.parent.name.startswith(PREFIX)
    discard(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("/absolute/x.pcap", "x.pcap"),
        ("..", "upload"),
        (".job", "job"),  # the note that lies beside an upload begins with a dot
        ("a b;rm -rf.pcap", "a_b_rm_-rf.pcap"),
        ("観測.pcap", "観測.pcap"),
        ("x" * 300 + ".pcap", "x" * 115 + ".pcap"),
    ],
)
def test_no_name_leads_out_of_the_inbox(tmp_path, name, kept):
    path = upload(tmp_path, name, b"abc")
    assert path.name == kept
    assert path.resolve().parent.parent == tmp_path.resolve()


def test_a_client_that_goes_away_leaves_nothing(tmp_path):
    with pytest.raises(CancelledError):
        upload(tmp_path, "x", b"abc", broken=True)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_body_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError):
        upload(tmp_path, "x")
    assert list(tmp_path.iterdir()) == []


def test_an_inbox_that_cannot_be_written_is_said_so(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    with pytest.raises(InputError) as caught:
        upload(blocked, "x", b"abc")
    assert str(blocked) in str(caught.value)


def test_discard_removes_uploads_only(tmp_path):
    precious = tmp_path / "captures" / "a.pcap"
    precious.parent.mkdir()
    precious.write_bytes(b"x")
    discard(precious)
    assert precious.exists()
