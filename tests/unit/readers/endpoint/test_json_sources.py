"""osquery and Wazuh, in the forms that their manuals show."""

from __future__ import annotations

import json

import pytest
from tests.unit.readers.reading import read_bytes

from kaname.readers.endpoint.osquery import OsqueryReader
from kaname.readers.endpoint.wazuh import WazuhReader

BASE = {"name": "q", "hostIdentifier": "h1", "unixTime": 1_700_000_000, "counter": 3}
# osquery's manual, "Logging": event format, snapshot format, batch format
EVENT = BASE | {
    "action": "added",
    "columns": {
        "pid": "12",
        "parent": "1",
        "path": "/usr/bin/curl",
        "cmdline": "curl x",
        "uid": "0",
    },
}
SNAPSHOT = BASE | {
    "action": "snapshot",
    "snapshot": [
        {"pid": "1", "local_address": "192.0.2.1", "local_port": "5000", "protocol": "6"}
        | {"remote_address": "198.51.100.1", "remote_port": "443"},
        {"username": "bob", "tty": "pts/0", "host": "203.0.113.9", "pid": "7", "type": "user"},
    ],
}
BATCH = BASE | {
    "diffResults": {
        "added": [{"target_path": "/etc/x", "md5": "D41D8CD98F00B204E9800998ECF8427E"}],
        "removed": "",
    }
}


def osquery(tmp_path, *documents):
    text = "\n".join(json.dumps(document) for document in documents)
    assert OsqueryReader().detect(text.encode(), "x") == 90
    return read_bytes(OsqueryReader(), tmp_path, text)[0]


def test_event_format(tmp_path):
    (row,) = osquery(tmp_path, EVENT)
    assert (row["event_class"], row["pid"], row["ppid"]) == ("process", 12, 1)
    assert (row["image"], row["cmdline"], row["user"]) == ("/usr/bin/curl", "curl x", "0")
    assert (row["ts"], row["host"]) == (1_700_000_000_000_000, "h1")
    assert json.loads(row["ext"]) == {"query": "q", "change": "added"}


def test_snapshot_format(tmp_path):
    socket, login = osquery(tmp_path, SNAPSHOT)
    assert (socket["event_class"], socket["src"], socket["sport"]) == ("network", "192.0.2.1", 5000)
    assert (socket["dst"], socket["dport"], socket["proto"]) == ("198.51.100.1", 443, 6)
    assert (login["event_class"], login["user"], login["dst"]) == ("logon", "bob", "203.0.113.9")


def test_batch_format(tmp_path):
    (row,) = osquery(tmp_path, BATCH)
    assert (row["event_class"], row["target_path"]) == ("file", "/etc/x")
    assert row["md5"] == "d41d8cd98f00b204e9800998ecf8427e"


def wazuh(tmp_path, **parts):
    alert = {
        "timestamp": "2023-11-14T22:13:20.123+0000",
        "rule": {"level": 5, "description": "d", "id": "5710", "groups": ["sshd"]},
        "agent": {"id": "001", "name": "web1", "ip": "192.0.2.10"},
        "manager": {"name": "m"},
        "id": "1",
    } | parts
    text = json.dumps(alert)
    assert WazuhReader().detect(text.encode(), "x") == 90
    rows, _ = read_bytes(WazuhReader(), tmp_path, text)
    assert [row["table"] for row in rows] == ["endpoint", "alerts"]
    return rows


def test_a_login_with_its_alert(tmp_path):
    groups = ["syslog", "sshd", "authentication_failed"]
    event, alert = wazuh(
        tmp_path,
        rule={"level": 10, "description": "brute force", "id": "5712", "groups": groups},
        data={"srcip": "203.0.113.5", "srcuser": "admin", "srcport": "4711"},
    )
    assert (event["event_class"], event["result"], event["user"]) == ("logon", "failure", "admin")
    assert (event["src"], event["dst"], event["host"]) == ("192.0.2.10", "203.0.113.5", "web1")
    assert (alert["sid"], alert["signature"], alert["severity"]) == (5712, "brute force", 2)
    assert (alert["src"], alert["dst"], alert["engine"]) == ("203.0.113.5", "192.0.2.10", "wazuh")


def test_an_event_of_windows(tmp_path):
    system = {"providerName": "Microsoft-Windows-Sysmon", "eventID": "1", "computer": "pc"}
    data = {"image": "C:\\\\a.exe", "commandLine": "a -x", "processId": "44"}
    event, _ = wazuh(tmp_path, data={"win": {"system": system, "eventdata": data}})
    assert (event["event_class"], event["host"], event["pid"]) == ("process", "pc", 44)
    assert (event["image"], event["cmdline"]) == ("C:\\a.exe", "a -x")


def test_a_file_that_changed(tmp_path):
    event, _ = wazuh(tmp_path, syscheck={"path": "/etc/passwd", "md5_after": "0" * 32})
    assert (event["event_class"], event["target_path"]) == ("file", "/etc/passwd")
    assert event["md5"] == "0" * 32


@pytest.mark.parametrize("reader", [OsqueryReader(), WazuhReader()])
@pytest.mark.parametrize("head", [b"", b"[]", b'{"a":1}', b'{"hostIdentifier":"x","name":"y"}'])
def test_other_json_is_not_taken(reader, head):
    assert reader.detect(head, "alerts.json") == 0


def test_a_deep_document_is_counted(tmp_path):
    deep = '{"timestamp":"2023-11-14T22:13:20Z","rule":{},"data":' + '{"a":' * 200 + "1" + "}" * 201
    rows, report = read_bytes(WazuhReader(), tmp_path, deep)
    assert rows == []
    assert report.counters == {"too_deep": 1}
