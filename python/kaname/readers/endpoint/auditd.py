"""The Linux audit log to `endpoint`: records of the same event become one row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.readers.endpoint.audit_records import AuditRecord, endpoint, plain, record
from kaname.readers.fields import number
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.lines import lines
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["AuditdReader"]

# Events whose records may be mixed with each other in the log.
MOST_OPEN = 64
MOST_ARGUMENTS = 10_000

_LOGON = ("USER_LOGIN", "USER_AUTH", "USER_START", "USER_END", "USER_LOGOUT", "LOGIN", "CRED_")


@dataclass(slots=True)
class Event:
    """Records of one event, in the order of the log."""

    offset: int
    records: list[AuditRecord] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[dict[str, str]]:
        """Fields of the records of a type."""
        return (each.fields for each in self.records if each.kind == kind)

    def first(self, *names: str) -> str | None:
        """The first field of one of ``names``, names first, that says something."""
        for name in names:
            for each in self.records:
                value = plain(each.fields, name)
                if value is not None:
                    return value
        return None

    @property
    def kinds(self) -> list[str]:
        return list(dict.fromkeys(each.kind for each in self.records))


class AuditdReader(Reader):
    """Linux audit logs, raw or enriched."""

    name: ClassVar[str] = "auditd"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("endpoint",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "The log of the Linux audit daemon, raw or enriched. Records with the same time and "
            "serial number are one event and become one row: a program that is run with its "
            "arguments and parent, a file, a connection by its socket address, a login with its "
            "result. Values in hexadecimal are decoded."
        ),
        ja=(
            "Linux の監査デーモンのログ(raw・enriched)を読みます。時刻と通し番号が同じレコードを"
            "1 つの事象として 1 行にします。引数と親プロセスを含むプログラム実行、ファイル、"
            "ソケットアドレスによる通信、結果を含むログインなどです。16 進の値は復号します。"
        ),
        formats=("Linux audit.log",),
        references=(
            "https://github.com/linux-audit/audit-documentation/wiki",
            "man 5 auditd.conf, man 8 ausearch",
        ),
        limitations_en=(
            "Names of users and system calls are known from the enriched form only.",
            "The host is known when the log names nodes (`name_format`).",
            "Records of one event further apart than 64 other events give two rows.",
        ),
        limitations_ja=(
            "利用者名とシステムコール名が分かるのは enriched 形式だけです。",
            "ホスト名はログに node がある場合(`name_format`)だけ分かります。",
            "同じ事象のレコードの間に 64 を超える事象が挟まると 2 行になります。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Most of the first lines are records."""
        first = [line for line in head.split(b"\n")[:20] if line.strip()][:19]
        found = [record(line.decode(errors="replace")) for line in first]
        return 90 if first and 2 * sum(each is not None for each in found) > len(first) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row an event; records are what is counted.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows = Rows("endpoint", self.name, job)
        for event in _events(job):
            rows.add(row_in_src=event.offset, **_columns(event))
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _events(job: ReadJob) -> Iterator[Event]:
    """Events as they end, at the latest when too many are open."""
    waiting: dict[tuple[str, int, int], Event] = {}
    for offset, line in lines(job):
        found = record(line)
        if found is None:
            if line.strip():
                job.report.bad(offset, "malformed", "no audit record", line[:64].encode())
            continue
        job.report.count("record")
        event = waiting.setdefault(found.event, Event(offset))
        if found.kind != "EOE":
            event.records.append(found)
        if found.kind == "EOE" or len(waiting) > MOST_OPEN:
            oldest = found.event if found.kind == "EOE" else next(iter(waiting))
            ended = waiting.pop(oldest)
            if ended.records:
                yield ended
    yield from (event for event in waiting.values() if event.records)


def _columns(event: Event) -> dict[str, Any]:
    node, ts, serial = event.records[0].event
    other = endpoint(next((each.get("saddr") for each in event.of("SOCKADDR")), None))
    address = event.first("addr")
    return {
        "ts": ts,
        "host": node,
        "event_class": _class(event),
        "event_code": number(event.first("syscall")) or 0,
        "provider": "auditd",
        "record_id": serial,
        "user": event.first("AUID", "UID", "acct", "auid", "uid"),
        "pid": number(event.first("pid")),
        "ppid": number(event.first("ppid")),
        "image": event.first("exe"),
        "cmdline": _command(event),
        "target_path": _path(event),
        "dst": other.address if other else address,
        "dport": other.port if other else 0,
        "result": _result(event),
        "ext": _rest(event),
    }


def _class(event: Event) -> str:
    kinds = event.kinds
    if "EXECVE" in kinds:
        return "process"
    if "SOCKADDR" in kinds:
        return "network"
    if any(kind.startswith(_LOGON) for kind in kinds):
        return "logon"
    if any(kind.startswith(("SERVICE_", "DAEMON_")) for kind in kinds):
        return "service"
    if any(kind.startswith(("AVC", "ANOM_", "SECCOMP", "RESP_")) for kind in kinds):
        return "alert"
    return "file" if "PATH" in kinds else "process" if "SYSCALL" in kinds else "other"


def _command(event: Event) -> str | None:
    """Arguments of the program, long ones put together from their pieces."""
    arguments: list[str] = []
    for fields in event.of("EXECVE"):
        many = min(number(fields.get("argc")) or 0, MOST_ARGUMENTS)
        arguments += [_argument(fields, place) for place in range(many)]
    found = " ".join(argument for argument in arguments if argument)
    return found or event.first("cmd", "proctitle")


def _argument(fields: dict[str, str], place: int) -> str:
    whole = plain(fields, f"a{place}")
    if whole is not None:
        return whole
    found, part = [], 0
    while (piece := plain(fields, f"a{place}[{part}]")) is not None:
        found.append(piece)
        part += 1
    return "".join(found)


def _path(event: Event) -> str | None:
    """The object that was acted on, with the folder that a relative name is in."""
    if "EXECVE" in event.kinds:
        return None
    for fields in event.of("PATH"):
        name = plain(fields, "name")
        if name and fields.get("nametype") != "PARENT":
            folder = event.first("cwd")
            return name if name.startswith("/") or not folder else f"{folder.rstrip('/')}/{name}"
    return event.first("unit") if any(kind.startswith("SERVICE_") for kind in event.kinds) else None


def _result(event: Event) -> str | None:
    said = event.first("success", "res", "result")
    if said is None:
        return None
    return "success" if said in {"yes", "success", "1"} else "failure"


def _rest(event: Event) -> dict[str, Any]:
    names = ("SYSCALL", "op", "key", "auid", "ses", "terminal", "tty", "hostname", "exit", "cwd")
    found = {name: event.first(name) for name in names}
    return {"types": event.kinds, **{name: value for name, value in found.items() if value}}
