"""Alerts of Wazuh to `endpoint`, what happened, and `alerts`, what it made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.endpoint.windows import WindowsEvent, columns, keyword_bits
from kaname.readers.fields import number, take
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.json_lines import decoded, first_document
from kaname.readers.moments import iso_us
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["WazuhReader"]


class Rule(msgspec.Struct):
    """The rule that fired."""

    id: str | int = "0"
    level: int = 0
    description: str = ""
    groups: list[str] = []
    mitre: dict[str, Any] | None = None


class Alert(msgspec.Struct):
    """One line of ``alerts.json``."""

    timestamp: str
    rule: Rule
    agent: dict[str, Any] = {}
    id: str | int = ""
    data: dict[str, Any] = {}
    syscheck: dict[str, Any] = {}
    decoder: dict[str, Any] = {}
    full_log: str | None = None
    location: str | None = None


_DECODER = msgspec.json.Decoder(Alert)
# Levels 0 to 15 (Wazuh, "Rules classification") on the scale of the table.
_SEVERITIES = ((12, 1), (9, 2), (6, 3), (3, 4), (0, 5))


class WazuhReader(Reader):
    """Alerts of Wazuh."""

    name: ClassVar[str] = "wazuh"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("endpoint", "alerts")
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "The file `alerts.json` of Wazuh, one JSON document a line: each alert gives a row of "
            "`endpoint` with what happened on the host (events of Windows by their own fields, "
            "changed files, logons) and a row of `alerts` with the rule."
        ),
        ja=(
            "Wazuh の `alerts.json`(1 行 1 JSON)を読みます。1 件につき、ホストで起きたこと"
            "(Windows イベントの各項目、ファイルの変更、ログオンなど)を `endpoint` に、"
            "検知ルールを `alerts` に 1 行ずつ入れます。"
        ),
        formats=("Wazuh alerts.json",),
        references=(
            "https://documentation.wazuh.com/current/user-manual/manager/alert-management.html",
        ),
        limitations_en=("Data of decoders without a column is in `ext` only.",),
        limitations_ja=("列のないデコーダーの項目は `ext` にのみ入ります。",),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """The first document has a rule, an agent and a manager."""
        raw = first_document(head)
        if raw is None or not all(word in raw for word in (b'"rule"', b'"agent"', b'"manager"')):
            return 0
        try:
            _DECODER.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 0
        return 90

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row of each table an alert.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        events, alerts = Rows("endpoint", self.name, job), Rows("alerts", self.name, job)
        for offset, alert in decoded(job, _DECODER):
            job.report.count("alert")
            ts = iso_us(alert.timestamp) or 0
            events.add(row_in_src=offset, **(_of_windows(alert, ts) or _of_host(alert, ts)))
            alerts.add(row_in_src=offset, **_alert(alert, ts))
            if events.full:
                yield events.take()
                yield alerts.take()
        yield from events.rest()
        yield from alerts.rest()


def _alert(alert: Alert, ts: int) -> dict[str, Any]:
    data = dict(alert.data)
    source = take(data, ("srcip", "src_ip"))
    own = _address(alert)
    return {
        "ts": ts,
        "src": source or own,
        "dst": take(data, ("dstip", "dest_ip", "dst_ip")) or (own if source else None),
        "sport": number(take(data, ("srcport", "src_port"))) or 0,
        "dport": number(take(data, ("dstport", "dest_port"))) or 0,
        "sid": number(str(alert.rule.id)) or 0,
        "signature": alert.rule.description,
        "category": next(iter(alert.rule.groups), None),
        "severity": next(scale for level, scale in _SEVERITIES if alert.rule.level >= level)
        if alert.rule.level >= 0
        else 5,
        "engine": "wazuh",
        "action": take(data, ("action",)),
        "flow_key": None,
        "url": take(data, ("url",)),
        "ext": {
            "id": alert.id,
            "level": alert.rule.level,
            "agent": alert.agent.get("name"),
            "groups": alert.rule.groups,
            "mitre": (alert.rule.mitre or {}).get("id"),
        },
    }


def _address(alert: Alert) -> str | None:
    return take(dict(alert.agent), ("ip",))


def _host(alert: Alert) -> str:
    return str(alert.agent.get("name") or "")


def _of_windows(alert: Alert, ts: int) -> dict[str, Any] | None:
    """The event that the alert carries, when it is one of Windows."""
    win = alert.data.get("win")
    system = win.get("system") if isinstance(win, dict) else None
    if not isinstance(win, dict) or not isinstance(system, dict):
        return None
    data = win.get("eventdata")
    named = data if isinstance(data, dict) else {}
    event = WindowsEvent(
        ts=iso_us(system.get("systemTime")) or ts,
        provider=str(system.get("providerName") or ""),
        code=number(str(system.get("eventID"))) or 0,
        host=str(system.get("computer") or _host(alert)),
        record_id=number(str(system.get("eventRecordID") or "")),
        keywords=keyword_bits(system.get("keywords")),
        data=_as_windows_writes(named),
        extra={"Channel": system.get("channel"), "rule": alert.rule.id},
    )
    return columns(event)


def _as_windows_writes(named: dict[str, Any]) -> dict[str, Any]:
    """Wazuh begins the names with a small letter and escapes backslashes twice."""
    return {
        name[:1].upper() + name[1:]: value.replace("\\\\", "\\")
        if isinstance(value, str)
        else value
        for name, value in named.items()
    }


def _of_host(alert: Alert, ts: int) -> dict[str, Any]:
    data = {name: value for name, value in alert.data.items() if name != "win"}
    audit = data.pop("audit", None)
    audit = dict(audit) if isinstance(audit, dict) else {}
    changed = dict(alert.syscheck)
    return {
        "ts": ts,
        "src": _address(alert),
        "host": _host(alert),
        "event_class": _class(alert),
        "event_code": number(str(alert.rule.id)) or 0,
        "provider": str(alert.decoder.get("name") or "wazuh"),
        "user": take(data, ("dstuser", "srcuser", "user")) or take(changed, ("uname_after",)),
        "pid": number(take(audit, ("pid",))),
        "ppid": number(take(audit, ("ppid",))),
        "image": take(audit, ("exe",)),
        "cmdline": take(data, ("command",)) or take(audit, ("command",)),
        "target_path": take(changed, ("path",)),
        "sha256": take(changed, ("sha256_after",)),
        "md5": take(changed, ("md5_after",)),
        "dst": take(data, ("srcip", "src_ip")),
        "dport": number(take(data, ("srcport", "src_port"))) or 0,
        "result": _result(alert.rule.groups),
        "message": alert.full_log,
        "ext": {**data, **audit, **changed, "location": alert.location},
    }


def _class(alert: Alert) -> str:
    groups = set(alert.rule.groups)
    if alert.syscheck:
        return "file"
    if any(group.startswith("authentication") for group in groups) or "sshd" in groups:
        return "logon"
    return "process" if "audit" in alert.data else "alert"


def _result(groups: list[str]) -> str | None:
    if "authentication_success" in groups:
        return "success"
    failed = any(group.startswith("authentication_fail") for group in groups)
    return "failure" if failed or "invalid_login" in groups else None
