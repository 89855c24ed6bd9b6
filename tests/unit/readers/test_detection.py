"""Which reader a source is for is told from its bytes, among all readers that there are."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kaname.model.errors import UnknownFormatError
from kaname.readers.ingest import detect, readers

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake"

FILES = {
    "bgp/updates.20100227.1610.gz": "mrt",
    "ddos/pkt.TCP.DOMINATE.syn.ecn.cwr.pcap.gz": "pcap",
    "dga/benign_hostnames.txt.gz": "feed_list",
    "dga/dga_shared_families.csv.gz": "feed_csv",
    "dns/dns.pcap.gz": "dns_capture",
    "dns/edge/dnssec-rrsig.pcap": "dns_capture",
    "dns/unbound.dnstap.gz": "dnstap",
    "endpoint/sysmon.evtx.gz": "evtx",
    "eve/alerts-wrccdc-2018.json.gz": "eve",
    "eve/eve-a.json.gz": "eve",
    "har/humanssuck.net.har": "crawl",
    "mail/mail_test_12.eml": "mail",
    "netflow/netflow9_softflowd.pcap": "flow_export",
    "openresolver/scan_dns.csv": "shadowserver",
    "phishing/cleanmx-xmlphishing.xml": "cleanmx",
    "sflow/ndpi-sflow.pcap": "sflow",
    "userlog/Apache_2k.log.gz": "weberror",
    "userlog/OpenSSH_2k.log.gz": "syslog",
    "zeek/ctu-sme-11/conn.log.labeled.gz": "zeek",
    "zeek/dns.log.gz": "zeek",
    "zeek/portscan-vertical-conn.log": "zeek",
}

ZEEK = {"ts": 1.0, "uid": "C", "id.orig_h": "192.0.2.1", "proto": "tcp", "conn_state": "S0"}
EVE = {"timestamp": "2024-05-01T00:00:00+0000", "event_type": "alert", "flow_id": 1, "alert": {}}
OCSF = {"class_uid": 4001, "time": 1, "metadata": {}}
ECS = {"@timestamp": "2024-05-01T00:00:00Z", "ecs": {"version": "8.0"}, "event": {}}

TEXTS = {
    "zeek": json.dumps(ZEEK),
    "eve": json.dumps([EVE], indent=2),
    "ocsf": json.dumps(OCSF),
    "ecs": json.dumps(ECS),
    "weblog": '192.0.2.1 - - [01/May/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"\n',
    "squid": "1286536309.450 180 192.0.2.1 TCP_MISS/200 411 GET http://a.example/ - "
    "HIER_DIRECT/192.0.2.2 text/html\n",
    "w3c": "#Version: 1.0\n#Fields: date time c-ip cs-method\n2024-05-01 00:00:00 192.0.2.1 GET\n",
    "syslog": "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8\n",
}


@pytest.mark.parametrize("name", FILES)
def test_real_files(name):
    assert detect(DATA / name).name == FILES[name]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("packed", [False, True])
def test_small_sources_whatever_they_are_called(tmp_path, name, packed):
    path = tmp_path / "data.bin"
    data = TEXTS[name].encode()
    path.write_bytes(gzip.compress(data) if packed else data)
    assert detect(path).name == name


@pytest.mark.parametrize(
    "data", [b"\x7fELF" + bytes(100), b'{"a": 1}', b"[1, 2, 3]", b"<html></html>", b"\0" * 500]
)
def test_what_nobody_knows_is_refused(tmp_path, data):
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(UnknownFormatError):
        detect(path)


@pytest.mark.parametrize("name", sorted(readers()))
def test_no_reader_stumbles_over_a_head_that_is_not_its_own(name):
    reader = readers()[name]
    odd = [b"", b"\0", b"{", b"[", b"#", b"<34>", b"\xff" * 70_000, b"a" * 65_536, b"\n" * 500]
    for head in [*odd, *(text.encode() for text in TEXTS.values())]:
        assert 0 <= reader.detect(head, "x") <= 100
        assert 0 <= reader.detect(head[: len(head) // 2], "x.log") <= 100
