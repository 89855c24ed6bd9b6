"""Suricata EVE JSON -> alerts, flows, dns, tls, user_events, mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.clock import iso_us
from kaname.readers.document import Document
from kaname.readers.eve.dns import Exchanges
from kaname.readers.eve.events import EVENTS
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.json_lines import decoded, first_document
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EveReader"]

_DECODER = msgspec.json.Decoder(dict[str, Any])


class EveReader:
    """Events of Suricata, all kinds in one file."""

    name: ClassVar[str] = "eve"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("alerts", "flows", "dns", "tls", "user_events", "mail")
    options: ClassVar[tuple[str, ...]] = ()
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reads events of Suricata: alert into alerts, flow and netflow into flows, dns "
            "(versions 1 to 3) into dns with queries and answers joined, tls into tls, http into "
            "user_events, smtp into mail. Fields without a column are kept in ext."
        ),
        ja=(
            "Suricata のイベントを読みます。alert は alerts、flow と netflow は flows、dns"
            "(第 1〜3 版)は問い合わせと応答を結合して dns、tls は tls、http は "
            "user_events、smtp は mail になります。対応する列のない項目は ext に残ります。"
        ),
        formats=("Suricata EVE JSON",),
        references=(
            "Suricata user guide, EVE JSON Format",
            "https://docs.suricata.io/en/latest/output/eve/eve-json-format.html",
        ),
        limitations_en=(
            "Other event types (fileinfo, anomaly, stats ...) are counted as `skipped_<type>`.",
            "Severities 1 to 4 become 2 to 5; 1 is kept for what others call critical.",
            "An answer joins its query within 30 seconds; 65,536 queries wait at most.",
            "The time of a flow is that of its first packet, not of the event.",
        ),
        limitations_ja=(
            "その他のイベント(fileinfo・anomaly・stats など)は `skipped_<種別>` として数えます。",
            "深刻度 1〜4 は 2〜5 になります。1 は他のシステムの「緊急」に充てます。",
            "応答は 30 秒以内の問い合わせと結合します。待てる問い合わせは 65,536 件までです。",
            "フローの時刻はイベントの時刻ではなく、最初のパケットの時刻です。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """By the fields of the first event."""
        document = first_document(head)
        if document is None:
            return 0
        try:
            event = _DECODER.decode(document)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 0
        signs = isinstance(event.get("event_type"), str) and "timestamp" in event
        return 95 if signs and ("flow_id" in event or event["event_type"] in event) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield the rows of every event that has a table.

        Raises:
            InputError: the source cannot be opened.
            CancelledError: somebody asked to stop.
        """
        reading = _Reading(job)
        for offset, tree in decoded(job, _DECODER):
            yield from reading.push(offset, tree)
        yield from reading.rest()


class _Reading:
    """Rows on their way, and queries that wait."""

    def __init__(self, job: ReadJob) -> None:
        self._job = job
        self._rows = {table: Rows(table, EveReader.name, job) for table in EveReader.tables}
        self._exchanges = Exchanges()

    def push(self, offset: int, tree: dict[str, Any]) -> Iterator[tuple[str, pa.RecordBatch]]:
        event = Document(tree)
        kind = event.text("event_type") or "unknown"
        ts = iso_us(event.text("timestamp") or "")
        if ts is None:
            self._job.report.bad(offset, "malformed", "no time in timestamp")
            return
        if kind == "dns":
            self._job.report.count("dns")
            for row in self._exchanges.push(event, ts, offset):
                yield from self._add("dns", row)
            return
        found = EVENTS.get(kind)
        if found is None:
            self._job.report.count(f"skipped_{kind[:32]}")
            return
        table, columns = found
        self._job.report.count(kind)
        row = {"ts": ts, "row_in_src": offset, **columns(event)}
        row["ext"] = event.rest()
        yield from self._add(table, row)

    def rest(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """What is left at the end."""
        for row in self._exchanges.rest():
            yield from self._add("dns", row)
        for rows in self._rows.values():
            yield from rows.rest()

    def _add(self, table: str, row: dict[str, Any]) -> Iterator[tuple[str, pa.RecordBatch]]:
        rows = self._rows[table]
        rows.put(row)
        if rows.full:
            yield rows.take()
