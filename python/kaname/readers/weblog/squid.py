"""Squid's native access log -> user_events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urlsplit

from kaname.readers.columns import address_words
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.line_events import ENOUGH, Row, host_of, read_lines, share_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SquidReader"]

_LINE = re.compile(
    r"(\d{9,10})\.(\d{3}) +(-?\d+) (\S+) ([A-Z_]+(?:_[A-Z]+)*)/(\d{3}) (\d+) (\S+) (\S+) (\S+) "
    r"([A-Z_]+)/(\S+) (\S+)(?: (.*))?"
)
_PORTS = {"http": 80, "https": 443, "ftp": 21}


class SquidReader:
    """One request of a client to the proxy a line."""

    name: ClassVar[str] = "squid"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("user_events",)
    options: ClassVar[tuple[str, ...]] = ()
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reads the native access log of Squid into user_events with app `proxy`: dst is the "
            "server or peer that was asked, result `denied` for TCP_DENIED, else Squid's code."
        ),
        ja=(
            "Squid の標準アクセスログを app `proxy` として user_events に読み込みます。"
            "dst は問い合わせ先のサーバーまたはピア、result は TCP_DENIED なら `denied`、"
            "それ以外は Squid のコードです。"
        ),
        formats=("Squid native log",),
        references=("Squid: https://wiki.squid-cache.org/Features/LogFormat",),
        limitations_en=("The time is that of the end of the request, as Squid writes it.",),
        limitations_ja=("時刻は Squid が書くとおり、リクエストの終わりです。",),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """By the share of the first lines that are requests."""
        return 90 if share_of(head, _parse) >= ENOUGH else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield ``user_events``.

        Raises:
            InputError: the source cannot be opened.
            CancelledError: somebody asked to stop.
        """
        yield from read_lines(job, self.name, "user_events", _parse)


def _parse(line: str) -> Row | None:
    found = _LINE.fullmatch(line.strip())
    if found is None:
        return None
    seconds, millis, elapsed, client, code, status, size, method, url, user, how, peer, mime = (
        found.groups()[:13]
    )
    domain, regdom = host_of(url)
    ext: Row = {"code": code, "elapsed_ms": int(elapsed), "hierarchy": how}
    if found[14]:
        ext["more"] = found[14]
    for name, text in (("client", client), ("peer", peer)):
        if text != "-" and address_words(text) is None:
            ext[name] = text
    return {
        "ts": int(seconds) * 1_000_000 + int(millis) * 1000,
        "app": "proxy",
        "src": None if "client" in ext else client,
        "dst": None if "peer" in ext else peer,
        "dport": _port(url),
        "user": None if user == "-" else unquote(user),
        "method": method,
        "url": url,
        "domain": domain,
        "regdom": regdom,
        "status": int(status) or None,
        "octets_in": int(size),
        "mime": None if mime == "-" else mime,
        "result": "denied" if "DENIED" in code else code,
        "ext": ext,
    }


def _port(url: str) -> int:
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        return parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return 0
