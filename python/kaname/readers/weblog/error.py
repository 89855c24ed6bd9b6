"""Error logs of Apache and nginx -> user_events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.clock import Clock
from kaname.readers.columns import address_words
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.line_events import ENOUGH, Row, host_of, read_lines, share_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ErrorLogReader"]

_APACHE = re.compile(
    r"\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d(?:\.\d+)?) (\d{4})\] "
    r"\[(?:(\w*):)?(\w+)\] (?:\[pid (\d+)(?::tid \d+)?\] )?(?:\[client ([^\]]+)\] )?(.*)"
)
_NGINX = re.compile(
    r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(\w+)\] (\d+)#\d+: (?:\*\d+ )?(.*?)"
    r"(?:, client: ([^,]+))?(?:, server: ([^,]*))?"
    r'(?:, request: "(\S+) (\S+)[^"]*")?(?:, (?:upstream|host|referrer): .*)?'
)
_PORT = re.compile(r"(.+):\d+")


class ErrorLogReader:
    """What a web server complains of."""

    name: ClassVar[str] = "weberror"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("user_events",)
    options: ClassVar[tuple[str, ...]] = ("zone",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reads error logs of Apache httpd (2.2 and 2.4) and nginx into user_events: result is "
            "the level, message the text. Times have no zone in these logs: option `zone`."
        ),
        ja=(
            "Apache httpd(2.2・2.4)と nginx のエラーログを user_events に読み込みます。result は"
            "レベル、message は本文です。時刻にタイムゾーンがないため、"
            "オプション `zone` で指定します。"
        ),
        formats=("Apache error log", "nginx error log"),
        references=("Apache HTTP Server 2.4: ErrorLogFormat", "nginx: error_log"),
        limitations_en=("Lines that continue a message are counted as `malformed`.",),
        limitations_ja=("前の行の続きは `malformed` として数えます。",),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """By the share of the first lines that are messages."""
        clock = Clock(reference=0)
        return 80 if share_of(head, lambda line: _parse(line, clock)) >= ENOUGH else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield ``user_events``.

        Raises:
            InputError: the source cannot be opened.
            UsageError: the zone is none.
            CancelledError: somebody asked to stop.
        """
        clock = Clock.of(job)
        yield from read_lines(job, self.name, "user_events", lambda line: _parse(line, clock))


def _parse(line: str, clock: Clock) -> Row | None:
    found = _APACHE.fullmatch(line)
    if found:
        month, day, time, year, module, level, pid, client, text = found.groups()
        ts = clock.dated(int(year), month, day, time)
        return None if ts is None else _row(ts, level, text, client, {"module": module, "pid": pid})
    found = _NGINX.fullmatch(line)
    if found is None:
        return None
    time, level, pid, text, client, server, method, url = found.groups()
    ts = clock.iso(time.replace("/", "-"))
    if ts is None:
        return None
    row = _row(ts, level, text, client, {"pid": pid})
    domain, regdom = host_of(server)
    return row | {"method": method, "url": url, "domain": domain, "regdom": regdom}


def _row(ts: int, level: str, text: str, client: str | None, ext: Row) -> Row:
    src = client
    if src is not None and address_words(src) is None:
        ported = _PORT.fullmatch(src)
        src = ported[1] if ported and address_words(ported[1]) is not None else None
    told = {name: value for name, value in ext.items() if value}
    if client is not None and src is None:
        told["client"] = client
    return {
        "ts": ts,
        "app": "web",
        "src": src,
        "method": None,
        "url": None,
        "domain": None,
        "regdom": None,
        "result": level,
        "message": text,
        "ext": told,
    }
