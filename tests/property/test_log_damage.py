"""Text readers on mutated logs: never a crash, counters that add up, good rows kept."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.lake.parquet import conform
from kaname.lake.tables import table as table_of
from kaname.model.marking import Tlp
from kaname.readers.containers import stream
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import reader_called

DATA = Path(__file__).parents[3] / "shared" / "data" / "lake"
SOURCES = {
    "zeek": "zeek/ctu-sme-11/conn.log.labeled.gz",
    "eve": "eve/eve-a.json.gz",
    "syslog": "userlog/OpenSSH_2k.log.gz",
    "weberror": "userlog/Apache_2k.log.gz",
}
LINES = {
    "weblog": '192.0.2.1 - a [01/May/2024:00:00:00 +0000] "GET /\\"x HTTP/1.1" 200 1 "-" "x" 7\n',
    "squid": "1286536309.450 180 192.0.2.1 TCP_MISS/200 411 GET http://a.example/ - "
    "HIER_DIRECT/192.0.2.2 text/html\n",
    "w3c": "#Fields: date time c-ip cs-uri-stem\n2024-05-01 00:00:00 192.0.2.1 /a\n",
    "ocsf": '{"class_uid":4001,"time":1700000000000,"metadata":{},"src_endpoint":{"ip":"::1"}}\n',
    "ecs": '{"@timestamp":"2024-05-01T00:00:00Z","event":{"kind":"alert"},"rule":{"id":1}}\n',
}
SPECIAL = [b"\n", b"\r", b"\0", b"\xff", b"\t", b'"', b"\\", b"{", b"}", b"[", b"]", b"-", b"#",
           b"\\ud800", b"9" * 30, b"1e999", b"\xe2\x80\xa8"]  # fmt: skip


def sample(name: str) -> bytes:
    if name in LINES:
        return LINES[name].encode() * 30
    with stream(DATA / SOURCES[name]) as source:
        return source.read(12_000)


SAMPLES = {name: sample(name) for name in (*SOURCES, *LINES)}


def flip(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def put(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at:at] = rng.choice(SPECIAL)


def cut(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.randrange(1, 200)]


def copy(data: bytearray, rng: random.Random) -> None:
    at, other = rng.randrange(len(data)), rng.randrange(len(data))
    data[at:at] = data[other : other + rng.randrange(1, 200)]


MUTATIONS: list[Callable[[bytearray, random.Random], None]] = [flip, put, cut, copy]


def mutated(data: bytes, seed: int) -> bytes:
    rng, changed = random.Random(seed), bytearray(data)
    for _ in range(rng.randrange(1, 12)):
        if changed:
            rng.choice(MUTATIONS)(changed, rng)
    return bytes(changed)


def check(name: str, path: Path, data: bytes) -> ReadJob:
    path.write_bytes(data)
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)
    rows = 0
    for table, batch in reader_called(name).read(job):
        conform(batch, table_of(table)).validate(full=True)
        rows += batch.num_rows
    report = job.report
    assert sum(report.counters.values()) == report.records
    assert report.rows == rows
    assert report.bad_records <= report.records
    return job


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_mutated_logs_are_read_without_a_crash(name, seed, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / f"{name}.log"
    check(name, path, mutated(SAMPLES[name], seed))


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=25, deadline=None)
@given(at=st.floats(0, 1), noise=st.binary(min_size=1, max_size=60))
def test_a_line_of_noise_costs_nothing_but_itself(name, at, noise, tmp_path_factory):
    """Noise without line ends, brackets or ``#`` between two lines: all others are kept."""
    path = tmp_path_factory.getbasetemp() / f"{name}.log"
    noise = noise.translate(None, b"\n\r#{}[]<\x85\x1c\x1d\x1e") or b"x"
    lines = SAMPLES[name].split(b"\n")[:-1]
    clean = check(name, path, b"\n".join(lines) + b"\n").report
    place = 12 + round(at * (len(lines) - 12)) if len(lines) > 12 else len(lines)
    lines.insert(place, b"!" + noise)
    dirty = check(name, path, b"\n".join(lines) + b"\n").report
    assert dirty.rows == clean.rows
    assert dirty.records - clean.records in {0, 1}  # 0: nothing but blanks is no record
