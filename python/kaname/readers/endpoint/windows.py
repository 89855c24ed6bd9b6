"""One event of Windows as a row of `endpoint`, however it was written down.

Fields of the event data go to columns by their names, which mean the same in all events
of a provider; whatever has no column stays in ``ext``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kaname.readers.endpoint.windows_classes import event_class
from kaname.readers.fields import account, hashes, number, protocol, take

__all__ = ["WindowsEvent", "columns", "keyword_bits"]

_INBOUND = "%%14592"
_FAILURE, _SUCCESS = 1 << 52, 1 << 53  # keywords "Audit Failure" and "Audit Success"

_TEXTS = {
    "image": ("Image", "NewProcessName", "SourceImage", "ProcessName", "Application"),
    "cmdline": ("CommandLine", "ProcessCommandLine", "HostApplication"),
    "parent_image": ("ParentImage", "ParentProcessName"),
    "parent_cmdline": ("ParentCommandLine",),
    "target_path": (
        "TargetFilename",
        "ImageLoaded",
        "ServiceFileName",
        "ImagePath",
        "TaskName",
        "PipeName",
        "TargetImage",
        "ShareName",
        "Path",
    ),
    "reg_key": ("TargetObject",),
    "qname": ("QueryName", "DestinationHostname", "TargetServerName", "WorkstationName"),
    "message": ("ScriptBlockText", "Payload", "Message"),
}
_PIDS = ("NewProcessId", "ProcessId", "SourceProcessId", "ProcessID")
_SOURCES = ("SourceIp", "SourceAddress")
_TARGETS = ("DestinationIp", "DestAddress", "IpAddress", "ClientAddress", "Address")
_OBJECT_NAME = "ObjectName"


@dataclass(slots=True)
class WindowsEvent:
    """An event: who wrote it, its number, and the named values of its data."""

    ts: int
    provider: str
    code: int
    host: str
    record_id: int | None = None
    keywords: int = 0
    data: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)  # goes into ``ext`` as it is


def keyword_bits(text: object) -> int:
    """The 64 bits of ``Keywords``, written in hexadecimal or as a signed number; 0 if none."""
    try:
        return int(str(text), 0) & (1 << 64) - 1
    except ValueError:
        return 0


def columns(event: WindowsEvent) -> dict[str, Any]:
    """Columns of `endpoint`; takes what it uses out of the event's data."""
    data = event.data
    kind = event_class(event.provider, event.code, str(data.get("ObjectType", "")) or None)
    found: dict[str, Any] = {
        "ts": event.ts,
        "host": event.host,
        "event_class": kind,
        "event_code": event.code,
        "provider": event.provider,
        "record_id": event.record_id,
        "user": _user(event),
        **_processes(data),
        **{name: take(data, names) for name, names in _TEXTS.items()},
        "logon_type": number(take(data, ("LogonType",))),
        **_ends(data),
        "result": _result(event),
    }
    _object(found, data)
    digests = hashes(take(data, ("Hashes", "Hash")))
    rest = {name: value for name, value in data.items() if value not in (None, "", "-")}
    found |= {"sha256": digests.get("sha256"), "md5": digests.get("md5")}
    found["ext"] = {**event.extra, **rest}
    return found


def _user(event: WindowsEvent) -> str | None:
    """Who did it; of logons, who was logged on."""
    data = event.data
    named = take(data, ("User",))
    if named:
        return named
    kinds = ("Target", "Subject") if event.code in _LOGONS else ("Subject", "Target")
    for kind in kinds:
        name = data.get(f"{kind}UserName")
        if name and name != "-":
            domain = take(data, (f"{kind}DomainName",))
            return account(domain, take(data, (f"{kind}UserName",)))
    return take(data, ("AccountName", "UserName", "UserID"))


_LOGONS = {4624, 4625, 4634, 4647, 4648, 4768, 4769, 4771, 4776, 4778, 4779, 4688}


def _processes(data: dict[str, Any]) -> dict[str, int | None]:
    """In 4688 ``ProcessId`` is the creator; elsewhere it is the process itself."""
    if "NewProcessId" in data:
        pid = number(take(data, ("NewProcessId",)))
        return {"pid": pid, "ppid": number(take(data, ("ProcessId",)))}
    return {
        "pid": number(take(data, _PIDS)),
        "ppid": number(take(data, ("ParentProcessId",))),
    }


def _ends(data: dict[str, Any]) -> dict[str, Any]:
    """Addresses and ports, the host's own first; events name the initiator first."""
    own, other = take(data, _SOURCES), take(data, _TARGETS)
    sport = number(take(data, ("SourcePort",)))
    dport = number(take(data, ("DestinationPort", "DestPort", "IpPort", "ClientPort")))
    proto = protocol(take(data, ("Protocol",)) if other else None)
    came_in = data.get("Direction") == _INBOUND or str(data.get("Initiated")).lower() == "false"
    if came_in:
        own, other, sport, dport = other, own, dport, sport
    return {
        "src": _plain(own),
        "dst": _plain(other),
        "sport": _port(sport),
        "dport": _port(dport),
        "proto": proto,
    }


def _plain(address: str | None) -> str | None:
    if address is None or address == "LOCAL":
        return None
    return address.removeprefix("::ffff:")


def _port(value: int | None) -> int:
    return value if value is not None and 0 < value <= 65_535 else 0


def _object(found: dict[str, Any], data: dict[str, Any]) -> None:
    """Accesses to objects name them alike, whatever they are."""
    if _OBJECT_NAME not in data:
        return
    column = "reg_key" if found["event_class"] == "registry" else "target_path"
    name = take(data, (_OBJECT_NAME,))
    found[column] = found[column] or name


def _result(event: WindowsEvent) -> str | None:
    if event.keywords & _FAILURE:
        return "failure"
    return "success" if event.keywords & _SUCCESS else None
