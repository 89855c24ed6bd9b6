"""Debug logs of the Windows DNS Server: one line a packet.

``7/23/2026 10:11:12 AM 0A1C PACKET  000000D1B2C3D4E0 UDP Rcv 192.0.2.1 6d4a   Q [0001   D
NOERROR] A      (3)www(7)example(3)com(0)``. The date is written as the locale of the
server wants it.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import ClassVar

from kaname._native import dns_rcode
from kaname.model.errors import UsageError
from kaname.readers.clock import Clock
from kaname.readers.containers import head as head_of
from kaname.readers.dns.entry import Entry, number_of_type
from kaname.readers.dns.query_log import Dialect, Parsed, QueryLogReader, Verdict
from kaname.readers.frame import ReaderDoc, ReadJob

__all__ = ["WindowsDnsDialect", "WindowsDnsReader", "date_order"]

_PACKET = re.compile(
    r"(?P<date>\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\.?) "
    r"(?P<time>\d{1,2}[:.]\d\d[:.]\d\d) ?(?P<half>[^\s\d]+\.?(?: ?m\.)?)? "
    r"+(?P<thread>[0-9A-F]+) +PACKET +[0-9A-Fa-f]+ +(?P<proto>UDP|TCP) (?P<way>Rcv|Snd) "
    r"(?P<peer>[0-9A-Fa-f:.%]+) +(?P<id>[0-9a-f]{4}) (?P<r>[R ]) (?P<op>[QNU?])"
    r" \[(?P<bits>[0-9a-f]{4}) .{0,8}? +(?P<rcode>[A-Z]+)\] (?P<type>[A-Za-z0-9]+) +(?P<name>\(\S+)"
)
_DATE = re.compile(
    r"^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})\.? \d{1,2}[:.]\d\d[:.]\d\d(.{0,6})", re.MULTILINE
)
_LABEL = re.compile(r"\((\d{1,2})\)")
_OPCODES = {"Q": 0, "N": 4, "U": 5}
_ORDERS = ("mdy", "dmy", "ymd")
_AFTER_NOON = re.compile(r"p|午後|下午|오후", re.IGNORECASE)
_BEFORE_NOON = re.compile(r"a|午前|上午|오전", re.IGNORECASE)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_US = dt.timedelta(microseconds=1)


def date_order(text: str) -> str | None:
    """``mdy``, ``dmy`` or ``ymd`` by the dates in ``text``; None when they do not tell.

    A number beyond 12 is a day. Where none is, points stand between day and month, and a
    half of the day (AM, PM) speaks for the month first.
    """
    dates = _DATE.findall(text)
    for first, second, _, _ in dates:
        if len(first) == 4:
            return "ymd"
        if int(first) > 12:
            return "dmy"
        if int(second) > 12:
            return "mdy"
    if not dates:
        return None
    rest = dates[0][3].strip().lower()
    return "mdy" if rest.startswith(("am", "pm")) else None


class WindowsDnsDialect:
    """Lines of one log. ``order`` of its dates, or None when nothing tells it."""

    def __init__(self, clock: Clock, order: str | None, notes: dict[str, int]) -> None:
        self._zone = clock.zone
        self._order = order
        self._notes = notes

    def parse(self, line: str) -> Parsed:
        """What ``line`` says of a packet; headers and details say nothing."""
        if "PACKET" not in line:
            return Verdict.OTHER
        found = _PACKET.match(line)
        if found is None:
            return Verdict.MALFORMED
        ts, name = self._time(found), _name(found["name"])
        qtype = number_of_type("ANY" if found["type"] == "ALL" else found["type"])
        if ts is None or name is None or qtype is None:
            return Verdict.MALFORMED
        return _entry(ts, name, qtype, found)

    def _time(self, found: re.Match[str]) -> int | None:
        order = self._order
        parts = [int(part) for part in re.split(r"[-/.]", found["date"].rstrip("."))]
        if order is None:
            order = "dmy"
            if "." not in found["date"] and parts[0] != parts[1]:
                self._notes["ambiguous_date"] = self._notes.get("ambiguous_date", 0) + 1
        by_letter = dict(zip(order, parts, strict=True))
        hour, minute, second = map(int, re.split("[:.]", found["time"]))
        try:
            moment = dt.datetime(
                by_letter["y"],
                by_letter["m"],
                by_letter["d"],
                _hour(hour, found["half"] or ""),
                minute,
                second,
                tzinfo=self._zone,
            )
        except ValueError:
            return None
        return (moment - _EPOCH) // _US


def _hour(hour: int, half: str) -> int:
    """Of 24, by the half of the day: 12 AM is 0, 12 PM is 12."""
    if _AFTER_NOON.match(half):
        return hour % 12 + 12
    return hour % 12 if _BEFORE_NOON.match(half) else hour


def _name(text: str) -> str | None:
    """``(3)www(7)example(3)com(0)`` as a name with dots."""
    labels: list[str] = []
    at = 0
    while found := _LABEL.match(text, at):
        length = int(found[1])
        if length == 0:
            return ".".join(labels)
        at = found.end() + length
        label = text[found.end() : at]
        if len(label) < length:
            return None
        labels.append(label.replace("\\", "\\\\").replace(".", "\\."))
    return None


def _entry(ts: int, name: str, qtype: int, found: re.Match[str]) -> Entry:
    """A response that the server sends, and a query that it receives, are a client's."""
    response, received = found["r"] == "R", found["way"] == "Rcv"
    clients = response != received
    swapped = int(found["bits"], 16)  # the bytes of the word stand in reverse
    entry = Entry(
        ts=ts,
        client=found["peer"] if clients else "",
        server=None if clients else found["peer"],
        server_port=53,
        name=name,
        qtype=qtype,
        key=(clients, found["peer"], found["id"], name.lower(), qtype),
        response=response,
        transport=found["proto"].lower(),
        dns_id=int(found["id"], 16),
        opcode=_OPCODES.get(found["op"], 0),
        bits=swapped >> 8 | (swapped & 0xFF) << 8,
    )
    if response:
        entry.rcode = dns_rcode(found["rcode"])
        if entry.rcode is None:
            entry.rcode = entry.bits & 15
    return entry


