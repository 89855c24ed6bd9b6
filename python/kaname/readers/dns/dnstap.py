"""dnstap files: messages that a name server copies out, in Frame Streams.

The bytes are parsed in the native core (``rust/dns``); here they are handed over, and its
account is turned into the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname._native import DnstapDecoder, NativeError, is_dnstap
from kaname.model.errors import InputError
from kaname.readers.dns.ledger import Ledger
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.lines import pieces

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BAD", "DnstapReader"]

BAD = frozenset({"malformed_frame", "cut_frame"})
"""Outcomes of frames that damage cost."""

STREAM = 0
"""A file is one stream."""


class DnstapReader(Reader):
    """Files of dnstap."""

    name: ClassVar[str] = "dnstap"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("dns",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Files in which a name server (BIND, unbound, Knot, PowerDNS, dnsdist, CoreDNS) "
            "copies its messages, in Frame Streams, plain or compressed. Queries and responses "
            "are joined like those of a capture; a response that tells when its query came has "
            "its time of travel even alone. `ext` tells the kind of the message (CLIENT, "
            "RESOLVER, AUTH, FORWARDER, STUB, TOOL, UPDATE) and the identity of the server. "
            "After damage the next whole frame is searched for."
        ),
        ja=(
            "ネームサーバー(BIND・unbound・Knot・PowerDNS・dnsdist・CoreDNS)がメッセージの写しを"
            "Frame Streams で書き出したファイル(圧縮可)を読みます。問い合わせと応答は"
            "キャプチャーと同じ規則で 1 行にまとめます。応答に問い合わせ時刻が含まれていれば、"
            "応答だけでも所要時間がわかります。`ext` にメッセージの種別(CLIENT・RESOLVER・AUTH・"
            "FORWARDER・STUB・TOOL・UPDATE)とサーバーの識別名を残します。"
            "壊れた箇所の後は、次の正常なフレームを探して読み続けます。"
        ),
        formats=("dnstap",),
        references=(
            "https://dnstap.info/",
            "https://github.com/dnstap/dnstap.pb/blob/master/dnstap.proto",
            "https://farsightsec.github.io/fstrm/",
        ),
        limitations_en=(
            "The fields `extra`, `policy`, `query_zone` and `version` are not kept.",
            "DNSCrypt is the transport `unknown`.",
            "Of a response frame that repeats the query the response alone is read.",
            "Frames are at most 256 KiB.",
        ),
        limitations_ja=(
            "`extra`・`policy`・`query_zone`・`version` は保存しません。",
            "DNSCrypt のトランスポートは `unknown` になります。",
            "問い合わせを併記した応答フレームでは応答だけを読みます。",
            "フレームは最大 256 KiB です。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Certain by the first control frame, which names the content type."""
        return 100 if is_dnstap(head) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield rows of exchanges in the order of their queries.

        Raises:
            InputError: the source is no dnstap, or cannot be read.
            CancelledError: somebody asked to stop.
        """
        decoder, ledger = DnstapDecoder(), Ledger(BAD)
        try:
            for piece in pieces(job):
                decoder.push(STREAM, piece)
                yield from _rows(decoder, ledger, job, last=False)
        except NativeError:
            raise InputError("readers.error.dns.dnstap", path=job.path or "-") from None
        decoder.close(STREAM)
        yield from _rows(decoder, ledger, job, last=True)


def _rows(
    decoder: DnstapDecoder, ledger: Ledger, job: ReadJob, *, last: bool
) -> Iterator[tuple[str, pa.RecordBatch]]:
    import pyarrow as pa

    batches = decoder.take(
        sensor=job.sensor, kind=DnstapReader.name, tlp=str(job.tlp), batch=job.batch, last=last
    )
    ledger.enter(decoder.report(), job.report)
    for batch in batches:
        job.report.rows += batch.num_rows
        yield "dns", pa.record_batch(batch)
