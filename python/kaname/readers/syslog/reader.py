"""Files of syslog messages, and bare CEF or LEEF -> user_events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.model.instant import now_us
from kaname.readers.clock import Clock
from kaname.readers.frame import ReaderDoc, ReadJob
from kaname.readers.lines import lines
from kaname.readers.rows import Rows
from kaname.readers.syslog.cef import event
from kaname.readers.syslog.envelope import Envelope, envelope
from kaname.readers.syslog.events import rows as rows_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SyslogReader"]

_LOOKED_AT = 50
_AUTH = ("sshd[", "sshd-session[", "sudo:", "sudo[", "pam_unix(", "CEF:", "LEEF:")


class SyslogReader:
    """Syslog as files hold it."""

    name: ClassVar[str] = "syslog"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("user_events",)
    options: ClassVar[tuple[str, ...]] = ("zone", "year")
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Reads syslog (RFC 3164, RFC 5424, rsyslog files) into user_events. Logins of sshd "
            "and PAM, sudo and su, and device events in CEF or LEEF are taken apart; other "
            "messages are kept whole with app `other`. Options: `zone` and `year` for times "
            "that do not name theirs."
        ),
        ja=(
            "syslog(RFC 3164・RFC 5424・rsyslog のファイル)を user_events に読み込みます。"
            "sshd と PAM のログイン、sudo、su、CEF・LEEF の機器イベントは項目に分解し、"
            "それ以外は app を `other` として本文のまま残します。年やタイムゾーンのない時刻は、"
            "オプション `year` と `zone` で指定できます。"
        ),
        formats=("syslog RFC 3164", "syslog RFC 5424", "CEF", "LEEF", "sshd/PAM auth log"),
        references=(
            "RFC 3164, RFC 5424",
            "ArcSight Common Event Format, revision 25",
            "IBM QRadar Log Event Extended Format 2.0",
        ),
        limitations_en=(
            "Without `year`: the one that makes a time the latest before the file was written.",
            "`message repeated N times` becomes N rows, 1,000 at most.",
            "Messages of several lines are counted as `no_envelope` after the first.",
            "PAM and sshd both tell of a failed password: count `app = 'ssh'` only.",
        ),
        limitations_ja=(
            "`year` がなければ、ファイルの更新時刻より前で最も新しくなる年とみなします。",
            "`message repeated N times` は N 行(最大 1,000 行)に展開します。",
            "複数行にわたるメッセージの 2 行目以降は `no_envelope` として数えます。",
            "失敗は PAM と sshd の両方に出ます。数えるときは `app = 'ssh'` に限ります。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """By the share of the first lines that are messages."""
        text = head.decode(errors="replace")
        some = [line for line in text.split("\n")[:_LOOKED_AT] if line.strip()]
        if head.count(b"\n") < len(some) and len(some) > 1:
            some.pop()  # cut in the middle
        clock = Clock(reference=now_us())
        good = sum(_message(line.rstrip("\r"), clock) is not None for line in some)
        if not some or good * 3 < len(some) * 2:
            return 0
        return 62 if any(sign in text for sign in _AUTH) else 50

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield ``user_events``.

        Raises:
            InputError: the source cannot be opened.
            UsageError: the zone or the year is none.
            CancelledError: somebody asked to stop.
        """
        clock = Clock.of(job)
        rows = Rows("user_events", self.name, job)
        for offset, line in lines(job):
            if not line.strip():
                continue
            found = _message(line, clock)
            acts = rows_of(found, clock) if found is not None else []
            if not acts or acts[0]["ts"] is None:
                job.report.bad(offset, "no_envelope", "no syslog message", line[:64].encode())
                continue
            job.report.count("message")
            for act in acts:
                rows.put(act | {"row_in_src": offset})
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _message(line: str, clock: Clock) -> Envelope | None:
    found = envelope(line, clock)
    if found is None and line.startswith(("CEF:", "LEEF:")) and event(line) is not None:
        return Envelope(None, text=line)
    return found
