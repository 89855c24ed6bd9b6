"""What others warn of: a scan report, a phishing list, a visit, an intrusion detector."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

from kaname.traffic.scenario.cast import HOUR, SECOND, Cast

__all__ = ["write_alerts", "write_exposure", "write_list", "write_visit"]


def _moment(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at / SECOND, dt.UTC)


def write_exposure(path: Path, cast: Cast) -> int:
    """A Shadowserver report of time servers that answer monlist."""
    header = (
        "timestamp", "severity", "ip", "protocol", "port", "hostname", "tag", "asn", "geo",
        "version", "response_size", "amplification",
    )  # fmt: skip
    row = (
        f"{_moment(cast.start + HOUR):%Y-%m-%d %H:%M:%S}", "medium", cast.clock, "udp", 123,
        "clock.corp.example", "ntpmonitor", 64511, "JP", 2, 44000, "550.00",
    )  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([header, row])
    return 1


def write_list(path: Path, cast: Cast) -> int:
    """A list of phishing pages, a URL a line, as OpenPhish publishes one."""
    pages = [f"https://secure-{site.split('.')[1]}.example/login" for site in cast.sites[:25]]
    pages.insert(9, cast.lure_url)
    path.write_text("".join(f"{page}\n" for page in pages), encoding="utf-8")
    return len(pages)


def write_visit(path: Path, cast: Cast) -> int:
    """An HTTP archive (HAR 1.2) of a client honeypot that looked at the lure."""
    at = _moment(cast.clicked + 2 * HOUR).isoformat()
    program = f"http://{cast.lure_domain}/account/viewer.exe"
    entries = [
        _entry(at, cast, cast.lure_url, "text/html", 18204),
        _entry(at, cast, program, "application/x-msdownload", 402116),
    ]
    page = {"startedDateTime": at, "id": "page_1", "title": "口座の確認", "pageTimings": {}}
    log = {
        "version": "1.2",
        "creator": {"name": "visitor", "version": "1"},
        "pages": [page],
        "entries": entries,
    }
    path.write_text(json.dumps({"log": log}, ensure_ascii=False), encoding="utf-8")
    return len(entries)


def _entry(at: str, cast: Cast, url: str, mime: str, size: int) -> dict[str, object]:
    return {
        "pageref": "page_1", "startedDateTime": at, "time": 120,
        "request": {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "cookies": [],
                    "headers": [], "queryString": [], "headersSize": -1, "bodySize": 0},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [],
                     "headers": [], "content": {"size": size, "mimeType": mime},
                     "redirectURL": "", "headersSize": -1, "bodySize": size},
        "cache": {}, "timings": {"send": 1, "wait": 100, "receive": 19},
        "serverIPAddress": cast.lure_address,
    }  # fmt: skip


def write_alerts(path: Path, cast: Cast) -> int:
    """What Suricata said of the day, as EVE JSON."""
    said = (
        (cast.clicked + 41 * SECOND, cast.victim.address, cast.lure_address, 80, 2018959,
         "ET POLICY PE EXE or DLL Windows file download HTTP", 1),
        (cast.start + 5 * HOUR + 90 * SECOND, cast.scanner.address, "10.20.2.90", 445, 2001569,
         "ET SCAN Behavioral Unusual Port 445 traffic Potential Scan or Infection", 3),
    )  # fmt: skip
    with path.open("w", encoding="utf-8") as out:
        for at, source, target, port, sid, text, severity in said:
            event = {
                "timestamp": _moment(at).strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
                "flow_id": at % 10**15, "event_type": "alert", "src_ip": source,
                "src_port": 50100, "dest_ip": target, "dest_port": port, "proto": "TCP",
                "alert": {"action": "allowed", "gid": 1, "signature_id": sid, "rev": 3,
                          "signature": text, "category": "Potentially Bad Traffic",
                          "severity": severity},
            }  # fmt: skip
            out.write(json.dumps(event) + "\n")
    return len(said)
