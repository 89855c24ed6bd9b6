"""Flow records as other programs print them."""

from __future__ import annotations

import csv
import functools
import gzip
import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kaname.model.address import to_text
from kaname.model.errors import InputError
from kaname.model.marking import Tlp
from kaname.readers.binetflow import BinetflowReader, zeek_state
from kaname.readers.frame import Reader, ReadJob
from kaname.readers.ingest import detect
from kaname.readers.nfdump import NfdumpReader
from kaname.readers.nfdump_csv import NfdumpCsvReader
from kaname.readers.silk import SilkReader

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake"
BINETFLOW = DATA / "flow" / "test2.binetflow.gz"
FLOOD = DATA / "ddos" / "pkt.TCP.DOMINATE.syn.ecn.cwr.pcap.gz"

# From rwcut(1) of SiLK, "EXAMPLES"; the last line is cut.
RWCUT = """\
            sIP|            dIP|sPort|dPort|pro|   packets|     bytes|   flags|\
                  sTime|  duration|                  eTime|sen|
    10.30.30.31|    10.70.70.71|   80|36761|  6|         7|      3227|FS PA   |\
2003/01/01T00:00:14.625|     3.959|2003/01/01T00:00:18.584|EDG|
  2001:db8::1|    2001:db8::2|    0|  768|  1|         1|        56|        |\
2003/01/01T00:00:15.000|     0.000|2003/01/01T00:00:15.000|EDG|
    10.70.70.71|
"""

# nfdump 1.7.1, of flows that nfpcapd made of a shared capture.
NFDUMP = """\
ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,smk,dmk,dtos,dir,nh
2021-04-01 15:56:19,2021-04-01 15:56:19,0.000,72.200.34.0,10.10.10.10,61764,30120,TCP,\
CE....S.,0,0,1,40,0,0,0,0,0,0,0,0,0,0,0.0.0.0
2021-04-01 15:56:20,2021-04-01 15:56:21,1.500,204.183.78.0,10.10.10.10,0,8.0,ICMP,\
........,0,0,3,120,2,80,4,5,64500,64501,0,0,0,1,0.0.0.0
Summary
flows,bytes,packets,avg_bps,avg_pps,avg_bpp
2981,120000,3000,28158,87,40
"""


def read(reader: Reader, path: Path, **options: str) -> tuple[list[dict[str, Any]], ReadJob]:
    job = ReadJob(path=path, sensor="test", tlp=Tlp.AMBER, batch=7, options=options)
    batches = [batch for _, batch in reader.read(job)]
    return (pa.Table.from_batches(batches).to_pylist() if batches else []), job


@functools.cache
def binetflow() -> tuple[list[dict[str, Any]], ReadJob]:
    return read(BinetflowReader(), BINETFLOW)


def written(folder: Path, text: str) -> Path:
    path = folder / "flows.txt"
    path.write_text(text)
    return path


def test_counters_of_both_sides_are_those_of_the_columns() -> None:
    rows, job = binetflow()
    with gzip.open(BINETFLOW, "rt") as file:
        told = list(csv.DictReader(file))
    assert len(rows) == len(told) == job.report.records
    for column, other, total, own in (
        ("octets", "octets_rev", "TotBytes", "SrcBytes"),
        ("packets", "packets_rev", "TotPkts", "SrcPkts"),
    ):
        assert [row[column] for row in rows] == [int(line[own]) for line in told]
        assert [row[column] + row[other] for row in rows] == [int(line[total]) for line in told]
    protocols = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp"}
    assert [protocols[row["proto"]] for row in rows] == [line["Proto"] for line in told]
    assert [to_text(row["src_hi"], row["src_lo"]) for row in rows] == [r["SrcAddr"] for r in told]


def test_times_are_utc_unless_told_otherwise() -> None:
    rows, _ = binetflow()
    assert rows[0]["ts"].isoformat() == "2019-04-04T16:23:00.325010+00:00"
    assert rows[0]["dur_us"] == 27_947
    tokyo, _ = read(BinetflowReader(), BINETFLOW, zone="Asia/Tokyo")
    assert tokyo[0]["ts"].isoformat() == "2019-04-04T07:23:00.325010+00:00"


def test_icmp_type_and_code_are_put_in_order() -> None:
    rows, _ = binetflow()
    icmp = Counter(row["dport"] for row in rows if row["proto"] == 1)
    # echo requests, fragmentation needed (3, 4), port unreachable (3, 3)
    assert set(icmp) <= {8 * 256, 3 * 256 + 4, 3 * 256 + 3, 3 * 256 + 1}
    assert icmp[8 * 256] == 6  # ECO in the file


@pytest.mark.parametrize(
    ("argus", "zeek"),
    [  # by the definitions of conn_state in Zeek's manual
        ("FSPA_FSPA", "SF"),
        ("S_", "S0"),
        ("S_RA", "REJ"),
        ("SPA_SPA", "S1"),
        ("FSPA_SPA", "S2"),
        ("SPA_FSPA", "S3"),
        ("FSRPA_FSPA", "RSTO"),
        ("SPA_SRPA", "RSTR"),
        ("PA_PA", "OTH"),
        ("FS_", "SH"),
        ("CON", "SF"),
        ("INT", "S0"),
        ("URP", "REJ"),
        ("", None),
    ],
)
def test_states_are_told_in_the_words_of_zeek(argus: str, zeek: str | None) -> None:
    assert zeek_state(argus) == zeek