class WindowsDnsReader(QueryLogReader):
    """Debug logs of the Windows DNS Server. Options ``zone`` and ``dates``."""

    name: ClassVar[str] = "windows_dns"
    kind: ClassVar[str] = "windows_dns"
    words: ClassVar[tuple[bytes, ...]] = (b" PACKET ",)
    version: ClassVar[int] = 1
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Debug logs of the Windows DNS Server (packet lines). The order of day and month is "
            "found in the dates themselves, or told by the option `dates` (`mdy`, `dmy`, `ymd`); "
            "where neither tells it, it is day first, and the note `ambiguous_date` counts the "
            "lines. A packet received and the one sent in answer are one row, as are the "
            "server's own queries and their answers. Times are in the zone of the option `zone` "
            "(UTC unless told)."
        ),
        ja=(
            "Windows DNS Server のデバッグログ(パケット行)を読みます。日付の並びは日付自体から"
            "判断し、オプション `dates`(`mdy`・`dmy`・`ymd`)でも指定できます。どちらでも決まらない"
            "場合は日を先とみなし、その行を `ambiguous_date` として数えます。受信した問い合わせと"
            "返した応答、サーバー自身の問い合わせとその応答は、それぞれ 1 行にまとめます。"
            "時刻はオプション `zone`(既定は UTC)で解釈します。"
        ),
        formats=("Windows DNS debug log",),
        references=(
            "https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-r2-and-2012/dn800669(v=ws.11)",
        ),
        limitations_en=(
            "Times are whole seconds; ports and answers are not in the log.",
            "The lines of details below a packet are counted as `other_line`.",
            "The log must be UTF-8 or ASCII.",
        ),
        limitations_ja=(
            "時刻は秒単位で、ポートと回答の内容は記録されていません。",
            "パケット行に続く詳細の行は `other_line` として数えます。",
            "文字コードは UTF-8 または ASCII に限ります。",
        ),
    )

    def dialect(self, job: ReadJob) -> Dialect:
        """The dialect of Windows, with the clock and the order of dates of the job.

        Raises:
            UsageError: an option does not fit.
        """
        order = job.options.get("dates")
        if order is not None and order not in _ORDERS:
            raise UsageError("readers.error.dns.dates", found=order, known=", ".join(_ORDERS))
        if order is None and job.path is not None:
            order = date_order(head_of(job.path).decode(errors="replace"))
        return WindowsDnsDialect(
            Clock.of(job), None if order is None else str(order), job.report.notes
        )

    def looking(self, head: bytes) -> Dialect:
        """By the order of the dates in ``head``."""
        order = date_order(head.decode(errors="replace"))
        return WindowsDnsDialect(Clock(reference=0), order, {})
