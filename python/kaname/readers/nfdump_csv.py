"""Flows as ``nfdump -o csv`` prints them, old layout (``ts,te,td``) and new (``firstSeen``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.readers.clock import Clock
from kaname.readers.fields import number
from kaname.readers.flow_text import delimited, flag_bits, header_of, proto_of, seconds_us
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["NfdumpCsvReader", "flow_of"]

Record = dict[str, str]

# Names of nfdump since 1.7.3, as those before.
_ALIASES = {
    "firstseen": "ts", "lastseen": "te", "duration": "td", "srcaddr": "sa", "dstaddr": "da",
    "srcport": "sp", "dstport": "dp", "proto": "pr", "packets": "ipkt", "bytes": "ibyt",
    "inpackets": "ipkt", "inbytes": "ibyt", "outpackets": "opkt", "outbytes": "obyt",
    "flags": "flg", "tcpflags": "flg", "input": "in", "output": "out", "srcas": "sas",
    "dstas": "das", "direction": "dir",
}  # fmt: skip
_NEEDED = {"ts", "sa", "da"}
_DIRECTIONS = {"0": "in", "1": "out", "I": "in", "E": "out"}


def _plain(name: str) -> str:
    return _ALIASES.get(name, name)


def _is_csv(names: Sequence[str]) -> bool:
    return {_plain(name) for name in names} >= _NEEDED | {"pr"}


class NfdumpCsvReader(Reader):
    """Text of nfdump. Option ``zone``: it prints local time; UTC unless told."""

    name: ClassVar[str] = "nfdump_csv"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Text that `nfdump -o csv` prints, by the names in its header, so that columns of "
            "old and new versions are found. nfdump prints the local time of where it ran, "
            "without a zone and in versions before 1.7.3 without milliseconds: give the option "
            "`zone` when it was not UTC. The summary at its end is left out."
        ),
        ja=(
            "`nfdump -o csv` の出力をヘッダーの列名で読むため、新旧どちらの版の列も分かります。"
            "nfdump は実行した場所の地方時をタイムゾーンなし(1.7.3 より前はミリ秒もなし)で"
            "書くため、UTC でなければオプション `zone` を指定してください。末尾の集計は読みません。"
        ),
        formats=("nfdump CSV",),
        references=("https://github.com/phaag/nfdump (nfdump(1), output formats)",),
        limitations_en=(
            "nfdump has multiplied the counters with the sampling already: `sampling` is 1.",
        ),
        limitations_ja=(
            "カウンターには nfdump がサンプリング補正を済ませているため、`sampling` は 1 です。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The first line names columns of nfdump."""
        first = head[:4096].decode(errors="replace").partition("\n")[0]
        return 85 if _is_csv(header_of(first, ",")) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield flows.

        Raises:
            InputError: the source cannot be opened or read.
            UsageError: there is no such zone.
            CancelledError: somebody asked to stop.
        """
        rows, clock = Rows("flows", self.name, job), Clock.of(job)
        for offset, named in delimited(job, _is_csv, ",", until="Summary"):
            record = {_plain(name): value for name, value in named.items()}
            ts = clock.iso(record["ts"])
            if ts is None:
                job.report.bad(offset, "malformed", "no time", str(record).encode()[:64])
                continue
            job.report.count("flows")
            lasted = seconds_us(record.get("td", ""))
            rows.add(ts=ts, row_in_src=offset, dur_us=lasted, **flow_of(record))
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def flow_of(record: Record) -> dict[str, Any]:
    """The columns of a record of nfdump, times left out."""

    def counted(name: str) -> int:
        return number(record.get(name)) or 0

    proto = proto_of(record.get("pr", "")) or 0
    exporter = record.get("ra", "")
    return {
        "src": record["sa"],
        "dst": record["da"],
        "sport": counted("sp"),
        "dport": _dport(record.get("dp", ""), proto),
        "proto": proto,
        "tcp_bits": flag_bits(record.get("flg", "")),
        "packets": counted("ipkt"),
        "octets": counted("ibyt"),
        "sampling": 1,
        "packets_rev": counted("opkt"),
        "octets_rev": counted("obyt"),
        "direction": _DIRECTIONS.get(record.get("dir", "")),
        "in_if": number(record.get("in")),
        "out_if": number(record.get("out")),
        "src_as": number(record.get("sas")),
        "dst_as": number(record.get("das")),
        "exporter": exporter if exporter not in ("0.0.0.0", "::") else "",  # noqa: S104
        "vlan": number(record.get("svln")) or None,
    }


def _dport(text: str, proto: int) -> int:
    """A port; of ICMP nfdump prints type and code with a point between."""
    kind, point, code = text.partition(".")
    if point and proto in (1, 58):
        return (number(kind) or 0) << 8 | (number(code) or 0)
    return number(text) or 0
