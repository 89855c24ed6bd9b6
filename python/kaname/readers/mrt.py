"""MRT files of BGP collectors to `routes`: updates and tables, RFC 6396.

The records are parsed in the native core (``rust/routes``); here bytes are handed to it
and its account becomes the report.
"""

from __future__ import annotations

import bz2
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from kaname._native import RouteStage, is_mrt
from kaname.readers.frame import Problem, Reader, ReaderDoc, ReadJob, ReadReport
from kaname.readers.lines import pieces

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname._native import ArrowBatch, RouteAccount

__all__ = ["MrtReader"]

ROWS = 1 << 16
BAD = ("malformed", "malformed_header", "cut_record")

_BZIP2 = b"BZh"
_PIECE = 1 << 20
# A block of bzip2 may need more bytes than a head has: then the archive's name must do.
_ARCHIVE_NAME = re.compile(r"(?:^|[./])(?:updates|rib|bview)\.|\.mrt(?:\.|$)")


class MrtReader(Reader):
    """BGP updates and tables. Option ``collector``: its name, where records do not say."""

    name: ClassVar[str] = "mrt"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("routes",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Archives of BGP collectors (RIPE RIS, RouteViews and others): a row per prefix that "
            "is announced or withdrawn, and per route of a table. The sender is the peer; the AS "
            "path is written as `bgpdump` does, with the four-octet numbers of AS4_PATH merged "
            "in; standard, large and extended communities are kept, the other attributes are in "
            "`ext`. Damaged records are counted, and the next whole one is searched for; tables "
            "of 1999 to 2001 whose lengths are four bytes short are read whole."
        ),
        ja=(
            "BGP コレクター(RIPE RIS、RouteViews など)のアーカイブを読みます。広告・取り消しは"
            "プレフィックスごと、経路表は経路ごとに 1 行です。送信元はピア、AS パスは `bgpdump` と"
            "同じ書き方で、AS4_PATH の 4 オクテット AS 番号を反映します。コミュニティー"
            "(標準・large・extended)を残し、その他の属性は `ext` に入れます。壊れたレコードは"
            "数えて次の正常なレコードを探します。長さが 4 バイト足りない 1999〜2001 年の"
            "経路表も全体を読めます。"
        ),
        formats=(
            "MRT BGP4MP, BGP4MP_ET",
            "MRT TABLE_DUMP",
            "MRT TABLE_DUMP_V2",
            "MRT type 5 (1999)",
        ),
        references=(
            "RFC 6396 (MRT), RFC 8050 (additional paths)",
            "RFC 4271, RFC 4760 (BGP), RFC 6793 (four-octet AS numbers)",
            "RFC 1997, RFC 4360, RFC 8092 (communities)",
            "https://www.iana.org/assignments/mrt/mrt.xhtml",
        ),
        limitations_en=(
            "IPv4 and IPv6, unicast and multicast; other families are counted (`other_family`).",
            "State changes, OPEN, KEEPALIVE and NOTIFICATION are counted, not stored.",
            "Generic tables (RIB_GENERIC) and OSPF and IS-IS records count as `unsupported`.",
            "A message with a damaged attribute gives no rows.",
            "The collector is known from TABLE_DUMP_V2 only, or by the option `collector`.",
            "bzip2 is told by the archive's name when its first block is longer than 64 KiB.",
        ),
        limitations_ja=(
            "IPv4・IPv6 のユニキャストとマルチキャストを読み、その他は `other_family` に数えます。",
            "状態変化、OPEN、KEEPALIVE、NOTIFICATION は数えるだけで保存しません。",
            "汎用経路表(RIB_GENERIC)、OSPF、IS-IS のレコードは `unsupported` として数えます。",
            "属性が壊れたメッセージからは行を作りません。",
            "コレクター名は TABLE_DUMP_V2 でのみ分かり、他はオプション `collector` で指定します。",
            "bzip2 の先頭ブロックが 64 KiB を超えるときはファイル名で判定します。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:
        """Certain by the first two headers; of a bzip2 file by its name, if need be."""
        if not head.startswith(_BZIP2):
            return 90 if is_mrt(head) else 0
        start = _first_of(head)
        if start:
            return 90 if is_mrt(start) else 0
        return 30 if _ARCHIVE_NAME.search(filename) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield routes.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        collector = job.options.get("collector")
        stage = RouteStage(
            sensor=job.sensor,
            kind=self.name,
            tlp=str(job.tlp),
            batch=job.batch,
            rows=ROWS,
            collector=str(collector) if collector else None,
        )
        for piece in _unpacked(job):
            yield from _rows(job.report, stage, stage.push(piece))
        yield from _rows(job.report, stage, stage.finish())


def _rows(
    report: ReadReport, stage: RouteStage, batches: Sequence[ArrowBatch]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    import pyarrow as pa

    _account(report, stage.report())
    for batch in batches:
        report.rows += batch.num_rows
        yield "routes", pa.record_batch(batch)


def _account(report: ReadReport, account: RouteAccount) -> None:
    report.records = account["records"]
    report.counters = account["counters"]
    report.notes = account["notes"]
    report.damaged = report.damaged or account["damaged"]
    report.bad_records = sum(account["counters"].get(name, 0) for name in BAD)
    report.first_us = account["first_us"]
    report.last_us = account["last_us"]
    known = set(report.problems)
    found = (Problem(at, reason, data.hex()) for at, reason, data in account["problems"])
    report.problems += [problem for problem in found if problem not in known]


def _first_of(head: bytes) -> bytes:
    try:
        return bz2.BZ2Decompressor().decompress(head, 1 << 16)
    except OSError:
        return b""


def _unpacked(job: ReadJob) -> Iterator[bytes]:
    """The bytes of the source; RouteViews packs with bzip2, which others do not use."""
    source = pieces(job)
    first = next(source, b"")
    if not first.startswith(_BZIP2):
        yield first
        yield from source
        return
    yield from _bunzipped(job, first, source)


def _bunzipped(job: ReadJob, first: bytes, source: Iterator[bytes]) -> Iterator[bytes]:
    """All members of a bzip2 file; damage becomes a problem of the report."""
    decoder, data, given = bz2.BZ2Decompressor(), first, 0
    while True:
        try:
            piece = decoder.decompress(data, _PIECE)
        except (OSError, EOFError) as error:
            job.report.problem(given, f"bzip2: {error}")
            return
        given += len(piece)
        job.check()
        yield piece
        if decoder.eof:
            data, decoder = decoder.unused_data or next(source, b""), bz2.BZ2Decompressor()
            if not data:
                return
        elif decoder.needs_input:
            data = next(source, b"")
            if not data:
                job.report.problem(given, "bzip2 ends early")
                return
        else:
            data = b""
