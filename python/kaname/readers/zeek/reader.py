"""Zeek logs -> flows, dns, tls, user_events, alerts, mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

import msgspec

from kaname.readers.columns import assemble
from kaname.readers.containers import head as head_of
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.json_lines import first_document
from kaname.readers.zeek import conn, dns, http, json_log, notice, smtp, ssh, ssl, tsv
from kaname.readers.zeek.frame import Columns, LogFrame

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ZeekReader"]

_LOGS: dict[str, tuple[str, Callable[[LogFrame], Columns]]] = {
    "conn": (conn.TABLE, conn.columns),
    "dns": (dns.TABLE, dns.columns),
    "ssl": (ssl.TABLE, ssl.columns),
    "http": (http.TABLE, http.columns),
    "notice": (notice.TABLE, notice.columns),
    "smtp": (smtp.TABLE, smtp.columns),
    "ssh": (ssh.TABLE, ssh.columns),
}
_TSV_HEADS = (b"#separator", b"#fields\t")


class ZeekReader:
    """Logs of Zeek, tab-separated or JSON, one or several kinds in a source."""

    name: ClassVar[str] = "zeek"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flows", "dns", "tls", "user_events", "alerts", "mail")
    options: ClassVar[tuple[str, ...]] = ()
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reads logs of Zeek: conn into flows, dns into dns, ssl into tls, http and ssh into "
            "user_events, notice into alerts, smtp into mail. Fields without a column, such as "
            "uid and the labels of labelled data sets, are kept in ext."
        ),
        ja=(
            "Zeek のログを読みます。conn は flows、dns は dns、ssl は tls、http と ssh は "
            "user_events、notice は alerts、smtp は mail になります。対応する列のない項目"
            "(uid やラベル付きデータのラベルなど)は ext に残ります。"
        ),
        formats=("Zeek TSV", "Zeek JSON"),
        references=(
            "Zeek manual: Log Formats, https://docs.zeek.org/en/current/log-formats.html",
            "Zeek manual: conn.log, https://docs.zeek.org/en/current/logs/conn.html",
        ),
        limitations_en=(
            "Other logs (files, x509, weird ...) are counted as `skipped_<log>`.",
            "tcp_bits are the flags of the originator, as far as the history tells them.",
            "The types of answers are not in the log; answer_types is null.",
            "A JSON record without `_path` is told by its fields; if not: `skipped_unknown`.",
        ),
        limitations_ja=(
            "その他のログ(files・x509・weird など)は `skipped_<ログ名>` として数えます。",
            "tcp_bits は、history から分かる範囲で接続元が送ったフラグです。",
            "回答の型はログにないため、answer_types は null です。",
            (
                "`_path` のない JSON は項目から種類を判断し、"
                "分からなければ `skipped_unknown` として数えます。"
            ),
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """By the head of a tab-separated log, or by the fields of the first JSON document."""
        start = head.removeprefix(b"\xef\xbb\xbf")
        if start.startswith(_TSV_HEADS):
            return 95 if b"#fields" in start else 60
        document = first_document(head)
        return 0 if document is None else _json_score(document)

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield the rows of every log that has a table.

        Raises:
            InputError: the source cannot be opened.
            CancelledError: somebody asked to stop.
        """
        for frame in _frames(job):
            job.check()
            found = _LOGS.get(frame.path)
            if found is None:
                job.report.count(f"skipped_{frame.path or 'unknown'}", frame.rows)
                continue
            table, columns_of = found
            columns = columns_of(frame)
            columns["ext"] = frame.ext()
            job.report.count(frame.path, frame.rows)
            yield table, assemble(table, self.name, job, frame.rows, columns)


def _frames(job: ReadJob) -> Iterator[LogFrame]:
    start = b"" if job.path is None else head_of(job.path)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return json_log.frames(job) if text.startswith((b"{", b"[")) else tsv.frames(job)


def _json_score(document: bytes) -> int:
    try:
        record = msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0
    if not isinstance(record, dict) or "ts" not in record:
        return 0
    if "id.orig_h" in record and "uid" in record:
        return 95
    return 80 if json_log.path_of(record) else 0
