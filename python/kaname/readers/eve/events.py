"""What Suricata's events mean: alert, flow, netflow, tls, http, smtp (EVE JSON format).

Each function takes an event and gives columns; the ends are those of the event.
"""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from kaname.readers.clock import iso_us
from kaname.readers.document import Document
from kaname.readers.domains import registered

__all__ = ["EVENTS", "ends"]

Row = dict[str, Any]

# Suricata's 1 (high) to 4 on the lake's 1 (highest) to 5.
_SEVERITIES = {1: 2, 2: 3, 3: 4, 4: 5}
_ICMP = frozenset({1, 58})


def ends(event: Document) -> Row:
    """Addresses and the port of the far end, which all tables have."""
    return {
        "src": event.text("src_ip"),
        "dst": event.text("dest_ip"),
        "dport": event.number("dest_port") or 0,
    }


def alert(event: Document) -> Row:
    """Table ``alerts``."""
    severity = event.number("alert.severity") or 3
    host = event.text("tls.sni", "http.hostname", "dns.query.rrname")
    return {
        **ends(event),
        "sport": event.number("src_port") or 0,
        "proto": event.protocol("proto"),
        "sid": event.number("alert.signature_id") or 0,
        "signature": event.text("alert.signature") or "",
        "category": event.text("alert.category"),
        "severity": _SEVERITIES.get(severity, 5),
        "engine": "suricata",
        "action": event.text("alert.action"),
        "flow_key": event.text("flow_id"),
        "domain": host,
        "url": _url(host, event.look("http.url"), event.look("http.http_port")),
    }


def flow(event: Document) -> Row:
    """Table ``flows``: both directions of a flow; its time is that of its first packet."""
    began, ended = _moment(event, "flow.start"), _moment(event, "flow.end")
    return {
        **_flow_ends(event),
        "tcp_bits": _bits(event, "tcp.tcp_flags_ts"),
        "packets": event.number("flow.pkts_toserver") or 0,
        "octets": event.number("flow.bytes_toserver") or 0,
        "packets_rev": event.number("flow.pkts_toclient") or 0,
        "octets_rev": event.number("flow.bytes_toclient") or 0,
        **_times(began, ended),
    }


def netflow(event: Document) -> Row:
    """Table ``flows``: one direction."""
    began, ended = _moment(event, "netflow.start"), _moment(event, "netflow.end")
    return {
        **_flow_ends(event),
        "tcp_bits": _bits(event, "tcp.tcp_flags"),
        "packets": event.number("netflow.pkts") or 0,
        "octets": event.number("netflow.bytes") or 0,
        "packets_rev": 0,
        "octets_rev": 0,
        **_times(began, ended),
    }


def tls(event: Document) -> Row:
    """Table ``tls``."""
    return {
        **ends(event),
        "sport": event.number("src_port") or 0,
        "sni": _lower(event.text("tls.sni")),
        "version": event.text("tls.version"),
        "ja3": event.text("tls.ja3.hash"),
        "ja3s": event.text("tls.ja3s.hash"),
        "ja4": event.text("tls.ja4"),
        "subject": event.text("tls.subject"),
        "issuer": event.text("tls.issuerdn"),
    }


def http(event: Document) -> Row:
    """Table ``user_events``."""
    domain = _lower(event.text("http.hostname"))
    return {
        **ends(event),
        "app": "web",
        "method": event.text("http.http_method"),
        "url": _url(domain, event.take("http.url"), event.take("http.http_port")),
        "domain": domain,
        "regdom": registered(domain) if domain else None,
        "status": event.number("http.status"),
        "octets_in": event.number("http.length"),
        "ua": event.text("http.http_user_agent"),
        "referrer": event.text("http.http_refer"),
        "mime": event.text("http.http_content_type"),
    }


def smtp(event: Document) -> Row:
    """Table ``mail``: what was seen on the wire."""
    name, address = parseaddr(event.text("email.from") or "")
    address = address.lower()
    return {
        "src": event.text("src_ip"),
        "from_addr": address,
        "from_dom": address.rpartition("@")[2],
        "from_name": name or None,
        "env_from": (event.text("smtp.mail_from") or "").strip("<>") or None,
        "rcpt": [one.strip("<>") for one in event.texts("smtp.rcpt_to") or ()] or None,
        "helo": event.text("smtp.helo"),
        "subject": event.text("email.subject") or "",
        "msgid": event.text("email.message_id"),
        "urls": event.texts("email.url"),
    }


def _flow_ends(event: Document) -> Row:
    proto = event.protocol("proto")
    row = {**ends(event), "sport": event.number("src_port") or 0, "proto": proto, "sampling": 1}
    if proto in _ICMP:
        kind, code = event.number("icmp_type") or 0, event.number("icmp_code") or 0
        row |= {"sport": 0, "dport": kind * 256 + code}
    app = event.text("app_proto")
    row["app"] = None if app == "failed" else app
    row["vlan"] = event.number("vlan")
    return row


def _times(began: int | None, ended: int | None) -> Row:
    if began is None:
        return {"dur_us": 0}
    return {"ts": began, "dur_us": max(0, ended - began) if ended is not None else 0}


def _moment(event: Document, name: str) -> int | None:
    text = event.text(name)
    return iso_us(text) if text else None


def _bits(event: Document, name: str) -> int:
    """Flags are written as two hexadecimal digits."""
    text = event.text(name) or "0"
    try:
        return int(text, 16) & 0xFF
    except ValueError:
        return 0


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None


def _url(host: str | None, path: Any, port: Any) -> str | None:
    if not isinstance(path, str) or "://" in path or not host:
        return path if isinstance(path, str) else None
    suffix = f":{port}" if isinstance(port, int) and port != 80 and ":" not in host else ""
    return f"http://{host}{suffix}{path}"


# By event type: the table and what fills it.
EVENTS = {
    "alert": ("alerts", alert),
    "flow": ("flows", flow),
    "netflow": ("flows", netflow),
    "tls": ("tls", tls),
    "http": ("user_events", http),
    "smtp": ("mail", smtp),
}
