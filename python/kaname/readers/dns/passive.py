"""Passive DNS in the common output format (COF, draft-dulaunoy-dnsop-passive-dns-cof).

A record says that a name had some data between two times, seen so many times. It becomes
one row at its last time, of a response without client or server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.dns.entry import Entry, number_of_type
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.json_lines import decoded, first_document
from kaname.readers.moments import epoch_us
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PassiveDnsReader", "Record"]


class Record(msgspec.Struct):
    """The fields of a record; times are seconds since 1970."""

    rrname: str
    rrtype: str | int
    rdata: str | list[str]
    time_first: float | str | None = None
    time_last: float | str | None = None
    zone_time_first: float | str | None = None
    zone_time_last: float | str | None = None
    count: int | None = None
    bailiwick: str | None = None
    sensor_id: str | None = None
    origin: str | None = None


class PassiveDnsReader(Reader):
    """Passive DNS, NDJSON."""

    name: ClassVar[str] = "passive_dns"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("dns",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Passive DNS in the common output format (CIRCL, DNSDB, Mnemonic and others): one "
            "JSON object a line. Each is a row at the last time that the record was seen; "
            "`ext` keeps first time, count, bailiwick, sensor and origin."
        ),
        ja=(
            "パッシブ DNS の共通出力形式(CIRCL・DNSDB・Mnemonic など。1 行 1 JSON)を読みます。"
            "1 レコードが、最後に観測された時刻の 1 行になります。初回時刻・回数・bailiwick・"
            "センサー・出所は `ext` に残します。"
        ),
        formats=("passive DNS COF",),
        references=("https://datatracker.ietf.org/doc/draft-dulaunoy-dnsop-passive-dns-cof/",),
        limitations_en=(
            "There is neither client nor server in this format.",
            "A record without any time is counted as `malformed`.",
        ),
        limitations_ja=(
            "この形式にはクライアントもサーバーもありません。",
            "時刻のないレコードは `malformed` として数えます。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Sure when the first document has the three mandatory fields."""
        try:
            msgspec.json.decode(first_document(head) or b"", type=Record)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 0
        return 95

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row a record.

        Raises:
            InputError: the source cannot be read.
            CancelledError: somebody asked to stop.
        """
        rows = Rows("dns", self.name, job)
        for offset, record in decoded(job, msgspec.json.Decoder(Record)):
            entry = _entry(record)
            if entry is None:
                job.report.bad(offset, "malformed", "no time, or a type that is none")
                continue
            job.report.count("record")
            rows.add(ts=entry.ts, row_in_src=offset, **entry.columns())
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _entry(record: Record) -> Entry | None:
    last = (record.time_last, record.zone_time_last, record.time_first, record.zone_time_first)
    ts = next((us for us in map(epoch_us, last) if us is not None), None)
    named = str(record.rrtype)
    qtype = number_of_type(f"TYPE{named}" if named.isdecimal() else named.upper())
    if ts is None or qtype is None:
        return None
    data = [record.rdata] if isinstance(record.rdata, str) else record.rdata
    plain = [value.removesuffix(".") or value for value in data]
    return Entry(
        ts=ts,
        client="",
        name=record.rrname,
        qtype=qtype,
        response=True,
        state="response",
        rcode=0,
        counts=(len(plain), None, None),
        answers=plain,
        answer_types=[named] * len(plain),
        ext=_kept(record),
    )


def _kept(record: Record) -> dict[str, Any]:
    first = epoch_us(record.time_first) or epoch_us(record.zone_time_first)
    kept = {
        "first_us": first,
        "count": record.count,
        "bailiwick": record.bailiwick,
        "sensor_id": record.sensor_id,
        "origin": record.origin,
    }
    return {name: value for name, value in kept.items() if value is not None}
