"""Plain lists of open resolvers to `exposure`, where a list is known to be one.

A list of addresses does not say what it is of, so this reader is never chosen by content:
it is named when the list is brought in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.feeds.entries import type_of
from kaname.readers.feeds.naming import made_at
from kaname.readers.feeds.plain import value_in
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.lines import lines
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OpenResolverReader"]

_PORT, _UDP = 53, 17
_COMMENT = ("#", ";", "!", "//")


class OpenResolverReader(Reader):
    """An address a line. Option ``time``: when they were found open."""

    name: ClassVar[str] = "open_resolvers"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("exposure",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "A plain list of addresses that answer anybody's DNS queries, one a line. It is never "
            "chosen by content: name it with `--reader open_resolvers`. Reports of Shadowserver "
            "about open resolvers are read by `shadowserver`."
        ),
        ja=(
            "誰の DNS 問い合わせにも答えるアドレスの一覧(1 行 1 件)を読みます。内容からは"
            "判定されないため、`--reader open_resolvers` で指定します。Shadowserver のオープン"
            "リゾルバーのレポートは `shadowserver` が読みます。"
        ),
        formats=("list of open resolvers",),
        references=("RFC 5358 (BCP 140)",),
        limitations_en=("Entries get the time of the file, or of the option `time`.",),
        limitations_ja=("時刻はファイルの時刻またはオプション `time` です。",),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Never by content: any list of addresses looks the same."""
        return 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row an address.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows, ts = Rows("exposure", self.name, job), made_at(job)
        for offset, line in lines(job):
            if not line.strip() or line.lstrip().startswith(_COMMENT):
                continue
            address = value_in(line.partition(",")[0])
            if address is None or type_of(address) != "ip":
                job.report.bad(offset, "malformed", "no address", line.encode()[:64])
                continue
            job.report.count("entry")
            rows.add(
                ts=ts,
                row_in_src=offset,
                src=address.strip("[]"),
                port=_PORT,
                proto=_UDP,
                service="dns",
                report="open_resolvers",
                tag="openresolver",
            )
            if rows.full:
                yield rows.take()
        yield from rows.rest()
