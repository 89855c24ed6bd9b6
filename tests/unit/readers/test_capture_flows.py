"""Flows of packets: timeouts by hand, totals against nfpcapd."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pyarrow as pa

from kaname.model.address import to_text
from kaname.model.marking import Tlp
from kaname.readers.capture_flows import CaptureFlowsReader
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import detect

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake" / "ddos"
START = 1_700_000_000
SYN, ACK, FIN = 2, 16, 1


def read(path: Path) -> tuple[list[dict[str, Any]], ReadJob]:
    job = ReadJob(path=path, sensor="test", tlp=Tlp.AMBER, batch=7)
    batches = [batch for _, batch in CaptureFlowsReader().read(job)]
    return pa.Table.from_batches(batches).to_pylist(), job


def packet(flags: int, *, back: bool = False, size: int = 0) -> bytes:
    tcp = struct.pack(">HHIIBBHI", *((80, 4000) if back else (4000, 80)), 1, 1, 0x50, flags, 9, 0)
    body = tcp + bytes(size)
    ends = (0xCB007109, 0xC6336407) if back else (0xC6336407, 0xCB007109)
    return struct.pack(">BBHIBBHII", 0x45, 0, 20 + len(body), 0, 64, 6, 0, *ends) + body


def capture(folder: Path, packets: list[tuple[int, bytes]]) -> Path:
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for second, data in packets:
        out += struct.pack("<IIII", START + second, 0, len(data), len(data)) + data
    path = folder / "packets.pcap"
    path.write_bytes(out)
    return path


def test_each_direction_is_a_flow_with_the_union_of_its_flags(tmp_path: Path) -> None:
    packets = [
        (0, packet(SYN)),
        (1, packet(SYN | ACK, back=True)),
        (2, packet(ACK, size=60)),
        (3, packet(FIN | ACK)),
    ]
    rows, job = read(capture(tmp_path, packets))
    out, back = rows
    assert (out["sport"], out["dport"], back["sport"], back["dport"]) == (4000, 80, 80, 4000)
    assert (out["packets"], out["octets"], out["dur_us"]) == (3, 40 + 100 + 40, 3_000_000)
    assert (out["tcp_bits"], back["tcp_bits"]) == (SYN | ACK | FIN, SYN | ACK)
    assert to_text(out["src_hi"], out["src_lo"]) == "198.51.100.7"
    assert job.report.counters == {"flows": 4}


def test_a_minute_without_a_packet_ends_a_flow(tmp_path: Path) -> None:
    rows, _ = read(capture(tmp_path, [(0, packet(SYN)), (59, packet(ACK)), (119, packet(ACK))]))
    assert [row["packets"] for row in rows] == [2, 1]
    assert [int(row["ts"].timestamp()) - START for row in rows] == [0, 119]


def test_five_minutes_end_a_flow_that_goes_on(tmp_path: Path) -> None:
    packets = [(second, packet(ACK)) for second in range(0, 601, 50)]
    rows, _ = read(capture(tmp_path, packets))
    assert [row["packets"] for row in rows] == [6, 6, 1]
    assert [row["dur_us"] for row in rows] == [250_000_000, 250_000_000, 0]


def test_flows_of_an_attack_are_those_of_nfpcapd() -> None:
    rows, job = read(DATA / "pkt.TCP.DOMINATE.syn.ecn.cwr.pcap.gz")
    # nfpcapd -r ... and nfdump -o csv, summary: 2981 flows, 120000 bytes, 3000 packets
    assert len(rows) == 2981
    assert sum(row["octets"] for row in rows) == 120_000
    assert sum(row["packets"] for row in rows) == job.report.records == 3_000


def test_captures_are_not_read_as_flows_unless_asked_to(tmp_path: Path) -> None:
    assert detect(capture(tmp_path, [(0, packet(SYN))])).name == "pcap"
