"""Live input through real sockets: what is sent is in the lake, what is lost is counted."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kaname.lake import Lake, Source
from kaname.model.errors import StoreFullError, UnavailableError
from kaname.model.marking import Tlp
from kaname.readers.live import Intake, place

MESSAGE = "<38>Dec 10 06:55:48 gate sshd[7]: Failed password for root from 192.0.2.7 port {} ssh2"


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "data") as opened:
        yield opened


def intake_at(lake: Lake, spec: str, **more: object) -> Intake:
    return Intake(lake, place(spec), sensor="edge", tlp=Tlp.GREEN, **more)


def send_datagrams(port: int, count: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(count):
            sender.sendto(MESSAGE.format(number).encode(), ("127.0.0.1", port))


def wait_for(condition, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.01)


def ports_in(lake: Lake) -> list[int]:
    found = lake.query(
        "SELECT CAST(ext ->> 'port' AS INTEGER) p FROM user_events ORDER BY p", limits=None
    )
    return [row[0] for row in found.rows()]


def test_every_datagram_is_committed_when_it_stops(lake):
    intake = intake_at(lake, "syslog=:0", every_s=60)
    intake.start()
    send_datagrams(intake.port, 500)
    wait_for(lambda: intake.standing().waiting == 500)
    assert lake.sources() == []  # nothing before the interval is over
    intake.stop()
    assert ports_in(lake) == list(range(500))
    (source,) = lake.sources()
    assert source.path.startswith("live:syslog:udp://127.0.0.1:")
    assert (source.records, source.rows, source.counters) == (500, 500, {"message": 500})
    assert (source.reader, source.sensor, source.tlp) == ("syslog", "edge", Tlp.GREEN)


def test_batches_are_committed_at_the_interval(lake):
    seen: list[Source] = []
    intake = intake_at(lake, "syslog=:0", every_s=0.2, committed=seen.append)
    intake.start()
    send_datagrams(intake.port, 10)
    wait_for(lambda: intake.standing().rows == 10)
    send_datagrams(intake.port, 5)
    wait_for(lambda: intake.standing().rows == 15)
    intake.stop()
    assert [source.rows for source in seen][:1] != [15]
    assert sum(source.rows for source in seen) == 15
    assert len({source.identity for source in seen}) == len(seen) >= 2


def test_silence_commits_nothing(lake):
    intake = intake_at(lake, "syslog=:0", every_s=0.05)
    intake.start()
    time.sleep(0.3)
    intake.stop()
    assert lake.sources() == []


def test_a_stream_by_octet_count_and_by_newline(lake):
    """RFC 6587, 3.4.1 and 3.4.2, cut at arbitrary places."""
    intake = intake_at(lake, "syslog=tcp://:0", every_s=60)
    intake.start()
    counted = "".join(f"{len(MESSAGE.format(n))} {MESSAGE.format(n)}" for n in range(100, 103))
    ended = "".join(f"{MESSAGE.format(n)}\n" for n in range(200, 203))
    for text in (counted, ended):
        with socket.create_connection(("127.0.0.1", intake.port)) as sender:
            for at in range(0, len(text), 31):
                sender.sendall(text[at : at + 31].encode())
    wait_for(lambda: intake.standing().waiting == 6)
    intake.stop()
    assert ports_in(lake) == [100, 101, 102, 200, 201, 202]


def test_a_sender_that_leaves_in_the_middle_is_counted(lake):
    intake = intake_at(lake, "syslog=tcp://:0", every_s=60)
    intake.start()
    with socket.create_connection(("127.0.0.1", intake.port)) as sender:
        sender.sendall(MESSAGE.format(1).encode() + b"\n" + b"400 <38>Dec 10")
    wait_for(lambda: intake.standing().waiting == 1)
    intake.stop()
    (source,) = lake.sources()
    assert source.counters == {"cut_off": 1, "message": 1}
    assert source.damaged


def test_a_unix_socket_is_taken_over_from_the_dead_and_removed(lake, tmp_path):
    path = tmp_path / "s.sock"
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(path))
    dead.close()
    intake = intake_at(lake, f"syslog={path}", every_s=60)
    intake.start()
    with socket.socket(socket.AF_UNIX) as sender:
        sender.connect(str(path))
        sender.sendall(MESSAGE.format(9).encode() + b"\n")
    wait_for(lambda: intake.standing().waiting == 1)
    intake.stop()
    assert ports_in(lake) == [9]
    assert not path.exists()


def test_only_allowed_senders_are_heard(lake):
    intake = intake_at(lake, "syslog=:0?allow=192.0.2.0/24", every_s=0.1)
    intake.start()
    send_datagrams(intake.port, 3)
    wait_for(lambda: intake.standing().notes.get("refused_sender") == 3)
    intake.stop()
    assert ports_in(lake) == []


def test_what_the_kernel_drops_is_counted(lake):
    """The receiver is held up, so the socket's buffer overflows; the sums must agree."""
    intake = intake_at(lake, "syslog=:0", every_s=60)
    intake.start()
    inlet = intake._inlet
    inlet._stop.set()  # the receiving thread ends; the socket stays open
    inlet._thread.join()
    sent = 60_000
    send_datagrams(intake.port, sent)
    inlet._stop.clear()
    inlet._thread = type(inlet._thread)(target=inlet._receive, daemon=True)
    inlet._thread.start()
    wait_for(lambda: intake.standing().waiting > 0)
    intake.stop()
    lost = intake.standing().lost["lost_kernel"]
    assert lost > 0
    assert intake.standing().rows + lost == sent
    assert lake.sources()[0].notes["lost_kernel"] == lost


