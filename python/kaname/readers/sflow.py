"""sFlow v5 in captures: sampled packets, to `flows`.

A flow sample is one row: one packet, the octets of its IP datagram, and the sampling rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname._native import flow_exports, is_capture
from kaname.readers.flow_files import flows_of
from kaname.readers.frame import Reader, ReaderDoc, ReadJob

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SflowReader"]


class SflowReader(Reader):
    """Samples of sFlow agents in a capture."""

    name: ClassVar[str] = "sflow"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Captures of sFlow version 5: every flow sample, plain or expanded, becomes a row of "
            "one packet with its sampling rate, never to be mistaken for one packet of traffic. "
            "Addresses, ports and flags come from the sampled header, octets are the length of "
            "the IP datagram; VLAN and AS come from the extended data. The exporter is the "
            "agent. Counter samples are counted. Samples and datagrams that an agent numbered "
            "and that did not arrive are the notes `lost_samples` and `lost`."
        ),
        ja=(
            "sFlow バージョン 5 のキャプチャーを読みます。フローサンプル(通常・拡張)は、"
            "サンプリング間隔付きの 1 パケットとして 1 行になります。アドレス・ポート・フラグは"
            "サンプルされたヘッダーから、バイト数は IP データグラムの長さ、VLAN と AS は拡張データ"
            "から取ります。エクスポーターはエージェントです。カウンターサンプルは数えるだけです。"
            "届かなかったサンプルとデータグラムは番号の欠落から `lost_samples` と `lost` に"
            "数えます。"
        ),
        formats=("sFlow v5",),
        references=("https://sflow.org/sflow_version_5.txt", "RFC 3176 (sFlow v4)"),
        limitations_en=(
            "Versions 2 and 4 are not read.",
            "Samples of anything but IP are counted as `not_flow`, as are unknown sample types.",
            "The time is that of the capture: sFlow carries none.",
            "Without a sampled header, octets are the length that the record states.",
        ),
        limitations_ja=(
            "バージョン 2 と 4 は読めません。",
            "IP 以外のサンプルと未知の種類のサンプルは `not_flow` として数えます。",
            "sFlow は時刻を持たないため、キャプチャーの時刻を使います。",
            "サンプルされたヘッダーがないときのバイト数は、レコードに書かれた長さです。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Sure when most datagrams of the head are exports, and more sFlow than NetFlow."""
        if not is_capture(head):
            return 0
        netflow, sflow, other = flow_exports(head)
        return 90 if sflow > netflow and netflow + sflow > other else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield sampled packets as flows.

        Raises:
            InputError: the source is not a capture at all, or cannot be read.
            CancelledError: somebody asked to stop.
        """
        yield from flows_of(job, "exports")
