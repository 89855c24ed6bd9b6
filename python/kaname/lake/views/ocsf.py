"""OCSF events (Open Cybersecurity Schema Framework 1.3) of lake rows.

Classes: 4001 network activity, 4003 DNS activity, 4002 HTTP activity, 4009 email
activity, 1007 process activity, 3002 authentication, 2004 detection finding. What has no
place in a class goes into ``unmapped``, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kaname.lake.views.rows import Row
from kaname.model.errors import UsageError

__all__ = ["OCSF_VERSION", "ocsf_event", "ocsf_tables"]

OCSF_VERSION = "1.3.0"
_PRODUCT = {"name": "kaname", "vendor_name": "kaname"}
_CATEGORIES = {1: "System Activity", 2: "Findings", 3: "Identity & Access Management",
               4: "Network Activity"}  # fmt: skip
_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_QTYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 10: "NULL", 12: "PTR", 15: "MX", 16: "TXT",
           28: "AAAA", 33: "SRV", 65: "HTTPS", 255: "ANY"}  # fmt: skip
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
_COMMON = {"ts", "sensor", "kind", "tlp", "batch", "row_in_src", "ext", "src"}

Event = dict[str, Any]
Mapped = tuple[int, str, int, str, Event, set[str]]  # class, name, activity, its name, body, used


def ocsf_tables() -> tuple[str, ...]:
    """Tables whose rows have a class."""
    return tuple(_MAPPINGS)


def ocsf_event(table: str, row: Row) -> Event:
    """The event of a row.

    Raises:
        UsageError: the table has no class.
    """
    mapping = _MAPPINGS.get(table)
    if mapping is None:
        known = ", ".join(_MAPPINGS)
        raise UsageError("lake.error.export_format", table=table, format="OCSF", known=known)
    class_uid, class_name, activity, activity_name, body, used = mapping(row)
    category = class_uid // 1000
    severity = body.pop("severity_id", 1)
    unmapped = {name: v for name, v in row.items() if name not in used and name not in _COMMON}
    event: Event = {
        "activity_id": activity,
        "activity_name": activity_name,
        "category_uid": category,
        "category_name": _CATEGORIES[category],
        "class_uid": class_uid,
        "class_name": class_name,
        "type_uid": class_uid * 100 + activity,
        "severity_id": severity,
        "time": row["ts"] // 1000,
        "metadata": {
            "version": OCSF_VERSION,
            "product": _PRODUCT,
            "log_name": row.get("kind", ""),
            "log_provider": row.get("sensor", ""),
            "uid": f"{row.get('batch', 0)}:{row.get('row_in_src', 0)}",
            "labels": [f"tlp:{row['tlp']}"] if "tlp" in row else [],
        },
        **_filled(body),
    }
    return {**event, "unmapped": unmapped} if unmapped else event


def _filled(value: Any) -> Any:
    """Without what is empty, at any depth."""
    if isinstance(value, dict):
        found = {key: _filled(inner) for key, inner in value.items()}
        return {key: inner for key, inner in found.items() if inner not in (None, {}, [])}
    if isinstance(value, list):
        return [_filled(inner) for inner in value]
    return value


def _ends(row: Row) -> Event:
    return {
        "src_endpoint": {"ip": row.get("src"), "port": row.get("sport") or None},
        "dst_endpoint": {"ip": row.get("dst"), "port": row.get("dport") or None},
    }


def _connection(row: Row) -> Event:
    number = row.get("proto")
    if number is None:
        return {}
    return {"protocol_num": number, "protocol_name": _PROTOCOLS.get(number)}


_ENDS = {"src", "dst", "sport", "dport"}


def _flow(row: Row) -> Mapped:
    sampling = row.get("sampling") or 1
    packets, octets = row.get("packets", 0), row.get("octets", 0)
    body = {
        **_ends(row),
        "connection_info": _connection(row) | {"tcp_flags": row.get("tcp_bits")},
        "traffic": {
            "packets_out": _times(packets, sampling),
            "bytes_out": _times(octets, sampling),
            "packets_in": _times(row.get("packets_rev", 0), sampling),
            "bytes_in": _times(row.get("octets_rev", 0), sampling),
        },
        "duration": row.get("dur_us", 0) // 1000,
        "start_time": row["ts"] // 1000,
        "end_time": (row["ts"] + row.get("dur_us", 0)) // 1000,
        "app_name": row.get("app"),
    }
    used = _ENDS | {"proto", "tcp_bits", "packets", "octets", "packets_rev", "octets_rev",
                    "dur_us", "app"}  # fmt: skip
    return 4001, "Network Activity", 6, "Traffic", body, used


def _times(count: Any, sampling: int) -> int:
    return int(count) * sampling


def _dns(row: Row) -> Mapped:
    asked, answered = row.get("state") != "response", row.get("state") in {"response", "both"}
    number, name = (6, "Traffic") if asked and answered else (1, "Query") if asked else (
        2, "Response"
    )  # fmt: skip
    qtype = row.get("qtype")
    types = row.get("answer_types") or []
    rcode = row.get("rcode")
    body = {
        **_ends(row),
        "query": {
            "hostname": row.get("qname"),
            "type": _QTYPES.get(qtype, str(qtype)) if qtype is not None else None,
            "class": {1: "IN", 3: "CH"}.get(row.get("qclass", 1), str(row.get("qclass"))),
            "opcode_id": row.get("opcode"),
            "packet_uid": row.get("dns_id"),
        },
        "answers": [
            {"rdata": data, "type": kind}
            for data, kind in zip(row.get("answers") or [], types, strict=False)
        ],
        "rcode_id": rcode,
        "rcode": _RCODES.get(rcode, str(rcode)) if rcode is not None else None,
        "duration": row["rtt_us"] // 1000 if "rtt_us" in row else None,
    }
    used = _ENDS | {"qname", "qtype", "qclass", "opcode", "dns_id", "answers", "answer_types",
                    "rcode", "state"}  # fmt: skip
    return 4003, "DNS Activity", number, name, body, used


_METHODS = {"CONNECT": 1, "DELETE": 2, "GET": 3, "HEAD": 4, "OPTIONS": 5, "POST": 6, "PUT": 7}


def _user_event(row: Row) -> Mapped:
    return _http(row) if "url" in row or row.get("app") in {"proxy", "web"} else _login(row)


def _http(row: Row) -> Mapped:
    method = str(row.get("method", "")).upper()
    activity = _METHODS.get(method, 99)
    body = {
        **_ends(row),
        "http_request": {
            "http_method": method or None,
            "url": {"url_string": row.get("url"), "hostname": row.get("domain")},
            "user_agent": row.get("ua"),
            "referrer": row.get("referrer"),
        },
        "http_response": {
            "code": row.get("status"),
            "content_type": row.get("mime"),
            "length": row.get("octets_in"),
        },
        "actor": {"user": {"name": row.get("user")}},
    }
    used = _ENDS | {"method", "url", "domain", "ua", "referrer", "status", "mime", "octets_in",
                    "user"}  # fmt: skip
    name = method.capitalize() if activity != 99 else "Other"
    return 4002, "HTTP Activity", activity, name, body, used


def _login(row: Row) -> Mapped:
    status = {"success": 1, "failure": 2, "denied": 2}.get(str(row.get("result")), 0)
    body = {
        **_ends(row),
        "user": {"name": row.get("user")},
        "device": {"hostname": row.get("host")},
        "auth_protocol": row.get("method"),
        "logon_type_id": row.get("logon_type"),
        "status_id": status,
        "status": {1: "Success", 2: "Failure", 0: "Unknown"}[status],
        "message": row.get("message"),
        "service": {"name": row.get("app")},
    }
    used = _ENDS | {"user", "host", "method", "result", "message", "app", "logon_type"}
    return 3002, "Authentication", 1, "Logon", body, used


def _mail(row: Row) -> Mapped:
    body = {
        "email": {
            "from": row.get("from_addr"),
            "to": row.get("rcpt"),
            "subject": row.get("subject"),
            "message_uid": row.get("msgid"),
            "size": row.get("size"),
        },
        "smtp_hello": row.get("helo"),
        "src_endpoint": {"ip": row.get("src"), "hostname": row.get("rdns")},
        "direction_id": 1,
        "observables": [
            {"name": "email.urls[].url_string", "type_id": 6, "type": "URL String", "value": url}
            for url in row.get("urls") or []
        ]
        + [
            {"name": "email.files[].hashes[].value", "type_id": 8, "type": "Hash", "value": digest}
            for digest in row.get("attach_sha256") or []
        ],
    }
    used = {"from_addr", "rcpt", "subject", "msgid", "size", "helo", "rdns", "urls",
            "attach_sha256"}  # fmt: skip
    return 4009, "Email Activity", 2, "Receive", body, used


def _endpoint(row: Row) -> Mapped:
    if row.get("event_class") == "logon":
        return _login(row)
    hashes = [
        {"algorithm_id": number, "algorithm": name, "value": row[column]}
        for number, name, column in ((3, "SHA-256", "sha256"), (1, "MD5", "md5"))
        if column in row
    ]
    body = {
        "device": {"hostname": row.get("host"), "ip": row.get("src")},
        "actor": {"user": {"name": row.get("user")},
                  "process": {"pid": row.get("ppid"), "cmd_line": row.get("parent_cmdline"),
                              "file": {"path": row.get("parent_image")}}},
        "process": {
            "pid": row.get("pid"),
            "cmd_line": row.get("cmdline"),
            "file": {"path": row.get("image"), "hashes": hashes},
        },
        "message": row.get("message"),
    }  # fmt: skip
    used = {"host", "user", "pid", "ppid", "image", "cmdline", "parent_image", "parent_cmdline",
            "sha256", "md5", "message"}  # fmt: skip
    if row.get("event_class") == "process":
        return 1007, "Process Activity", 1, "Launch", body, used
    return 1007, "Process Activity", 99, "Other", body, used


def _alert(row: Row) -> Mapped:
    # OCSF counts severities up (1 informational to 6 fatal), the table counts them down.
    severity = {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}.get(row.get("severity", 0), 0)
    body = {
        "finding_info": {
            "title": row.get("signature"),
            "uid": f"{row.get('batch', 0)}:{row.get('row_in_src', 0)}",
            "types": [row["category"]] if "category" in row else [],
            "analytic": {"uid": str(row.get("sid", 0)), "name": row.get("engine"), "type_id": 1},
        },
        "evidences": [{**_ends(row), "connection_info": _connection(row),
                       "url": {"url_string": row.get("url"), "hostname": row.get("domain")}}],
        "severity_id": severity,
        "action": row.get("action"),
    }  # fmt: skip
    used = _ENDS | {"signature", "category", "sid", "engine", "proto", "url", "domain", "severity",
                    "action"}  # fmt: skip
    return 2004, "Detection Finding", 1, "Create", body, used


_MAPPINGS: dict[str, Callable[[Row], Mapped]] = {
    "flows": _flow,
    "flowtuples": _flow,
    "dns": _dns,
    "user_events": _user_event,
    "mail": _mail,
    "endpoint": _endpoint,
    "alerts": _alert,
}
