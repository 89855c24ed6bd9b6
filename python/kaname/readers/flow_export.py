"""NetFlow v5, v7, v9 and IPFIX in captures: what exporters sent, to `flows`.

The datagrams are found by their version word and structure, on any port, and parsed in
the native core (``rust/flows``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname._native import flow_exports, is_capture
from kaname.readers.flow_files import flows_of
from kaname.readers.frame import Reader, ReaderDoc, ReadJob

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FlowExportReader"]


class FlowExportReader(Reader):
    """Flow exports in a capture. Option ``ext`` (on): keep fields that have no column."""

    name: ClassVar[str] = "flow_export"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Captures of what exporters sent to a collector: NetFlow v5, v7, v9 and IPFIX, on any "
            "UDP port. Templates are kept per exporter and observation domain; data that come "
            "before their template wait up to five minutes for it. Sampling is taken from the "
            "header, the record, or what the exporter told in options, and stored beside the "
            "counters. Times told as uptime are right across a wrap of the clock. Datagrams that "
            "came twice are dropped, missing sequence numbers are counted (`lost`). Fields of "
            "enterprises, translated addresses, users and firewall events are kept in `ext`. "
            "sFlow in the same capture is read as well."
        ),
        ja=(
            "エクスポーターがコレクターへ送った NetFlow v5・v7・v9 と IPFIX を、キャプチャーから"
            "UDP ポートを問わず読みます。テンプレートはエクスポーターと観測ドメインごとに保持し、"
            "テンプレートより先に届いたデータは 5 分まで待ちます。サンプリング間隔はヘッダー、"
            "レコード、オプションから求め、カウンターとは別に保存します。起動からの経過で表された"
            "時刻は、桁あふれがあっても正しく直します。重複したデータグラムは捨て、シーケンス番号の"
            "欠落は `lost` に数えます。ベンダー固有の項目、変換後アドレス、ユーザー、"
            "ファイアウォールのイベントは `ext` に残します。同じキャプチャー内の sFlow も読みます。"
        ),
        formats=("NetFlow v5", "NetFlow v7", "NetFlow v9", "IPFIX"),
        references=(
            "RFC 3954 (NetFlow v9), RFC 7011, RFC 7012 (IPFIX), RFC 5103 (biflows)",
            "RFC 5476 (PSAMP), RFC 7270 (Cisco elements)",
            "https://www.iana.org/assignments/ipfix/ipfix.xhtml",
        ),
        limitations_en=(
            "Exports over TCP and SCTP, and datagrams cut into IP fragments, are not read.",
            "Records without IP addresses are counted as `not_flow`.",
            "IANA elements with neither a column nor a name in `ext` are left out, as are lists.",
            "OUT_BYTES beside IN_BYTES (NetFlow v9) is taken for that of the other direction.",
            "IPFIX uptimes without the time of start end at the export.",
            "`row_in_src` is the offset of the frame plus that of the record in it.",
        ),
        limitations_ja=(
            "TCP・SCTP によるエクスポートと、IP フラグメントに分かれたデータグラムは読みません。",
            "IP アドレスのないレコードは `not_flow` として数えます。",
            "列も `ext` の名前もない IANA 要素とリスト(RFC 6313)は残しません。",
            "NetFlow v9 で IN_BYTES と並ぶ OUT_BYTES は逆方向とみなします。",
            "IPFIX の起動からの経過時刻で起動時刻が不明なときは、出力時刻に終わったとみなします。",
            "`row_in_src` はフレームの位置にフレーム内のレコードの位置を足したものです。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Sure when most datagrams of the head are exports, and more NetFlow than sFlow."""
        if not is_capture(head):
            return 0
        netflow, sflow, other = flow_exports(head)
        return 90 if netflow and netflow >= sflow and netflow + sflow > other else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield flows.

        Raises:
            InputError: the source is not a capture at all, or cannot be read.
            CancelledError: somebody asked to stop.
        """
        yield from flows_of(job, "exports")
