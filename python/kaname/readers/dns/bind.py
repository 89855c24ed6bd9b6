"""Query logs of BIND 9: the categories queries, query-errors, responses and security.

All forms since 9.4: with or without ``@0x...``, the name in parentheses, the view, category
and severity, the address asked, and times in each of BIND's forms or syslog's.
"""

from __future__ import annotations

import re
from typing import ClassVar

from kaname._native import dns_rcode
from kaname.readers.dns.entry import CD, RD, Entry, number_of_class, number_of_type
from kaname.readers.dns.query_log import Dialect, Parsed, QueryLogReader, Verdict, stamps_of
from kaname.readers.dns.stamps import Stamps
from kaname.readers.frame import ReaderDoc, ReadJob

__all__ = ["BindDialect", "BindReader"]

_CLIENT = re.compile(
    r"client (?:@0x[0-9a-f]+ )?(?P<client>[0-9A-Fa-f:.%\w]+)#(?P<port>\d{1,5})"
    r"(?:/key [^ :]+)?(?: \((?P<about>[^ ]*)\))?: (?:view (?P<view>[^:]+): )?"
)
_QUERY = re.compile(
    r"query: (?P<name>[^ ]*) (?P<class>[A-Z0-9]+) (?P<type>[A-Z0-9-]+) "
    r"(?P<flags>[-+][^ ]*)(?: \((?P<server>[0-9A-Fa-f:.%\w]+)\))?"
    r"(?: \[ECS (?P<ecs>[0-9A-Fa-f:.]+/\d+)(?:/\d+)?\])?"
)
_RESPONSE = re.compile(
    r"response: (?P<name>[^ ]*) (?P<class>[A-Z0-9]+) (?P<type>[A-Z0-9-]+) "
    r"(?P<rcode>[A-Z0-9]+) (?P<flags>[-+][^ ]*)"
)
_FAILED = re.compile(
    r"query failed \((?P<result>[^)]*)\) for "
    r"(?P<name>[^ ]*)/(?P<class>[A-Z0-9]+)/(?P<type>[A-Z0-9-]+) at "
)
_DENIED = re.compile(
    r"query (?:\([^)]*\) )?'(?P<name>[^ ]*)/(?P<type>[A-Z0-9-]+)/(?P<class>[A-Z0-9]+)' denied"
)
_VERSION = re.compile(r"\([^)]*\)")
SERVFAIL = 2


class BindDialect:
    """Lines of ``named``."""

    def __init__(self, stamps: Stamps, default_us: int) -> None:
        self._stamps = stamps
        self._default_us = default_us

    def parse(self, line: str) -> Parsed:
        """What ``line`` says of a query; lines of other categories say nothing."""
        client = _CLIENT.search(line)
        if client is None:
            return Verdict.OTHER
        says = line[client.end() :]
        if not says.startswith(("query", "response: ")):
            return Verdict.OTHER
        ts = self._stamps.read(line).ts
        if ts is None:  # `print-time no`
            ts = self._default_us
            self._stamps.note("no_time")
        entry = _query(ts, client, says) or _answer(ts, client, says)
        return entry or Verdict.MALFORMED


def _entry(ts: int, client: re.Match[str], found: re.Match[str], flags: str) -> Entry | None:
    qtype, qclass = number_of_type(found["type"]), number_of_class(found["class"])
    if qtype is None or qclass is None:
        return None
    # In BIND's notation: +/- recursion, S signed, E EDNS, T TCP, D DNSSEC, C checking off.
    letters = _VERSION.sub("", flags)
    name, port = found["name"].lower().removesuffix("."), int(client["port"])
    return Entry(
        ts=ts,
        client=client["client"],
        client_port=port,
        name=found["name"],
        qtype=qtype,
        qclass=qclass,
        key=(client["client"], port, name, qtype),
        transport=("tcp" if "T" in letters else "udp") if flags else "unknown",
        bits=(RD if flags.startswith("+") else 0) | (CD if "C" in letters else 0),
        edns_do="D" in letters,
        ext={"view": client["view"]} if client["view"] else {},
    )


def _query(ts: int, client: re.Match[str], says: str) -> Entry | None:
    found = _QUERY.match(says)
    entry = _entry(ts, client, found, found["flags"]) if found else None
    if entry is not None and found is not None:
        entry.server, entry.server_port = found["server"], 53
        entry.ecs = found["ecs"]
    return entry


def _answer(ts: int, client: re.Match[str], says: str) -> Entry | None:
    """A response, an error, or a refusal."""
    found = _RESPONSE.match(says) or _FAILED.match(says) or _DENIED.match(says)
    if found is None:
        return None
    told = found.groupdict()
    entry = _entry(ts, client, found, told.get("flags", ""))
    if entry is None:
        return None
    entry.response = True
    result = told.get("result")
    entry.rcode = dns_rcode(result or told.get("rcode", "REFUSED"))
    if entry.rcode is None:  # a reason such as "timed out": the client gets SERVFAIL
        entry.rcode = SERVFAIL
        entry.ext["result"] = result
    return entry


class BindReader(QueryLogReader):
    """Query logs of BIND 9. Options ``zone`` and ``year``."""

    name: ClassVar[str] = "bind"
    kind: ClassVar[str] = "bind"
    words: ClassVar[tuple[bytes, ...]] = (b"client ", b"#", b"query")
    version: ClassVar[int] = 1
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Query logs of BIND 9 in every form since 9.4: with or without the client object, "
            "view, category, severity and address asked; times in local form, ISO 8601 or of "
            "syslog. Lines of query-errors, of the response log and of refused queries give "
            "their query its response code. Times without a zone are in that of the option "
            "`zone` (UTC unless told)."
        ),
        ja=(
            "BIND 9(9.4 以降のすべての書式)のクエリーログを読みます。クライアント識別子・"
            "view・カテゴリー・重大度・問い合わせ先アドレスの有無を問わず、時刻は BIND の書式・"
            "ISO 8601・syslog のいずれでも構いません。query-errors・応答ログ・拒否の行は、"
            "対応する問い合わせの応答コードになります。タイムゾーンのない時刻はオプション "
            "`zone`(既定は UTC)で解釈します。"
        ),
        formats=("BIND query log",),
        references=("https://bind9.readthedocs.io/en/stable/reference.html#logging",),
        limitations_en=(
            "A log has no responses unless the response log or query-errors are written.",
            "A time without a year takes that of the file (note `no_year`).",
            "Lines without a time take that of the file.",
        ),
        limitations_ja=(
            "応答ログや query-errors がなければ、応答はわかりません。",
            "年のない時刻はファイルの更新時刻から年を補います(`no_year` として数えます)。",
            "時刻のない行はファイルの更新時刻とみなします。",
        ),
    )

    def dialect(self, job: ReadJob) -> Dialect:
        """BIND's, with the clock of the job."""
        return BindDialect(*stamps_of(job))
