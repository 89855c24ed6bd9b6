"""Visits of pages: HAR by the shared archives, urlscan and Thug by their documentation."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from tests.unit.readers.reading import DATA, read, read_bytes

from kaname.readers.crawl.reader import CrawlReader

HARS = DATA / "har"


def test_a_page_with_its_resources():
    # read off the archive with jq
    rows, report = read(CrawlReader(), HARS / "humanssuck.net.har")
    (row,) = rows
    assert (row["page_url"], row["status"], row["engine"]) == (
        "http://humanssuck.net/",
        200,
        "Firefox",
    )
    assert (row["src"], row["domains"]) == ("216.70.110.121", ["humanssuck.net"])
    assert row["ts"] == 1_424_662_092_136_000  # 2015-02-22T19:28:12.136-08:00
    resources = json.loads(row["resources"])
    assert [(each["mime"], each["len"]) for each in resources] == [
        ("text/html", 308),
        ("text/css", 8),
        ("image/gif", 23591),
        ("application/x-javascript", 93867),
    ]
    assert not report.damaged


def test_entries_without_their_page():
    rows, _ = read(CrawlReader(), HARS / "missing_pageref.har")
    (row,) = rows
    assert row["title"] == "http://humanssuck.net/"
    assert len(json.loads(row["resources"])) == 2  # one with a reference to its page, one without


def entry(url, status=200, **more):
    return {"request": {"url": url}, "response": {"status": status, "content": {}}} | more


def crawl(tmp_path, document):
    text = json.dumps(document)
    assert CrawlReader().detect(text.encode(), "x") >= 80
    rows, _ = read_bytes(CrawlReader(), tmp_path, text)
    return rows


def test_redirections_and_digests(tmp_path):
    body = {"text": base64.b64encode(b"MZ").decode(), "encoding": "base64", "size": 2}
    last = entry("http://c.example/") | {"serverIPAddress": "[2001:db8::1]"}
    last["response"]["content"] = body
    entries = [entry("http://a.example/", 302), entry("http://b.example/", 301), last]
    log = {"version": "1.2", "entries": [*entries, entry("http://d.example/x.js")]}
    (row,) = crawl(tmp_path, {"log": log})
    assert (row["page_url"], row["final_url"]) == ("http://a.example/", "http://c.example/")
    assert row["redirects"] == ["http://a.example/", "http://b.example/"]
    assert (row["src"], row["status"]) == ("2001:db8::1", 200)
    assert row["sha256s"] == [hashlib.sha256(b"MZ").hexdigest()]
    assert row["domains"] == ["a.example", "c.example", "b.example", "d.example"]


def test_every_page_of_an_archive(tmp_path):
    pages = [{"id": "p1", "title": "one"}, {"id": "p2", "title": "two"}]
    entries = [entry("http://a.example/", pageref="p1"), entry("http://b.example/", pageref="p2")]
    entries.append(entry("http://b.example/x"))
    rows = crawl(tmp_path, {"log": {"pages": pages, "entries": entries}})
    assert [(row["title"], row["resource_urls"]) for row in rows] == [
        ("one", ["http://a.example/"]),
        ("two", ["http://b.example/", "http://b.example/x"]),
    ]


URLSCAN = {
    "data": {
        "requests": [
            {
                "request": {
                    "requestId": "1",
                    "documentURL": "https://evil.example/login",
                    "request": {"url": "https://evil.example/login"},
                    "redirectResponse": {"url": "http://short.example/x"},
                },
                "response": {
                    "hash": "0" * 64,
                    "size": 5,
                    "response": {"status": 200, "mimeType": "text/html"}
                    | {"remoteIPAddress": "192.0.2.7"},
                },
            }
        ]
    },
    "task": {"url": "http://short.example/x", "time": "2024-01-01T10:00:05.000Z", "uuid": "u"},
    "page": {"url": "https://evil.example/login", "ip": "192.0.2.7", "title": "Sign in"}
    | {"status": "200", "asn": "AS64500"},
    "verdicts": {"overall": {"score": 100, "malicious": True, "brands": [{"name": "Bank"}]}},
}


def test_a_result_of_urlscan(tmp_path):
    (row,) = crawl(tmp_path, URLSCAN)
    assert (row["page_url"], row["final_url"]) == (
        "http://short.example/x",
        "https://evil.example/login",
    )
    assert (row["src"], row["status"], row["title"]) == ("192.0.2.7", 200, "Sign in")
    assert row["redirects"] == ["http://short.example/x"]
    assert (row["verdict"], row["engine"]) == ("malicious", "urlscan")
    assert row["sha256s"] == ["0" * 64]
    assert json.loads(row["ext"])["brands"] == ["Bank"]
    assert row["ts"] == 1_704_103_205_000_000


THUG = {
    "url": "http://a.example/",
    "timestamp": "2024-01-01 10:00:05.000000",
    "thug": {"version": "6.0", "personality": {"useragent": "winxpie60"}},
    "behavior": [{"description": "eval", "cve": None, "method": "Dynamic Analysis"}],
    "files": [{"url": "http://b.example/x.exe", "sha256": "1" * 64}],
    "connections": [
        {"source": "http://a.example/", "destination": "http://b.example/", "method": "iframe"},
        {"source": "http://a.example/", "destination": "http://b.example/"}
        | {"method": "http-redirection"},
    ],
    "locations": [
        {"url": "http://b.example/", "content-type": "text/html", "status": 200, "size": 9},
        {"url": "http://b.example/x.exe", "content-type": "application/x-dosexec"},
    ],
    "exploits": [{"module": "Adodb.Stream", "description": "write", "cve": "CVE-2006-0003"}],
}


def test_a_report_of_thug(tmp_path):
    (row,) = crawl(tmp_path, THUG)
    assert (row["page_url"], row["final_url"]) == ("http://a.example/", "http://b.example/")
    assert (row["verdict"], row["engine"], row["status"]) == ("malicious", "thug", 200)
    assert row["sha256s"] == ["1" * 64]
    assert row["redirects"] == ["http://a.example/"]
    assert json.loads(row["ext"])["exploits"][0]["cve"] == "CVE-2006-0003"


@pytest.mark.parametrize(
    "document",
    [{"log": {"entries": 5}}, {"log": {"entries": [5, {}, {"request": 7}]}}, {"task": {}}, {}],
)
def test_odd_documents_are_no_crash(tmp_path, document):
    _, report = read_bytes(CrawlReader(), tmp_path, json.dumps(document))
    assert report.records == 1


@pytest.mark.parametrize("head", [b"", b"{}", b'{"log": "x"}', b'{"data": {"a": 1}}', b"[1]"])
def test_other_json_is_no_crawl(head):
    assert CrawlReader().detect(head, "x.har") == 0
