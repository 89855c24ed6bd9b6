"""Hand-built captures: what the reader makes of them, however they reach it."""

from __future__ import annotations

import collections
import gzip
import lzma
import os
import random
import struct
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kaname._native import FINGERPRINTS, CaptureStage, NativeError
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob, ReadReport
from kaname.readers.pcap import PcapReader

DATA = Path(__file__).parents[4] / "shared" / "data" / "telescope"
IBR = DATA / "ibr_shared.pcap.gz"
MAC = bytes.fromhex("020000000001020000000002")
START = 1_767_225_600
SCANNER, TARGET = 0xCB007109, 0xC6336407  # 203.0.113.9, 198.51.100.7


def ipv4(proto: int, body: bytes, **over: int) -> bytes:
    field = {"src": SCANNER, "dst": TARGET, "ttl": 64, "id": 1, "fragment": 0, "ihl": 5} | over
    length = over.get("length", field["ihl"] * 4 + len(body))
    head = struct.pack(
        ">BBHHHBBH",
        0x40 | field["ihl"],
        0,
        length,
        field["id"],
        field["fragment"],
        field["ttl"],
        proto,
        0,
    )
    padding = bytes((field["ihl"] - 5) * 4)
    return head + struct.pack(">II", field["src"], field["dst"]) + padding + body


