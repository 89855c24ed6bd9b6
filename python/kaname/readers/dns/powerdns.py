"""Query logs of PowerDNS: Recursor (old text and structured) and Authoritative Server."""

from __future__ import annotations

import re
from typing import ClassVar

from kaname.readers.clock import iso_us
from kaname.readers.dns.entry import RD, Entry, number_of_type
from kaname.readers.dns.query_log import Dialect, Parsed, QueryLogReader, Verdict, stamps_of
from kaname.readers.dns.stamps import Stamps
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.moments import epoch_us

__all__ = ["PowerDnsDialect", "PowerDnsReader"]

_QUESTION = re.compile(
    r"\[(?P<mtid>\d+)(?:/\d+)?\] question for '(?P<name>[^|']*)\|(?P<type>[A-Z0-9-]+)' "
    r"from (?P<client>\[?[0-9A-Fa-f:.]+\]?)(?: \(?(?P<proto>\w+)?)?"
)
_ANSWER = re.compile(
    r"\[(?P<mtid>\d+)(?:/\d+)?\] answer to (?P<rd>non-rd )?question "
    r"'(?P<name>[^|']*)\|(?P<type>[A-Z0-9-]+)': "
    r"(?P<answers>\d+) answers, (?P<additional>\d+) additional,.*? (?P<ms>[0-9.]+) tot ms,"
    r".* rcode=(?P<rcode>\d+)"
)
_REMOTE = re.compile(
    r"Remote (?P<client>[0-9A-Fa-f:.]+)(?:<-[0-9A-Fa-f:.]+)? wants "
    r"'(?P<name>[^|']*)\|(?P<type>[A-Z0-9-]+)', do = (?P<do>[01])"
)
_PAIR = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_V4_PORT = re.compile(r"([0-9.]+):(\d+)$")
_V6_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\]:(\d+)$")


class PowerDnsDialect:
    """Lines of ``pdns_recursor`` and ``pdns_server``."""

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps

    def parse(self, line: str) -> Parsed:
        """What ``line`` says of a question or an answer."""
        for says, entry in ((_QUESTION, _asked), (_ANSWER, _answered), (_REMOTE, _remote)):
            found = says.search(line)
            if found:
                ts = self._stamps.read(line).ts
                qtype = number_of_type(found["type"])
                if ts is None or qtype is None:
                    return Verdict.MALFORMED
                return entry(ts, qtype, found)
        if 'msg="Question"' in line or 'msg="Answer"' in line:
            return self._structured(line)
        return Verdict.OTHER

    def _structured(self, line: str) -> Parsed:
        pairs = dict(_PAIR.findall(line))
        qtype = number_of_type(pairs.get("qtype", ""))
        ts = epoch_us(pairs.get("ts")) or iso_us(pairs.get("ts", "")) or self._stamps.read(line).ts
        if ts is None or qtype is None or "qname" not in pairs:
            return Verdict.MALFORMED
        client, port = _endpoint(pairs.get("remote", ""))
        name = pairs["qname"]
        entry = Entry(
            ts=ts,
            client=client,
            client_port=port,
            name=name,
            qtype=qtype,
            key=(pairs.get("mtid"), name.lower().rstrip("."), qtype),
            transport=pairs.get("proto", "") if pairs.get("proto") in {"udp", "tcp"} else "unknown",
            ecs=pairs.get("ecs") or None,
        )
        if pairs["msg"] == "Answer":
            _complete(entry, pairs)
        return entry


def _complete(entry: Entry, pairs: dict[str, str]) -> None:
    entry.response = True
    entry.rcode = _count(pairs.get("rcode"))
    entry.rtt_us = _milliseconds(pairs.get("totms", ""))
    entry.counts = (_count(pairs.get("answers")), None, _count(pairs.get("additional")))
    entry.bits = RD if pairs.get("rd") == "1" else 0
    if pairs.get("validationState"):
        entry.ext["dnssec"] = pairs["validationState"]


def _key(found: re.Match[str], qtype: int) -> tuple[str, str, int]:
    return found["mtid"], found["name"].lower().rstrip("."), qtype


def _asked(ts: int, qtype: int, found: re.Match[str]) -> Entry:
    client, port = _endpoint(found["client"])
    return Entry(
        ts=ts,
        client=client,
        client_port=port,
        name=found["name"],
        qtype=qtype,
        key=_key(found, qtype),
    )


def _answered(ts: int, qtype: int, found: re.Match[str]) -> Entry:
    return Entry(
        ts=ts,
        client="",
        name=found["name"],
        qtype=qtype,
        key=_key(found, qtype),
        response=True,
        rcode=int(found["rcode"]) & 0xFFF,
        rtt_us=_milliseconds(found["ms"]),
        counts=(int(found["answers"]), None, int(found["additional"])),
        bits=0 if found["rd"] else RD,
    )


def _remote(ts: int, qtype: int, found: re.Match[str]) -> Entry:
    client, port = _endpoint(found["client"])
    return Entry(
        ts=ts,
        client=client,
        client_port=port,
        name=found["name"],
        qtype=qtype,
        edns_do=found["do"] == "1",
    )


def _endpoint(text: str) -> tuple[str, int]:
    """Address and port; 0 where no port is written."""
    found = _V4_PORT.match(text) or _V6_PORT.match(text)
    if found and int(found[2]) < 1 << 16:
        return found[1], int(found[2])
    return text, 0


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 6 else None


def _milliseconds(text: str) -> int | None:
    try:
        return round(float(text) * 1000)
    except (ValueError, OverflowError):
        return None


class PowerDnsReader(QueryLogReader):
    """Query logs of PowerDNS. Options ``zone`` and ``year``."""

    name: ClassVar[str] = "powerdns"
    kind: ClassVar[str] = "powerdns"
    words: ClassVar[tuple[bytes, ...]] = ()
    version: ClassVar[int] = 1
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Query logs of PowerDNS: of the Recursor (`quiet=no`) as text or structured, and of "
            "the Authoritative Server (`log-dns-queries`), from a file or by way of syslog. "
            "An answer and the question with the same task number, name and type are one row."
        ),
        ja=(
            "PowerDNS のクエリーログを読みます。Recursor(`quiet=no`)の文字列形式と構造化形式、"
            "Authoritative Server(`log-dns-queries`)に対応し、syslog 経由でも構いません。"
            "タスク番号・名前・型が同じ質問と回答は 1 行にまとめます。"
        ),
        formats=("PowerDNS query log",),
        references=(
            "https://docs.powerdns.com/recursor/settings.html",
            "https://doc.powerdns.com/authoritative/settings.html",
        ),
        limitations_en=(
            "The log does not tell the answers themselves.",
            "The Authoritative Server logs questions only.",
            "A time without a year takes that of the file (note `no_year`).",
        ),
        limitations_ja=(
            "回答の内容は記録されていません。",
            "Authoritative Server が記録するのは質問だけです。",
            "年のない時刻はファイルの更新時刻から年を補います(`no_year` として数えます)。",
        ),
    )

    def dialect(self, job: ReadJob) -> Dialect:
        """PowerDNS's, with the clock of the job."""
        return PowerDnsDialect(stamps_of(job)[0])

    def detect(self, head: bytes, filename: str) -> int:
        """As others, where one of the three notations appears."""
        notations = (b" question for '", b'msg="Question"', b" wants '")
        return super().detect(head, filename) if any(n in head for n in notations) else 0
