"""Every shared file is told by its content, and so is a sample of every other format.

The table is the truth: a file that is not in it fails `test_the_table_is_complete`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.readers.mrt_records import peer_index

from kaname.model.errors import UnknownFormatError
from kaname.readers.containers import head
from kaname.readers.ingest import detect, readers

DATA = Path(__file__).parents[4] / "shared/data/lake"

READERS = {
    "mrt": ["bgp/updates.20100227.1610.gz"],
    "pcap": [
        "ddos/amp.UDP.isakmp.pcap.gz",
        "ddos/ntp-mode7.pcap",
        "ddos/pkt.TCP.DOMINATE.syn.ecn.cwr.pcap.gz",
    ],
    "dns_capture": [
        "ddos/amp.dns.RRSIG.fragmented.pcap.gz",
        "dns/dns.pcap.gz",
        "dns/edge/*.pcap",
        "dns/tunnel/*.pcap",
    ],
    "dnstap": ["dns/unbound.dnstap.gz"],
    "unbound": ["dns/unbound.log.gz"],
    "flow_export": ["netflow/*.pcap"],
    "sflow": ["sflow/*.pcap"],
    "binetflow": ["flow/test2.binetflow.gz"],
    "zeek": ["zeek/*.gz", "zeek/*.log", "zeek/ctu-sme-11/*.gz"],
    "eve": ["eve/*.gz"],
    "evtx": ["endpoint/*.evtx.gz"],
    "mail": ["mail/*.eml"],
    "shadowserver": ["openresolver/*.csv"],
    "cleanmx": ["phishing/cleanmx-xmlphishing.xml"],
    "feed_list": ["phishing/emerging-threats-domains.txt", "dga/*.txt.gz"],
    "feed_csv": ["dga/dga_shared_families.csv.gz"],
    "crawl": ["har/*.har"],
    "weberror": ["userlog/Apache_2k.log.gz"],
    "syslog": ["userlog/OpenSSH_2k.log.gz"],
}
NO_DATA = ["README.md", "dns/*.json", "netflow/*.tshark.txt"]

SYSMON = "Microsoft-Windows-Sysmon"
WINDOWS = {"provider_name": SYSMON, "event_id": 1, "event_data": {}}
AGENT = {"id": "1", "name": "n"}
MESSAGE = {"timestamp": 1.5, "peer": "192.0.2.1", "peer_asn": "1", "host": "rrc00"}
ATLAS = {"type": "traceroute", "prb_id": 1, "result": [], "dst_addr": "192.0.2.1"}
SCAMPER = {"type": "trace", "src": "192.0.2.1", "dst": "192.0.2.2", "hops": []}
SCHEMA = "http://schemas.microsoft.com/win/2004/08/events/event"
SAMPLES = {
    "a table of BGP": ("mrt", peer_index()),
    "an audit log": ("auditd", "type=EOE msg=audit(1364481363.243:24287): \n"),
    "an event as XML": ("windows_xml", f'<Event xmlns="{SCHEMA}"><System/></Event>'),
    "Winlogbeat": (
        "windows_json",
        {"@timestamp": "2024-01-01T00:00:00Z", "winlog": WINDOWS, "event": {"code": "1"}}
        | {"ecs": {"version": "8.0.0"}, "host": {"name": "pc"}, "message": "m"},
    ),
    "NXLog": ("windows_json", {"EventID": 1, "SourceName": SYSMON, "Channel": "x"}),
    "osquery": (
        "osquery",
        {"name": "q", "hostIdentifier": "h", "unixTime": 1, "columns": {"pid": "1"}},
    ),
    "Wazuh": (
        "wazuh",
        {"timestamp": "2024-01-01T00:00:00.000+0000", "rule": {"id": "1", "level": 3}}
        | {"agent": AGENT, "manager": {"name": "m"}, "id": "1", "data": {}},
    ),
    "RIS Live": ("ris_live", {"type": "ris_message", "data": MESSAGE | {"type": "UPDATE"}}),
    "RIPE Atlas": ("traceroute", [ATLAS]),
    "scamper": ("traceroute", SCAMPER),
    "OpenPhish": ("feed_list", "".join(f"https://{n}.example/login\n" for n in range(9))),
    "addresses": ("feed_list", "# list\n192.0.2.1\n192.0.2.0/24\n" + "198.51.100.7\n" * 30),
    "hashes": ("feed_list", f"{'a' * 64}\n{'b' * 64}\n{'c' * 64}\n"),
    "a hosts file": ("feed_list", "".join(f"0.0.0.0 {n}.example\n" for n in range(9))),
    "URLhaus": (
        "feed_csv",
        (
            "# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\n"
            '"1","2024-01-01 00:00:00","http://x.example/","online","","malware","","l","r"\n'
        ),
    ),
    "PhishTank": (
        "feed_json",
        [{"phish_id": 1, "url": "http://x.example/", "submission_time": "2024-01-01T00:00:00Z"}],
    ),
    "MISP": ("feed_json", {"Event": {"info": "i", "uuid": "u", "Attribute": []}}),
    "urlscan": (
        "crawl",
        {"data": {"requests": [{"request": {"requestId": "1"}}]}, "task": {}, "page": {}},
    ),
    "Thug": (
        "crawl",
        {"url": "http://x/", "timestamp": "t", "behavior": [], "connections": [], "thug": {}},
    ),
    "an mbox": ("mail", "From a@b Mon Jan  1 12:00:00 2024\nFrom: a@b\nSubject: s\n\nx\n"),
}


def files(patterns):
    return [path for pattern in patterns for path in sorted(DATA.glob(pattern))]


CASES = [(path, name) for name, patterns in READERS.items() for path in files(patterns)]


@pytest.mark.parametrize(
    ("path", "name"), CASES, ids=[str(path.relative_to(DATA)) for path, _ in CASES]
)
def test_shared_files(path, name):
    assert detect(path).name == name


@pytest.mark.parametrize("path", files(NO_DATA), ids=lambda path: path.name)
def test_what_is_no_data_is_refused(path):
    with pytest.raises(UnknownFormatError):
        detect(path)


def test_the_table_is_complete():
    told = {path for path, _ in CASES} | set(files(NO_DATA))
    assert told == {path for path in DATA.rglob("*") if path.is_file()}


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples_of_other_formats(tmp_path, sample):
    name, content = SAMPLES[sample]
    if not isinstance(content, (bytes, str)):
        content = json.dumps(content)
    path = tmp_path / "named.wrongly.pcap"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert detect(path).name == name


@pytest.mark.parametrize("path", files(["*/*", "*/*/*"]), ids=lambda path: path.name)
def test_the_name_does_not_decide(path):
    if path.is_dir():
        return
    start = head(path)
    for reader in readers().values():
        scores = {reader.detect(start, name) for name in (path.name, "x", "a.csv.gz", "b.json")}
        assert max(scores) - min(scores) <= 1
