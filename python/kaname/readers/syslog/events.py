"""What a syslog message means: columns of ``user_events`` by the program that wrote it."""

from __future__ import annotations

import re
from typing import Any

from kaname.readers.clock import Clock
from kaname.readers.domains import registered
from kaname.readers.syslog import cef, sshd, sudo
from kaname.readers.syslog.envelope import Envelope

__all__ = ["rows"]

Row = dict[str, Any]

_REPEATED = re.compile(r"message repeated (\d+) times: \[ ?(.*)\]$")
_MOST = 1000
_COLUMNS = (
    *("app", "user", "host", "src", "dst", "dport", "method", "url", "domain", "regdom"),
    *("status", "octets_in", "octets_out", "ua", "referrer", "mime", "result", "message", "ext"),
)


def rows(found: Envelope, clock: Clock) -> list[Row]:
    """The acts that one message tells of, in the same columns always; usually one.

    ``message repeated N times`` stands for as many.
    """
    repeated = _REPEATED.match(found.text)
    text = repeated[2] if repeated else found.text
    row = _meaning(found, text) or {"app": "other"}
    times = min(int(repeated[1]), _MOST) if repeated else 1
    row.setdefault("message", found.text)
    row["host"] = found.host or row.get("host")
    row["ext"] = _ext(found) | row.get("ext", {})
    own_time = row.pop("time", None)
    row["ts"] = found.ts if found.ts is not None else _own_time(own_time, clock)
    if row.get("domain"):
        row["regdom"] = registered(row["domain"])
    whole = {name: row.get(name) for name in _COLUMNS}
    whole["dport"] = whole["dport"] or 0
    whole["ts"] = row["ts"]
    return [whole] * times


def _meaning(found: Envelope, text: str) -> Row | None:
    program = (found.program or "").rpartition("/")[2].lower()
    if program.startswith(("sshd", "dropbear")):
        return sshd.login(text) or {"app": "ssh"}
    device = cef.event(text)
    if device is not None:
        return device
    return sudo.elevation(program, text) or (sshd.login(text) if "pam_" in text else None)


def _ext(found: Envelope) -> Row:
    told = {
        "program": found.program,
        "pid": found.pid,
        "msgid": found.message_id,
        "facility": found.facility,
        "severity": found.severity,
        "structured": found.structured or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _own_time(text: str | None, clock: Clock) -> int | None:
    """The time that a device names in its event: milliseconds since 1970, or written out."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return int(text) * 1000
    words = text.split()
    if len(words) >= 4 and words[2].isdigit():
        return clock.dated(int(words[2]), words[0], words[1], words[3])
    return clock.yearless(*words[:3]) if len(words) == 3 else clock.iso(text)
