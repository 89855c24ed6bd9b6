"""Query logs of unbound: ``log-queries``, ``log-replies``, with or without tags.

A query is ``192.0.2.1 example.com. A IN``; a reply adds the response code, seconds until
the answer was known, whether it came from the cache, and the bytes of the response.
"""

from __future__ import annotations

import re
from typing import ClassVar

from kaname._native import dns_rcode
from kaname.readers.dns.entry import Entry, number_of_class, number_of_type
from kaname.readers.dns.query_log import Dialect, Parsed, QueryLogReader, Verdict, stamps_of
from kaname.readers.dns.stamps import Stamps
from kaname.readers.frame import ReaderDoc, ReadJob

__all__ = ["UnboundDialect", "UnboundReader"]

_SAYS = re.compile(
    r"unbound(?:\[\d+(?::[0-9a-f]+)?\])?:? (?:\[\d+:[0-9a-f]+\] )?(?:info|query|reply): "
    r"(?P<client>[0-9A-Fa-f]*[.:][0-9A-Fa-f:.]+(?:%\w+)?) (?P<name>[^ ]+) "
    r"(?P<type>[A-Z0-9-]+) (?P<class>[A-Z0-9]+)"
    r"(?: (?P<rcode>[A-Z0-9]+) (?P<seconds>\d+)\.(?P<micros>\d{6}) (?P<cached>[01]) (?P<size>\d+)"
    r"(?: on (?P<transport>\w+) (?P<server>[0-9A-Fa-f:.]+) (?P<port>\d+))?)?"
    r"$"
)
_TRANSPORTS = {"udp": "udp", "tcp": "tcp", "tls": "tls", "ssl": "tls", "http": "https"}


class UnboundDialect:
    """Lines of unbound."""

    def __init__(self, stamps: Stamps, default_us: int) -> None:
        self._stamps = stamps
        self._default_us = default_us

    def parse(self, line: str) -> Parsed:
        """What ``line`` says of a query or reply; other lines say nothing."""
        says = _SAYS.search(line)
        if says is None:
            return Verdict.OTHER
        ts = self._stamps.read(line).ts
        qtype, qclass = number_of_type(says["type"]), number_of_class(says["class"])
        if ts is None or qtype is None or qclass is None:
            return Verdict.MALFORMED
        name = says["name"].lower()
        entry = Entry(
            ts=ts,
            client=says["client"],
            name=says["name"],
            qtype=qtype,
            qclass=qclass,
            key=(says["client"], name, qtype, qclass),
        )
        if says["rcode"]:
            _answer(entry, says)
        return entry


def _answer(entry: Entry, says: re.Match[str]) -> None:
    entry.response = True
    entry.rcode = dns_rcode(says["rcode"])
    entry.rtt_us = int(says["seconds"]) * 1_000_000 + int(says["micros"])
    entry.res_len = int(says["size"])
    entry.ext["cached"] = says["cached"] == "1"
    if says["server"]:
        entry.server, entry.server_port = says["server"], int(says["port"])
        entry.transport = _TRANSPORTS.get(says["transport"].lower(), "unknown")


class UnboundReader(QueryLogReader):
    """Query logs of unbound. Options ``zone`` and ``year``."""

    name: ClassVar[str] = "unbound"
    kind: ClassVar[str] = "unbound"
    words: ClassVar[tuple[bytes, ...]] = (b"unbound", b" IN")
    version: ClassVar[int] = 1
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Query logs of unbound (`log-queries`, `log-replies`, `log-tag-queryreply`, "
            "`log-destaddr`), from its own file with seconds or text as time, or by way of "
            "syslog. A reply and the query of the same client, name and type are one row. "
            "`rtt_us` is what unbound says that the answer took."
        ),
        ja=(
            "unbound のクエリーログ(`log-queries`・`log-replies`・`log-tag-queryreply`・"
            "`log-destaddr`)を読みます。時刻は UNIX 秒・文字列のどちらでもよく、syslog 経由にも"
            "対応します。同じクライアント・名前・型の問い合わせと応答は 1 行にまとめます。"
            "`rtt_us` は unbound が記録した応答までの時間です。"
        ),
        formats=("unbound query log",),
        references=("https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html",),
        limitations_en=(
            "The log tells neither ports nor message ids nor the answers.",
            "A time without a year takes that of the file (note `no_year`).",
        ),
        limitations_ja=(
            "ポート・メッセージ ID・回答の内容は記録されていません。",
            "年のない時刻はファイルの更新時刻から年を補います(`no_year` として数えます)。",
        ),
    )

    def dialect(self, job: ReadJob) -> Dialect:
        """Unbound's, with the clock of the job."""
        return UnboundDialect(*stamps_of(job))
