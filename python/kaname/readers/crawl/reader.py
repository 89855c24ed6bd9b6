"""Visits of client honeypots and browsers to `crawl`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.readers.crawl import har, thug, urlscan
from kaname.readers.crawl.visit import Visit, columns
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.json_whole import objects
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CrawlReader"]

# Documents are longer than a head: members that only they begin with, or hold early.
_HAR = re.compile(rb'^\s*\{\s*"log"\s*:\s*\{')
_HAR_MEMBER = re.compile(rb'"(?:entries|pages|creator|version)"\s*:')
_URLSCAN = re.compile(rb'^\s*\{\s*"(?:data|task|page|stats|submitter)"\s*:')
_URLSCAN_MEMBER = re.compile(rb'"(?:requests|requestId|documentURL|reportURL)"\s*:')
_THUG = (b'"behavior"', b'"connections"', b'"timestamp"', b'"url"')


class CrawlReader(Reader):
    """HAR, urlscan results, Thug reports."""

    name: ClassVar[str] = "crawl"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("crawl",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "What a browser or client honeypot saw when it visited a page: HTTP archives (HAR "
            "1.2), results of urlscan, reports of Thug. A row a page, with the URLs that it was "
            "led through, all that it loaded with addresses and digests, and the verdict."
        ),
        ja=(
            "ブラウザーやクライアントハニーポットがページを訪れた記録を読みます。HTTP アーカイブ"
            "(HAR 1.2)、urlscan の結果、Thug のレポートに対応し、ページごとに、経由した URL、"
            "読み込んだものすべて(アドレスとハッシュ付き)、判定を 1 行にします。"
        ),
        formats=("HAR 1.2", "urlscan result JSON", "Thug JSON"),
        references=(
            "http://www.softwareishard.com/blog/har-12-spec/",
            "https://urlscan.io/docs/result/",
            "https://thug-honeyclient.readthedocs.io/en/latest/",
        ),
        limitations_en=(
            "A source of more than 256 MiB is refused; 5,000 resources a page are kept.",
            "Digests of HAR are those of the bodies in it, which it need not have.",
            "Entries without `pageref` are counted to the page that began last before them.",
            "Thug's verdict is `malicious` when it saw an exploit, and nothing else.",
        ),
        limitations_ja=(
            "256 MiB を超える入力は読まず、ページあたり 5,000 個までのリソースを残します。",
            "HAR のハッシュは本文が含まれている場合だけ計算します。",
            "`pageref` のない項目は、直前のページに属するものとします。",
            "Thug の判定は、攻撃コードを検知したときだけ `malicious` とします。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The beginning of the document is that of one of the three."""
        start = head.removeprefix(b"\xef\xbb\xbf")
        if _HAR.match(start) and _HAR_MEMBER.search(start):
            return 90
        if _URLSCAN.match(start) and _URLSCAN_MEMBER.search(start):
            return 85
        plain = start.lstrip().startswith(b"{")
        return 80 if plain and all(word in start for word in _THUG) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row a page.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows = Rows("crawl", self.name, job)
        for offset, document in objects(job):
            found = list(_visits(document))
            if not found:
                job.report.bad(offset, "malformed", "no visit in it")
            for visit in found:
                job.report.count("page")
                rows.add(row_in_src=offset, **columns(visit))
                if rows.full:
                    yield rows.take()
        yield from rows.rest()


def _visits(document: dict[str, Any]) -> Iterator[Visit]:
    if har.is_har(document):
        yield from har.visits(document)
    elif urlscan.is_urlscan(document):
        yield urlscan.visit(document)
    elif thug.is_thug(document):
        yield thug.visit(document)