def test_a_failed_commit_is_tried_again_with_the_same_rows(lake, monkeypatch):
    real, failures = lake.writer, [1, 2]

    def full(**given):
        if failures:
            failures.pop()
            raise StoreFullError("lake.error.full", folder="x")
        return real(**given)

    monkeypatch.setattr(lake, "writer", full)
    intake = intake_at(lake, "syslog=:0", every_s=0.1)
    intake.start()
    send_datagrams(intake.port, 20)
    wait_for(lambda: intake.standing().rows == 20)
    intake.stop()
    assert ports_in(lake) == list(range(20))


def test_a_port_in_use_is_said_at_once(lake):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        intake = intake_at(lake, f"syslog=:{taken.getsockname()[1]}")
        with pytest.raises(UnavailableError):
            intake.start()


V5_FLOW = struct.pack(
    ">IIIHHIIIIHHBBBBHHBBH", 0xC0000201, 0xC6336401, 0, 1, 2, 3, 180, 1000, 2000,
    1024, 443, 0, 2, 6, 0, 0, 0, 24, 24, 0,
)  # fmt: skip


def v5(sequence: int) -> bytes:
    """A NetFlow v5 datagram of one flow (Cisco, "NetFlow Export Datagram Format")."""
    return struct.pack(">HHIIIIBBH", 5, 1, 5000, 1_700_000_000, 0, sequence, 0, 0, 0) + V5_FLOW


def test_a_gap_in_sequence_numbers_is_shown_as_lost(lake):
    intake = intake_at(lake, "netflow=:0", every_s=60)
    intake.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for sequence in (0, 1, 2, 7, 8):  # 3 to 6 never came
            sender.sendto(v5(sequence), ("127.0.0.1", intake.port))
    wait_for(lambda: intake.standing().waiting == 5)
    intake.stop()
    assert (intake.standing().rows, intake.standing().lost) == (5, {"lost": 4})
    (source,) = lake.sources()
    assert source.notes["lost"] == 4
    rows = lake.query("SELECT ip(src_hi, src_lo), octets, sport, dport FROM flows").rows()
    assert rows == [["192.0.2.1", 180, 1024, 443]] * 5


def test_silence_of_an_exporter_commits_nothing(lake):
    intake = intake_at(lake, "netflow=:0", every_s=0.05)
    intake.start()
    time.sleep(0.3)
    intake.stop()
    assert lake.sources() == []


def test_templates_live_on_when_a_batch_is_cut(lake):
    """NetFlow v9 (RFC 3954): the template comes once, data in a later batch."""
    head = struct.pack(">HHIIII", 9, 1, 1000, 1_700_000_000, 0, 7)
    template = struct.pack(">HHHHHHHHHHHH", 0, 24, 256, 4, 8, 4, 12, 4, 2, 4, 1, 4)
    later = struct.pack(">HHIIII", 9, 1, 2000, 1_700_000_001, 1, 7)
    data = struct.pack(">HHIIII", 256, 20, 0xC0000209, 0xC6336409, 3, 300)
    intake = intake_at(lake, "netflow=:0", every_s=0.2)
    intake.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(head + template, ("127.0.0.1", intake.port))
        wait_for(lambda: intake.standing().records > 0 or intake.standing().batches > 0)
        sender.sendto(later + data, ("127.0.0.1", intake.port))
        wait_for(lambda: intake.standing().rows == 1)
    intake.stop()
    assert lake.query("SELECT ip(src_hi, src_lo), packets, octets FROM flows").rows() == [
        ["192.0.2.9", 3, 300]
    ]
