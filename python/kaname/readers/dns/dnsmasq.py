"""Query logs of dnsmasq: ``log-queries`` and ``log-queries=extra``.

``query[A] example.com from 192.0.2.1`` begins an exchange; ``reply``, ``cached`` and
``config`` lines tell its answers, one a line. With ``extra`` a serial number says which
exchange a line belongs to; without it the name does, and behind ``<CNAME>`` the order.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import ClassVar

from kaname.readers.dns.entry import Entry, number_of_type
from kaname.readers.dns.joining import PATIENCE_US
from kaname.readers.dns.query_log import Dialect, Parsed, QueryLogReader, Verdict, stamps_of
from kaname.readers.dns.stamps import Stamps
from kaname.readers.frame import ReaderDoc, ReadJob

__all__ = ["DnsmasqDialect", "DnsmasqReader"]

_SAYS = re.compile(
    r"dnsmasq(?:\[\d+\])?: (?:(?P<serial>\d+) (?P<from>[0-9A-Fa-f:.]+)/(?P<port>\d+) )?"
    r"(?:query\[(?P<type>[A-Za-z0-9=-]+)\] (?P<asked>[^ ]+) from (?P<client>[0-9A-Fa-f:.]+)"
    r"|(?P<source>reply|cached|cached-stale|config|DHCP|/[^ ]+) (?P<name>[^ ]+) is (?P<value>.+)"
    r"|forwarded (?P<sent>[^ ]+) to (?P<upstream>[0-9A-Fa-f:.]+))"
)
_TYPED = re.compile(r"(?:type=)?([A-Z0-9-]+)$")
_RCODES = {"NXDOMAIN": 3, "SERVFAIL": 2, "REFUSED": 5, "NOTIMP": 4, "FORMERR": 1}
MOST_OPEN = 10_000
"""Exchanges whose answers are waited for."""


@dataclass(slots=True)
class _Open:
    """An exchange whose answers may still come."""

    query: Entry
    names: set[str] = field(default_factory=set)
    alias: bool = False  # the next line tells what the alias stands for


class DnsmasqDialect:
    """Lines of dnsmasq; it remembers the exchanges of the last seconds.

    The answers are written into the entry of their query, which the joiner holds until
    they have come.
    """

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps
        self._open: dict[str, _Open] = {}
        self._last: _Open | None = None

    def parse(self, line: str) -> Parsed:
        """A query is an entry; what else is said completes it."""
        says = _SAYS.search(line)
        if says is None:
            return Verdict.OTHER
        ts = self._stamps.read(line).ts
        if ts is None:
            return Verdict.MALFORMED
        if says["asked"]:
            return self._ask(ts, says)
        exchange = self._find(ts, says)
        if exchange is None:
            return Verdict.OTHER
        if says["upstream"]:
            exchange.query.ext["forwarded_to"] = says["upstream"]
        else:
            _answer(ts, exchange, says)
            self._last = exchange
        return Verdict.PART

    def _ask(self, ts: int, says: re.Match[str]) -> Parsed:
        typed = _TYPED.match(says["type"])
        qtype = number_of_type(typed[1]) if typed else None
        if qtype is None:
            qtype = _bare_number(says["type"])
        if qtype is None:
            return Verdict.MALFORMED
        entry = Entry(
            ts=ts,
            client=says["client"],
            client_port=int(says["port"] or 0),
            name=says["asked"],
            qtype=qtype,
            grows=True,
        )
        name = says["asked"].lower()
        if len(self._open) >= MOST_OPEN:
            self._open.clear()
        self._open[says["serial"] or name] = _Open(entry, {name})
        return entry

    def _find(self, ts: int, says: re.Match[str]) -> _Open | None:
        name = _asked_as((says["name"] or says["sent"]).lower())
        exchange = self._open.get(says["serial"] or name)
        if exchange is None and not says["serial"] and self._last is not None:
            follows = self._last.alias or name in self._last.names
            exchange = self._last if follows else None
        late = exchange is not None and ts - exchange.query.ts > PATIENCE_US
        return None if late else exchange


def _asked_as(name: str) -> str:
    """An address whose name was asked for is written as the address in answers."""
    try:
        return ipaddress.ip_address(name).reverse_pointer
    except ValueError:
        return name


def _bare_number(text: str) -> int | None:
    """``type=65`` as older versions write types that they do not know."""
    number = text.removeprefix("type=")
    return int(number) if number.isdecimal() and int(number) < 1 << 16 else None


def _answer(ts: int, exchange: _Open, says: re.Match[str]) -> None:
    """Write one line of an answer into the entry of the query."""
    query, value, name = exchange.query, says["value"].strip(), says["name"].lower()
    if query.answers is None or query.answer_types is None:
        query.state, query.rcode = "both", 0
        query.rtt_us, query.answers, query.answer_types = max(0, ts - query.ts), [], []
        query.ext["answered_by"] = says["source"]
    answers, types = query.answers, query.answer_types
    if exchange.alias:
        answers[-1], exchange.alias = name, False
    exchange.names.add(name)
    if value == "<CNAME>":
        exchange.alias = True
        answers.append("")
        types.append("CNAME")
    elif value in _RCODES:
        query.rcode = _RCODES[value]
    elif not value.startswith("NODATA"):
        answers.append(value)
        types.append(_type_of(value, name))
    query.counts = (len(answers), None, None)


def _type_of(value: str, name: str) -> str:
    try:
        return "A" if ipaddress.ip_address(value).version == 4 else "AAAA"
    except ValueError:
        pass
    if _asked_as(name) != name:
        return "PTR"
    return value.strip("<>") if value.startswith("<") else "TXT"


class DnsmasqReader(QueryLogReader):
    """Query logs of dnsmasq. Options ``zone`` and ``year``."""

    name: ClassVar[str] = "dnsmasq"
    kind: ClassVar[str] = "dnsmasq"
    words: ClassVar[tuple[bytes, ...]] = (b"dnsmasq", b" query[")
    version: ClassVar[int] = 1
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Query logs of dnsmasq (`log-queries`, `log-queries=extra`), from its own file or "
            "by way of syslog. Lines of replies, of the cache, of hosts files and of the "
            "configuration are the answers of their query: by the serial number where there is "
            "one, else by the name."
        ),
        ja=(
            "dnsmasq のクエリーログ(`log-queries`・`log-queries=extra`)を読みます。"
            "syslog 経由にも対応します。応答・キャッシュ・hosts ファイル・設定による回答の行は、"
            "通し番号があればそれで、なければ名前で問い合わせに結び付けます。"
        ),
        formats=("dnsmasq query log",),
        references=("https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html",),
        limitations_en=(
            "Times are whole seconds, without a year: that of the file is taken (note `no_year`).",
            "Without `extra` answers go to the last query of their name.",
            "An answer's lines that have no query are counted as `other_line`.",
        ),
        limitations_ja=(
            "時刻は秒単位で年がないため、ファイルの更新時刻から年を補います(`no_year`)。",
            "`extra` がない場合、回答は同じ名前の直前の問い合わせに結び付けます。",
            "対応する問い合わせのない回答の行は `other_line` として数えます。",
        ),
    )

    def dialect(self, job: ReadJob) -> Dialect:
        """The dialect of dnsmasq, with the clock of the job."""
        return DnsmasqDialect(stamps_of(job)[0])
