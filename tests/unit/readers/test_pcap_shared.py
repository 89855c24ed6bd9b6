"""The reader on shared captures: labels, other programs and a second opinion agree."""

from __future__ import annotations

import collections
import csv
import gzip
import importlib.util
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from kaname._native import FINGERPRINTS
from kaname.lake.tables.flowtuples import TABLE as FLOWTUPLES
from kaname.lake.tables.packets import TABLE as PACKETS
from kaname.model.errors import CancelledError, InputError
from kaname.model.marking import Tlp
from kaname.readers.frame import Reader, ReadJob
from kaname.readers.pcap import PcapReader

DATA = Path(__file__).parents[4] / "shared" / "data" / "telescope"
HERE = Path(__file__).parent


def _oracle() -> Any:
    spec = importlib.util.spec_from_file_location("capture_oracle", HERE / "capture_oracle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


oracle = _oracle()


def read(path: Path, **options: Any) -> tuple[dict[str, pa.Table], ReadJob]:
    job = ReadJob(path=path, sensor="test", tlp=Tlp.AMBER, batch=7, options=options)
    found: dict[str, list[pa.RecordBatch]] = collections.defaultdict(list)
    for table, batch in PcapReader().read(job):
        batch.validate(full=True)
        found[table].append(batch)
    report = job.report
    assert sum(report.counters.values()) == report.records
    return {table: pa.Table.from_batches(batches) for table, batches in found.items()}, job


@pytest.fixture(scope="module")
def ibr() -> tuple[dict[str, pa.Table], ReadJob]:
    return read(DATA / "ibr_shared.pcap.gz", packets=True)


@pytest.fixture(scope="module")
def ibr_labels() -> list[str]:
    with gzip.open(DATA / "ibr_shared.packet_labels.csv.gz", "rt") as file:
        return [row["label"] for row in csv.DictReader(file)]


def test_reader_fits_the_frame() -> None:
    assert isinstance(PcapReader(), Reader)
    assert PcapReader().detect((DATA / "formats/100_packets.pcapng").read_bytes(), "x") == 60
    assert PcapReader().detect(b"\x7fELF" + bytes(64), "x.pcap") == 0


def test_schema_is_that_of_the_tables(ibr: tuple[dict[str, pa.Table], ReadJob]) -> None:
    assert ibr[0]["flowtuples"].schema.equals(FLOWTUPLES.arrow_schema())
    assert ibr[0]["packets"].schema.equals(PACKETS.arrow_schema())


def test_every_packet_of_the_labelled_capture_is_counted(
    ibr: tuple[dict[str, pa.Table], ReadJob], ibr_labels: list[str]
) -> None:
    tables, job = ibr
    assert job.report.records == len(ibr_labels) == 176_060
    assert job.report.counters["not_ip"] == ibr_labels.count("nonip")
    assert job.report.counters["ipv6"] == ibr_labels.count("ipv6")
    decoded = job.report.counters["ipv4"] + job.report.counters["ipv6"]
    assert tables["packets"].num_rows == decoded
    assert sum(tables["flowtuples"]["packets"].to_pylist()) == decoded


def test_flowtuples_equal_a_second_opinion(ibr: tuple[dict[str, pa.Table], ReadJob]) -> None:
    data = gzip.decompress((DATA / "ibr_shared.pcap.gz").read_bytes())
    expected = oracle.flowtuples(data)
    table = ibr[0]["flowtuples"]
    table = table.filter(pc.equal(pc.shift_right(table["dst_lo"], 32), 0xFFFF))
    found = {}
    for row in table.to_pylist():
        minute = int(row["ts"].timestamp()) // 60
        src, dst = row["src_lo"] & 0xFFFFFFFF, row["dst_lo"] & 0xFFFFFFFF
        key = (minute, src, dst >> 8, row["port"], row["proto"], row["ptype"])
        assert key not in found, "a row for each key"
        found[key] = {name: row[name] for name in next(iter(expected.values()))}
    whole = {key: row for key, row in expected.items() if key in found}
    assert found == whole
    assert len(expected) - len(whole) == 0


def test_fingerprints_find_the_labelled_tools(
    ibr: tuple[dict[str, pa.Table], ReadJob], ibr_labels: list[str]
) -> None:
    data = gzip.decompress((DATA / "ibr_shared.pcap.gz").read_bytes())
    label_at = dict(zip((at for at, *_ in oracle.records(data)), ibr_labels, strict=True))
    table = ibr[0]["packets"]
    hits: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    total: collections.Counter[str] = collections.Counter()
    for offset, bits in zip(table["row_in_src"].to_pylist(), table["fp"].to_pylist(), strict=True):
        label = label_at[offset]
        total[label] += 1
        for name in ("mirai", "masscan", "zmap2", "zmap4"):
            hits[name][label] += bool(bits & FINGERPRINTS[name])
    for name, label in (
        ("mirai", "mirai"),
        ("masscan", "masscan"),
        ("zmap2", "zmap"),
        ("zmap4", "zmap4"),
    ):
        assert hits[name][label] == total[label] > 3000, name
    # Campaign A bears the Mirai mark by design; a 16-bit mark is met by chance now and then.
    assert set(+hits["mirai"]) == {"mirai", "campaign"}
    assert sum(hits["masscan"].values()) - total["masscan"] <= 20
    assert set(+hits["zmap2"]) == {"zmap"}
    assert set(+hits["zmap4"]) == {"zmap4"}


def test_fingerprints_of_the_real_tools() -> None:
    tables, _ = read(DATA / "scanner_tools.pcap.gz", packets=True)
    seen: dict[int, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for row in tables["packets"].select(["src_lo", "fp"]).to_pylist():
        source = row["src_lo"] & 255
        seen[source]["all"] += 1
        for name in ("zmap2", "zmap4", "zmap4_ts", "masscan", "nmap", "mirai"):
            seen[source][name] += bool(row["fp"] & FINGERPRINTS[name])
    assert seen[11]["zmap2"] == seen[11]["all"] == 4096
    assert seen[12]["zmap4"] == seen[12]["all"] == 4096
    assert seen[15]["masscan"] == seen[15]["all"]
    assert seen[16]["nmap"] == seen[16]["all"] == 384
    assert not any(seen[19][name] for name in ("zmap2", "zmap4", "nmap", "mirai"))
    rows = tables["flowtuples"].to_pylist()
    nmap = [row for row in rows if row["src_lo"] & 255 == 16]
    constant = sum(r["packets"] for r in nmap if r["fp_all"] & FINGERPRINTS["same_seq"])
    assert constant == sum(r["packets"] for r in nmap)
    assert all(r["fp_all"] & FINGERPRINTS["same_sport"] for r in nmap)
    kernel = [row for row in rows if row["src_lo"] & 255 == 19]
    assert any(row["fp_any"] & FINGERPRINTS["retransmission"] for row in kernel)


def test_reflection_capture_is_read_whole() -> None:
    tables, job = read(DATA / "stopddos_tcp_reflection_synack.pcap.gz")
    assert job.report.records == 8000
    assert job.report.counters["not_ip"] == 4
    kinds: collections.Counter[str] = collections.Counter()
    for row in tables["flowtuples"].select(["ptype", "packets"]).to_pylist():
        kinds[row["ptype"]] += row["packets"]
    assert kinds["tcp_synack"] + kinds["tcp_rst"] == 7669


def test_containers_with_the_same_packets_agree() -> None:
    names = ("100_packets.pcap", "100_packetsns.pcap", "100_packets.pcapng")
    tables = [read(DATA / "formats" / name)[0]["flowtuples"] for name in names]
    plain = [table.drop_columns(["row_in_src"]) for table in tables]
    assert plain[0].num_rows > 50
    assert all(table.equals(plain[0]) for table in plain[1:])


def test_erf_agrees_with_the_other_containers(tmp_path: Path) -> None:
    """In the other files every byte 0d of a frame became 0a when they were made."""
    data = bytearray((DATA / "formats/100_packets.erf").read_bytes())
    at = 0
    while at < len(data):
        end = at + int.from_bytes(data[at + 10 : at + 12], "big")
        data[at + 18 : end] = data[at + 18 : end].replace(b"\r", b"\n")
        at = end
    (tmp_path / "same.erf").write_bytes(data)
    erf, job = read(tmp_path / "same.erf")
    pcap, _ = read(DATA / "formats/100_packets.pcap")
    assert job.report.records == 100
    one, other = (t["flowtuples"].drop_columns(["row_in_src"]) for t in (erf, pcap))
    assert one.equals(other)


@pytest.mark.parametrize("path", sorted((DATA / "malformed").iterdir()), ids=lambda p: p.stem)
def test_malformed_captures_are_accounted_for(path: Path) -> None:
    tables, job = read(path, packets=True)
    assert job.report.records > 0
    for table in tables.values():
        offsets = table["row_in_src"].to_pylist()
        assert all(24 <= offset < path.stat().st_size for offset in offsets)


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
@pytest.mark.parametrize("name", ["formats/vlan.pcap.gz", "stopddos_tcp_reflection_synack.pcap.gz"])
def test_packets_equal_those_of_tshark(name: str) -> None:
    fields = ("ip.src", "ip.proto", "ip.ttl", "ip.len", "tcp.seq_raw", "tcp.window_size_value")
    command = ["tshark", "-n", "-r", str(DATA / name), "-Y", "ip", "-T", "fields"]
    command += ["-E", "occurrence=f", *(word for f in fields for word in ("-e", f))]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # Inside ICMP errors tshark finds TCP headers, too; they are not the packet's own.
    lines = [line.split("\t") for line in text.splitlines()]
    expected = [tuple(line[:4] + (line[4:] if line[1] == "6" else ["", ""])) for line in lines]
    found = []
    for row in read(DATA / name, packets=True)[0]["packets"].to_pylist():
        low = row["src_lo"] & 0xFFFFFFFF
        source = ".".join(str(low >> shift & 255) for shift in (24, 16, 8, 0))
        tcp = row["proto"] == 6 and row["ptype"] != "fragment"
        words = [source, row["proto"], row["ttl"], row["ip_len"]]
        words += [row["tcp_seq"], row["tcp_win"]] if tcp else ["", ""]
        found.append(tuple(str(word) for word in words))
    assert found == expected


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "readers.error.pcap.empty"),
        (b"\x7fELF" + bytes(100), "readers.error.pcap.magic"),
        (bytes.fromhex("d4c3b2a102000400"), "readers.error.pcap.short_header"),
        (gzip.compress(b"just text, and not a short one"), "readers.error.pcap.magic"),
    ],
)
def test_what_is_no_capture_is_refused(tmp_path: Path, content: bytes, key: str) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.key == key
    assert str(path) in caught.value.render("en")
    assert str(path) in caught.value.render("ja")


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read(tmp_path / "nothing.pcap")


@pytest.mark.parametrize("threads", [1, 2])
def test_a_request_to_stop_is_honoured(threads: int) -> None:
    cancel = threading.Event()
    job = ReadJob(
        path=DATA / "ibr_shared.pcap.gz",
        sensor="test",
        tlp=Tlp.AMBER,
        batch=7,
        cancel=cancel,
        threads=threads,
    )
    cancel.set()
    with pytest.raises(CancelledError):
        list(PcapReader().read(job))
