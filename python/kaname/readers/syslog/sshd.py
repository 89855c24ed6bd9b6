"""What sshd and PAM say of logins (OpenSSH auth.c, auth2.c, packet.c; Linux-PAM pam_unix)."""

from __future__ import annotations

import re
from typing import Any

from kaname.readers.columns import address_words

__all__ = ["login"]

Row = dict[str, Any]

_WHO = r"(?:(?:invalid user|illegal user|authenticating user) )?(?P<user>.*?)"
_FROM = r"(?P<src>\S+)(?: port (?P<port>\d+))?"
_ACCEPTED = re.compile(
    rf"(?P<how>Accepted|Failed|Postponed|Partial) (?P<method>\S+) for {_WHO} from {_FROM}\b.*"
)
_INVALID = re.compile(rf"(?:Invalid|Illegal) user (?P<user>.*?) from {_FROM}$")
_LEFT = re.compile(
    rf"(?:Connection (?:closed|reset) by|Disconnected from|Received disconnect from"
    rf"|Disconnecting|Did not receive identification string from|Unable to negotiate with"
    rf"|Bad protocol version identification .* from|Connection from"
    rf"|banner exchange: Connection from|ssh_dispatch_run_fatal: Connection from)"
    rf" (?:(?:invalid |authenticating )?user (?P<user>\S*) )?{_FROM}\b.*"
)
_PAM = re.compile(r"pam_(\w+)\((?P<service>[\w.-]+):(?P<phase>\w+)\): (?P<text>.*)")
_PAM_FIELD = re.compile(r"\b(\w+)=(\S*)")
_SESSION = re.compile(r"session (?P<what>opened|closed) for user (?P<user>[^\s(]+)")
_REVERSE = re.compile(
    r"(?:reverse mapping checking getaddrinfo for|Address) \S+ \[?(?P<src>[0-9a-fA-F.:]+)\]?"
)
_RESULTS = {"Accepted": "success", "Failed": "failure"}


def login(text: str) -> Row | None:
    """Columns of ``user_events``; None when the text is none of these."""
    pam = _PAM.match(text)
    return _pam(pam) if pam else _ssh(text)


def _ssh(text: str) -> Row | None:
    found = _ACCEPTED.match(text)
    if found:
        result = _RESULTS.get(found["how"], found["how"].lower())
        return _row(found, method=found["method"], result=result)
    found = _INVALID.match(text)
    if found:
        return _row(found, result="invalid user")
    found = _LEFT.match(text)
    if found:
        result = None if " from " in text and text.startswith("Connection from") else "disconnected"
        return _row(found, result=result)
    found = _REVERSE.match(text)
    return {"app": "ssh", "src": _address(found["src"])} if found else None


def _row(found: re.Match[str], **more: str | None) -> Row:
    parts = found.groupdict()
    row: Row = {"app": "ssh", "user": parts.get("user") or None, **more}
    source = (parts.get("src") or "").rstrip(":")
    row["src"] = _address(source)
    ext: Row = {"port": int(parts["port"])} if parts.get("port") else {}
    if row["src"] is None and source:
        ext["rhost"] = source
    return row | {"ext": ext}


def _pam(found: re.Match[str]) -> Row:
    text, service = found["text"], found["service"]
    row: Row = {"app": "auth", "method": f"pam {service}"}
    session = _SESSION.match(text)
    if session:
        return row | {"user": session["user"], "result": f"session {session['what']}"}
    fields = dict(_PAM_FIELD.findall(text))
    if "authentication failure" in text:
        row["result"] = "failure"
        row["user"] = fields.get("user") or None
        host = fields.get("rhost") or ""
        row["src"] = _address(host)
        if host and row["src"] is None:
            row["ext"] = {"rhost": host}
    return row


def _address(text: str) -> str | None:
    return text if text and address_words(text) is not None else None
