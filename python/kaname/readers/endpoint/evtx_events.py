"""The JSON that the `evtx` library makes of a record, as an event of Windows."""

from __future__ import annotations

from typing import Any

from kaname.readers.endpoint.windows import WindowsEvent, keyword_bits
from kaname.readers.fields import number
from kaname.readers.moments import iso_us

__all__ = ["event_of"]

_ATTRIBUTES = "#attributes"
_TEXT = "#text"


def event_of(document: dict[str, Any], written: str, record_id: int) -> WindowsEvent | None:
    """The event; None when there is none in it. One that has lost its head has no provider.

    ``written`` and ``record_id`` are those of the record around it, for events without.
    """
    event = _mapping(document.get("Event"))
    system = _mapping(event.get("System"))
    if not system:
        return None
    provider = _attribute(system, "Provider", "Name") or system.get("Channel")
    ts = iso_us(_attribute(system, "TimeCreated", "SystemTime")) or iso_us(written)
    return WindowsEvent(
        ts=ts or 0,
        provider=str(provider or ""),
        code=number(_text(system.get("EventID"))) or 0,
        host=_text(system.get("Computer")) or "",
        record_id=number(_text(system.get("EventRecordID"))) or record_id,
        keywords=keyword_bits(_text(system.get("Keywords"))),
        data=_data(event),
        extra=_extra(system),
    )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _attribute(element: dict[str, Any], name: str, attribute: str) -> object:
    return _mapping(_mapping(element.get(name)).get(_ATTRIBUTES)).get(attribute)


def _text(value: object) -> str | None:
    inner = value.get(_TEXT) if isinstance(value, dict) else value
    return None if inner is None else str(inner)


def _data(event: dict[str, Any]) -> dict[str, Any]:
    """Named values: of ``EventData``, or of the element inside ``UserData``."""
    found = dict(_mapping(event.get("EventData")))
    for name, inner in _mapping(event.get("UserData")).items():
        if isinstance(inner, dict):
            found |= inner
        elif name != _ATTRIBUTES:
            found[name] = inner
    found.pop(_ATTRIBUTES, None)
    unnamed = found.pop("Data", None)
    if unnamed is not None:
        text = unnamed.get(_TEXT) if isinstance(unnamed, dict) else unnamed
        lines = text if isinstance(text, list) else [text]
        found.setdefault("Message", "\n".join(str(line) for line in lines if line is not None))
    return found


def _extra(system: dict[str, Any]) -> dict[str, Any]:
    found = {
        "Channel": system.get("Channel"),
        "Level": system.get("Level") or None,
        "UserSid": _attribute(system, "Security", "UserID"),
        "ActivityID": _attribute(system, "Correlation", "ActivityID"),
    }
    return {name: value for name, value in found.items() if value is not None}
