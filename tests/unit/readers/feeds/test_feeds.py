"""Feeds in the forms of their publishers, and plain lists."""

from __future__ import annotations

import json
import os

import pytest
from tests.unit.readers.reading import DATA, read, read_bytes

from kaname.readers.feeds.cleanmx import CleanMxReader
from kaname.readers.feeds.csv_feed import CsvFeedReader
from kaname.readers.feeds.json_feed import JsonFeedReader
from kaname.readers.feeds.plain import PlainFeedReader, value_in

FIRST, LAST = 1_704_103_205_000_000, 1_704_106_800_000_000  # 2024-01-01 10:00:05, 11:00:00 UTC
DATE = "2024-01-01 10:00:05"
SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_cleanmx():
    rows, report = read(CleanMxReader(), DATA / "phishing/cleanmx-xmlphishing.xml")
    assert [row["url"] for row in rows] == [
        "http://www.autoposting.com.br/i/",
        "http://mvptrades.xyz/ad0be/view/?email=abuse@exxonmobil.com",
        "http://accounts.google.com./",
    ]
    assert [row["src"] for row in rows] == ["104.28.15.106", "198.38.90.108", "::"]
    assert [row["target"] for row in rows] == [None, "Adobe", "Google"]
    assert [row["first_us"] // 1_000_000 for row in rows] == [1502031590, 1503507883, 1508348889]
    assert {(row["label"], row["status"]) for row in rows} == {("phishing", "alive")}
    assert not report.damaged


def test_filters_of_an_ad_blocker():
    rows, report = read(PlainFeedReader(), DATA / "phishing/emerging-threats-domains.txt")
    assert len(rows) == 1030  # grep -c '^||'
    assert (rows[0]["value"], rows[0]["vtype"]) == ("03s30.com", "domain")
    assert {(row["feed"], row["label"]) for row in rows} == {
        ("emerging-threats-domains", "malware")
    }
    assert report.counters == {"entry": 1030}


# (header and record as the publisher's page shows them, what the row must say)
CSV = {
    "phishtank": (
        (
            "phish_id,url,phish_detail_url,submission_time,verified,verification_time,online,target\n"
            "1,http://evil.example/x,http://p/1,2024-01-01T10:00:05+00:00,yes,"
            "2024-01-01T11:00:00+00:00,yes,PayPal\n"
        ),
        {"label": "phishing", "target": "PayPal", "status": "online", "last_us": LAST},
    ),
    "urlhaus": (
        (
            "#####\n# abuse.ch URLhaus\n#\n"
            "# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\n"
            f'"3","{DATE}","http://evil.example/x","online","2024-01-01 11:00:00",'
            '"malware_download","32-bit,elf","https://u/3/","r"\n'
        ),
        {"label": "malware", "status": "online", "last_us": LAST, "value": "http://evil.example/x"},
    ),
    "feodo": (
        (
            "# Feodo\nfirst_seen_utc,dst_ip,dst_port,c2_status,last_online,malware\n"
            f'"{DATE}","192.0.2.7","443","online","2024-01-01","QakBot"\n# END (1) entries\n'
        ),
        {"label": "c2", "src": "192.0.2.7", "value": "192.0.2.7", "status": "online"},
    ),
    "threatfox": (
        (
            '# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware",'
            '"malware_alias","malware_printable","last_seen_utc","confidence_level","reference",'
            '"tags","anonymous","reporter"\n'
            f'"{DATE}", "1", "192.0.2.7:443", "ip:port", "botnet_cc", "win.x", "None", "X", "", '
            '"75", "None", "c2", "0", "a"\n'
        ),
        {"label": "c2", "value": "192.0.2.7", "confidence": 75},
    ),
    "malwarebazaar": (
        (
            '# "first_seen_utc","sha256_hash","md5_hash","sha1_hash","reporter","file_name"\n'
            f'"{DATE}", "{SHA}", "d4", "da", "r", "a.exe"\n'
        ),
        {"label": "malware", "value": SHA, "vtype": "sha256"},
    ),
    "sslbl": (
        (
            "# Listingdate,SHA1,Listingreason\n"
            f"{DATE},da39a3ee5e6b4b0d3255bfef95601890afd80709,X C&C\n"
        ),
        {"label": "c2", "vtype": "sha1"},
    ),
}


@pytest.mark.parametrize("feed", CSV)
def test_csv_of_publishers(tmp_path, feed):
    text, expected = CSV[feed]
    rows, report = read_bytes(CsvFeedReader(), tmp_path, text)
    (row,) = rows
    assert {name: row[name] for name in expected} == expected
    assert (row["feed"], row["first_us"]) == (feed, FIRST)
    assert report.counters == {"entry": 1}
    assert CsvFeedReader().detect(text.encode(), "x") == 85


def test_any_table_with_a_column_of_values(tmp_path):
    rows, _ = read(CsvFeedReader(), DATA / "dga/dga_shared_families.csv.gz", feed="dga")
    assert len(rows) == 13_811  # lines of the file but for its header
    assert (rows[0]["value"], rows[0]["feed"]) == ("aagyestnessbiophysicalohax.com", "dga")
    assert json.loads(rows[0]["ext"]) == {"family": "banjori"}


URLHAUS = {"dateadded": f"{DATE} UTC", "url": "http://evil.example/x", "url_status": "online"}
URLHAUS |= {"last_online": None, "threat": "malware_download", "tags": ["elf"]}
FOX = {"ioc_value": "evil.example", "threat_type": "botnet_cc", "first_seen_utc": DATE}
JSON = {
    "phishtank": (
        [
            {"phish_id": 1, "url": "http://evil.example/x", "submission_time": DATE}
            | {"online": "yes", "target": "Apple", "details": [{"ip_address": "192.0.2.7"}]}
        ],
        {"label": "phishing", "target": "Apple", "src": "192.0.2.7", "status": "online"},
    ),
    "urlhaus": ({"3": [URLHAUS]}, {"label": "malware", "value": "http://evil.example/x"}),
    "threatfox": ({"9": [FOX]}, {"label": "c2", "value": "evil.example"}),
    "feodo": (
        [
            {"ip_address": "192.0.2.7", "port": 443, "status": "offline", "as_number": 64500}
            | {"country": "JP", "first_seen": DATE, "malware": "X"}
        ],
        {"label": "c2", "src": "192.0.2.7", "asn": 64500, "cc": "JP", "status": "offline"},
    ),
}


@pytest.mark.parametrize("feed", JSON)
def test_json_of_publishers(tmp_path, feed):
    document, expected = JSON[feed]
    text = json.dumps(document)
    rows, _ = read_bytes(JsonFeedReader(), tmp_path, text)
    (row,) = rows
    assert {name: row[name] for name in expected} == expected
    assert (row["feed"], row["first_us"]) == (feed, FIRST)
    assert JsonFeedReader().detect(text.encode(), "x") >= 80


def test_an_event_of_misp(tmp_path):
    # attributes and objects after the MISP core format
    attributes = [
        {"type": "domain", "value": "Evil.example", "timestamp": "1704103205", "to_ids": True},
        {"type": "comment", "value": "none of a feed"},
        {"type": "filename|sha256", "value": f"a.exe|{SHA}"},
        {"type": "ip-dst", "value": "not an address"},
    ]
    event = {"info": "Phishing wave", "date": "2024-01-01", "uuid": "u", "Attribute": attributes}
    event["Object"] = [{"Attribute": [{"type": "ip-dst|port", "value": "192.0.2.7|80"}]}]
    rows, report = read_bytes(JsonFeedReader(), tmp_path, json.dumps({"Event": event}))
    assert [(row["vtype"], row["value"]) for row in rows] == [
        ("domain", "evil.example"),
        ("sha256", SHA),
        ("ip", "192.0.2.7"),
    ]
    assert rows[0]["ts"] == FIRST
    assert {row["label"] for row in rows} == {"phishing"}
    assert report.counters == {"entry": 3, "malformed": 1}
    wrapped = json.dumps({"response": [{"Event": event}]})
    assert len(read_bytes(JsonFeedReader(), tmp_path, wrapped)[0]) == 3


LINES = {
    "evil.example": "evil.example",
    "evil.example # since Monday": "evil.example",
    "||evil.example^": "evil.example",
    "||evil.example^$third-party": "evil.example",
    "0.0.0.0 evil.example": "evil.example",
    "127.0.0.1\tevil.example # x": "evil.example",
    "192.0.2.7\t5": "192.0.2.7",
    "http://evil.example/x#y": "http://evil.example/x#y",
    "": None,
}


@pytest.mark.parametrize("line", LINES)
def test_values_of_lines(line):
    assert value_in(line) == LINES[line]


def test_a_hosts_file_without_the_host_itself(tmp_path):
    text = "# hosts\n127.0.0.1 localhost\n0.0.0.0 a.example\n0.0.0.0 b.example\n0.0.0.0 c.example\n"
    rows, _ = read_bytes(PlainFeedReader(), tmp_path, text, name="openphish.txt")
    assert [row["value"] for row in rows] == ["a.example", "b.example", "c.example"]
    assert {(row["feed"], row["label"]) for row in rows} == {("openphish", "phishing")}


def test_entries_have_the_time_of_the_file_or_the_one_given(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("a.example\nb.example\nc.example\n")
    os.utime(path, (1_704_103_205, 1_704_103_205))
    assert {row["ts"] for row in read(PlainFeedReader(), path)[0]} == {FIRST}
    rows, _ = read(PlainFeedReader(), path, time="2024-01-01T11:00:00Z", confidence=80)
    assert {(row["ts"], row["confidence"]) for row in rows} == {(LAST, 80)}


TEXTS = {
    "prose": "This is a text.\nIt has e.g. domains like evil.example in it.\nNo list.\n",
    "a log": '192.0.2.1 - - [01/Jan/2024:10:00:05 +0000] "GET / HTTP/1.1" 200 5\n' * 9,
    "mixed": "evil.example\n192.0.2.1\nhttp://x.example/\nd41d8cd98f00b204e9800998ecf8427e\n" * 3,
    "two": "a.example\nb.example\n",
    "numbers": "1\n2\n3\n4\n",
    "tabs": "192.0.2.1\t53\tudp\n" * 5,
    "code": "import os\nos.path.join\nos.getcwd()\n" * 5,
}


@pytest.mark.parametrize("what", TEXTS)
def test_arbitrary_text_is_no_list(what):
    for reader in (PlainFeedReader(), CsvFeedReader(), JsonFeedReader()):
        assert reader.detect(TEXTS[what].encode(), "list.txt") == 0


def test_a_table_of_other_things_is_no_feed():
    text = "name,domain\nalice,sales\nbob,marketing\ncarol,sales\n"
    assert CsvFeedReader().detect(text.encode(), "x.csv") == 0


def test_lines_that_are_no_entries_are_counted(tmp_path):
    text = "a.example\nb.example\n???\n" + "x" * (2 << 20) + "\nc.example\n"
    rows, report = read_bytes(PlainFeedReader(), tmp_path, text)
    assert len(rows) == 3
    assert report.counters == {"entry": 3, "malformed": 1, "too_long": 1}
