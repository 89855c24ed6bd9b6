"""Several places at once, in the nexus and by the command; a kill loses one interval at most."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from kaname.bus import open_bus
from kaname.lake import Lake
from kaname.model.errors import UnavailableError, UsageError
from kaname.model.marking import Tlp
from kaname.nexus import listeners as module
from kaname.nexus.listeners import Listeners, places

LINE = "<38>Dec 10 06:55:48 gate sshd[7]: Failed password for root from 192.0.2.7 port {} ssh2"


def send(port: int, numbers: range) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in numbers:
            sender.sendto(LINE.format(number).encode(), ("127.0.0.1", port))


def wait_for(condition, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.02)


def rows_in(data: Path) -> int:
    with Lake.open(data) as lake:
        return sum(table.rows for table in lake.tables())


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_places_commit_side_by_side_and_are_told_of_on_the_bus(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TELL_EVERY_S", 0.1)
    told: list[dict] = []
    with Lake.open(tmp_path) as lake, open_bus(f"journal://{tmp_path / 'bus.sqlite'}") as bus:
        with bus.subscribe("health") as health:
            group = Listeners(
                lake,
                places(["syslog=:0?sensor=a", "syslog=:0?sensor=b"]),
                sensor="x", tlp=Tlp.GREEN, every_s=0.2, bus=bus,
            )  # fmt: skip
            group.start()
            for port in group.ports():
                send(port, range(50))
            wait_for(lambda: sum(s.rows for s in group.standings()) == 100)
            group.stop()
            wait_for(lambda: told.append(health.get(timeout=1.0).body) or len(told) >= 1)
        assert {source.sensor for source in lake.sources()} == {"a", "b"}
    assert {one["sensor"] for one in told[-1]["listeners"]} == {"a", "b"}


def test_when_one_place_cannot_be_had_none_stays_open(tmp_path):
    port = free_port()
    with Lake.open(tmp_path) as lake, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        wanted = places([f"syslog=:{port}", f"syslog=:{taken.getsockname()[1]}"])
        group = Listeners(lake, wanted, sensor="x", tlp=Tlp.GREEN, every_s=1)
        with pytest.raises(UnavailableError):
            group.start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind(("127.0.0.1", port))


def test_the_same_place_twice_is_refused():
    with pytest.raises(UsageError):
        places(["syslog=:5514", "syslog=:5514"])


def listening(data: Path, port: int, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kaname", "--data", str(data), "--lang", "en", "listen",
               f"syslog=:{port}?sensor=cli", *more]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert "listening for syslog" in child.stderr.readline()
    return child


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_commits_what_came_when_it_is_told_to_end(tmp_path, how):
    port = free_port()
    with listening(tmp_path, port, "--every", "600", "--json") as child:
        send(port, range(300))
        time.sleep(0.5)
        child.send_signal(how)
        out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    (standing,) = json.loads(out)["listeners"]
    assert (standing["rows"], standing["lost"], standing["sensor"]) == (300, {}, "cli")
    assert rows_in(tmp_path) == 300


def test_a_kill_keeps_every_committed_batch_and_loses_only_the_last(tmp_path):
    port = free_port()
    with listening(tmp_path, port, "--every", "1") as child:
        send(port, range(100))
        wait_for(lambda: rows_in(tmp_path) == 100)
        send(port, range(100, 140))
        child.kill()
        child.communicate(timeout=60)
    kept = rows_in(tmp_path)
    assert kept in {100, 140}  # the second lot: all of it or nothing of it
    with Lake.open(tmp_path) as lake:
        assert lake.verify().damaged == ()


def test_up_listens_at_the_places_of_the_settings(tmp_path):
    from kaname.model.settings import Settings
    from kaname.nexus.service import Nexus

    port = free_port()
    given = {
        "data": tmp_path, "listen": "127.0.0.1:0", "language": "en",
        "listen_to": (f"syslog=:{port}",), "listen_seconds": 1,
    }  # fmt: skip
    nexus = Nexus(Settings.load(given, environment={}, folder=tmp_path))
    import threading

    thread = threading.Thread(target=nexus.run)
    thread.start()
    try:
        assert nexus.started.wait(60)
        send(port, range(25))
        token = (tmp_path / "admin.token").read_text().strip()

        def rows() -> int:
            request = urllib.request.Request(  # noqa: S310 - our own address
                f"{nexus.url}api/v1/ingest/listeners",
                headers={"Authorization": f"Bearer {token}"},
            )
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)[0]["rows"]

        wait_for(lambda: rows() == 25)
    finally:
        nexus.stop()
        thread.join(60)
    assert rows_in(tmp_path) == 25
