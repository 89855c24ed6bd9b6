"""The process as a whole: how it starts, how it stops, what it does not load."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from kaname.model.errors import ConflictError, StoreAccessError, UnavailableError, UsageError
from kaname.model.settings import Settings
from kaname.nexus.lock import DataLock
from kaname.nexus.service import Nexus

_UP = """
import sys
from pathlib import Path
from kaname.model.settings import Settings
from kaname.nexus.service import Nexus
given = {"data": sys.argv[1], "listen": "127.0.0.1:0", "language": sys.argv[2]}
Nexus(Settings.load(given, environment={}, folder=Path(sys.argv[1]).parent)).run()
loaded = sorted({"duckdb", "pyarrow", "ibis", "numpy"} & sys.modules.keys())
print("loaded", loaded, flush=True)
"""
_LINK = re.compile(r"(http://127\.0\.0\.1:\d+/)#/login\?token=(kn_\S+)")


def settings(data: Path, **flags: object) -> Settings:
    given = {"data": data, "listen": "127.0.0.1:0", "language": "en", **flags}
    return Settings.load(given, environment={}, folder=data.parent)


@pytest.fixture
def process(tmp_path):
    """`kaname up` in a process of its own, and the link that it printed."""
    command = [sys.executable, "-W", "error", "-c", _UP, str(tmp_path / "data"), "ja"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        line = child.stdout.readline()
        yield child, line
        if child.poll() is None:
            child.kill()


def get(url: str, token: str) -> bytes:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
        return answer.read()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_though_a_stream_is_open(process, how):
    child, line = process
    url, token = _LINK.search(line).groups()
    request = urllib.request.Request(  # noqa: S310
        f"{url}api/v1/events", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as stream:  # noqa: S310
        assert stream.readline() == b"retry: 2000\n"
        child.send_signal(how)
        assert child.wait(15) == 0
    out, err = child.communicate()
    assert out.startswith("loaded")
    assert [json.loads(text)["event"] for text in err.splitlines()] == ["link key", "stopped"]


def test_the_first_page_loads_no_query_engine(process):
    child, line = process
    assert "動いています" in line
    url, token = _LINK.search(line).groups()
    for path in ("", "api/v1/me", "api/v1/status", "api/v1/findings", "api/v1/summary"):
        get(url + path, token)
    child.terminate()
    assert child.communicate(timeout=15)[0] == "loaded []\n"


def test_a_taken_port_is_said_before_anything_is_made(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UnavailableError):
            Nexus(settings(tmp_path / "data", listen=listen)).run()
    assert not (tmp_path / "data").exists()


def test_a_folder_that_another_nexus_holds_is_left_alone(tmp_path):
    lock = DataLock(tmp_path / "data")
    lock.acquire()
    try:
        with pytest.raises(ConflictError):
            Nexus(settings(tmp_path / "data")).run()
    finally:
        lock.release()
    assert not (tmp_path / "data" / "knowledge.sqlite").exists()


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreAccessError):
        Nexus(settings(tmp_path / "file" / "data")).run()


def test_a_watched_folder_that_is_not_there_is_said_at_start(tmp_path):
    with pytest.raises(UsageError) as caught:
        Nexus(settings(tmp_path / "data", watch=[str(tmp_path / "no")])).run()
    assert caught.value.key == "nexus.error.watch_missing"
    lock = DataLock(tmp_path / "data")
    lock.acquire()  # and everything was given back
    lock.release()


def test_a_nexus_stopped_before_it_ran_does_not_run(tmp_path):
    nexus = Nexus(settings(tmp_path / "data"))
    nexus.stop()
    nexus.run()
    assert not nexus.started.is_set()
