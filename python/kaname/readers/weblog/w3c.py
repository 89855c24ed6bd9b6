"""W3C extended log files (IIS, Blue Coat and other proxies) -> user_events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.clock import iso_us
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.line_events import Row, host_of
from kaname.readers.lines import lines
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["W3cReader"]

_PROXY_SIGNS = frozenset({"s-action", "sc-filter-result", "cs-categories", "x-exception-id"})


class W3cReader:
    """Fields by the name that the head gives them, whatever their order."""

    name: ClassVar[str] = "w3c"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("user_events",)
    options: ClassVar[tuple[str, ...]] = ()
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reads W3C extended log files, as IIS and proxies write them, into user_events. The "
            "fields are those that `#Fields` names, which may change within a file."
        ),
        ja=(
            "IIS やプロキシーが書く W3C 拡張ログを user_events に読み込みます。項目は "
            "`#Fields` 行に従い、途中で変わっても読めます。"
        ),
        formats=("W3C extended log", "IIS log"),
        references=("W3C WD-logfile-960323", "Microsoft IIS: W3C Logging"),
        limitations_en=("Times are UTC, as the format demands.",),
        limitations_ja=("時刻は形式の定めるとおり UTC とみなします。",),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """By the head."""
        start = head[:8192]
        if not start.lstrip(b"\xef\xbb\xbf").startswith(b"#"):
            return 0
        return 92 if b"#Fields:" in start and b"#separator" not in start else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield ``user_events``.

        Raises:
            InputError: the source cannot be opened.
            CancelledError: somebody asked to stop.
        """
        rows = Rows("user_events", self.name, job)
        fields: list[str] = []
        date = ""
        for offset, line in lines(job):
            if line.startswith("#Fields:"):
                fields = line[8:].split()
            elif line.startswith("#Date:"):
                date = line[6:].split()[0] if line[6:].split() else ""
            if not line.strip() or line.startswith("#"):
                continue
            row = _row(fields, line, date)
            if row is None:
                job.report.bad(
                    offset, "malformed", "not the fields of the head", line[:64].encode()
                )
                continue
            job.report.count("entry")
            rows.add(row_in_src=offset, **row)
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _row(fields: list[str], line: str, date: str) -> Row | None:
    values = _split(line)
    if not fields or len(values) != len(fields):
        return None
    told = {name: text for name, text in zip(fields, values, strict=True) if text != "-"}
    ts = iso_us(f"{told.pop('date', date)}T{told.pop('time', '')}")
    if ts is None:
        return None
    proxy = not _PROXY_SIGNS.isdisjoint(fields)
    host = told.pop("cs-host", None)
    url = _url(told, host)
    domain, regdom = host_of(host)
    return {
        "ts": ts,
        "app": "proxy" if proxy else "web",
        "src": told.pop("c-ip", None),
        "dst": told.pop("s-ip", None),
        "dport": _number(told.pop("cs-uri-port", None) or told.pop("s-port", None)) or 0,
        "user": told.pop("cs-username", None),
        "host": told.pop("s-computername", None),
        "method": told.pop("cs-method", None),
        "url": url,
        "domain": domain,
        "regdom": regdom,
        "status": _number(told.pop("sc-status", None)),
        "octets_in": _number(told.pop("sc-bytes", None)),
        "octets_out": _number(told.pop("cs-bytes", None)),
        "ua": _spaced(told.pop("cs(User-Agent)", None)),
        "referrer": told.pop("cs(Referer)", None),
        "mime": told.pop("rs(Content-Type)", None),
        "result": told.pop("s-action", None) or told.pop("sc-filter-result", None),
        "ext": told,
    }


def _split(line: str) -> list[str]:
    """Fields between blanks; a quoted one may hold blanks."""
    if '"' not in line:
        return line.split()
    values: list[str] = []
    parts = line.split('"')
    for number, part in enumerate(parts):
        values += [part] if number % 2 else part.split()
    return values


def _url(told: Row, host: str | None) -> str | None:
    whole: str | None = told.pop("cs-uri", None)
    path, query = told.pop("cs-uri-stem", None), told.pop("cs-uri-query", None)
    path = told.pop("cs-uri-path", None) or path
    if whole or path is None:
        return whole
    scheme = told.pop("cs-uri-scheme", None)
    start = f"{scheme}://{host}" if scheme and host else ""
    return f"{start}{path}?{query.removeprefix('?')}" if query else f"{start}{path}"


def _spaced(text: str | None) -> str | None:
    """IIS writes a plus for every blank."""
    return text.replace("+", " ") if text and " " not in text else text


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
