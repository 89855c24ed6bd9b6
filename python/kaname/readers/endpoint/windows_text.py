"""Windows events written as XML or JSON, as an event of Windows.

Shapes: the XML of the event itself (Event Viewer, ``wevtutil``, forwarders), Winlogbeat
(ECS and before), NXLog's flat JSON, and the JSON that ``evtx_dump`` writes.
"""

from __future__ import annotations

from typing import Any

from kaname.readers.endpoint.evtx_events import event_of
from kaname.readers.endpoint.windows import WindowsEvent, keyword_bits
from kaname.readers.fields import number
from kaname.readers.moments import iso_us
from kaname.readers.xml_tree import Node

__all__ = ["event_of_json", "event_of_xml", "is_json_event"]

_KEYWORDS = {"audit failure": 1 << 52, "audit success": 1 << 53}
_NXLOG_HEAD = (
    "EventTime",
    "EventReceivedTime",
    "Hostname",
    "Keywords",
    "EventType",
    "SeverityValue",
    "Severity",
    "EventID",
    "SourceName",
    "ProviderGuid",
    "Version",
    "Task",
    "OpcodeValue",
    "RecordNumber",
    "ExecutionProcessID",
    "ExecutionThreadID",
    "Channel",
    "SourceModuleName",
    "SourceModuleType",
)


def event_of_xml(root: Node) -> WindowsEvent | None:
    """The event of an ``Event`` element; None when it has no ``System``."""
    system = root.first("System")
    if system is None:
        return None
    provider, created = system.first("Provider"), system.first("TimeCreated")
    return WindowsEvent(
        ts=iso_us(created.attributes.get("SystemTime") if created else None) or 0,
        provider=(provider.attributes.get("Name") if provider else None) or "",
        code=number(system.value("EventID")) or 0,
        host=system.value("Computer") or "",
        record_id=number(system.value("EventRecordID")),
        keywords=keyword_bits(system.value("Keywords")),
        data=_xml_data(root),
        extra={"Channel": system.value("Channel")},
    )


def _xml_data(root: Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    unnamed = []
    data = root.first("EventData")
    for each in data.children if data else ():
        name = each.attributes.get("Name")
        if name:
            found[name] = each.text.strip()
        elif each.text.strip():
            unnamed.append(each.text.strip())
    user = root.first("UserData")
    for inner in user.children if user else ():
        found |= {each.name: each.text.strip() for each in inner.children}
    if unnamed:
        found.setdefault("Message", "\n".join(unnamed))
    return found


def is_json_event(document: dict[str, Any]) -> bool:
    """Whether a JSON object is an event of Windows in one of the known shapes."""
    event = document.get("Event")
    return (
        isinstance(document.get("winlog"), dict)
        or (isinstance(event, dict) and isinstance(event.get("System"), dict))
        or {"event_id", "computer_name", "log_name"} <= document.keys()
        or {"EventID", "SourceName", "Channel"} <= document.keys()
    )


def event_of_json(document: dict[str, Any]) -> WindowsEvent | None:
    """The event of a JSON object in one of the known shapes."""
    if isinstance(document.get("Event"), dict):
        return event_of(document, "", 0)
    if isinstance(document.get("winlog"), dict):
        return _winlogbeat(document["winlog"], document)
    if "computer_name" in document:
        return _winlogbeat(document, document)
    return _nxlog(document) if "EventID" in document else None


def _winlogbeat(log: dict[str, Any], document: dict[str, Any]) -> WindowsEvent:
    data = dict(log["event_data"]) if isinstance(log.get("event_data"), dict) else {}
    user_data = log.get("user_data")
    data |= user_data if isinstance(user_data, dict) else {}
    if "message" in document:
        data.setdefault("Message", document["message"])
    return WindowsEvent(
        ts=iso_us(document.get("@timestamp")) or 0,
        provider=str(log.get("provider_name") or log.get("source_name") or ""),
        code=number(str(log.get("event_id"))) or 0,
        host=str(log.get("computer_name") or ""),
        record_id=number(str(log.get("record_id") or log.get("record_number") or "")),
        keywords=_keywords(log.get("keywords")),
        data=data,
        extra={"Channel": log.get("channel") or log.get("log_name")},
    )


def _nxlog(document: dict[str, Any]) -> WindowsEvent:
    data = {name: value for name, value in document.items() if name not in _NXLOG_HEAD}
    return WindowsEvent(
        ts=iso_us(document.get("EventTime")) or 0,
        provider=str(document.get("SourceName") or ""),
        code=number(str(document.get("EventID"))) or 0,
        host=str(document.get("Hostname") or ""),
        record_id=number(str(document.get("RecordNumber") or "")),
        keywords=_keywords(document.get("Keywords")),
        data=data,
        extra={"Channel": document.get("Channel")},
    )


def _keywords(value: object) -> int:
    """Keywords by name, or the bits themselves as a number."""
    if isinstance(value, list):
        return sum(_KEYWORDS.get(str(name).lower(), 0) for name in set(map(str, value)))
    return keyword_bits(value)
