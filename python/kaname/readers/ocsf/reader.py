"""OCSF JSON -> flows, dns, user_events, mail, endpoint, alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.clock import iso_us
from kaname.readers.document import Document
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.json_events import Columns, Route, first_event, read_events
from kaname.readers.ocsf import network, system

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OcsfReader"]

_CLASSES: dict[int, tuple[str, str, Callable[[Document], Columns]]] = {
    1007: ("process", "endpoint", system.process),
    2001: ("security_finding", "alerts", system.finding),
    2004: ("detection_finding", "alerts", system.finding),
    3002: ("authentication", "user_events", system.authentication),
    4001: ("network", "flows", network.network),
    4002: ("http", "user_events", network.http),
    4003: ("dns", "dns", network.dns),
    4007: ("ssh", "user_events", network.ssh),
    4009: ("email", "mail", network.mail),
    4011: ("email_file", "mail", network.mail),
}


class OcsfReader:
    """Events of many products in one schema."""

    name: ClassVar[str] = "ocsf"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = (
        *("flows", "dns", "user_events"),
        *("mail", "endpoint", "alerts"),
    )
    options: ClassVar[tuple[str, ...]] = ()
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reads OCSF events by their class: network activity into flows, DNS into dns, HTTP, "
            "SSH and authentication into user_events, mail into mail, process activity into "
            "endpoint, security and detection findings into alerts. The rest is kept in ext."
        ),
        ja=(
            "OCSF のイベントをクラスごとに読みます。ネットワークは flows、DNS は dns、"
            "HTTP・SSH・認証は user_events、メールは mail、プロセスは endpoint、"
            "検知は alerts になります。対応する列のない項目は ext に残ります。"
        ),
        formats=("OCSF JSON",),
        references=("OCSF schema 1.x, https://schema.ocsf.io",),
        limitations_en=(
            "Other classes are counted as `skipped_<class>`.",
            "JSON only; OCSF in Parquet is not read.",
        ),
        limitations_ja=(
            "その他のクラスは `skipped_<クラス番号>` として数えます。",
            "JSON だけを読みます。Parquet の OCSF は読めません。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """By class and metadata, which every event must have."""
        event = first_event(head)
        if event is None or not isinstance(event.get("class_uid"), int):
            return 0
        return 95 if "time" in event and "metadata" in event else 60

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield the rows of every event whose class has a table.

        Raises:
            InputError: the source cannot be opened.
            CancelledError: somebody asked to stop.
        """
        yield from read_events(job, self.name, _time, _route)


def _time(event: Document) -> int | None:
    """``time`` is milliseconds since 1970; some write ``time_dt``."""
    found = event.number("time")
    written = event.text("time_dt")
    if found is not None:
        return found * 1000
    return iso_us(written) if written else None


def _route(event: Document) -> Route:
    number = event.number("class_uid") or 0
    event.drop("type_uid", "category_uid", "class_name", "type_name")
    return _CLASSES.get(number, (str(number), None, None))
