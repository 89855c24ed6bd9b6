"""Real event logs: every whole record is read, damaged chunks are counted and passed over."""

from __future__ import annotations

import gzip
import struct
from collections import Counter

import pytest
from tests.unit.readers.reading import DATA, read, read_bytes

from kaname.readers.endpoint.evtx import EvtxReader

LOGS = DATA / "endpoint"


@pytest.fixture(scope="module")
def sysmon():
    return read(EvtxReader(), LOGS / "sysmon.evtx.gz")


def test_every_whole_record_of_the_damaged_log(sysmon):
    # 358 records and 8 damaged chunks: counted with the evtx library's own iterator
    rows, report = sysmon
    assert len(rows) == 358
    assert report.counters == {"event": 358, "damaged_chunk": 8}
    assert report.bad_records == 8
    assert all(p.offset % 65_536 == 4096 for p in report.problems)


def test_a_program_that_was_run(sysmon):
    # record 1742 as evtx_dump shows it
    row = next(row for row in sysmon[0] if row["record_id"] == 1742)
    assert (row["event_class"], row["event_code"], row["host"]) == ("process", 1, "DESKTOP-2KGM189")
    assert (row["pid"], row["ppid"]) == (9112, 8392)
    assert row["image"] == "C:\\Windows\\SysWOW64\\PING.EXE"
    assert row["cmdline"] == "ping  -n 6 127.0.0.1"
    assert row["parent_image"] == "C:\\Windows\\SysWOW64\\cmd.exe"
    assert row["md5"] == "a27a24553b2c36e139647f88df738c35"
    assert row["sha256"] == "8f16a431c919a0aa7c9466ec1cdc1e721f30eb5c8182835585a1b74abecb1920"
    assert row["user"] == "NT AUTHORITY\\SYSTEM"
    assert row["ts"] == 1_514_293_829_136_879  # 2017-12-26 13:10:29.136879 UTC


def test_a_connection(sysmon):
    row = next(row for row in sysmon[0] if row["event_class"] == "network")
    assert (row["src"], row["dst"]) == ("192.168.2.128", "185.26.182.117")
    assert (row["sport"], row["dport"], row["proto"]) == (59344, 443, 6)


def test_classes_of_the_log(sysmon):
    by_code = {row["event_code"]: row["event_class"] for row in sysmon[0]}
    assert (
        by_code
        | {
            1: "process",
            3: "network",
            10: "process",
            11: "file",
            12: "registry",
            13: "registry",
            15: "file",
            16: "other",
        }
        == by_code
    )


def test_offsets_are_those_of_the_records(sysmon):
    data = gzip.decompress((LOGS / "sysmon.evtx.gz").read_bytes())
    offsets = [row["row_in_src"] for row in sysmon[0]]
    assert len(set(offsets)) == len(offsets)
    assert all(struct.unpack_from("<I", data, at)[0] == 0x2A2A for at in offsets)


def test_accounts_that_were_made():
    rows, report = read(EvtxReader(), LOGS / "new-user-security.evtx.gz")
    assert Counter(row["event_code"] for row in rows) == {4732: 2, 4728: 1, 4720: 1}
    assert {row["user"] for row in rows} == {"WORKGROUP\\WIN-QALA5Q3KJ43$"}
    assert {row["result"] for row in rows} == {"success"}  # keywords 0x8020000000000000
    assert [row["record_id"] for row in rows] == [111, 112, 113, 116]
    assert not report.damaged


def test_a_chunk_without_its_magic():
    _, report = read(EvtxReader(), LOGS / "sample_with_a_bad_chunk_magic.evtx.gz")
    assert report.counters == {"event": 270, "damaged_chunk": 2}
    assert [p.offset for p in report.problems] == [4096 + 6 * 65_536, 4096 + 10 * 65_536]


def test_a_log_that_is_cut_keeps_its_whole_chunks(tmp_path):
    data = gzip.decompress((LOGS / "sysmon.evtx.gz").read_bytes())
    rows, _ = read_bytes(EvtxReader(), tmp_path, data[: 4096 + 3 * 65_536 + 1000])
    assert len(rows) > 100


@pytest.mark.parametrize("data", [b"ElfFile\0", b"ElfFile\0" + b"\xff" * 8000])
def test_a_log_without_anything_is_damage(tmp_path, data):
    rows, report = read_bytes(EvtxReader(), tmp_path, data)
    assert rows == []
    assert report.damaged
