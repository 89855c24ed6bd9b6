"""ECS events of the network: flows, DNS, TLS, HTTP."""

from __future__ import annotations

from kaname._native import dns_class, dns_rcode, dns_type
from kaname.readers.clock import iso_us
from kaname.readers.document import Document
from kaname.readers.domains import canonical, registered
from kaname.readers.json_events import Columns

__all__ = ["dns", "ends", "flow", "tls", "web"]

_DIRECTIONS = {
    "inbound": "in",
    "ingress": "in",
    "outbound": "out",
    "egress": "out",
}
# Flags of the header (RFC 1035, 4.1.1; RFC 4035) as ECS names them.
_FLAGS = {"AA": 0x0400, "TC": 0x0200, "RD": 0x0100, "RA": 0x0080, "AD": 0x0020, "CD": 0x0010}


def ends(event: Document) -> Columns:
    """Both ends and the port of the far one."""
    return {
        "src": event.text("source.ip", "client.ip", "source.address"),
        "dst": event.text("destination.ip", "server.ip", "destination.address"),
        "dport": event.number("destination.port", "server.port") or 0,
    }


def flow(event: Document) -> Columns:
    """Table ``flows``."""
    began, ended = event.text("event.start"), event.text("event.end")
    start = iso_us(began) if began else None
    took = event.number("event.duration")  # nanoseconds
    return {
        **ends(event),
        "sport": event.number("source.port", "client.port") or 0,
        "proto": event.protocol("network.iana_number", "network.transport"),
        "packets": event.number("source.packets", "network.packets") or 0,
        "octets": event.number("source.bytes", "network.bytes") or 0,
        "packets_rev": event.number("destination.packets") or 0,
        "octets_rev": event.number("destination.bytes") or 0,
        "dur_us": (took or 0) // 1000 or _between(start, iso_us(ended) if ended else None),
        "sampling": 1,
        "app": event.text("network.protocol", "network.application"),
        "direction": _DIRECTIONS.get((event.text("network.direction") or "").lower()),
        "vlan": event.number("network.vlan.id"),
        "src_as": event.number("source.as.number"),
        "dst_as": event.number("destination.as.number"),
        **({"ts": start} if start is not None else {}),
    }


def _between(start: int | None, end: int | None) -> int:
    return max(0, end - start) if start is not None and end is not None else 0


def dns(event: Document) -> Columns:
    """Table ``dns``."""
    qname = canonical(event.text("dns.question.name") or "")
    listed = event.take("dns.answers")
    answers = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    said = event.text("dns.response_code")
    rcode = dns_rcode(said) if said else None
    answered = rcode is not None or bool(answers)
    took = event.number("event.duration")
    ttls = [one["ttl"] for one in answers if isinstance(one.get("ttl"), int)]
    event.drop("dns.question.registered_domain", "dns.question.top_level_domain")
    return {
        **ends(event),
        "sport": event.number("source.port", "client.port") or 0,
        "transport": (event.text("network.transport") or "unknown").lower(),
        "dns_id": event.number("dns.id") or 0,
        "qname": qname,
        "regdom": registered(qname) if qname else None,
        "qtype": dns_type(event.text("dns.question.type") or "") or 0,
        "qclass": dns_class(event.text("dns.question.class") or "IN") or 1,
        "rcode": rcode,
        "state": "both" if answered else "query",
        "rtt_us": took // 1000 if answered and took is not None else None,
        "head_bits": _head_bits(event, rcode, answered=answered),
        "an_count": len(answers) if answered else None,
        "answers": [str(one.get("data", "")) for one in answers] if answered else None,
        "answer_types": [str(one.get("type", "")) for one in answers] if answered else None,
        "min_ttl": min(ttls, default=None),
        "req_len": event.number("source.bytes", "client.bytes"),
        "res_len": event.number("destination.bytes", "server.bytes"),
    }


def _head_bits(event: Document, rcode: int | None, *, answered: bool) -> int:
    flags = event.texts("dns.header_flags") or []
    bits = sum(_FLAGS.get(flag.upper(), 0) for flag in set(flags))
    return bits | ((rcode or 0) & 15) | (0x8000 if answered else 0)


def tls(event: Document) -> Columns:
    """Table ``tls``."""
    sni, sha256 = event.text("tls.client.server_name"), event.text("tls.server.hash.sha256")
    return {
        **ends(event),
        "sport": event.number("source.port", "client.port") or 0,
        "sni": sni.lower() if sni else None,
        "version": event.text("tls.version"),
        "cipher": event.text("tls.cipher"),
        "ja3": event.text("tls.client.ja3"),
        "ja3s": event.text("tls.server.ja3s"),
        "subject": event.text("tls.server.subject", "tls.server.x509.subject.distinguished_name"),
        "issuer": event.text("tls.server.issuer", "tls.server.x509.issuer.distinguished_name"),
        "cert_sha256": sha256.lower() if sha256 else None,
        "established": event.take("tls.established"),
    }


def web(event: Document) -> Columns:
    """Table ``user_events``."""
    domain = event.text("url.domain", "destination.domain")
    domain = domain.lower() if domain else None
    dataset = str(event.look("event.dataset") or "")
    proxy = any(sign in dataset for sign in ("proxy", "squid", "zscaler", "bluecoat"))
    return {
        **ends(event),
        "app": "proxy" if proxy else "web",
        "user": event.text("user.name", "source.user.name"),
        "host": event.text("host.name", "host.hostname", "agent.hostname"),
        "method": event.text("http.request.method"),
        "url": event.text("url.full", "url.original"),
        "domain": domain,
        "regdom": registered(domain) if domain else None,
        "status": event.number("http.response.status_code"),
        "octets_in": event.number("http.response.bytes", "http.response.body.bytes"),
        "octets_out": event.number("http.request.bytes", "http.request.body.bytes"),
        "ua": event.text("user_agent.original"),
        "referrer": event.text("http.request.referrer"),
        "mime": event.text("http.response.mime_type"),
        "result": event.text("event.outcome"),
        "message": event.text("message"),
    }
