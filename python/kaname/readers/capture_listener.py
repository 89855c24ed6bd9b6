"""Packets as they arrive: an interface, or a folder that a rotating writer fills.

Both go through the stage that capture files go through, so the rows are those that a
capture of the same packets would give.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from kaname._native import PacketStream
from kaname.readers.frame import Problem, ReaderDoc

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.readers.frame import ReadJob

__all__ = ["CaptureDecoder", "CaptureListener"]

ROWS = 1 << 18
KIND = "pcap"  # the rows are those of the reader of captures


class CaptureDecoder:
    """The minutes of one place; ``stream`` takes the packets.

    Minutes are given when they are closed: a commit never cuts one.
    """

    def __init__(self, *, evidence: int = 0, snapshot: bytes | None = None) -> None:
        self._evidence = evidence
        self.stream = PacketStream(evidence=evidence)
        self.told: dict[str, Any] = {"counters": {}, "notes": {}}
        if snapshot is not None:
            self.stream.restore(snapshot, evidence=evidence)
            self.told = dict(self.stream.report())

    @property
    def held(self) -> int:
        """Packets of minutes that are closed."""
        return self.stream.waiting

    @property
    def seen(self) -> int:
        """Packets and other frames so far, those of open minutes included."""
        return self.stream.report()["records"] + self.stream.off_target

    def take(self, job: ReadJob, *, last: bool) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Minutes that were closed; ``last``: all of them.

        The account is told together with rows, so that a moment without a whole minute is
        no batch.
        """
        import pyarrow as pa

        if last:
            self.stream.close()
        if not last and not self.stream.waiting:
            return
        batches = self.stream.take(
            sensor=job.sensor, kind=KIND, tlp=str(job.tlp), batch=job.batch, rows=ROWS
        )
        self._tell(job)
        for table, batch in batches:
            rows = pa.record_batch(batch)
            _widen(job, rows)
            yield table, rows

    def _tell(self, job: ReadJob) -> None:
        """What happened since the last time."""
        now, before = self.stream.report(), self.told
        report = job.report
        for outcome, count in _since(now["counters"], before["counters"]).items():
            report.count(outcome, count)
            if outcome.startswith(("malformed_record", "cut_record")):
                report.bad_records += count
        for name, count in _since(now["notes"], before["notes"]).items():
            report.notes[name] = report.notes.get(name, 0) + count
        fresh = now["problems"][len(before.get("problems", ())) :]
        report.problems += [Problem(at, why, data.hex()) for at, why, data in fresh]
        report.damaged = report.damaged or bool(report.bad_records)
        self.told = dict(now)


def _since(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    found = {name: count - before.get(name, 0) for name, count in now.items()}
    return {name: count for name, count in found.items() if count > 0}


def _widen(job: ReadJob, rows: pa.RecordBatch) -> None:
    """The time that the report spans covers these rows."""
    import pyarrow.compute as pc

    if not rows.num_rows:
        return
    span = pc.min_max(rows.column("ts").cast("int64")).as_py()
    report = job.report
    first, last = report.first_us, report.last_us
    report.first_us = span["min"] if first is None else min(first, span["min"])
    report.last_us = span["max"] if last is None else max(last, span["max"])


class CaptureListener:
    """See `doc`."""

    name: ClassVar[str] = "capture"
    version: ClassVar[int] = 1
    transports: ClassVar[tuple[str, ...]] = ("interface", "folder")
    default_port: ClassVar[int] = 0
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Captures the packets that reach an interface, or reads what a rotating writer "
            "(tcpdump -G, dumpcap -b) leaves in a folder, into flowtuples. A minute that lies in "
            "two files, or in two commits, comes out as from one capture."
        ),
        ja=(
            "インターフェースに届くパケット、またはローテーション書き込み(tcpdump -G、"
            "dumpcap -b)のフォルダーを flowtuple に集計します。2 つのファイルやコミットに"
            "またがる分も、1 つのキャプチャーと同じ結果になります。"
        ),
        formats=("pcap", "pcapng"),
        references=(
            "https://www.kernel.org/doc/Documentation/networking/packet_mmap.rst",
            "packet(7)",
        ),
        limitations_en=(
            "Capturing from an interface needs Linux and CAP_NET_RAW.",
            "A minute closes two seconds after its end; later packets of it make further rows.",
            "A crash loses the open minute of an interface. A folder is read again.",
            "VLAN tags that the card strips are not counted.",
        ),
        limitations_ja=(
            "インターフェースからのキャプチャーには Linux と CAP_NET_RAW が必要です。",
            "各分は終了の 2 秒後に閉じます。それより遅れたパケットは別の行になります。",
            "異常終了すると、インターフェースの集計中の分は失われます。フォルダーは読み直します。",
            "ネットワークカードが取り除いた VLAN タグは数えられません。",
        ),
    )

    def decoder(self) -> CaptureDecoder:
        """A decoder for one place."""
        return CaptureDecoder()
