"""Records of the Linux audit log: fields, nested messages, hexadecimal values, addresses.

Source: the "audit log format" of the Linux audit documentation project, and the manual
page auditd.conf(5) for the enriched form.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["AuditRecord", "Endpoint", "endpoint", "plain", "record"]

_HEAD = re.compile(r"(?:node=(\S+) )?type=(\S+) msg=audit\((\d+)\.(\d{1,3}):(\d+)\):\s*")
_FIELD = re.compile(r"([\w\[\]-]+)=(\"[^\"]*\"|'[^']*'|[^\s]*)")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_ENRICHED = "\x1d"
# Fields that users can fill; the kernel writes them in hexadecimal when they hold blanks,
# quotes or control characters.
_UNTRUSTED = {
    *("name", "proctitle", "comm", "exe", "cwd", "cmd", "acct", "data", "key", "path", "grp"),
    *("dir", "file", "old", "new", "vm", "watch", "device"),
}
_ARGUMENT = re.compile(r"a\d+(?:\[\d+\])?")
_V4, _V6 = 2, 10  # address families of Linux


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One line: the event that it belongs to, its type and its fields, undecoded."""

    event: tuple[str, int, int]  # node, time in microseconds, serial number
    kind: str
    fields: dict[str, str]


class Endpoint(NamedTuple):
    """Other end of a socket."""

    address: str
    port: int


def record(line: str) -> AuditRecord | None:
    """The record on a line; None when it is none."""
    head = _HEAD.match(line)
    if head is None:
        return None
    node, kind, seconds, millis, serial = head.groups()
    if len(seconds) > 12 or len(serial) > 18:
        return None
    ts = int(seconds) * 1_000_000 + int(millis.ljust(3, "0")) * 1000
    fields: dict[str, str] = {}
    for part in line[head.end() :].split(_ENRICHED):
        for name, value in _FIELD.findall(part):
            if value.startswith("'"):  # programs put their own fields into one
                fields |= dict(_FIELD.findall(value.strip("'")))
            else:
                fields[name] = value
    return AuditRecord((node or "", ts, int(serial)), kind, fields)


def plain(fields: dict[str, str], name: str) -> str | None:
    """The value of a field, decoded; None when it is missing or says nothing."""
    value = fields.get(name)
    if value is None or value in {"?", "(null)", "(none)", '"?"', ""}:
        return None
    if value.startswith('"'):
        return value.strip('"')
    untrusted = name in _UNTRUSTED or _ARGUMENT.fullmatch(name)
    if untrusted and _HEX.fullmatch(value):
        data = bytes.fromhex(value).rstrip(b"\0").replace(b"\0", b" ")
        return data.decode(errors="backslashreplace")
    return value


def endpoint(saddr: str | None) -> Endpoint | None:
    """Address and port of ``saddr``, a socket address in hexadecimal; None of other families."""
    if saddr is None or not _HEX.fullmatch(saddr):
        return None
    data = bytes.fromhex(saddr)
    family = int.from_bytes(data[:2], "little")
    port = int.from_bytes(data[2:4], "big")
    if family == _V4 and len(data) >= 8:
        return Endpoint(socket.inet_ntop(socket.AF_INET, data[4:8]), port)
    if family == _V6 and len(data) >= 24:
        return Endpoint(socket.inet_ntop(socket.AF_INET6, data[8:24]), port)
    return None
