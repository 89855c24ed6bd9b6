"""SiLK flows as ``rwcut`` prints them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.readers.clock import Clock
from kaname.readers.fields import number
from kaname.readers.flow_text import delimited, flag_bits, header_of, proto_of, seconds_us
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.moments import epoch_us
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SilkReader"]

Record = dict[str, str]

_DELIMITERS = ("|", ",", "\t", ";")
_NEEDED = {"sip", "dip"}
_TIMES = ("stime", "stime+msec")


def _is_cut(names: Sequence[str]) -> bool:
    columns = set(names)
    return columns >= _NEEDED and any(name in columns for name in _TIMES)


class SilkReader(Reader):
    """Output of ``rwcut``. Option ``zone``: of its times, UTC unless told."""

    name: ClassVar[str] = "silk"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Text that `rwcut` of SiLK prints, with its header, in any delimiter and with any "
            "choice of columns that has addresses and the start time. Flags may be letters or "
            "numbers, times formatted or seconds since 1970."
        ),
        ja=(
            "SiLK の `rwcut` の出力(ヘッダー付き)を読みます。区切り文字や列の選び方は問いません"
            "(アドレスと開始時刻は必要です)。フラグは文字でも数値でも、時刻は書式付きでも "
            "1970 年からの秒でもかまいません。"
        ),
        formats=("SiLK rwcut text",),
        references=("https://tools.netsa.cert.org/silk/rwcut.html",),
        limitations_en=(
            "Binary SiLK files are not read: print them with `rwcut`.",
            "Times are UTC, as `rwcut` prints them, unless the option `zone` says another.",
        ),
        limitations_ja=(
            "SiLK のバイナリーファイルは読みません。`rwcut` で出力してください。",
            "時刻は `rwcut` の既定どおり UTC とし、違うときはオプション `zone` で指定します。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The first line names columns of SiLK."""
        return 85 if _delimiter(head) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield flows.

        Raises:
            InputError: the source cannot be opened or read.
            UsageError: there is no such zone.
            CancelledError: somebody asked to stop.
        """
        from kaname.readers.containers import head

        rows, clock = Rows("flows", self.name, job), Clock.of(job)
        delimiter = (_delimiter(head(job.path)) if job.path else None) or "|"
        for offset, record in delimited(job, _is_cut, delimiter):
            ts = _time(record, clock)
            if ts is None:
                job.report.bad(offset, "malformed", "no time", str(record).encode()[:64])
                continue
            job.report.count("flows")
            rows.add(ts=ts, row_in_src=offset, **_row(record))
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _delimiter(head: bytes) -> str | None:
    first = head[:2048].decode(errors="replace").partition("\n")[0]
    fits = (sign for sign in _DELIMITERS if _is_cut(header_of(first, sign)))
    return next(fits, None)


def _time(record: Record, clock: Clock) -> int | None:
    text = next(record[name] for name in _TIMES if name in record)
    if text.replace(".", "", 1).isdigit():
        return epoch_us(text)
    return clock.iso(text.replace("/", "-"))


def _row(record: Record) -> dict[str, Any]:
    def counted(*names: str) -> int:
        return next((number(record[name]) or 0 for name in names if name in record), 0)

    proto = proto_of(record.get("protocol", record.get("pro", ""))) or 0
    kind, code = counted("itype", "ity", "icmptypecode"), counted("icode", "ico")
    dport = counted("dport")
    if proto in (1, 58) and not dport:
        dport = kind << 8 | code
    known = {"sensor", "sen", "class", "cla", "type", "typ", "attributes", "attribut"}
    return {
        "src": record["sip"],
        "dst": record["dip"],
        "sport": counted("sport"),
        "dport": dport,
        "proto": proto,
        "tcp_bits": flag_bits(record.get("flags", "")),
        "packets": counted("packets", "pkts"),
        "octets": counted("bytes", "byte"),
        "dur_us": seconds_us(record.get("duration", record.get("dur", record.get("durat", "")))),
        "sampling": 1,
        "in_if": number(record.get("in")),
        "out_if": number(record.get("out")),
        "ext": {name: record[name] for name in sorted(known & record.keys()) if record[name]},
    }
