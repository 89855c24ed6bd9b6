"""CycloneDX CBOMs, of kaname and of other tools, to the tables of cryptography in use.

A document is one inventory. It is read whole, since its components refer to each other; one
component that cannot be read is counted and leaves the others as they are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.model.errors import InputError
from kaname.readers.feeds.naming import made_at
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.lines import BOM, pieces
from kaname.readers.moments import iso_us
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.cryptography.inventory.item import Item

__all__ = ["CbomReader"]

_MOST_BYTES = 512 << 20
_NAMED = re.compile(rb'"bomFormat"\s*:\s*"CycloneDX"')
_CRYPTO = re.compile(rb'"cryptoProperties"\s*:')
_LONGEST_NAME = 200

Document = dict[str, Any]


class CbomReader(Reader):
    """Options ``subject`` (what it is an inventory of), ``time`` (when it was taken)."""

    name: ClassVar[str] = "cbom"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("crypto_inventories", "crypto_assets")
    options: ClassVar[tuple[str, ...]] = ("subject", "time")
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Inventories of cryptography as CycloneDX documents (CBOM): certificates, keys, "
            "protocols, suites, settings and uses in code, made by `kaname crypto inventory "
            "--cbom` or by another tool. A row for the inventory and one for each thing that was "
            "found; verdicts are given when the rows are asked for, since lists change."
        ),
        ja=(
            "CycloneDX 形式の暗号インベントリー(CBOM)を読みます。`kaname crypto inventory "
            "--cbom` や他のツールが出力した証明書・鍵・プロトコル・暗号スイート・設定・コード中の"
            "利用が対象です。インベントリーに 1 行、検出した項目ごとに 1 行を保存します。リストは"
            "改訂されるため、判定は参照時に行います。"
        ),
        formats=("CycloneDX 1.6 JSON", "CycloneDX 1.7 JSON"),
        references=(
            "ECMA-424, 2nd edition (CycloneDX 1.7)",
            "https://cyclonedx.org/capabilities/cbom/",
        ),
        limitations_en=(
            "Of other tools' documents, what their fields do not say stays unknown.",
            "A component with several occurrences is kept at the first one.",
            "Without a time in the document its time is that of the file, or of the option `time`.",
            "Its name is the option `subject`, the document's own component, or the sensor.",
            "Inventories are compared with those of the same sensor and name.",
        ),
        limitations_ja=(
            "他のツールの文書では、項目に書かれていない情報は不明のままです。",
            "出現箇所が複数あるコンポーネントは、最初の箇所の項目として保存します。",
            "文書に時刻がないときは、ファイルの時刻またはオプション `time` を使います。",
            "名前はオプション `subject`、文書の対象コンポーネント、センサー名の順で決まります。",
            "比較は同じセンサー・同じ名前のインベントリーどうしで行います。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """A document that says CycloneDX, or one with cryptographic assets."""
        if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return 0
        if _NAMED.search(head) is not None:
            return 96
        return 60 if _CRYPTO.search(head) is not None else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield the row of the inventory, and those of what is in it.

        Raises:
            InputError: the source cannot be opened, is no CycloneDX document, or says nothing
                of cryptography.
            CancelledError: somebody asked to stop.
        """
        from kaname.cryptography.assets import UNREAD, asset_row

        data = _all(job)
        document = _document(job, data)
        items = _items(job, document)
        job.check()
        digest = hashlib.sha256(data).hexdigest()
        ts, named = _taken(job, document), _subject(job, document)
        whole = Rows("crypto_inventories", self.name, job)
        whole.add(
            ts=ts, row_in_src=0, src="::", inventory=digest, name=named,
            format=f"CycloneDX {_plain(document.get('specVersion'))}", tool=_tool(document),
            items=len(items), places=len({one.location for one in items}),
            unread=sum(one.kind in UNREAD for one in items), skipped=job.report.bad_records,
        )  # fmt: skip
        yield from whole.rest()
        rows = Rows("crypto_assets", self.name, job)
        for place, item in enumerate(items):
            row = asset_row(item, ts)
            rows.put({"ts": ts, "row_in_src": place, "inventory": digest, "name": named, **row})
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _all(job: ReadJob) -> bytes:
    held = bytearray()
    for piece in pieces(job):
        held += piece
        if len(held) > _MOST_BYTES:
            raise _no_cbom(job, f"more than {_MOST_BYTES >> 20} MiB")
    return bytes(held)


def _no_cbom(job: ReadJob, reason: object) -> InputError:
    return InputError("cryptography.error.bad_cbom", path=job.path or "-", reason=reason)


def _document(job: ReadJob, data: bytes) -> Document:
    try:
        document = msgspec.json.decode(data.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_cbom(job, error) from error
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        raise _no_cbom(job, "bomFormat is not CycloneDX")
    if not isinstance(document.get("components", []), list):
        raise _no_cbom(job, "components is no list")
    return document


def _items(job: ReadJob, document: Document) -> list[Item]:
    from kaname.cryptography.policy.from_cbom import items_of

    def bad(place: int, reason: str) -> None:
        job.report.bad(place, "malformed", f"component {place}: {reason}")

    try:
        items = items_of(document, bad)
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise _no_cbom(job, error) from error
    if document.get("components") and not items and not job.report.bad_records:
        raise _no_cbom(job, "no component of it is a cryptographic asset")
    job.report.count("asset", len(items))
    return items


def _taken(job: ReadJob, document: Document) -> int:
    metadata = document.get("metadata")
    said = metadata.get("timestamp") if isinstance(metadata, dict) else None
    own = None if "time" in job.options or said is None else iso_us(str(said))
    return made_at(job) if own is None else own


def _subject(job: ReadJob, document: Document) -> str:
    metadata = document.get("metadata")
    component = metadata.get("component") if isinstance(metadata, dict) else None
    own = component.get("name") if isinstance(component, dict) else None
    return _plain(job.options.get("subject") or own) or job.sensor


def _tool(document: Document) -> str:
    """What made the document: an object since CycloneDX 1.5, a list before."""
    metadata = document.get("metadata")
    tools = metadata.get("tools") if isinstance(metadata, dict) else None
    if isinstance(tools, dict):
        tools = tools.get("components")
    first = tools[0] if isinstance(tools, list) and tools else None
    if not isinstance(first, dict):
        return ""
    return _plain(f"{first.get('name') or ''} {first.get('version') or ''}")


def _plain(value: Any) -> str:
    """One line of text, not too long."""
    return " ".join(str(value or "").split())[:_LONGEST_NAME]
