"""Feeds as CSV to `feeds`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.csv_records import header_in, records
from kaname.readers.feeds.csv_forms import form_of, is_form
from kaname.readers.feeds.entries import columns, type_of
from kaname.readers.feeds.naming import feed_name, made_at
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CsvFeedReader"]


class CsvFeedReader(Reader):
    """Tables of bad things. Options ``feed``: its name; ``time``: that of entries without."""

    name: ClassVar[str] = "feed_csv"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("feeds",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Feeds as CSV with a header, commented out or not: PhishTank, URLhaus, Feodo Tracker, "
            "ThreatFox, MalwareBazaar, SSLBL, and any table that has a column for a domain, URL, "
            "address or hash."
        ),
        ja=(
            "ヘッダー付き CSV のフィードを読みます(ヘッダーがコメントでも可)。PhishTank、"
            "URLhaus、Feodo Tracker、ThreatFox、MalwareBazaar、SSLBL のほか、ドメイン・URL・"
            "アドレス・ハッシュの列を持つ表に対応します。"
        ),
        formats=("PhishTank CSV", "abuse.ch CSV", "CSV of indicators"),
        references=(
            "https://phishtank.org/developer_info.php",
            "https://urlhaus.abuse.ch/api/",
            "https://feodotracker.abuse.ch/blocklist/",
            "https://threatfox.abuse.ch/export/",
            "https://bazaar.abuse.ch/export/",
        ),
        limitations_en=(
            "A record without a value that can be told is counted as `malformed`.",
            "Entries without a time get that of the file, or of the option `time`.",
        ),
        limitations_ja=(
            "値を判別できないレコードは `malformed` として数えます。",
            "時刻のない項目にはファイルの時刻またはオプション `time` を使います。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The header is that of a publisher, or has a column whose values are what it says."""
        text = head[:16_384].decode(errors="replace")
        names = header_in(text, is_form)
        form = form_of(names) if names is not None else None
        if form is None or names is None:
            return 0
        return 85 if form.feed else _plain_table(text, names)

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row an entry.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows, named, ts = Rows("feeds", self.name, job), feed_name(job), made_at(job)
        for offset, record in records(job, is_form):
            form = form_of(list(record))
            entry = form.entry(record) if form else None
            if entry is None or form is None:
                job.report.bad(offset, "malformed", "no value in it", str(record).encode()[:64])
                continue
            job.report.count("entry")
            feed = named if "feed" in job.options else form.feed or named
            rows.add(row_in_src=offset, **columns(entry, feed, ts))
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _plain_table(text: str, names: list[str]) -> int:
    """Most of the first records have as many values, one of which is a known kind of thing."""
    lines = [line for line in text.splitlines() if line.strip() and line[0] not in "#;"][1:50]
    fitting = 0
    for line in lines:
        fields = [field.strip(' "') for field in line.split(",")]
        fitting += len(fields) >= len(names) and any(type_of(field) for field in fields if field)
    return 45 if lines and fitting >= 0.9 * len(lines) else 0
