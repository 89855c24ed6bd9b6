"""Messages of RIPE's RIS Live to `routes`: a row per prefix announced or withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.columns import address_words
from kaname.readers.fields import number
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.json_lines import decoded, first_document
from kaname.readers.moments import epoch_us
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RisReader"]

Path = list[int | list[int]]


class Announcement(msgspec.Struct):
    """Prefixes with one next hop (two, where a link-local one follows)."""

    next_hop: str = ""
    prefixes: list[str] = []


class Message(msgspec.Struct):
    """What RIS Live sends in ``data``."""

    timestamp: float
    peer: str
    peer_asn: str | int
    host: str = ""
    type: str = ""
    id: str = ""
    path: Path = []
    community: list[list[int]] = []
    origin: str | None = None
    med: int | None = None
    aggregator: str | None = None
    announcements: list[Announcement] = []
    withdrawals: list[str | dict[str, Any]] = []


_ANY = msgspec.json.Decoder(dict[str, Any])


class RisReader(Reader):
    """RIS Live."""

    name: ClassVar[str] = "ris_live"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("routes",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "The stream of BGP updates that RIPE's RIS Live sends, one JSON message a line, with "
            "or without the envelope of the web socket."
        ),
        ja=(
            "RIPE の RIS Live が配信する BGP 更新(1 行 1 JSON メッセージ)を読みます。"
            "WebSocket の封筒の有無は問いません。"
        ),
        formats=("RIS Live JSON",),
        references=("https://ris-live.ripe.net/manual/",),
        limitations_en=(
            "Messages other than UPDATE are counted, not stored.",
            "A prefix that is none is counted as the note `bad_prefix`.",
        ),
        limitations_ja=(
            "UPDATE 以外のメッセージは数えるだけで保存しません。",
            "プレフィックスとして読めないものは `bad_prefix` に数えます。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The first document has a peer with its AS and a collector."""
        raw = first_document(head)
        if raw is None or b'"peer_asn"' not in raw:
            return 0
        try:
            value = _ANY.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 0
        data = value.get("data", value)
        return 90 if isinstance(data, dict) and {"timestamp", "peer", "host"} <= data.keys() else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row a prefix.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows = Rows("routes", self.name, job)
        for offset, value in decoded(job, _ANY):
            message = _message(job, offset, value)
            if message is None:
                continue
            job.report.count("update" if message.type == "UPDATE" else "other")
            if message.type == "UPDATE":
                _add(rows, job, offset, message)
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _message(job: ReadJob, offset: int, value: dict[str, Any]) -> Message | None:
    data = value.get("data", value)
    if str(value.get("type")) in {"ris_subscribe_ok", "pong", "ris_error", "ris_rrc_list"}:
        job.report.count("other")
        return None
    try:
        return msgspec.convert(data, Message, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        job.report.bad(offset, "malformed", str(error))
        return None


def _add(rows: Rows, job: ReadJob, offset: int, message: Message) -> None:
    common: dict[str, Any] = {
        "ts": epoch_us(message.timestamp) or 0,
        "row_in_src": offset,
        "src": message.peer,
        "peer_as": number(str(message.peer_asn)) or 0,
        "collector": message.host or None,
    }
    route: dict[str, Any] = {
        "origin_as": _origin(message.path),
        "path": _path(message.path),
        "path_len": len(message.path),
        "communities": " ".join(":".join(map(str, each)) for each in message.community) or None,
        "ext": {
            name: value
            for name, value in (
                ("origin", (message.origin or "").upper() or None),
                ("med", message.med),
                ("aggregator", message.aggregator),
            )
            if value is not None
        },
    }
    for withdrawn in message.withdrawals:
        text = withdrawn.get("prefix", "") if isinstance(withdrawn, dict) else withdrawn
        prefix = _prefix(job, str(text))
        if prefix:
            rows.add(**common, op="W", **prefix)
    for announcement in message.announcements:
        hop = announcement.next_hop.partition(",")[0].strip()
        for text in announcement.prefixes:
            prefix = _prefix(job, text)
            if prefix:
                rows.add(**common, op="A", **prefix, **route, next_hop=hop)


def _prefix(job: ReadJob, text: str) -> dict[str, int] | None:
    address, _, length = text.partition("/")
    words = address_words(address)
    bits = 128 if ":" in address else 32
    if words is None or not length.isdigit() or int(length) > bits:
        job.report.notes["bad_prefix"] = job.report.notes.get("bad_prefix", 0) + 1
        return None
    return {"prefix_hi": words[0], "prefix_lo": words[1], "plen": int(length)}


def _path(path: Path) -> str:
    """As bgpdump writes it; a set in braces."""
    return " ".join(
        "{" + ",".join(map(str, each)) + "}" if isinstance(each, list) else str(each)
        for each in path
    )


def _origin(path: Path) -> int | None:
    last = path[-1] if path else None
    if isinstance(last, list):
        return last[0] if len(last) == 1 else None
    return last