def test_silk_text_is_read_by_its_header(tmp_path: Path) -> None:
    path = written(tmp_path, RWCUT)
    assert detect(path).name == "silk"
    rows, job = read(SilkReader(), path)
    first = rows[0]
    assert first["ts"].isoformat() == "2003-01-01T00:00:14.625000+00:00"
    shown = {"sport": 80, "dport": 36761, "proto": 6, "packets": 7, "octets": 3227}
    assert {name: first[name] for name in shown} == shown
    assert (first["tcp_bits"], first["dur_us"]) == (0x1B, 3_959_000)
    assert to_text(rows[1]["src_hi"], rows[1]["src_lo"]) == "2001:db8::1"
    assert job.report.counters == {"flows": 2, "malformed": 1}


def test_other_delimiters_and_seconds_since_1970(tmp_path: Path) -> None:
    path = written(tmp_path, "sIP,dIP,sTime,flags\n192.0.2.1,192.0.2.2,1041379214.625,27\n")
    rows, _ = read(SilkReader(), path)
    assert rows[0]["ts"].isoformat() == "2003-01-01T00:00:14.625000+00:00"


def test_nfdump_text_is_read_up_to_its_summary(tmp_path: Path) -> None:
    path = written(tmp_path, NFDUMP)
    assert detect(path).name == "nfdump_csv"
    rows, job = read(NfdumpCsvReader(), path, zone="+09:00")
    assert job.report.counters == {"flows": 2}
    assert rows[0]["ts"].isoformat() == "2021-04-01T06:56:19+00:00"
    assert rows[0]["tcp_bits"] == 0x80 | 0x40 | 0x02
    shown = {
        "dport": 8 * 256, "packets": 3, "octets": 120, "packets_rev": 2, "octets_rev": 80,
        "in_if": 4, "out_if": 5, "src_as": 64500, "dst_as": 64501, "direction": "out",
        "dur_us": 1_500_000,
    }  # fmt: skip
    assert {name: rows[1][name] for name in shown} == shown


def test_names_of_newer_versions_are_known(tmp_path: Path) -> None:
    text = (
        "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows\n"
        "2024-05-01 10:00:00.250,0.500,UDP,192.0.2.1,53,192.0.2.2,4000,2,300,1\n"
    )
    rows, _ = read(NfdumpCsvReader(), written(tmp_path, text))
    assert rows[0]["ts"].isoformat() == "2024-05-01T10:00:00.250000+00:00"
    assert (rows[0]["sport"], rows[0]["octets"], rows[0]["dur_us"]) == (53, 300, 500_000)


def unclosed(folder: Path) -> Path:
    """A file as a collector leaves it while it writes: no number of blocks yet."""
    path = folder / "nfcapd.current"
    path.write_bytes(struct.pack("<HH", 0xA50C, 2) + bytes(2000))
    return path


def test_a_file_that_is_still_written_is_refused(tmp_path: Path) -> None:
    path = unclosed(tmp_path)
    assert detect(path).name == "nfdump"
    with pytest.raises(InputError) as caught:
        read(NfdumpReader(), path)
    assert caught.value.key == "readers.error.nfdump.unclosed"


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    """Flows that nfpcapd makes of a shared capture."""
    if shutil.which("nfpcapd") is None or shutil.which("nfdump") is None:
        pytest.skip("nfdump is not installed")
    plain = tmp_path / "flood.pcap"
    plain.write_bytes(gzip.decompress(FLOOD.read_bytes()))
    argv = ["nfpcapd", "-r", str(plain), "-l", str(tmp_path), "-t", "300"]
    subprocess.run(argv, capture_output=True, check=True, timeout=60)
    return next(path for path in tmp_path.glob("nfcapd.2*"))


def test_files_of_nfcapd_are_read_through_nfdump(collected: Path) -> None:
    assert detect(collected).name == "nfdump"
    rows, job = read(NfdumpReader(), collected)
    # nfdump -o csv, summary: flows 2981, bytes 120000, packets 3000
    assert (len(rows), job.report.records) == (2981, 2981)
    assert sum(row["octets"] for row in rows) == 120_000
    assert sum(row["packets"] for row in rows) == 3_000
    # tshark: frame.time_epoch 1617292579.870871 of the packet from 72.200.34.0
    first = next(r for r in rows if to_text(r["src_hi"], r["src_lo"]) == "72.200.34.0")
    assert first["ts"].isoformat() == "2021-04-01T15:56:19.870000+00:00"


def test_without_nfdump_there_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nfcapd.202104011555"
    path.write_bytes(struct.pack("<HH", 0xA50C, 2) + bytes(32) + struct.pack("<I", 1) + bytes(999))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError) as caught:
        read(NfdumpReader(), path)
    assert caught.value.key == "readers.error.nfdump.missing"
