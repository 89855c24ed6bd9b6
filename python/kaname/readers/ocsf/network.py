"""OCSF network classes: 4001 network, 4002 HTTP, 4003 DNS, 4007 SSH, 4009 and 4011 mail."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from kaname._native import dns_class, dns_rcode, dns_type
from kaname.readers.document import Document
from kaname.readers.domains import canonical, registered
from kaname.readers.json_events import Columns

__all__ = ["dns", "http", "mail", "network", "ssh"]

_DIRECTIONS = {1: "in", 2: "out"}


def ends(event: Document) -> Columns:
    """Both ends and the port of the far one."""
    return {
        "src": event.text("src_endpoint.ip"),
        "dst": event.text("dst_endpoint.ip"),
        "dport": event.number("dst_endpoint.port") or 0,
    }


def network(event: Document) -> Columns:
    """Table ``flows``; in and out are counted from the source: out is what it sent."""
    began, ended = event.number("start_time"), event.number("end_time")
    took = event.number("duration")
    if took is None and began is not None and ended is not None:
        took = ended - began
    both = event.number("traffic.packets"), event.number("traffic.bytes")
    sent = event.number("traffic.packets_out"), event.number("traffic.bytes_out")
    got = event.number("traffic.packets_in"), event.number("traffic.bytes_in")
    columns: Columns = {
        **ends(event),
        "sport": event.number("src_endpoint.port") or 0,
        "proto": event.protocol("connection_info.protocol_num", "connection_info.protocol_name"),
        "tcp_bits": event.number("connection_info.tcp_flags") or 0,
        "packets": sent[0] if sent[0] is not None else both[0] or 0,
        "octets": sent[1] if sent[1] is not None else both[1] or 0,
        "packets_rev": got[0] or 0,
        "octets_rev": got[1] or 0,
        "dur_us": max(0, took or 0) * 1000,
        "sampling": 1,
        "app": event.text("app_name", "connection_info.protocol_ver"),
        "direction": _DIRECTIONS.get(event.number("connection_info.direction_id") or 0),
    }
    return columns | ({"ts": began * 1000} if began is not None else {})


def dns(event: Document) -> Columns:
    """Table ``dns``."""
    qname = canonical(event.text("query.hostname") or "")
    answers = [one for one in event.take("answers") or [] if isinstance(one, dict)]
    rcode = _rcode(event)
    ttls = [one["ttl"] for one in answers if isinstance(one.get("ttl"), int)]
    answered = rcode is not None or bool(answers)
    return {
        **ends(event),
        "sport": event.number("src_endpoint.port") or 0,
        "transport": (event.text("connection_info.protocol_name") or "unknown").lower(),
        "dns_id": event.number("query.packet_uid") or 0,
        "qname": qname,
        "regdom": registered(qname) if qname else None,
        "qtype": dns_type(event.text("query.type") or "") or 0,
        "qclass": dns_class(event.text("query.class") or "IN") or 1,
        "opcode": event.number("query.opcode_id") or 0,
        "rcode": rcode,
        "state": "both" if answered and qname else "response" if answered else "query",
        "an_count": len(answers) if answered else None,
        "answers": [str(one.get("rdata", "")) for one in answers] if answered else None,
        "answer_types": [str(one.get("type", "")) for one in answers] if answered else None,
        "min_ttl": min(ttls, default=None),
    }


def _rcode(event: Document) -> int | None:
    number, name = event.number("rcode_id"), event.text("rcode")
    return number if number is not None else dns_rcode(name) if name else None


def http(event: Document) -> Columns:
    """Table ``user_events``."""
    url = event.text("http_request.url.url_string")
    domain = event.text("http_request.url.hostname", "dst_endpoint.hostname")
    domain = domain.lower() if domain else None
    return {
        **ends(event),
        "app": "proxy" if event.look("proxy_endpoint.ip") else "web",
        "user": event.text("actor.user.name", "user.name"),
        "host": event.text("device.hostname"),
        "method": event.text("http_request.http_method"),
        "url": url,
        "domain": domain,
        "regdom": registered(domain) if domain else None,
        "status": event.number("http_response.code", "http_status"),
        "octets_in": event.number("traffic.bytes_in", "http_response.length"),
        "octets_out": event.number("traffic.bytes_out", "http_request.length"),
        "ua": event.text("http_request.user_agent"),
        "referrer": event.text("http_request.referrer"),
        "mime": event.text("http_response.content_type"),
        "result": event.text("disposition", "action"),
        "message": event.text("message"),
    }


def ssh(event: Document) -> Columns:
    """Table ``user_events``."""
    return {
        **ends(event),
        "app": "ssh",
        "user": event.text("actor.user.name", "user.name"),
        "host": event.text("device.hostname"),
        "result": _lower(event.text("status")),
        "ua": event.text("client_hassh.fingerprint.value"),
        "message": event.text("message"),
    }


def mail(event: Document) -> Columns:
    """Table ``mail``."""
    name, address = parseaddr(event.text("email.from") or "")
    address = address.lower()
    urls: Any = event.take("email.urls")
    return {
        "src": event.text("src_endpoint.ip"),
        "from_addr": address,
        "from_dom": address.rpartition("@")[2],
        "from_name": name or None,
        "env_from": event.text("email.smtp_from", "smtp_from"),
        "rcpt": event.texts("email.smtp_to", "smtp_to", "email.to"),
        "helo": event.text("smtp_hello"),
        "subject": event.text("email.subject") or "",
        "msgid": event.text("email.message_uid"),
        "size": event.number("email.size") or 0,
        "urls": [str(one.get("url_string", "")) for one in urls if isinstance(one, dict)]
        if isinstance(urls, list)
        else None,
    }


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None
