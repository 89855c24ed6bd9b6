"""dnstap against the capture of the same traffic, and over real sockets."""

from __future__ import annotations

import gzip
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.readers.reading import DATA, read, read_bytes

from kaname.lake import Lake
from kaname.model.errors import InputError
from kaname.model.marking import Tlp
from kaname.readers.dns.capture import DnsCaptureReader
from kaname.readers.dns.dnstap import DnstapReader
from kaname.readers.ingest import detect
from kaname.readers.live import Intake, place

DNSTAP = DATA / "dns" / "unbound.dnstap.gz"
CONTENT_TYPE = b"protobuf:dnstap.Dnstap"
ACCEPT, START, STOP, READY, FINISH = range(1, 6)


@pytest.fixture(scope="module")
def stream() -> bytes:
    return gzip.decompress(DNSTAP.read_bytes())


def test_detection() -> None:
    assert detect(DNSTAP).name == "dnstap"


def test_the_same_rows_as_the_capture() -> None:
    told, report = read(DnstapReader(), DNSTAP)
    captured, _ = read(DnsCaptureReader(), DATA / "dns" / "dns.pcap.gz")
    assert report.counters == {"dns": 11974}
    assert report.notes == {"queries": 5987, "responses": 5987, "joined": 5987}
    # The resolver listened on another port, which the capture was mapped from; its clock
    # was read a little later than that of the capture.
    same = ("dns_id", "qname", "regdom", "qtype", "rcode", "state", "head_bits", "src", "sport")
    same += ("edns_do", "an_count", "ns_count", "ar_count", "min_ttl", "req_len", "res_len")

    def counted(rows: list[dict]) -> Counter:
        texts = ((*tuple(row[n] for n in same), str(row["answers"])) for row in rows)
        return Counter(texts)

    assert counted(told) == counted(captured)
    assert {row["ext"] for row in told} == {'{"dnstap":"CLIENT","identity":"ub1"}'}
    late = [a["ts"] - b["ts"] for a, b in zip(told, captured, strict=True)]
    assert all(0 <= us < 100_000 for us in late)


def test_cut_and_damaged_files(tmp_path: Path, stream: bytes) -> None:
    rows, report = read_bytes(DnstapReader(), tmp_path, stream[:100_000])
    assert report.damaged
    assert (report.counters["cut_frame"], report.bad_records) == (1, 1)
    torn = bytearray(stream)
    torn[50_000:50_300] = bytes(300)
    rows, report = read_bytes(DnstapReader(), tmp_path, bytes(torn))
    assert report.damaged
    assert len(rows) >= 5987 - 5  # about 300 bytes are three frames
    packed = gzip.compress(stream)
    _, report = read_bytes(DnstapReader(), tmp_path, packed[: len(packed) // 2])
    assert report.damaged
    assert report.counters["dns"] > 1000


def test_what_is_no_dnstap(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="protobuf:dnstap"):
        read_bytes(DnstapReader(), tmp_path, b"GET / HTTP/1.1\r\n\r\n")


def control(kind: int, *, typed: bool = False) -> bytes:
    """A control frame of Frame Streams."""
    body = struct.pack(">I", kind)
    if typed:
        body += struct.pack(">II", 1, len(CONTENT_TYPE)) + CONTENT_TYPE
    return struct.pack(">II", 0, len(body)) + body


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "data") as opened:
        yield opened


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.01)


def exactly(connection: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        piece = connection.recv(count - len(got))
        assert piece, "hung up"
        got += piece
    return got


def test_a_name_server_connects(lake: Lake, tmp_path: Path, stream: bytes) -> None:
    path = tmp_path / "dnstap.sock"
    intake = Intake(lake, place(f"dnstap={path}"), sensor="ns1", tlp=Tlp.GREEN, every_s=60)
    intake.start()
    frames = stream.removeprefix(control(START, typed=True)).removesuffix(control(STOP))
    assert len(frames) < len(stream)
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(str(path))
        server.settimeout(20)
        server.sendall(control(READY, typed=True))
        accept = control(ACCEPT, typed=True)
        assert exactly(server, len(accept)) == accept
        server.sendall(control(START, typed=True) + frames + control(STOP))
        assert exactly(server, len(control(FINISH))) == control(FINISH)
    intake.stop()
    found = lake.query("SELECT count(*), sum((state = 'both')::int) FROM dns", limits=None)
    assert list(found.rows()) == [[5987, 5987]]
    sources = lake.sources()
    assert sum(source.records for source in sources) == 11974
    assert not any(source.damaged for source in sources)


def test_another_protocol_is_hung_up_on(lake: Lake) -> None:
    intake = Intake(lake, place("dnstap=tcp://:0"), sensor="ns1", tlp=Tlp.GREEN, every_s=60)
    intake.start()
    with socket.create_connection(("127.0.0.1", intake.port), timeout=20) as sender:
        sender.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert sender.recv(100) == b""
    intake.stop()
    assert intake.standing().notes["refused_stream"] == 1
