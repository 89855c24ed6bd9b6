"""ECS JSON -> flows, dns, tls, user_events, alerts, endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.clock import iso_us
from kaname.readers.document import Document
from kaname.readers.ecs import network, system
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.json_events import Route, first_event, read_records
from kaname.readers.json_lines import decoded

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EcsReader"]

_ON_HOSTS = frozenset({"process", "file", "registry", "driver", "library"})


class EcsReader:
    """What the Beats and Elastic Agent write, to files or out of an index."""

    name: ClassVar[str] = "ecs"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = (
        *("flows", "dns", "tls", "user_events"),
        *("alerts", "endpoint"),
    )
    options: ClassVar[tuple[str, ...]] = ()
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reads events in the Elastic Common Schema: Packetbeat, Filebeat, Winlogbeat, Elastic "
            "Agent, and hits of a search (`_source`). What an event is, is told from its fields: "
            "alert, DNS, TLS, HTTP, login, process, file, registry, flow; other log lines go "
            "into user_events with app `other`."
        ),
        ja=(
            "Elastic Common Schema のイベント(Packetbeat・Filebeat・Winlogbeat・Elastic Agent、"
            "検索結果の `_source`)を読みます。種類(警報・DNS・TLS・HTTP・ログイン・プロセス・"
            "ファイル・レジストリー・フロー)は項目から判断し、その他の行は app を `other` として "
            "user_events に入れます。"
        ),
        formats=("ECS JSON",),
        references=("Elastic Common Schema 8, https://www.elastic.co/guide/en/ecs/current/",),
        limitations_en=(
            "Interim reports of Packetbeat repeat the counters of a flow: `skipped_interim`.",
            "Metrics are counted as `skipped_metric`.",
        ),
        limitations_ja=(
            "Packetbeat の途中経過は同じフローの値の繰り返しなので `skipped_interim` とします。",
            "メトリクスは `skipped_metric` として数えます。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """By ``@timestamp`` and another field of the schema."""
        event = first_event(head)
        if event is None:
            return 0
        inner = event.get("_source", event)
        if not isinstance(inner, dict) or "@timestamp" not in inner:
            return 0
        if "winlog" in inner:  # the reader of Windows events takes more out of them
            return 70
        signs = ("ecs", "ecs.version", "agent", "event", "event.dataset", "event.kind")
        return 90 if any(sign in inner for sign in signs) else 30

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield the rows of every event.

        Raises:
            InputError: the source cannot be opened.
            CancelledError: somebody asked to stop.
        """
        decoder = msgspec.json.Decoder(dict[str, Any])
        records = ((at, _inner(tree)) for at, tree in decoded(job, decoder))
        yield from read_records(job, self.name, records, _time, _route)


def _inner(tree: dict[str, Any]) -> dict[str, Any]:
    """The event itself, out of the hit of a search."""
    found = tree.get("_source")
    return found if isinstance(found, dict) else tree


def _time(event: Document) -> int | None:
    value = event.take("@timestamp")
    if isinstance(value, int):
        return value * 1000
    return iso_us(value) if isinstance(value, str) else None


def _route(event: Document) -> Route:
    kind, categories = event.look("event.kind"), event.look("event.category") or ()
    named = {categories} if isinstance(categories, str) else set(map(str, categories))
    if kind == "metric":
        return "metric", None, None
    if kind == "alert" or "rule.name" in event:
        return "alert", "alerts", system.alert
    if named & _ON_HOSTS or "winlog.event_id" in event:
        return "endpoint", "endpoint", system.endpoint
    return _of_network(event, named)


def _of_network(event: Document, categories: set[str]) -> Route:
    if "dns.question.name" in event:
        return "dns", "dns", network.dns
    if "http.request.method" in event or ("web" in categories and "url.original" in event):
        return "http", "user_events", network.web
    if "tls.version" in event or "tls.client.ja3" in event or "tls.client.server_name" in event:
        return "tls", "tls", network.tls
    if categories & {"authentication", "session"}:
        return "login", "user_events", system.login
    if event.look("flow.final") is False:
        return "interim", None, None
    ends = "source.ip" in event and "destination.ip" in event
    if ends and ("network.transport" in event or "network.bytes" in event):
        return "flow", "flows", network.flow
    return "other", "user_events", system.other
