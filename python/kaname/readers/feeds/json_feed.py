"""Feeds as JSON to `feeds`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.feeds.entries import columns
from kaname.readers.feeds.json_forms import entries_in, feed_of
from kaname.readers.feeds.naming import feed_name, made_at
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.json_lines import first_document
from kaname.readers.json_whole import objects
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["JsonFeedReader"]

_DECODER = msgspec.json.Decoder(dict[str, Any])
# Documents longer than a head: members that only the publisher's first one has.
_MISP = re.compile(rb'\{\s*"Event"\s*:\s*\{')
_KEYED = re.compile(rb'\s*\{\s*"\d+"\s*:\s*\[\s*(\{)')
_NAMED = re.compile(rb'"(?:urls|data)"\s*:\s*\[\s*(\{)')
_RESPONSE = re.compile(rb'\s*\{\s*"response"\s*:\s*\[\s*\{\s*"Event"')


class JsonFeedReader(Reader):
    """Feeds as JSON. Options ``feed``: its name; ``time``: that of entries without one."""

    name: ClassVar[str] = "feed_json"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("feeds",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Feeds as JSON: PhishTank, URLhaus, ThreatFox, Feodo Tracker, and events of MISP, "
            "whose attributes and those of its objects become entries."
        ),
        ja=(
            "JSON のフィードを読みます。PhishTank、URLhaus、ThreatFox、Feodo Tracker と、MISP の"
            "イベント(属性とオブジェクトの属性を項目とします)に対応します。"
        ),
        formats=("PhishTank JSON", "abuse.ch JSON", "MISP event JSON"),
        references=(
            "https://phishtank.org/developer_info.php",
            "https://urlhaus.abuse.ch/api/",
            "https://www.misp-standard.org/rfc/misp-standard-core.html",
        ),
        limitations_en=(
            "A source of more than 256 MiB is refused.",
            "Entries of one document share its offset.",
            "Attributes of MISP of other types than addresses, names, URLs and hashes are left.",
        ),
        limitations_ja=(
            "256 MiB を超える入力は読みません。",
            "1 つの文書に含まれる項目は同じ位置になります。",
            "MISP の属性のうちアドレス・名前・URL・ハッシュ以外は読みません。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The first document, or the first member of its first list, is a known one."""
        if _RESPONSE.match(head) or (_MISP.match(head.lstrip()) and b'"info"' in head):
            return 80 if b'"System"' not in head else 0
        raw = first_document(head)
        if raw is not None and self._known(raw):
            return 85
        for place in (_KEYED.match(head), _NAMED.search(head)):
            inner = first_document(head[place.start(1) :]) if place else None
            if inner is not None and self._known(inner):
                return 80
        return 0

    @staticmethod
    def _known(raw: bytes) -> bool:
        try:
            return feed_of(_DECODER.decode(raw)) is not None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row an entry.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows, named, ts = Rows("feeds", self.name, job), feed_name(job), made_at(job)
        for offset, value in _unwrapped(job):
            feed = feed_of(value)
            if feed is None:
                job.report.bad(offset, "malformed", "no feed that is known")
                continue
            for entry in entries_in(value, feed):
                if entry is None:
                    job.report.bad(offset, "malformed", "no value in an entry")
                    continue
                job.report.count("entry")
                name = named if "feed" in job.options or feed == "misp" else feed
                rows.add(row_in_src=offset, **columns(entry, name, ts))
                if rows.full:
                    yield rows.take()
        yield from rows.rest()


def _unwrapped(job: ReadJob) -> Iterator[tuple[int, dict[str, Any]]]:
    """Documents; what MISP's export wraps is taken out."""
    for offset, value in objects(job):
        response = value.get("response")
        if isinstance(response, list):
            yield from ((offset, each) for each in response if isinstance(each, dict))
        else:
            yield offset, value
