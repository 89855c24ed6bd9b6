"""Packets of any capture as flows: one row a direction of a conversation.

Only on request (``kaname ingest --reader capture_flows``): a capture is read as flowtuples
or as what it carries otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.flow_files import flows_of
from kaname.readers.frame import Reader, ReaderDoc, ReadJob

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CaptureFlowsReader"]


class CaptureFlowsReader(Reader):
    """Unidirectional flows of packets."""

    name: ClassVar[str] = "capture_flows"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Captures of any packets as flows, as a probe would export them: packets of the same "
            "addresses, ports and protocol are one row with packets, octets of the IP "
            "datagrams, duration and the union of TCP flags. A flow ends after 60 seconds "
            "without a packet or 300 seconds in all, by the time of the packets. Not chosen by "
            "itself: give `--reader capture_flows`."
        ),
        ja=(
            "任意のパケットのキャプチャーを、プローブが出力するようなフローにします。アドレス・"
            "ポート・プロトコルが同じパケットが 1 行になり、パケット数、IP データグラムのバイト数、"
            "継続時間、TCP フラグの和を持ちます。フローは 60 秒パケットがないか、全体で 300 秒に"
            "達すると(パケットの時刻で)終わります。自動では選ばれません。"
            "`--reader capture_flows` を指定してください。"
        ),
        formats=("pcap", "pcapng"),
        references=("RFC 7011, section 2 (flow)", "RFC 5470, section 5.1.1 (expiration)"),
        limitations_en=(
            "One direction a row; the two are not put together.",
            "Later fragments have no ports and form a flow of their own.",
            "At most 2,000,000 flows are open at a time; beyond it the idle ones end early.",
        ),
        limitations_ja=(
            "1 行は片方向で、往復はまとめません。",
            "2 番目以降のフラグメントにはポートがなく、別のフローになります。",
            "同時に保持するのは 2,000,000 フローまでで、超えると休止中のものから終わらせます。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Never by itself."""
        return 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield flows.

        Raises:
            InputError: the source is not a capture at all, or cannot be read.
            CancelledError: somebody asked to stop.
        """
        yield from flows_of(job, "packets")
