"""Windows events exported or forwarded as text, XML or JSON, to `endpoint`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.endpoint.windows import WindowsEvent, columns
from kaname.readers.endpoint.windows_text import event_of_json, event_of_xml, is_json_event
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.json_lines import decoded, first_document
from kaname.readers.rows import Rows
from kaname.readers.xml_elements import elements

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["WindowsJsonReader", "WindowsXmlReader"]

_SCHEMA = b"http://schemas.microsoft.com/win/2004/08/events/event"
_EVENT = re.compile(rb"<Event[\s>]")
_DECODER = msgspec.json.Decoder(dict[str, Any])
_REFERENCES = (
    "https://learn.microsoft.com/en-us/windows/win32/wes/eventschema-schema",
    "https://www.elastic.co/docs/reference/beats/winlogbeat/exported-fields-winlog",
    "https://docs.nxlog.co/refman/current/im/msvistalog.html",
)


class WindowsXmlReader(Reader):
    """Events as XML: one a line, or a list of them."""

    name: ClassVar[str] = "windows_xml"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("endpoint",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Events of Windows in their XML form, as Event Viewer, `wevtutil` and forwarders write "
            "it: an event a line, or a list of events. Columns are those of the reader `evtx`."
        ),
        ja=(
            "イベントビューアー、`wevtutil`、転送ソフトが出力する XML 形式の Windows イベントを"
            "読みます(1 行 1 イベント、またはイベントの並び)。列は `evtx` と同じです。"
        ),
        formats=("Windows event XML",),
        references=_REFERENCES,
        limitations_en=(
            "A document with a document type or entities is refused.",
            "An event of more than 1 MiB is counted as `too_long`.",
        ),
        limitations_ja=(
            "文書型宣言や実体を含む文書は読みません。",
            "1 MiB を超えるイベントは `too_long` として数えます。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The name space of events and an element of theirs."""
        plain = head.replace(b"\0", b"")  # of UTF-16
        return 90 if _SCHEMA in plain and _EVENT.search(plain) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row an event.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        found = ((offset, event_of_xml(node)) for offset, node in elements(job, "Event"))
        yield from _rows(job, self.name, found)


class WindowsJsonReader(Reader):
    """Events as JSON: Winlogbeat, NXLog, ``evtx_dump``."""

    name: ClassVar[str] = "windows_json"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("endpoint",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Events of Windows as JSON, one a line or an array: Winlogbeat in its present and its "
            "older form, NXLog, and `evtx_dump`. Columns are those of the reader `evtx`."
        ),
        ja=(
            "JSON 形式の Windows イベント(1 行 1 件または配列)を読みます。Winlogbeat"
            "(新旧の形式)、NXLog、`evtx_dump` に対応し、列は `evtx` と同じです。"
        ),
        formats=("Winlogbeat JSON", "NXLog JSON", "evtx_dump JSON"),
        references=_REFERENCES,
        limitations_en=(
            "Fields of agents and of enrichment beside the event itself are left out.",
            "A time of NXLog without a zone is taken as UTC.",
        ),
        limitations_ja=(
            "イベント自体に属さないエージェントや付加情報の項目は読みません。",
            "時間帯のない NXLog の時刻は UTC とみなします。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The first document has a known shape."""
        raw = first_document(head)
        if raw is None:
            return 0
        try:
            return 88 if is_json_event(_DECODER.decode(raw)) else 0
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row an event.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        found = ((offset, event_of_json(value)) for offset, value in decoded(job, _DECODER))
        yield from _rows(job, self.name, found)


def _rows(
    job: ReadJob, kind: str, events: Iterator[tuple[int, WindowsEvent | None]]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    rows = Rows("endpoint", kind, job)
    for offset, event in events:
        if event is None:
            job.report.bad(offset, "malformed", "no event in it")
            continue
        job.report.count("event")
        rows.add(row_in_src=offset, **columns(event))
        if rows.full:
            yield rows.take()
    yield from rows.rest()
