"""The XML of CleanMX to `feeds`: phishing and malware URLs with their hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.columns import address_words
from kaname.readers.feeds.entries import Entry, columns, of_value
from kaname.readers.feeds.naming import feed_name, label_of, made_at
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.moments import epoch_us
from kaname.readers.rows import Rows
from kaname.readers.xml_elements import elements
from kaname.readers.xml_tree import Node

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CleanMxReader"]

_ENTRY = re.compile(rb"<entry>\s*<line>\d+</line>\s*<id>")
_EXTRA = ("id", "phishtank", "virusname", "md5", "recent", "domain", "email", "inetnum", "netname")


class CleanMxReader(Reader):
    """CleanMX. Option ``feed``: its name."""

    name: ClassVar[str] = "cleanmx"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("feeds",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "The XML that CleanMX publishes: an entry a URL, with its address, target and state. "
            "Entities and document types are refused."
        ),
        ja=(
            "CleanMX が公開する XML を読みます。URL ごとに 1 項目で、アドレス・標的・状態を"
            "記録します。実体参照や文書型宣言は受け付けません。"
        ),
        formats=("CleanMX XML",),
        references=("http://support.clean-mx.de/clean-mx/phishing.php",),
        limitations_en=("An address that is none is left out; the entry stays.",),
        limitations_ja=("アドレスとして読めないものは省き、項目は残します。",),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Entries begin with the number of a line."""
        return 85 if _ENTRY.search(head) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row an entry.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows, ts = Rows("feeds", self.name, job), made_at(job)
        named = feed_name(job)
        feed = named if "feed" in job.options else "cleanmx"
        for offset, node in elements(job, "entry"):
            entry = _entry(node, label_of(named))
            if entry is None:
                job.report.bad(offset, "malformed", "no URL")
                continue
            job.report.count("entry")
            rows.add(row_in_src=offset, **columns(entry, feed, ts))
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _entry(node: Node, label: str) -> Entry | None:
    entry = of_value(node.value("url") or "", label=label)
    if entry is None:
        return None
    if node.value("phishtank") or node.value("target"):
        entry.label = "phishing"
    elif node.value("virusname"):
        entry.label = "malware"
    address = node.value("ip")
    entry.address = address if address and address_words(address) else None
    entry.first_us = epoch_us(node.value("first"))
    entry.last_us = epoch_us(node.value("last"))
    entry.target = node.value("target")
    entry.status = node.value("response")
    entry.cc = node.value("country")
    entry.ext = {name: node.value(name) for name in _EXTRA}
    return entry
