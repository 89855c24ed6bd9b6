"""OCSF classes of hosts, identities and findings: 1007, 3002, 2001, 2004."""

from __future__ import annotations

from kaname.readers.document import Document
from kaname.readers.json_events import Columns

__all__ = ["authentication", "finding", "process"]

# OCSF: 1 informational to 5 critical, 6 fatal; the lake: 1 is the highest.
_SEVERITIES = {1: 5, 2: 4, 3: 3, 4: 2, 5: 1, 6: 1}
_HASHES = {1: "md5", 3: "sha256"}


def process(event: Document) -> Columns:
    """Table ``endpoint``."""
    found = _hashes(event)
    parents = ("process.parent_process", "actor.process")
    return {
        "host": event.text("device.hostname", "device.name") or "",
        "src": event.text("device.ip"),
        "event_class": "process",
        "event_code": event.number("activity_id") or 0,
        "provider": event.text("metadata.product.name") or "ocsf",
        "user": event.text("process.user.name", "actor.user.name"),
        "pid": event.number("process.pid"),
        "ppid": event.number(*(f"{one}.pid" for one in parents)),
        "image": event.text("process.file.path", "process.name"),
        "cmdline": event.text("process.cmd_line"),
        "parent_image": event.text(*(f"{one}.file.path" for one in parents)),
        "parent_cmdline": event.text(*(f"{one}.cmd_line" for one in parents)),
        "sha256": found.get("sha256"),
        "md5": found.get("md5"),
        "result": _lower(event.text("status")),
        "message": event.text("message"),
    }


def _hashes(event: Document) -> dict[str, str]:
    """Hashes of the executable by algorithm."""
    listed = event.take("process.file.hashes")
    found = {}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict):
            name = str(one.get("algorithm", "")).lower().replace("-", "")
            found[_HASHES.get(one.get("algorithm_id", 0), name)] = str(one.get("value", "")).lower()
    return found


def authentication(event: Document) -> Columns:
    """Table ``user_events``."""
    return {
        "src": event.text("src_endpoint.ip"),
        "dst": event.text("dst_endpoint.ip"),
        "dport": event.number("dst_endpoint.port") or 0,
        "app": "auth",
        "user": event.text("user.name", "actor.user.name"),
        "host": event.text("dst_endpoint.hostname", "device.hostname"),
        "method": event.text("auth_protocol", "logon_type"),
        "result": _lower(event.text("status")),
        "message": event.text("message", "status_detail"),
    }


def finding(event: Document) -> Columns:
    """Table ``alerts``."""
    return {
        "src": event.text("src_endpoint.ip", "device.ip"),
        "dst": event.text("dst_endpoint.ip"),
        "sport": event.number("src_endpoint.port") or 0,
        "dport": event.number("dst_endpoint.port") or 0,
        "proto": event.protocol("connection_info.protocol_num"),
        "sid": event.number("finding_info.analytic.uid") or 0,
        "signature": event.text("finding_info.title", "finding.title", "message") or "",
        "category": event.text("finding_info.types", "finding.types", "category_name"),
        "severity": _SEVERITIES.get(event.number("severity_id") or 3, 3),
        "engine": event.text("metadata.product.name") or "ocsf",
        "action": event.text("action", "disposition"),
        "flow_key": event.text("finding_info.uid", "finding.uid"),
        "domain": event.text("dst_endpoint.hostname", "device.hostname"),
    }


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None
