"""Access logs of Apache and nginx, common and combined format -> user_events."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.model.errors import UsageError
from kaname.readers.clock import Clock, zone_called
from kaname.readers.columns import address_words
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.line_events import ENOUGH, Row, host_of, read_lines, share_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["AccessLogReader"]

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    r"(?:([\w.-]+(?::\d+)?) )?(\S+) \S+ (\S+(?: \S+)*?) \[([^\]]+)\] "
    rf"{_QUOTED} (\d{{3}}|-) (\d+|-)(?: {_QUOTED} {_QUOTED})?(?: (.*))?"
)
_TIME = re.compile(r"(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})")
_REQUEST = re.compile(r"([A-Za-z_-]{1,20}) (.*?)(?: HTTP/[\d.]+)?")
_ESCAPE = re.compile(r'\\(["\\])')


class AccessLogReader:
    """One request a line."""

    name: ClassVar[str] = "weblog"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("user_events",)
    options: ClassVar[tuple[str, ...]] = ()
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reads access logs of Apache httpd and nginx in the common, combined and "
            "vhost_combined formats into user_events. Fields after the user agent are kept in ext."
        ),
        ja=(
            "Apache httpd と nginx のアクセスログ(common・combined・vhost_combined)を "
            "user_events に読み込みます。ユーザーエージェントより後の項目は ext に残ります。"
        ),
        formats=("Apache/nginx access log",),
        references=("Apache HTTP Server 2.4: mod_log_config", "nginx: ngx_http_log_module"),
        limitations_en=(
            "Formats of one's own are read when they begin like the combined one.",
            "A client that is a name, not an address, is kept in ext.",
        ),
        limitations_ja=(
            "独自の書式は、先頭が combined と同じなら読めます。",
            "クライアントがアドレスでなく名前のときは ext に残します。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """By the share of the first lines that are requests."""
        return 80 if share_of(head, _parse) >= ENOUGH else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield ``user_events``.

        Raises:
            InputError: the source cannot be opened.
            CancelledError: somebody asked to stop.
        """
        yield from read_lines(job, self.name, "user_events", _parse)


def _parse(line: str) -> Row | None:
    found = _LINE.fullmatch(line)
    ts = _moment(found[4]) if found else None
    if found is None or ts is None:
        return None
    request = _REQUEST.fullmatch(found[5])
    ext: Row = {}
    if request is None:
        ext["request"] = found[5]
    if found[10]:
        ext["more"] = found[10]
    client = found[2]
    if address_words(client) is None:
        ext["client"] = client
    domain, regdom = host_of(found[1])
    return {
        "ts": ts,
        "app": "web",
        "src": client if "client" not in ext else None,
        "user": None if found[3] == "-" else found[3],
        "method": request[1].upper() if request else None,
        "url": _plain(request[2]) if request else None,
        "domain": domain,
        "regdom": regdom,
        "status": int(found[6]) if found[6] != "-" else None,
        "octets_in": int(found[7]) if found[7] != "-" else 0,
        "referrer": _told(found[8]),
        "ua": _told(found[9]),
        "ext": ext,
    }


def _told(text: str | None) -> str | None:
    return None if text in {None, "-", ""} else _plain(text or "")


def _plain(text: str) -> str:
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


@functools.lru_cache(maxsize=4096)
def _moment(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    day, month, year, time, offset = found.groups()
    try:
        zone = zone_called(offset)
    except UsageError:  # beyond 24 hours
        return None
    return Clock(zone=zone, reference=0).dated(int(year), month, day, time)
