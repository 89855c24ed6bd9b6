"""Results of osquery to `endpoint`: differential, batched and snapshot, a row a row of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.fields import number, protocol, take
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.json_lines import decoded, first_document
from kaname.readers.moments import epoch_us
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OsqueryReader"]


class Result(msgspec.Struct, rename="camel"):
    """One line of ``osqueryd.results.log`` or ``osqueryd.snapshots.log``."""

    name: str
    host_identifier: str = ""
    unix_time: int | str = 0
    action: str = ""
    counter: int | str | None = None
    columns: dict[str, Any] | None = None
    snapshot: list[dict[str, Any]] | None = None
    diff_results: dict[str, Any] | None = None

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(what happened to it, columns) of every row of the result."""
        if self.columns is not None:
            yield self.action or "added", self.columns
        for row in self.snapshot or ():
            yield "snapshot", row
        for action, rows in (self.diff_results or {}).items():
            for row in rows if isinstance(rows, list) else ():
                if isinstance(row, dict):
                    yield action, row


_DECODER = msgspec.json.Decoder(Result)


class OsqueryReader(Reader):
    """Result logs of osquery."""

    name: ClassVar[str] = "osquery"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("endpoint",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Results of osquery's scheduled queries, one JSON document a line: event-format and "
            "batched differentials and snapshots. What a row is about is told by its columns, so "
            "that queries of any name work; the name of the query and what happened to the row "
            "are in `ext`."
        ),
        ja=(
            "osquery のスケジュールクエリーの結果(1 行 1 JSON)を読みます。差分(イベント形式・"
            "一括形式)とスナップショットに対応します。行の種別は列から判断するため、クエリー名は"
            "問いません。クエリー名と追加・削除の別は `ext` に入れます。"
        ),
        formats=("osquery results (JSON)",),
        references=("https://osquery.readthedocs.io/en/stable/deployment/logging/",),
        limitations_en=("Status logs of osquery itself are not read.",),
        limitations_ja=("osquery 自身の状態ログは読みません。",),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The first document is a result with a host and rows."""
        raw = first_document(head)
        if raw is None or b'"hostIdentifier"' not in raw:
            return 0
        try:
            result = _DECODER.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 0
        known = (result.columns, result.snapshot, result.diff_results)
        return 90 if any(each is not None for each in known) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row for each row of each result.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows = Rows("endpoint", self.name, job)
        for offset, result in decoded(job, _DECODER):
            job.report.count("result")
            for action, found in result.rows():
                rows.add(row_in_src=offset, **_columns(result, action, found))
                if rows.full:
                    yield rows.take()
        yield from rows.rest()


def _columns(result: Result, action: str, given: dict[str, Any]) -> dict[str, Any]:
    fields = dict(given)
    kind = _class(fields)
    about_file = kind == "file"
    return {
        "ts": epoch_us(fields.get("time")) or epoch_us(result.unix_time) or 0,
        "host": result.host_identifier,
        "event_class": kind,
        "provider": "osquery",
        "record_id": number(None if result.counter is None else str(result.counter)),
        "user": take(fields, ("username", "user", "uid")),
        "pid": number(take(fields, ("pid",))),
        "ppid": number(take(fields, ("parent", "ppid"))),
        "image": None if about_file else take(fields, ("path", "name")),
        "cmdline": take(fields, ("cmdline",)),
        "sha256": (take(fields, ("sha256",)) or "").lower() or None,
        "md5": (take(fields, ("md5",)) or "").lower() or None,
        "target_path": take(fields, ("target_path", "path")) if about_file else None,
        "reg_key": take(fields, ("key",)) if kind == "registry" else None,
        "src": take(fields, ("local_address",)),
        "dst": take(fields, ("remote_address", "host") if kind == "logon" else ("remote_address",)),
        "sport": _port(take(fields, ("local_port",))),
        "dport": _port(take(fields, ("remote_port",))),
        "proto": protocol(take(fields, ("protocol",))),
        "ext": {**fields, "query": result.name, "change": action},
    }


def _class(fields: dict[str, Any]) -> str:
    """What a row is about, by the columns of osquery's tables."""
    names = fields.keys()
    if {"remote_address", "local_address"} & names:
        return "network"
    if "target_path" in names or ("path" in names and {"sha256", "md5"} & names - {"pid"}):
        return "process" if "pid" in names and "cmdline" in names else "file"
    if {"pid", "cmdline"} & names and "tty" not in names:
        return "process"
    if "key" in names and {"data", "type", "path"} & names:
        return "registry"
    if {"tty", "host"} & names and {"user", "username"} & names:
        return "logon"
    return "service" if {"service_type", "start_type"} & names else "other"


def _port(text: str | None) -> int:
    value = number(text)
    return value if value is not None and 0 < value <= 65_535 else 0
