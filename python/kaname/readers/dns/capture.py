"""DNS messages of packet captures, queries joined with their responses.

The bytes are parsed in the native core (``rust/dns``); here its steps are turned into
record batches and its account into the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname._native import (
    DNS_PORTS,
    DnsCapture,
    DnsStage,
    NativeError,
    dns_share,
    is_capture,
)
from kaname.model.errors import InputError, UsageError
from kaname.readers.dns.ledger import Ledger
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.lines import pieces

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from kaname._native import ArrowBatch

__all__ = ["DnsCaptureReader"]

MAJORITY = 50
"""Percent of the packets at the beginning of a capture that make it one of DNS."""

BAD = frozenset({"malformed_record", "cut_record"})
"""Outcomes of records that damage of the file cost."""


class DnsCaptureReader(Reader):
    """Packet captures of DNS traffic. Option ``ports``: numbers with commas between them."""

    name: ClassVar[str] = "dns_capture"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("dns",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Packet captures, plain or compressed (gzip, Zstandard, xz), in which most packets "
            "are DNS. Messages over UDP and TCP become rows; fragments are put together and TCP "
            "segments brought in order. A query and the response with the same client, port, "
            "server, id, name and type within five seconds are one row; what has no counterpart "
            "is a row of its own. Records are written as zone files write them. The option "
            "`ports` names other ports than 53, 5353 and 5355."
        ),
        ja=(
            "大半が DNS のパケットキャプチャー(gzip・Zstandard・xz 圧縮可)を読みます。"
            "UDP と TCP のメッセージを行にし、IP フラグメントは再構成、TCP セグメントは順序を"
            "整えます。クライアント・ポート・サーバー・ID・名前・型が同じで 5 秒以内の"
            "問い合わせと応答は 1 行にまとめ、相手のないものは単独の行になります。"
            "レコードはゾーンファイルの書式で保存します。53・5353・5355 以外のポートは"
            "オプション `ports` で指定します。"
        ),
        formats=("pcap", "pcapng"),
        references=(
            "RFC 1035, RFC 3597, RFC 6891, RFC 7766, RFC 7871, RFC 9460",
            "RFC 791, RFC 8200, RFC 5722, RFC 9293",
            "https://www.iana.org/assignments/dns-parameters/",
        ),
        limitations_en=(
            "Messages inside TLS, HTTPS and QUIC are not seen.",
            "Fragmented TCP segments are not put together.",
            "Of a message with several questions the first is kept (note `more_questions`).",
            "Names are at most 255 bytes, with at most 16 pointers.",
            "About 1,000,000 rows wait for responses at most; then some are given out early.",
            "A message without a question is known by its first record (note `no_question`).",
        ),
        limitations_ja=(
            "TLS・HTTPS・QUIC の中のメッセージは読めません。",
            "フラグメント化された TCP セグメントは再構成しません。",
            "質問が複数あるメッセージは最初の質問だけを残します(`more_questions`)。",
            "名前は最大 255 バイト、圧縮ポインターは 16 段までです。",
            "応答を待つ行は最大約 1,000,000 行です。超えた分は早めに出力します。",
            "質問のないメッセージは最初のレコードの名前で表します(`no_question`)。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Sure when most packets of a capture are DNS messages."""
        return 90 if is_capture(head) and dns_share(head) > MAJORITY else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield rows of exchanges in the order of their queries.

        Raises:
            InputError: the source is not a capture at all, or cannot be read.
            UsageError: the option ``ports`` is no list of ports.
            CancelledError: somebody asked to stop.
        """
        import pyarrow as pa

        ports = _ports(job)
        native = _from_stream(job, ports) if job.path is None else _from_file(job, job.path, ports)
        try:
            for batch in native:
                job.report.rows += batch.num_rows
                yield "dns", pa.record_batch(batch)
        except NativeError as error:
            code, found = error.args
            raise InputError(
                f"readers.error.pcap.{code}", path=job.path or "-", found=found
            ) from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError("readers.error.open", path=job.path or "-", reason=reason) from None


def _ports(job: ReadJob) -> list[int]:
    given = job.options.get("ports")
    if given is None:
        return DNS_PORTS
    try:
        ports = [int(word) for word in str(given).split(",")]
    except ValueError:
        ports = []
    if not ports or not all(0 < port < 1 << 16 for port in ports):
        raise UsageError("readers.error.dns.ports", found=given)
    return ports


def _from_file(job: ReadJob, path: Path, ports: list[int]) -> Iterator[ArrowBatch]:
    source = DnsCapture(
        path,
        sensor=job.sensor,
        kind=DnsCaptureReader.name,
        tlp=str(job.tlp),
        batch=job.batch,
        ports=ports,
    )
    job.report.bytes_total = path.stat().st_size
    ledger = Ledger(BAD)
    while not source.has_ended():
        job.check()
        batch = source.step()
        account = source.report()
        job.report.bytes_read = account["bytes_read"]
        ledger.enter(account, job.report)
        if batch is not None:
            yield batch


def _from_stream(job: ReadJob, ports: list[int]) -> Iterator[ArrowBatch]:
    stage = DnsStage(
        sensor=job.sensor,
        kind=DnsCaptureReader.name,
        tlp=str(job.tlp),
        batch=job.batch,
        ports=ports,
    )
    ledger = Ledger(BAD)
    for piece in pieces(job):
        yield from stage.push(piece)
        ledger.enter(stage.report(), job.report)
    yield from stage.finish()
    ledger.enter(stage.report(), job.report)
