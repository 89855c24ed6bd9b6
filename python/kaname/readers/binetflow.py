"""Argus flows as comma-separated text (``ra -c ,``), known as binetflow since CTU-13.

A record is a conversation: the counters of the destination's side are ``packets_rev`` and
``octets_rev``, and the state is told in Zeek's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.readers.clock import Clock
from kaname.readers.csv_records import header_in, records
from kaname.readers.fields import number
from kaname.readers.flow_text import flag_bits, proto_of, seconds_us
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BinetflowReader", "zeek_state"]

Record = dict[str, str]

ICMP = (1, 58)
_NEEDED = {"starttime", "srcaddr", "dstaddr", "proto"}
_COUNTERS = {"totpkts", "srcpkts", "pkts"}
# States of protocols without flags (ra(1), "state"): answered, unanswered, refused.
_STATES = {
    "CON": "SF", "INT": "S0", "REQ": "S0", "RSP": "SF", "ECO": "S0", "ECR": "SF", "ACC": "SF",
    "URP": "REJ", "URH": "REJ", "URN": "REJ", "URF": "REJ", "RST": "RSTO", "FIN": "SF",
    "EST": "S1", "CLO": "SF", "TIM": "OTH", "TXD": "OTH",
}  # fmt: skip


def _is_binetflow(names: Sequence[str]) -> bool:
    columns = set(names)
    return columns >= _NEEDED and bool(columns & _COUNTERS)


class BinetflowReader(Reader):
    """Argus text. Option ``zone``: the time zone of its times, UTC unless told."""

    name: ClassVar[str] = "binetflow"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Flows of Argus as comma-separated text, by the names in the header. One record is "
            "both directions: `octets` and `packets` are the source's, `octets_rev` and "
            "`packets_rev` the rest of the totals. The state is told in Zeek's words (SF, S0, "
            "REJ ...), as Argus wrote it in `ext`, and so is the label. Argus writes local time "
            "without a zone: give the option `zone` when it was not UTC."
        ),
        ja=(
            "Argus のフロー(カンマ区切りテキスト)をヘッダーの列名で読みます。1 レコードは往復で、"
            "`octets` と `packets` は送信元側、`octets_rev` と `packets_rev` は合計との差です。"
            "状態は Zeek の表記(SF、S0、REJ など)に直し、Argus の表記とラベルは `ext` に残します。"
            "Argus は地方時をタイムゾーンなしで書くため、UTC でなければオプション `zone` を"
            "指定してください。"
        ),
        formats=("Argus binetflow",),
        references=(
            "https://openargus.org/ (ra(1))",
            "https://www.stratosphereips.org/datasets-ctu13",
        ),
        limitations_en=(
            "Without the column SrcPkts all packets of the conversation are in `packets`.",
            "Records of anything but IP (ARP, LLC) are counted as `not_flow`.",
            "`tcp_bits` are the flags of the source's side.",
        ),
        limitations_ja=(
            "SrcPkts 列がないときは、往復のパケット数がすべて `packets` に入ります。",
            "IP 以外(ARP、LLC)のレコードは `not_flow` として数えます。",
            "`tcp_bits` は送信元側のフラグです。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The header names the columns of Argus."""
        found = header_in(head[:4096].decode(errors="replace"), _is_binetflow)
        return 90 if found is not None else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row a conversation.

        Raises:
            InputError: the source cannot be opened or read.
            UsageError: there is no such zone.
            CancelledError: somebody asked to stop.
        """
        rows, clock = Rows("flows", self.name, job), Clock.of(job)
        for offset, record in records(job, _is_binetflow):
            ts = clock.iso(record["starttime"].replace("/", "-"))
            if ts is None:
                job.report.bad(offset, "malformed", "no time", str(record).encode()[:64])
                continue
            proto = proto_of(record["proto"])
            if proto is None:
                job.report.count("not_flow")
                continue
            job.report.count("flows")
            rows.add(ts=ts, row_in_src=offset, **_row(record, proto))
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _row(record: Record, proto: int) -> dict[str, Any]:
    packets, packets_rev = _halves(record, "totpkts", "srcpkts", "dstpkts")
    octets, octets_rev = _halves(record, "totbytes", "srcbytes", "dstbytes")
    state = record.get("state", "")
    kept = {"argus_state": state, "dir": record.get("dir", ""), "label": record.get("label", "")}
    sport, dport = _ports(record, proto)
    return {
        "src": record["srcaddr"],
        "dst": record["dstaddr"],
        "sport": sport,
        "dport": dport,
        "proto": proto,
        "tcp_bits": flag_bits(state.partition("_")[0]) if proto == 6 else 0,
        "packets": packets,
        "octets": octets,
        "dur_us": seconds_us(record.get("dur", "")),
        "sampling": 1,
        "packets_rev": packets_rev,
        "octets_rev": octets_rev,
        "state": zeek_state(state),
        "ext": {name: value for name, value in kept.items() if value},
    }


def _halves(record: Record, total: str, own: str, other: str) -> tuple[int, int]:
    """Counters of the source and of the destination."""
    whole, mine = number(record.get(total)), number(record.get(own))
    theirs = number(record.get(other))
    if mine is None:
        return (whole or 0) - (theirs or 0), theirs or 0
    if theirs is None:
        theirs = max(0, (whole or mine) - mine)
    return mine, theirs


def _ports(record: Record, proto: int) -> tuple[int, int]:
    """Ports; of ICMP 0 and type * 256 + code, which Argus writes code first."""
    sport, dport = number(record.get("sport")) or 0, number(record.get("dport")) or 0
    if proto in ICMP:
        return 0, (sport & 0xFF) << 8 | sport >> 8 & 0xFF
    return sport & 0xFFFF, dport & 0xFFFF


def zeek_state(state: str) -> str | None:
    """The state of a connection as Zeek spells it (base/protocols/conn, ``conn_state``).

    ``FSPA_FSPA`` names the flags that the source and the destination sent.
    """
    if state in _STATES:
        return _STATES[state]
    source, underscore, destination = state.partition("_")
    if not underscore:
        return None
    if "S" not in source:
        return "OTH"
    if "S" not in destination:
        return _unanswered(source, destination)
    if "R" in source or "R" in destination:
        return "RSTO" if "R" in source else "RSTR"
    ended = ("F" in source, "F" in destination)
    return {(True, True): "SF", (True, False): "S2", (False, True): "S3"}.get(ended, "S1")


def _unanswered(source: str, destination: str) -> str:
    """A request to open that got no such answer."""
    if "R" in destination:
        return "REJ"
    if destination:
        return "OTH"
    if "R" in source:
        return "RSTOS0"
    return "SH" if "F" in source else "S0"
