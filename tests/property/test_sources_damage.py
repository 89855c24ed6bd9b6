"""Damaged sources of every kind: no crash, and every record accounted for."""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaname.lake.parquet import conform
from kaname.lake.tables import table as table_of
from kaname.model.marking import Tlp
from kaname.readers.crawl.reader import CrawlReader
from kaname.readers.endpoint.auditd import AuditdReader
from kaname.readers.endpoint.evtx import EvtxReader
from kaname.readers.endpoint.osquery import OsqueryReader
from kaname.readers.endpoint.wazuh import WazuhReader
from kaname.readers.endpoint.windows_export import WindowsJsonReader, WindowsXmlReader
from kaname.readers.feeds.cleanmx import CleanMxReader
from kaname.readers.feeds.csv_feed import CsvFeedReader
from kaname.readers.feeds.json_feed import JsonFeedReader
from kaname.readers.feeds.plain import PlainFeedReader
from kaname.readers.frame import ReadJob
from kaname.readers.mail.reader import MailReader
from kaname.readers.mrt import MrtReader
from kaname.readers.ris import RisReader
from kaname.readers.shadowserver import ShadowserverReader
from kaname.readers.traceroute import TracerouteReader

DATA = Path(__file__).parents[3] / "shared/data/lake"
LARGEST = 40_000  # bytes of a source that are damaged and read

SHARED = {
    "mrt": (MrtReader(), "bgp/updates.20100227.1610.gz"),
    "evtx": (EvtxReader(), "endpoint/new-user-security.evtx.gz"),
    "mail": (MailReader(), "mail/mail_test_8.eml"),
    "html mail": (MailReader(), "mail/mail_test_17.eml"),
    "shadowserver": (ShadowserverReader(), "openresolver/scan_dns.csv"),
    "sinkhole": (ShadowserverReader(), "openresolver/event4_sinkhole_dns.csv"),
    "cleanmx": (CleanMxReader(), "phishing/cleanmx-xmlphishing.xml"),
    "list": (PlainFeedReader(), "phishing/emerging-threats-domains.txt"),
    "table": (CsvFeedReader(), "dga/dga_shared_families.csv.gz"),
    "har": (CrawlReader(), "har/humanssuck.net.har"),
}


def source(name: str) -> bytes:
    data = (DATA / SHARED[name][1]).read_bytes()
    plain = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    return plain if name == "evtx" else plain[:LARGEST]


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Cut, overwritten, repeated, turned: what disks and transfers do, and worse."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 8)):
        at, length = rng.randrange(len(out) + 1), rng.randrange(1, 200)
        match rng.randrange(5):
            case 0:
                del out[at:]
            case 1:
                out[at : at + length] = rng.randbytes(length)
            case 2:
                del out[at : at + length]
            case 3:
                out[at:at] = out[at : at + length] * rng.randrange(1, 20)
            case _:
                out[at : at + 1] = bytes([rng.choice(b'\0\xff"<{[,:\n\\&%')])
    return bytes(out)


def check(reader, data: bytes) -> None:
    """Reads; rows fit their tables and the counters add up."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        job = ReadJob(path=Path(file.name), sensor="s", tlp=Tlp.GREEN, batch=1)
        rows = 0
        for table, batch in reader.read(job):
            rows += conform(batch, table_of(table)).num_rows
    report = job.report
    assert sum(report.counters.values()) == report.records
    assert rows == report.rows
    assert 0 <= report.bad_records <= report.records
    assert bool(report.problems) <= report.damaged


@pytest.mark.parametrize("name", SHARED)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32))
def test_damaged_files_are_read_as_far_as_they_go(name, seed):
    check(SHARED[name][0], damaged(source(name), random.Random(seed)))


TEXT = [
    *(AuditdReader(), OsqueryReader(), WazuhReader(), WindowsJsonReader(), WindowsXmlReader()),
    *(CleanMxReader(), CsvFeedReader(), JsonFeedReader(), PlainFeedReader(), CrawlReader()),
    *(MailReader(), MrtReader(), RisReader(), ShadowserverReader(), TracerouteReader()),
    EvtxReader(),
]


@pytest.mark.parametrize("reader", TEXT, ids=lambda reader: reader.name)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace"))
)
def test_any_bytes_are_told_and_read_without_a_crash(reader, data):
    assert 0 <= reader.detect(data, "x") <= 100
    check(reader, data)


DOCUMENTS = [
    *(OsqueryReader(), WazuhReader(), WindowsJsonReader(), JsonFeedReader(), CrawlReader()),
    *(RisReader(), TracerouteReader()),
]
WORDS = """
name hostIdentifier columns snapshot diffResults rule agent data win system eventdata winlog
event_data Event EventData System timestamp peer peer_asn announcements withdrawals path type
result hops log pages entries request response task page url Attribute Object info urls
"""
KEYS = st.sampled_from(WORDS.split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


@pytest.mark.parametrize("reader", DOCUMENTS, ids=lambda reader: reader.name)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=st.dictionaries(KEYS, JSON, min_size=1, max_size=8))
def test_documents_of_odd_shapes_are_no_crash(reader, document):
    data = json.dumps(document, allow_nan=False).encode()
    assert 0 <= reader.detect(data, "x") <= 100
    check(reader, data)
