"""Packet captures: pcap, pcapng and ERF to `flowtuples`, `rsdos` and, if asked, `packets`.

The bytes are parsed in the native core (``rust/packets``); here its steps are turned
into record batches and its account into the report.
"""

from __future__ import annotations

import os
import select
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname._native import CaptureFile, CaptureStage, NativeError, is_capture
from kaname.model.errors import InputError
from kaname.readers.frame import Problem, Reader, ReaderDoc, ReadJob, ReadReport

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from kaname._native import Account, ArrowBatch

__all__ = ["PcapReader"]

ROWS = 1 << 18
"""Rows from which on a batch is given out: small enough to stay in the cache."""

READ = 1 << 20
POLL_S = 0.2


class PcapReader(Reader):
    """Packet captures. Option ``packets``: a row per packet as well."""

    name: ClassVar[str] = "pcap"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flowtuples", "packets", "rsdos")
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Packet captures of any size, plain or compressed (gzip, Zstandard, xz), become "
            "flowtuples: per minute, source, destination /24 (IPv6: /120), service port, protocol "
            "and packet type, with the marks that scanning tools leave in their packets. With the "
            "option `packets` every packet becomes a row of its own as well. Victims of attacks "
            "with forged sources, seen by their answers, become rows of `rsdos` by the rules of "
            "corsaro3. Damage in the file costs the damaged records only: the next whole record "
            "is searched for."
        ),
        ja=(
            "パケットキャプチャー(サイズ不問、gzip・Zstandard・xz 圧縮可)を flowtuple に"
            "集計します。集計単位は分・送信元・宛先 /24(IPv6 は /120)・サービスポート・"
            "プロトコル・パケット種別で、スキャンツールがパケットに残す特徴も記録します。"
            "オプション `packets` を付けるとパケットごとの行も残します。送信元を偽った攻撃の"
            "被害者は、その応答から corsaro3 の規則で `rsdos` の行になります。"
            "ファイルが壊れていても失われるのは壊れたレコードだけで、次の正常なレコードを探して読み続けます。"
        ),
        formats=("pcap", "pcapng", "erf"),
        references=(
            "https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/",
            "https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/",
            "https://www.tcpdump.org/linktypes.html",
            "Endace, ERF Record Types, EDM11-01",
            "RFC 791, RFC 792, RFC 768, RFC 9293, RFC 8200, RFC 4443",
        ),
        limitations_en=(
            "Link types: Ethernet (VLAN, QinQ, MPLS), raw IP, Linux cooked v1 and v2, loopback.",
            "Frames of other link types are counted as `unsupported_link`.",
            "Tunnels are not opened: the outer packet is the one that is seen.",
            "Fragments are not put together; later fragments have no ports.",
            "A simple packet block of pcapng has no time; it takes that of the packet before.",
            "Three minutes are open at a time, 1,000,000 packets held at most.",
            "A packet that comes later starts another row for its minute (note `late`).",
            "ERF has no magic number: it is known by two records that fit together.",
            "The modified pcap of Kuznetzov is not read.",
        ),
        limitations_ja=(
            "リンク種別は Ethernet(VLAN・QinQ・MPLS)、raw IP、Linux cooked v1/v2、loopback です。",
            "その他のリンク種別のフレームは `unsupported_link` として数えます。",
            "トンネルの内側は読まず、外側のパケットを対象とします。",
            "フラグメントは再構成しません。2 番目以降のフラグメントにはポートがありません。",
            "pcapng の Simple Packet Block には時刻がないため、直前のパケットの時刻を使います。",
            "同時に保持するのは 3 分ぶん、最大 1,000,000 パケットです。",
            "それより遅れて現れたパケットは同じ分の別の行になります(`late` として数えます)。",
            "ERF には識別子がないため、先頭 2 レコードの整合で判別します。",
            "Kuznetzov 版の変更 pcap は読めません。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Certain by magic number; readers of what captures carry say 61 to 100 of theirs."""
        return 60 if is_capture(head) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield flowtuples, and packets when the option is set.

        Raises:
            InputError: the source is not a capture at all, or cannot be read.
            CancelledError: somebody asked to stop.
        """
        import pyarrow as pa

        native = _from_stream(job) if job.path is None else _from_file(job, job.path)
        try:
            for table, batch in native:
                job.report.rows += batch.num_rows
                yield table, pa.record_batch(batch)
        except NativeError as error:
            code, found = error.args
            raise InputError(
                f"readers.error.pcap.{code}", path=job.path or "-", found=found
            ) from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError("readers.error.open", path=job.path or "-", reason=reason) from None


def _from_file(job: ReadJob, path: Path) -> Iterator[tuple[str, ArrowBatch]]:
    source = CaptureFile(
        path,
        sensor=job.sensor,
        kind=PcapReader.name,
        tlp=str(job.tlp),
        batch=job.batch,
        packets=bool(job.options.get("packets", False)),
        rows=ROWS,
        threads=job.threads,
    )
    job.report.bytes_total = path.stat().st_size
    while not source.has_ended():
        job.check()
        batch = source.step()
        _account(job.report, source.report())
        if batch is not None:
            yield batch


def _from_stream(job: ReadJob) -> Iterator[tuple[str, ArrowBatch]]:
    stage = CaptureStage(
        sensor=job.sensor,
        kind=PcapReader.name,
        tlp=str(job.tlp),
        batch=job.batch,
        packets=bool(job.options.get("packets", False)),
        rows=ROWS,
    )
    for piece in _pieces(job):
        yield from stage.push(piece)
        _account(job.report, stage.report())
    yield from stage.finish()
    _account(job.report, stage.report())


def _pieces(job: ReadJob) -> Iterable[bytes]:
    """Bytes of the descriptor; waits for them without being deaf to a request to stop."""
    descriptor = 0 if job.fd is None else job.fd
    while True:
        job.check()
        if select.select([descriptor], [], [], POLL_S)[0]:
            piece = os.read(descriptor, READ)
            if not piece:
                return
            yield piece


def _account(report: ReadReport, account: Account) -> None:
    report.bytes_read = account["bytes_read"]
    report.records = account["records"]
    report.counters = account["counters"]
    report.notes = account["notes"]
    report.damaged = account["damaged"]
    report.first_us = account["first_us"]
    report.last_us = account["last_us"]
    report.problems = [Problem(at, reason, data.hex()) for at, reason, data in account["problems"]]
