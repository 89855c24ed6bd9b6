"""Syslog over UDP (RFC 5426) and TCP (RFC 6587: octet counting, or a newline at the end)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from kaname.model.address import to_text
from kaname.readers.clock import Clock
from kaname.readers.frame import ReaderDoc, ReadJob, ReadReport
from kaname.readers.lines import MAX_LINE, text_of
from kaname.readers.listening import Datagram, Decoder
from kaname.readers.rows import Rows
from kaname.readers.syslog.envelope import Envelope, envelope
from kaname.readers.syslog.events import rows as rows_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SyslogListener"]


class SyslogListener:
    """Syslog as it arrives."""

    name: ClassVar[str] = "syslog"
    version: ClassVar[int] = 1
    transports: ClassVar[tuple[str, ...]] = ("udp", "tcp", "unix")
    default_port: ClassVar[int] = 5514
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Takes syslog messages over UDP, TCP or a Unix socket into user_events, as the "
            "reader `syslog` does. A message without a time gets that of its arrival."
        ),
        ja=(
            "UDP・TCP・Unix ソケットで届く syslog を、リーダー `syslog` と同じように user_events に"
            "読み込みます。時刻のないメッセージには受信時刻を使います。"
        ),
        formats=("syslog",),
        references=("RFC 5426", "RFC 6587", "RFC 3164", "RFC 5424"),
        limitations_en=(
            "No TLS; put a relay that ends it in front.",
            "Syslog has no sequence numbers: loss on the network cannot be counted.",
        ),
        limitations_ja=(
            "TLS には対応していません。前段のリレーで終端してください。",
            "syslog に通番はないため、ネットワーク上の欠落は数えられません。",
        ),
    )

    def decoder(self) -> Decoder:
        """A decoder for one socket."""
        return _SyslogDecoder()


class _SyslogDecoder:
    def __init__(self) -> None:
        self._clock = Clock(reference=0)
        self._waiting: list[Datagram] = []
        self._account = ReadReport()

    @property
    def held(self) -> int:
        return len(self._waiting)

    def push(self, datagrams: Sequence[Datagram]) -> None:
        self._waiting += datagrams

    def connect(self, sender_hi: int, sender_lo: int, sender_port: int) -> _Stream:
        return _Stream(self, sender_hi, sender_lo, sender_port)

    def cut(self, data: bytes) -> None:
        """A sender left in the middle of a message."""
        self._account.bad(0, "cut_off", "the sender left in the middle of a message", data)

    def take(
        self,
        job: ReadJob,
        *,
        last: bool,  # noqa: ARG002 (part of the protocol)
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Messages are whole when they arrive, so all of them are given."""
        waiting, self._waiting = self._waiting, []
        _move(self._account, job.report)
        rows = Rows("user_events", SyslogListener.name, job)
        for number, datagram in enumerate(waiting):
            self._clock.reference = datagram.received_us
            line = text_of(datagram.data.rstrip(b"\r\n\0"), job)
            found = envelope(line, self._clock) or Envelope(None, text=line)
            job.report.count("message" if found.program or found.host else "no_envelope")
            for act in rows_of(found, self._clock):
                act["ts"] = datagram.received_us if act["ts"] is None else act["ts"]
                sender = to_text(datagram.sender_hi, datagram.sender_lo)
                act["ext"] = {**act["ext"], "relay": sender}
                rows.add(row_in_src=number, **act)
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _move(source: ReadReport, target: ReadReport) -> None:
    """Add one account to another and empty it."""
    for outcome, count in source.counters.items():
        target.count(outcome, count)
    target.bad_records += source.bad_records
    for problem in source.problems:
        target.problem(problem.offset, problem.reason, bytes.fromhex(problem.hex))
    source.counters, source.records, source.bad_records, source.problems = {}, 0, 0, []


class _Stream:
    """One sender; each of its messages is framed by its length or by a newline."""

    def __init__(self, decoder: _SyslogDecoder, hi: int, lo: int, port: int) -> None:
        self._decoder = decoder
        self._sender = (hi, lo, port)
        self._held = b""

    def push(self, data: bytes, received_us: int) -> bytes:
        self._held += data
        while (message := self._next()) is not None:
            if message.strip():
                self._decoder.push([Datagram(message, *self._sender, received_us)])
        if len(self._held) > MAX_LINE + 16:
            raise ValueError("a message without an end")
        return b""

    def close(self) -> None:
        if self._held.strip():
            self._decoder.cut(self._held[:64])
        self._held = b""

    def _next(self) -> bytes | None:
        """The next whole message (RFC 6587, 3.4.1 and 3.4.2)."""
        count, blank, _ = self._held[:12].partition(b" ")
        if blank and count.isdigit() and not count.startswith(b"0"):
            length = int(count)
            if length > MAX_LINE:
                raise ValueError("a message beyond the limit")
            start = len(count) + 1
            if len(self._held) < start + length:
                return None
            message = self._held[start : start + length]
            self._held = self._held[start + length :]
            return message
        line, newline, rest = self._held.partition(b"\n")
        if not newline:
            return None
        self._held = rest
        return line