def tcp(
    *,
    sport: int = 40000,
    dport: int = 23,
    seq: int = 7,
    bits: int = 2,
    window: int = 1024,
    options: bytes = b"",
) -> bytes:
    offset = (5 + len(options) // 4) << 4
    return struct.pack(">HHIIBBHHH", sport, dport, seq, 0, offset, bits, window, 0, 0) + options


def udp(sport: int, dport: int, payload: bytes = b"") -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def ethernet(packet: bytes) -> bytes:
    return MAC + struct.pack(">H", 0x86DD if packet[0] >> 4 == 6 else 0x0800) + packet


def capture(
    frames: Iterable[bytes],
    times: Sequence[float] | None = None,
    *,
    link: int = 1,
    order: str = "<",
    nanos: bool = False,
    wire: int = 0,
) -> bytes:
    magic = 0xA1B23C4D if nanos else 0xA1B2C3D4
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for index, frame in enumerate(frames):
        time = times[index] if times else index / 1000
        fraction = round(time % 1 * 1e6) * (1000 if nanos else 1)
        stamp = (START + int(time // 1), fraction, len(frame), wire or len(frame))
        out += struct.pack(order + "IIII", *stamp) + frame
    return out


def read(
    path: Path, *, packets: bool = False, threads: int = 1, **more: Any
) -> tuple[dict[str, pa.Table], ReadReport]:
    job = ReadJob(
        path=path,
        sensor="s",
        tlp=Tlp.AMBER,
        batch=7,
        options={"packets": packets},
        threads=threads,
        **more,
    )
    found: dict[str, list[pa.RecordBatch]] = collections.defaultdict(list)
    for table, batch in PcapReader().read(job):
        found[table].append(batch)
    assert sum(job.report.counters.values()) == job.report.records
    return {t: pa.Table.from_batches(b) for t, b in found.items()}, job.report


@pytest.fixture
def rows(tmp_path: Path) -> Any:
    def rows_of(data: bytes) -> list[dict[str, Any]]:
        path = tmp_path / "capture"
        path.write_bytes(data)
        tables, _ = read(path)
        return tables["flowtuples"].to_pylist() if tables else []

    return rows_of


def bits(row: dict[str, Any], column: str = "fp_all") -> set[str]:
    return {name for name, bit in FINGERPRINTS.items() if row[column] & bit}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanos", [False, True])
def test_byte_orders_and_resolutions(rows: Any, order: str, nanos: bool) -> None:
    (row,) = rows(capture([ethernet(ipv4(6, tcp()))], [61.25], order=order, nanos=nanos))
    assert row["ts"].timestamp() == START + 60
    assert row["first_s"] == 1
    assert (row["ptype"], row["port"], row["packets"], row["octets"]) == ("tcp_syn", 23, 1, 40)
    assert row["src_lo"] == 0xFFFF << 32 | SCANNER
    assert row["row_in_src"] == 24


SLL = bytes(14) + b"\x08\x00"
SLL2 = b"\x08\x00" + bytes(18)


@pytest.mark.parametrize(
    ("link", "header"),
    [
        (1, MAC + b"\x08\x00"),
        (1, MAC + bytes.fromhex("810000010800")),
        (1, MAC + bytes.fromhex("88a80001810000020800")),
        (1, MAC + bytes.fromhex("910000010800")),
        (1, MAC + bytes.fromhex("88470000004000001140")),
        (12, b""),
        (14, b""),
        (101, b""),
        (228, b""),
        (113, SLL),
        (276, SLL2),
        (0, bytes([2, 0, 0, 0])),
        (0, bytes([0, 0, 0, 2])),
        (108, bytes([0, 0, 0, 2])),
    ],
)
def test_link_layers_lead_to_the_same_row(rows: Any, link: int, header: bytes) -> None:
    (row,) = rows(capture([header + ipv4(6, tcp())], link=link))
    assert (row["src_lo"] & 0xFFFFFFFF, row["port"], row["octets"]) == (SCANNER, 23, 40)


def test_packet_types_and_services(rows: Any) -> None:
    dns_answer = bytes.fromhex("1234818000010001")
    cases = [
        (6, tcp(bits=2), "tcp_syn", 23),
        (6, tcp(bits=0xC2), "tcp_syn", 23),
        (6, tcp(sport=80, bits=0x12), "tcp_synack", 80),
        (6, tcp(sport=80, bits=4), "tcp_rst", 80),
        (6, tcp(sport=80, bits=0x14), "tcp_rst", 80),
        (6, tcp(bits=0x10), "tcp_ack", 23),
        (6, tcp(bits=0x18), "tcp_ack", 23),
        (6, tcp(bits=1), "tcp_ack", 23),
        (6, tcp(bits=0), "tcp_other", 23),
        (6, tcp(bits=0x29), "tcp_other", 23),
        (17, udp(4000, 53, dns_answer), "udp", 53),
        (17, udp(53, 4000, dns_answer), "udp_answer", 53),
        (17, udp(53, 53, dns_answer), "udp", 53),
        (17, udp(123, 4000, b"\x24" + bytes(47)), "udp_answer", 123),
        (17, udp(123, 4000, b"\x23" + bytes(47)), "udp", 4000),
        (17, udp(1900, 4000, b"HTTP/1.1 200 OK"), "udp_answer", 1900),
        (17, udp(161, 4000, bytes.fromhex("3082002c02010104067075626c6963a2")), "udp_answer", 161),
        (17, udp(389, 4000, bytes.fromhex("30840000001002010164")), "udp_answer", 389),
        (17, udp(11211, 4000, bytes(8) + b"STAT pid 1"), "udp_answer", 11211),
        (17, udp(27015, 4000, b"\xff\xff\xff\xffI"), "udp_answer", 27015),
        (1, bytes([8, 0]) + bytes(6), "icmp_echo_request", 0x800),
        (1, bytes([0, 0]) + bytes(6), "icmp_echo_reply", 0),
        (1, bytes([4, 0]) + bytes(6), "icmp_source_quench", 0x400),
        (1, bytes([5, 1]) + bytes(6), "icmp_redirect", 0x501),
        (1, bytes([12, 0]) + bytes(6), "icmp_parameter", 0xC00),
        (1, bytes([13, 0]) + bytes(6), "icmp_other", 0xD00),
        (47, bytes(8), "other_ip", 0),
    ]
    for number, (proto, body, ptype, port) in enumerate(cases):
        (row,) = rows(capture([ethernet(ipv4(proto, body))]))
        assert (row["ptype"], row["port"], row["proto"]) == (ptype, port, proto), number


def test_icmp_errors_name_the_victim(rows: Any) -> None:
    inner = ipv4(6, tcp(dport=443), src=TARGET, dst=0x08080404)
    (row,) = rows(capture([ethernet(ipv4(1, bytes([3, 1]) + bytes(6) + inner))]))
    assert row["ptype"] == "icmp_unreachable"
    assert (row["vic_hi"], row["vic_lo"]) == (0, 0xFFFF << 32 | 0x08080404)
    assert (row["vic_proto"], row["vic_port"]) == (6, 443)
    (row,) = rows(capture([ethernet(ipv4(1, bytes([11, 0]) + bytes(6) + inner[:20]))]))
    assert (row["vic_proto"], row["vic_port"]) == (6, None)


def test_ipv6_with_extension_headers(rows: Any) -> None:
    body = bytes([60, 0]) + bytes(6) + bytes([6, 0]) + bytes(6) + tcp(dport=8080)
    source, target = bytes.fromhex("20010db8" + "00" * 11 + "09"), bytes.fromhex("fd" + "00" * 15)
    packet = struct.pack(">IHBB", 6 << 28, len(body), 0, 61) + source + target + body
    (row,) = rows(capture([ethernet(packet)]))
    assert (row["ptype"], row["port"], row["proto"]) == ("tcp_syn", 8080, 6)
    assert (row["src_hi"], row["src_lo"]) == (0x20010DB800000000, 9)
    assert row["dst_hi"] == int.from_bytes(target[:8], "big", signed=True) < 0
    assert (row["ttl_mode"], row["octets"]) == (61, 40 + len(body))


def test_tool_marks(rows: Any) -> None:
    linux = bytes.fromhex("020405b40402080a") + struct.pack(">II", START + 1, 0)
    linux += bytes.fromhex("01030307")
    cases = [
        (tcp(seq=TARGET), {}, {"mirai"}),
        (tcp(seq=99), {"id": (TARGET ^ 23 ^ 99) & 0xFFFF}, {"masscan"}),
        (tcp(window=65535), {"id": 54321, "ttl": 240}, {"zmap2"}),
        (tcp(window=65535), {"id": 54321, "ttl": 64}, set()),
        (tcp(window=65535, options=linux), {}, {"zmap4", "zmap4_ts", "tcp_options"}),
        (tcp(window=65535, options=linux), {"fragment": 0x4000}, {"df", "tcp_options"}),
        (tcp(window=65535, options=bytes.fromhex("020405b4")), {}, {"zmap4", "tcp_options"}),
        (tcp(window=2048, options=bytes.fromhex("020405b4")), {}, {"nmap", "tcp_options"}),
        (
            tcp(window=65535, options=bytes.fromhex("020405b40103030801010402")),
            {},
            {"zmap4", "tcp_options"},
        ),
        (
            tcp(
                window=65535,
                options=bytes.fromhex("020405b4010303060101080a000000000000000004020000"),
            ),
            {},
            {"zmap4", "tcp_options"},
        ),
        (tcp(bits=0x12, seq=TARGET), {}, set()),
    ]
    for number, (body, over, expected) in enumerate(cases):
        (row,) = rows(capture([ethernet(ipv4(6, body, **over))]))
        assert bits(row) == bits(row, "fp_any") == expected, number


def test_constant_numbers_leave_the_first_packet_out(rows: Any) -> None:
    same = [ethernet(ipv4(6, tcp(), dst=TARGET + n)) for n in range(4)]
    (row,) = rows(capture(same))
    assert {"same_seq", "same_sport"} <= bits(row)
    assert row["uniq_dst"] == 4
    assert row["dst_more"] == [8, 9, 10]
    assert "retransmission" not in bits(row, "fp_any")
    apart = rows(capture([ethernet(ipv4(6, tcp(dport=port))) for port in (22, 23)]))
    assert [bits(r) for r in apart] == [set(), {"same_seq", "same_sport"}]
    (row,) = rows(capture([same[0], ethernet(ipv4(6, tcp(seq=8), dst=TARGET + 1)), same[2]]))
    assert "same_seq" not in bits(row)
    assert "same_seq" in bits(row, "fp_any")


def test_a_repeated_probe_is_a_retransmission(rows: Any) -> None:
    probe = ethernet(ipv4(6, tcp()))
    (row,) = rows(capture([probe, probe], [0, 3]))
    assert "retransmission" in bits(row, "fp_any")
    assert (row["packets"], row["uniq_dst"], row["dst_more"]) == (2, 1, None)


def test_most_frequent_ttl_and_the_smaller_of_two(rows: Any) -> None:
    def of(*ttls: int) -> int:
        (row,) = rows(capture([ethernet(ipv4(6, tcp(), ttl=ttl)) for ttl in ttls]))
        return int(row["ttl_mode"])

    assert of(60, 61, 61) == 61
    assert of(61, 60) == 60


def test_short_snaplen_keeps_what_is_there(rows: Any) -> None:
    frame = ethernet(ipv4(6, tcp() + bytes(400)))
    (row,) = rows(capture([frame[:38]], wire=len(frame)))
    assert (row["ptype"], row["octets"]) == ("tcp_other", 440)
    assert "truncated" in bits(row)
    assert row["uniq_sport"] == 1


def test_fragments(rows: Any) -> None:
    first = ethernet(ipv4(17, udp(1, 2, bytes(16)), fragment=0x2000))
    later = ethernet(ipv4(17, bytes(16), fragment=3))
    found = {row["ptype"]: row for row in rows(capture([first, later]))}
    assert found["udp"]["port"] == 2
    assert found["fragment"]["port"] == found["fragment"]["uniq_sport"] == 0
    assert all("fragment" in bits(row) for row in found.values())


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(resolution: int, stamp: int, offset: int = 0) -> bytes:
    packet = ipv4(6, tcp())
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    options = struct.pack("<HHB3xHHqHH", 9, 1, resolution, 14, 8, offset, 0, 0)
    out += block(1, struct.pack("<HHI", 101, 0, 0) + options)
    head = struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(packet), len(packet))
    return out + block(6, head + packet)


@pytest.mark.parametrize(
    ("resolution", "stamp", "offset"),
    [
        (6, (START + 65) * 10**6, 0),
        (9, (START + 65) * 10**9, 0),
        (0, START + 65, 0),
        (3, (START + 65) * 1000, 0),
        (0x80 | 10, (START + 65) << 10, 0),
        (0x80 | 20, (START + 65) << 20, 0),
        (6, 65 * 10**6, START),
    ],
)
def test_pcapng_time_resolutions(rows: Any, resolution: int, stamp: int, offset: int) -> None:
    (row,) = rows(pcapng(resolution, stamp, offset))
    assert (row["ts"].timestamp(), row["first_s"]) == (START + 60, 5)


def test_pcapng_sections_interfaces_and_old_blocks(rows: Any) -> None:
    packet = ipv4(6, tcp())
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    raw = block(1, struct.pack("<HHI", 101, 0, 0))
    wired = block(1, struct.pack("<HHI", 1, 0, 0))
    stamp = START * 10**6
    time = (stamp >> 32, stamp & 0xFFFFFFFF)

    def enhanced(interface: int, frame: bytes) -> bytes:
        return block(6, struct.pack("<IIIII", interface, *time, len(frame), len(frame)) + frame)

    old = block(2, struct.pack("<HHIIII", 0, 0, *time, len(packet), len(packet)) + packet)
    simple = block(3, struct.pack("<I", len(packet)) + packet)
    data = section + raw + wired + enhanced(0, packet) + enhanced(1, ethernet(packet)) + old
    data += simple + block(0xBAD, b"anything") + section + wired + enhanced(0, ethernet(packet))
    (row,) = rows(data)
    assert row["packets"] == 5


def test_a_lying_length_costs_one_record(tmp_path: Path) -> None:
    data = bytearray(capture([ethernet(ipv4(6, tcp(), src=SCANNER + n)) for n in range(50)]))
    for lie in (0xFFFFFFFF, 10_000_000_000 & 0xFFFFFFFF, 200_000, 300, 55, 1):
        changed = bytearray(data)
        struct.pack_into("<I", changed, 24 + 10 * 70 + 8, lie)
        path = tmp_path / "lie"
        path.write_bytes(changed)
        tables, report = read(path)
        sources = set(tables["flowtuples"]["src_lo"].to_pylist())
        whole = {0xFFFF << 32 | SCANNER + n for n in range(50) if n != 10}
        assert whole <= sources, lie
        assert report.damaged
        assert report.problems[0].offset in {24 + 10 * 70, 24 + 10 * 70 + 17, 24 + 10 * 70 + 71}


@pytest.mark.parametrize("pack", [gzip.compress, None])
def test_a_cut_file_keeps_what_came_before(tmp_path: Path, pack: Any) -> None:
    rng = random.Random(5)
    frames = [ethernet(ipv4(6, tcp(seq=rng.getrandbits(32)), src=SCANNER + n)) for n in range(3000)]
    data = capture(frames)
    whole = pack(data) if pack else data
    path = tmp_path / "cut"
    path.write_bytes(whole[: len(whole) // 2])
    tables, report = read(path)
    assert report.damaged
    assert 1300 < sum(tables["flowtuples"]["packets"].to_pylist()) < 1600
    assert "cut" in report.problems[0].reason


def test_clock_jumps_and_disorder_lose_nothing(tmp_path: Path) -> None:
    frames = [ethernet(ipv4(6, tcp(), src=SCANNER + n)) for n in range(6)]
    path = tmp_path / "jump"
    path.write_bytes(capture(frames, [0, 2_000_000_000, 1, 70, 59, 400 * 86400]))
    tables, report = read(path)
    assert sum(tables["flowtuples"]["packets"].to_pylist()) == report.records == 6
    assert not report.damaged
    assert report.first_us == START * 10**6
    assert report.last_us == (START + 2_000_000_000) * 10**6


def test_a_late_packet_starts_another_row(tmp_path: Path) -> None:
    frames = [ethernet(ipv4(6, tcp()))] * 6
    path = tmp_path / "late"
    path.write_bytes(capture(frames, [0, 60, 120, 180, 240, 5]))
    tables, report = read(path)
    minutes = [row["ts"].timestamp() - START for row in tables["flowtuples"].to_pylist()]
    assert sorted(minutes) == [0, 0, 60, 120, 180, 240]
    assert report.notes["late"] == 1


def test_compression_and_threads_do_not_show(tmp_path: Path) -> None:
    plain = gzip.decompress(IBR.read_bytes())
    half = len(plain) // 2
    forms = {
        "plain": plain,
        "gz": IBR.read_bytes(),
        "members.gz": gzip.compress(plain[:half], 1) + gzip.compress(plain[half:], 1) + bytes(512),
        "xz": lzma.compress(plain, preset=0),
        "zst": pa.compress(plain, codec="zstd", asbytes=True),
    }
    expected, _ = read(IBR, packets=True)
    for name, data in forms.items():
        path = tmp_path / name
        path.write_bytes(data)
        for threads in (1, 2, 4):
            found, report = read(path, packets=True, threads=threads)
            assert found["flowtuples"].equals(expected["flowtuples"]), (name, threads)
            assert found["packets"].equals(expected["packets"]), (name, threads)
            assert report.bytes_read == len(data)
            assert not report.damaged


def test_standard_input_gives_the_same_rows() -> None:
    expected, _ = read(IBR)
    reading, writing = os.pipe()

    def feed() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(IBR.read_bytes())

    thread = threading.Thread(target=feed)
    thread.start()
    job = ReadJob(path=None, fd=reading, sensor="s", tlp=Tlp.AMBER, batch=7)
    batches = [batch for table, batch in PcapReader().read(job) if table == "flowtuples"]
    thread.join()
    os.close(reading)
    assert pa.Table.from_batches(batches).equals(expected["flowtuples"])


def _stage() -> CaptureStage:
    return CaptureStage(sensor="s", kind="pcap", tlp=str(Tlp.AMBER), batch=7, packets=False)


def test_pieces_and_restarts_do_not_show() -> None:
    plain = gzip.decompress(IBR.read_bytes())
    expected, _ = read(IBR)
    rng = random.Random(3)
    stage, batches, at = _stage(), [], 0
    while at < len(plain):
        size = rng.choice([1, 7, 100, 5000, 1_000_000])
        batches += stage.push(plain[at : at + size])
        at += size
        if rng.random() < 0.1:
            state = stage.snapshot() if at > 6 else None
            if state is not None:
                stage = _stage()
                stage.restore(state)
    batches += stage.finish()
    flows = [pa.record_batch(batch) for table, batch in batches if table == "flowtuples"]
    assert pa.Table.from_batches(flows).equals(expected["flowtuples"])
    assert stage.report()["records"] == 176_060


def test_snapshots_that_are_none_are_refused() -> None:
    stage = _stage()
    with pytest.raises(NativeError) as caught:
        stage.restore(b"kaname packets 1\n\xff\xff\xff\xff")
    assert caught.value.args[0] == "snapshot"
    stage.push(IBR.read_bytes()[:1000])
    with pytest.raises(NativeError) as caught:
        stage.snapshot()
    assert caught.value.args[0] == "compressed"
