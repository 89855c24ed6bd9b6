"""Windows events in their columns, and the same event in each of its written forms."""

from __future__ import annotations

import gzip
import json

import pytest
from evtx import PyEvtxParser
from tests.unit.readers.reading import DATA, read, read_bytes

from kaname.readers.endpoint.evtx import EvtxReader
from kaname.readers.endpoint.windows import WindowsEvent, columns
from kaname.readers.endpoint.windows_export import WindowsJsonReader, WindowsXmlReader

SECURITY = "Microsoft-Windows-Security-Auditing"
LOG = DATA / "endpoint/new-user-security.evtx.gz"
FAILURE, SUCCESS = 0x8010000000000000, 0x8020000000000000


def row(code, data, provider=SECURITY, keywords=SUCCESS):
    return columns(WindowsEvent(1, provider, code, "pc", 1, keywords, dict(data)))


# Fields as Microsoft's page of each event documents them.
def test_a_logon_that_failed():
    found = row(
        4625,
        {
            "SubjectUserName": "-",
            "TargetUserName": "bob",
            "TargetDomainName": "CORP",
            "LogonType": "3",
            "WorkstationName": "KALI",
            "IpAddress": "::ffff:203.0.113.9",
            "IpPort": "50000",
            "ProcessId": "0x2f8",
            "Status": "0xc000006d",
        },
        keywords=FAILURE,
    )
    assert (found["event_class"], found["result"], found["user"]) == (
        "logon",
        "failure",
        "CORP\\bob",
    )
    assert (found["logon_type"], found["dst"], found["dport"]) == (3, "203.0.113.9", 50000)
    assert (found["qname"], found["pid"]) == ("KALI", 0x2F8)
    assert found["ext"] == {"Status": "0xc000006d"}


def test_a_process_and_its_creator():
    found = row(
        4688,
        {
            "SubjectUserName": "alice",
            "SubjectDomainName": "CORP",
            "NewProcessId": "0x1a0",
            "NewProcessName": "C:\\a.exe",
            "ProcessId": "0x10",
            "CommandLine": "a -x",
            "ParentProcessName": "C:\\b.exe",
            "TargetUserName": "-",
        },
    )
    assert (found["pid"], found["ppid"], found["user"]) == (0x1A0, 0x10, "CORP\\alice")
    assert (found["image"], found["parent_image"]) == ("C:\\a.exe", "C:\\b.exe")


@pytest.mark.parametrize(
    ("direction", "src", "dst", "sport", "dport"),
    [
        ("%%14593", "10.0.0.5", "203.0.113.9", 50000, 443),
        ("%%14592", "203.0.113.9", "10.0.0.5", 443, 50000),
    ],
)
def test_the_host_comes_first_in_connections(direction, src, dst, sport, dport):
    data = {"SourceAddress": "10.0.0.5", "SourcePort": "50000", "Protocol": "17"}
    data |= {"DestAddress": "203.0.113.9", "DestPort": "443", "Direction": direction}
    found = row(5156, data)
    assert (found["src"], found["dst"]) == (src, dst)
    assert (found["sport"], found["dport"], found["proto"]) == (sport, dport, 17)


def test_an_access_to_a_registry_key():
    found = row(4663, {"ObjectType": "Key", "ObjectName": "\\REGISTRY\\X", "ProcessName": "r.exe"})
    assert (found["event_class"], found["reg_key"]) == ("registry", "\\REGISTRY\\X")
    assert found["target_path"] is None


def test_a_dns_query_of_sysmon():
    found = row(22, {"QueryName": "evil.example", "Image": "x"}, "Microsoft-Windows-Sysmon", 0)
    assert (found["event_class"], found["qname"], found["result"]) == ("dns", "evil.example", None)


def test_a_service_that_was_installed():
    data = {"ServiceName": "evil", "ImagePath": "%COMSPEC% /c x", "AccountName": "LocalSystem"}
    found = row(7045, data, "Service Control Manager", 0)
    assert (found["event_class"], found["target_path"]) == ("service", "%COMSPEC% /c x")
    assert (found["user"], found["ext"]) == ("LocalSystem", {"ServiceName": "evil"})


def comparable(rows):
    return [
        {k: v for k, v in row.items() if k not in {"kind", "row_in_src", "ext"}} for row in rows
    ]


@pytest.fixture(scope="module")
def binary(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "x.evtx"
    path.write_bytes(gzip.decompress(LOG.read_bytes()))
    return str(path)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_xml_of_the_same_events_gives_the_same_rows(tmp_path, binary, wrapped, codec):
    """The XML is what the evtx library writes; the reader parses it by itself."""
    events = [r["data"].partition("?>")[2].strip() for r in PyEvtxParser(binary).records()]
    text = "<Events>" + "".join(events) + "</Events>" if wrapped else "\n".join(events)
    rows, report = read_bytes(WindowsXmlReader(), tmp_path, text.encode(codec))
    expected, _ = read(EvtxReader(), LOG)
    assert comparable(rows) == comparable(expected)
    assert report.counters == {"event": 4}
    assert WindowsXmlReader().detect(text.encode(codec), "x") == 90


def test_json_of_the_same_events_gives_the_same_rows(tmp_path, binary):
    lines = "\n".join(r["data"] for r in PyEvtxParser(binary).records_json())
    rows, _ = read_bytes(WindowsJsonReader(), tmp_path, lines)
    expected, _ = read(EvtxReader(), LOG)
    assert comparable(rows) == comparable(expected)


WINLOGBEAT = {
    "@timestamp": "2023-11-14T22:13:20.500Z",
    "winlog": {
        "provider_name": SECURITY,
        "event_id": "4625",
        "computer_name": "pc",
        "record_id": 9,
        "channel": "Security",
        "keywords": ["Audit Failure"],
        "event_data": {"TargetUserName": "bob", "IpAddress": "203.0.113.9", "LogonType": "3"},
    },
}
OLDER = {"@timestamp": "2023-11-14T22:13:20.500Z", "log_name": "Security", "source_name": SECURITY}
OLDER |= {"event_id": 4625, "computer_name": "pc", "record_number": "9"}
OLDER |= {k: WINLOGBEAT["winlog"][k] for k in ("keywords", "event_data")}
NXLOG = {"EventTime": "2023-11-14 22:13:20.5", "Hostname": "pc", "Keywords": -9218868437227405312}
NXLOG |= {"EventID": 4625, "SourceName": SECURITY, "RecordNumber": 9, "Channel": "Security"}
NXLOG |= WINLOGBEAT["winlog"]["event_data"]


@pytest.mark.parametrize("document", [WINLOGBEAT, OLDER, NXLOG], ids=["new", "old", "nxlog"])
def test_forwarded_events(tmp_path, document):
    text = json.dumps(document)
    rows, _ = read_bytes(WindowsJsonReader(), tmp_path, text)
    (found,) = rows
    assert (found["ts"], found["host"]) == (1_700_000_000_500_000, "pc")
    assert (found["event_code"], found["record_id"], found["provider"]) == (4625, 9, SECURITY)
    assert (found["result"], found["user"], found["dst"]) == ("failure", "bob", "203.0.113.9")
    assert WindowsJsonReader().detect(text.encode(), "x") == 88


def test_an_xml_bomb_is_refused(tmp_path):
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>&b;</System>'
        "</Event>"
    )
    rows, report = read_bytes(WindowsXmlReader(), tmp_path, bomb)
    assert rows == []
    assert report.counters == {"malformed": 1}
