"""ECS events of hosts and people: alerts, logins, processes, files, registry."""

from __future__ import annotations

from kaname.readers.document import Document
from kaname.readers.ecs.network import ends
from kaname.readers.json_events import Columns

__all__ = ["alert", "endpoint", "login", "other"]

# Classes of the table by what ECS calls the category.
_CLASSES = {
    "process": "process",
    "file": "file",
    "registry": "registry",
    "driver": "module",
    "library": "module",
    "network": "network",
    "authentication": "logon",
    "session": "logon",
    "configuration": "service",
}
# Elastic's risk scores: critical from 99, high from 73, medium from 47, low from 21.
_RISKS = ((1, 99), (2, 73), (3, 47), (4, 21), (5, -(2**63)))
_WORDS = {"critical": 1, "high": 2, "medium": 3, "low": 4, "informational": 5, "info": 5}


def alert(event: Document) -> Columns:
    """Table ``alerts``."""
    return {
        **ends(event),
        "sport": event.number("source.port") or 0,
        "proto": event.protocol("network.iana_number", "network.transport"),
        "sid": event.number("rule.id", "suricata.eve.alert.signature_id") or 0,
        "signature": event.text("rule.name", "suricata.eve.alert.signature", "message") or "",
        "category": event.text("rule.category", "suricata.eve.alert.category"),
        "severity": _severity(event),
        "engine": event.text("event.module", "observer.product", "agent.type") or "ecs",
        "action": event.text("event.action", "event.outcome"),
        "flow_key": event.text("network.community_id"),
        "domain": event.text("destination.domain", "url.domain", "dns.question.name"),
        "url": event.text("url.full", "url.original"),
    }


def _severity(event: Document) -> int:
    """By name where there is one; else Suricata's numbers, or 0 to 100 as Elastic writes."""
    word = _WORDS.get((event.text("log.level", "vulnerability.severity") or "").lower())
    number = event.number("event.severity", "suricata.eve.alert.severity")
    if number is None:
        return word or 3
    if number <= 5:
        return min(5, max(1, number + 1))
    return next(level for level, least in _RISKS if number >= least)


def login(event: Document) -> Columns:
    """Table ``user_events``."""
    process = str(event.look("process.name") or "")
    return {
        **ends(event),
        "app": "ssh" if "sshd" in process or "system.auth.ssh.event" in event else "auth",
        "user": event.text("user.name", "source.user.name"),
        "host": event.text("host.name", "host.hostname", "agent.hostname"),
        "method": event.text("system.auth.ssh.method", "winlog.logon.type", "event.action"),
        "result": event.text("event.outcome"),
        "message": event.text("message"),
    }


def endpoint(event: Document) -> Columns:
    """Table ``endpoint``."""
    addresses = event.texts("host.ip") or []
    own = next((one for one in addresses if not one.startswith(("127.", "fe80", "::1"))), None)
    categories = [str(one) for one in _list(event.look("event.category"))]
    logon = event.text("winlog.event_data.LogonType")
    sha256, md5 = event.text("process.hash.sha256"), event.text("process.hash.md5")
    return {
        "host": event.text("host.name", "host.hostname", "agent.hostname") or "",
        "src": event.text("source.ip") or own,
        "dst": event.text("destination.ip"),
        "sport": event.number("source.port") or 0,
        "dport": event.number("destination.port") or 0,
        "proto": event.protocol("network.transport"),
        "event_class": next((_CLASSES[one] for one in categories if one in _CLASSES), "other"),
        "event_code": event.number("event.code", "winlog.event_id") or 0,
        "provider": event.text("event.provider", "winlog.provider_name", "event.module") or "ecs",
        "user": event.text("user.name", "winlog.user.name"),
        "pid": event.number("process.pid"),
        "ppid": event.number("process.parent.pid", "process.ppid"),
        "image": event.text("process.executable", "process.name"),
        "cmdline": event.text("process.command_line"),
        "parent_image": event.text("process.parent.executable", "process.parent.name"),
        "parent_cmdline": event.text("process.parent.command_line"),
        "sha256": sha256.lower() if sha256 else None,
        "md5": md5.lower() if md5 else None,
        "target_path": event.text("file.path", "dll.path"),
        "reg_key": event.text("registry.path", "registry.key"),
        "qname": event.text("dns.question.name"),
        "logon_type": int(logon) if logon and logon.isdigit() else None,
        "result": event.text("event.outcome"),
        "record_id": event.number("winlog.record_id"),
        "message": event.text("message"),
    }


def other(event: Document) -> Columns:
    """Table ``user_events``: log lines that the schema says no more of."""
    return {
        **ends(event),
        "app": "other",
        "user": event.text("user.name"),
        "host": event.text("host.name", "host.hostname", "agent.hostname"),
        "result": event.text("event.outcome"),
        "message": event.text("message", "event.original"),
    }


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]
