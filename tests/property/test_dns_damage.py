"""Damaged sources of DNS: nothing crashes, the counters add up, good rows stay.

KANAME_DAMAGED=10000 reads that many.
"""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.readers.dns import test_query_logs as logs

from kaname.model.errors import InputError
from kaname.model.marking import Tlp
from kaname.readers.dns.bind import BindReader
from kaname.readers.dns.capture import DnsCaptureReader
from kaname.readers.dns.dnsmasq import DnsmasqReader
from kaname.readers.dns.dnstap import DnstapReader
from kaname.readers.dns.passive import PassiveDnsReader
from kaname.readers.dns.powerdns import PowerDnsReader
from kaname.readers.dns.unbound import UnboundReader
from kaname.readers.dns.windows import WindowsDnsReader
from kaname.readers.frame import Reader, ReadJob, ReadReport

DNS = Path(__file__).parents[3] / "shared" / "data" / "lake" / "dns"
START = 20 + 22  # bytes of the control frame that begins a stream of dnstap


def sources() -> Iterator[tuple[Reader, bytes]]:
    """Readers, and something that each reads well."""
    for capture in sorted((DNS / "edge").glob("*.pcap")):
        yield DnsCaptureReader(), capture.read_bytes()[:8192]
    stream = gzip.decompress((DNS / "unbound.dnstap.gz").read_bytes())
    yield DnstapReader(), stream[:4000]
    yield DnstapReader(), stream[:START] + stream[-4000:]
    log = gzip.decompress((DNS / "unbound.log.gz").read_bytes())
    yield UnboundReader(), log[:4000]
    for reader, text in (
        (UnboundReader(), logs.UNBOUND),
        (BindReader(), logs.BIND),
        (DnsmasqReader(), logs.DNSMASQ),
        (PowerDnsReader(), logs.POWERDNS),
        (WindowsDnsReader(), logs.WINDOWS),
        (PassiveDnsReader(), logs.COF),
    ):
        yield reader, text.encode()


def damaged(data: bytes, chance: random.Random) -> bytes:
    """``data`` with one to four things done to it."""
    torn = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(torn) + 1)
        match chance.randrange(5):
            case 0:
                torn[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del torn[at : at + chance.randrange(1, 40)]
            case 2:
                torn[at:at] = chance.randbytes(chance.randrange(1, 40))
            case 3:
                torn[at:at] = torn[at : at + chance.randrange(1, 200)]
            case _:
                del torn[max(at, 1) :]
        if not torn:
            torn += b"\0"
    return bytes(torn)


def read(reader: Reader, path: Path) -> ReadReport | None:
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)
    rows = 0
    try:
        for _, batch in reader.read(job):
            batch.validate(full=True)
            rows += batch.num_rows
    except InputError:
        return None  # nothing of it can be read
    report = job.report
    assert sum(report.counters.values()) == report.records
    assert rows == report.rows
    assert report.bad_records <= report.records
    return report


@pytest.mark.parametrize("number", range(len(list(sources()))))
def test_damage_is_counted_and_never_fatal(number: int, tmp_path: Path) -> None:
    reader, data = list(sources())[number]
    count = int(os.environ.get("KANAME_DAMAGED", "170")) // 17 + 1
    chance, path = random.Random(number), tmp_path / "source"
    path.write_bytes(data)
    whole = read(reader, path)
    assert whole is not None
    for trial in range(count):
        torn = damaged(data, chance)
        reader.detect(torn[:65_536], "source")
        path.write_bytes(torn)
        report = read(reader, path)
        assert report is None or report.rows <= 4 * whole.rows + 40, trial
