"""Bringing sources in: uploads, watched folders, states, and what is left behind."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.contract.api.conftest import Running

from kaname.model.marking import Tlp

DATA = Path(__file__).parents[4] / "shared" / "data" / "telescope"
CAPTURE = DATA / "scanner_tools.pcap.gz"
ENDED = {"done", "already", "damaged", "failed", "cancelled"}


@pytest.fixture
def running(tmp_path):
    """An empty nexus of its own, with a watched folder."""
    watched = tmp_path / "watched"
    watched.mkdir()
    with Running(tmp_path / "data", watch=[str(watched)]) as nexus:
        yield nexus


def inbox(running) -> list[Path]:
    return [path for path in running.services.jobs.inbox.rglob("*") if path.is_file()]


def wait(client, job: str) -> dict:
    """The job when it has ended; the suite's time limit ends a wait that has no end."""
    while True:
        found = next(j for j in client.get("/api/v1/ingest/jobs").json() if j["id"] == job)
        if found["state"] in ENDED:
            return found
        time.sleep(0.05)


def send(client, data: bytes, **params) -> dict:
    answer = client.post("/api/v1/ingest", params={"name": "x.pcap.gz", **params}, content=data)
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_an_upload_becomes_rows_and_leaves_no_file(running, client):
    analyst = client("analyst")
    job = wait(analyst, send(analyst, CAPTURE.read_bytes(), sensor="lab", tlp="green")["id"])
    assert job["state"] == "done", job
    assert (job["sensor"], job["tlp"], job["path"]) == ("lab", "green", "x.pcap.gz")
    source = analyst.get(f"/api/v1/lake/sources/{job['batch']}").json()
    assert source["records"] == sum(source["counters"].values()) == job["records"] > 0
    assert analyst.get("/api/v1/status").json()["rows"] == source["rows"] > 0
    assert inbox(running) == []


def test_the_same_bytes_twice_change_nothing(running, client):
    analyst = client("analyst")
    first = wait(analyst, send(analyst, CAPTURE.read_bytes())["id"])
    generation = running.services.lake.generation
    second = wait(analyst, send(analyst, CAPTURE.read_bytes(), name="other.gz")["id"])
    assert (first["state"], second["state"]) == ("done", "already")
    assert second["batch"] == first["batch"]
    assert running.services.lake.generation == generation


@pytest.mark.parametrize("data", [b"this is no capture at all", b"\x00" * 4096])
def test_what_no_reader_knows_fails_with_words_in_both_languages(running, client, data):
    analyst = client("analyst")
    job = wait(analyst, send(analyst, data)["id"])
    assert job["state"] == "failed"
    assert job["error"]["en"]
    assert not job["error"]["ja"].isascii()
    assert analyst.get("/api/v1/status").json()["sources"] == 0
    assert inbox(running) == []


def test_an_empty_upload_is_refused(running, client):
    answer = client("analyst").post("/api/v1/ingest", params={"name": "x"}, content=b"")
    assert answer.status_code == 422
    assert inbox(running) == []


def test_a_killed_upload_leaves_nothing(running):
    token = running.token("analyst")
    where = urlsplit(running.nexus.url)
    head = (
        f"POST /api/v1/ingest?name=big.pcap HTTP/1.1\r\nHost: {where.netloc}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: 100000000\r\n\r\n"
    )
    with socket.create_connection((where.hostname, where.port)) as connection:
        connection.sendall(head.encode() + b"\xd4\xc3\xb2\xa1" * 100_000)
        while not inbox(running):
            time.sleep(0.02)
    while inbox(running):
        time.sleep(0.02)
    assert running.services.jobs.jobs() == []


def test_an_upload_that_was_accepted_survives_the_process(tmp_path):
    data = tmp_path / "data"
    with Running(data) as first:
        folder = first.services.jobs.inbox / "upload-0123456789abcdef"
        half = first.services.jobs.inbox / "upload-fedcba9876543210"
    # As a process leaves it that was killed after it had answered 202, and amid another.
    for each in (folder, half):
        each.mkdir()
        (each / "x.pcap.gz").write_bytes(CAPTURE.read_bytes())
    (folder / ".job").write_text(
        '{"file":"x.pcap.gz","sensor":"lab","tlp":"clear","packets":false,"actor":"mika"}'
    )
    with Running(data) as second, second.client() as client:
        [job] = second.services.jobs.jobs()
        assert wait(client, job.id)["state"] == "done"
        assert (job.sensor, job.tlp) == ("lab", Tlp.CLEAR)
        assert inbox(second) == []


