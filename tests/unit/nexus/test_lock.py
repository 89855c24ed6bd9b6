from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kaname.model.errors import ConflictError, StoreAccessError
from kaname.nexus.lock import DataLock

_HOLD = """
import sys
from pathlib import Path
from kaname.nexus.lock import DataLock
lock = DataLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the folder."""
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_nexus_is_told_who_holds_the_folder(tmp_path, holder):
    with pytest.raises(ConflictError) as caught:
        DataLock(tmp_path).acquire()
    assert str(holder.pid) in str(caught.value)


def test_a_killed_holder_leaves_the_folder_free(tmp_path, holder):
    holder.kill()
    holder.wait()
    lock = DataLock(tmp_path)
    lock.acquire()
    assert (tmp_path / "nexus.lock").read_text() == str(os.getpid())
    lock.release()


def test_the_folder_is_made_and_given_back(tmp_path):
    lock = DataLock(tmp_path / "new" / "data")
    lock.acquire()
    lock.release()
    lock.release()
    again = DataLock(tmp_path / "new" / "data")
    again.acquire()
    again.release()


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreAccessError):
        DataLock(tmp_path / "file" / "data").acquire()
