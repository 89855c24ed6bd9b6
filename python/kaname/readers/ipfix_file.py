"""Files of IPFIX messages one behind the other (RFC 5655), to `flows`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname._native import is_ipfix_file
from kaname.readers.flow_files import flows_of
from kaname.readers.frame import Reader, ReaderDoc, ReadJob

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["IpfixFileReader"]


class IpfixFileReader(Reader):
    """IPFIX messages in a file, as yaf, pmacct and ipfixcol write them."""

    name: ClassVar[str] = "ipfix_file"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Files of IPFIX messages, plain or compressed. They are read as messages of a "
            "network are; the exporter is unknown unless the records name it. After damage the "
            "next whole message is searched for."
        ),
        ja=(
            "IPFIX メッセージを並べたファイル(圧縮可)を、ネットワーク上のメッセージと同じように"
            "読みます。エクスポーターは、レコードに書かれていなければ不明です。壊れた箇所の後は"
            "次の正常なメッセージを探します。"
        ),
        formats=("IPFIX file",),
        references=("RFC 5655 (IPFIX files)", "RFC 7011"),
        limitations_en=("Signatures and digests of RFC 5655 are not checked.",),
        limitations_ja=("RFC 5655 の署名とダイジェストは検証しません。",),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Sure when a message is followed by another."""
        return 90 if is_ipfix_file(head) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield flows.

        Raises:
            InputError: the source cannot be read.
            CancelledError: somebody asked to stop.
        """
        yield from flows_of(job, "messages")