def test_a_file_in_a_watched_folder_is_taken_in(running, client):
    folder = running.nexus.settings.watch[0]
    (folder / "capture.pcap.gz").write_bytes(CAPTURE.read_bytes())
    viewer = client()
    while not (jobs := viewer.get("/api/v1/ingest/jobs").json()):
        time.sleep(0.1)
    assert wait(viewer, jobs[0]["id"])["state"] == "done"
    assert (folder / "capture.pcap.gz").exists()


def test_paths_must_lie_below_a_watched_folder(running, client, tmp_path):
    folder = running.nexus.settings.watch[0]
    outside = tmp_path / "secret.pcap"
    outside.write_bytes(b"x")
    (folder / "link").symlink_to(outside)
    analyst = client("analyst")
    for path in (outside, folder / "link", folder / ".." / "secret.pcap", folder / "missing"):
        answer = analyst.post("/api/v1/ingest/paths", json={"paths": [str(path)]})
        assert answer.status_code == 403, path
        assert answer.json()["code"] == "api.error.not_watched"
    assert running.services.jobs.jobs() == []


@pytest.mark.parametrize("sensor", ["a b", "x" * 65, "../up", "DROP;"])
def test_sensors_have_plain_names(running, client, sensor):
    answer = client("analyst").post(
        "/api/v1/ingest", params={"name": "x", "sensor": sensor}, content=b"x"
    )
    assert answer.status_code == 400
    assert inbox(running) == []


def test_a_job_that_ended_cannot_be_cancelled(running, client):
    analyst = client("analyst")
    job = wait(analyst, send(analyst, b"nothing that anybody can read")["id"])
    answer = analyst.delete(f"/api/v1/ingest/jobs/{job['id']}")
    assert answer.status_code == 409


def test_progress_is_told_on_the_bus(running, client):
    start = running.services.bus.cursor
    analyst = client("analyst")
    job = wait(analyst, send(analyst, CAPTURE.read_bytes())["id"])
    with running.services.bus.subscribe("ingest.*", cursor=start) as subscription:
        told = []
        while (message := subscription.get(timeout=1.0)) is not None:
            told.append((message.topic, message.body["state"]))
    assert ("ingest.progress", "queued") in told
    assert ("ingest.progress", "running") in told
    assert told[-1] == ("ingest.done", job["state"])


def test_a_fault_in_one_job_does_not_stop_the_next(running, client, monkeypatch):
    analyst = client("analyst")
    with monkeypatch.context() as patched:
        patched.setattr("kaname.readers.ingest.ingest", lambda *_, **__: 1 // 0)
        broken = wait(analyst, send(analyst, CAPTURE.read_bytes())["id"])
    assert broken["state"] == "failed"
    assert broken["id"] in broken["error"]["ja"]  # by which the log has it
    assert "division" not in broken["error"]["en"]
    assert wait(analyst, send(analyst, CAPTURE.read_bytes())["id"])["state"] == "done"
    assert inbox(running) == []


def test_running_and_waiting_jobs_are_cancelled_and_leave_nothing(running, client, monkeypatch):
    from kaname.model.errors import CancelledError

    def endless(*_, cancel, **__):
        cancel.wait()
        raise CancelledError("readers.error.cancelled")

    monkeypatch.setattr("kaname.readers.ingest.ingest", endless)
    analyst = client("analyst")
    jobs = [send(analyst, bytes([n]) * 1000)["id"] for n in range(2)]
    for job in reversed(jobs):  # the one that waits first
        assert analyst.delete(f"/api/v1/ingest/jobs/{job}").status_code == 200
    assert {wait(analyst, job)["state"] for job in jobs} == {"cancelled"}
    assert inbox(running) == []
    assert analyst.get("/api/v1/status").json()["ingesting"] == 0


def test_an_upload_can_name_its_reader(running, client):
    analyst = client("analyst")
    line = b"Dec 10 06:55:48 gate sshd[7]: Failed password for root from 192.0.2.7 port 1 ssh2\n"
    text, options = line * 2 + b"rubbish\n", ["year=2019", "zone=Asia/Tokyo"]
    job = wait(analyst, send(analyst, text, reader="syslog", option=options, name="x")["id"])
    assert (job["state"], job["rows"]) == ("damaged", 2)
    source = analyst.get(f"/api/v1/lake/sources/{job['batch']}").json()
    assert source["reader"] == "syslog"
    kept = running.services.lake.source(int(job["batch"]))
    assert kept.first_us == 1_575_928_548_000_000  # 2019-12-09T21:55:48Z
    refused = analyst.post("/api/v1/ingest", params={"name": "x", "reader": "no"}, content=line)
    assert refused.status_code == 400
    assert inbox(running) == []


def test_listeners_are_none_unless_settings_name_them(client):
    assert client("viewer").get("/api/v1/ingest/listeners").json() == []
