"""The envelope of a syslog message: when, where, which program, how grave.

RFC 5424 (``<34>1 2003-10-11T22:14:15.003Z host app 1 ID47 [sd] text``), RFC 3164
(``<34>Oct 11 22:14:15 host su[1]: text``), and what daemons write into files: the same
without the priority, with a year, or with an ISO 8601 time (rsyslog).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kaname.readers.clock import Clock

__all__ = ["Envelope", "envelope"]

_PRIORITY = re.compile(r"<(\d{1,3})>")
_RFC5424 = re.compile(r"([1-9]\d?) (\S+) (\S+) (\S+) (\S+) (\S+)(?: (.*))?", re.DOTALL)
_RFC3164 = re.compile(
    r"(?:([A-Z][a-z]{2}) +(\d{1,2})(?: (\d{4}))? (\d\d:\d\d:\d\d(?:[.,]\d+)?)(?: (\d{4}))?"
    r"|(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)):? +(.*)",
    re.DOTALL,
)
_TAGGED = re.compile(r"([^\s:\[\]]{1,64})(?:\[([^\]]*)\])?: ?(.*)", re.DOTALL)
_NIL = "-"
_ELEMENT = re.compile(r'\[([^\s\]="]{1,64})((?: [^\s\]="]+="(?:[^"\\\]]|\\.)*")*)\]')
_PARAMETER = re.compile(r' ([^\s\]="]+)="((?:[^"\\\]]|\\.)*)"')


@dataclass(slots=True)
class Envelope:
    """One message. ``ts`` is microseconds UTC, None where none could be read."""

    ts: int | None
    host: str | None = None
    program: str | None = None
    pid: str | None = None
    message_id: str | None = None
    facility: int | None = None
    severity: int | None = None
    structured: dict[str, dict[str, str]] = field(default_factory=dict)
    text: str = ""


def envelope(line: str, clock: Clock) -> Envelope | None:
    """The message in ``line``; None when it is not one."""
    priority = _PRIORITY.match(line)
    rest = line[priority.end() :] if priority else line
    level = int(priority[1]) if priority else -1
    if level > 191:  # 23 * 8 + 7
        return None
    found = _modern(rest, clock) if priority or rest[:2] == "1 " else None
    if found is None:
        found = _classic(rest, clock)
    if found is None and priority:
        found = _tagged(rest, Envelope(None))
    if found is not None and level >= 0:
        found.facility, found.severity = divmod(level, 8)
    return found


def _modern(rest: str, clock: Clock) -> Envelope | None:
    """RFC 5424, section 6."""
    match = _RFC5424.fullmatch(rest)
    if match is None:
        return None
    _, time, host, program, pid, message_id, tail = match.groups()
    ts = None if time == _NIL else clock.iso(time)
    if ts is None and time != _NIL:
        return None
    structured, text = _structured(tail or "")
    told = [None if value == _NIL else value for value in (host, program, pid, message_id)]
    found = Envelope(ts, told[0], told[1], told[2], told[3])
    found.structured, found.text = structured, text.removeprefix("\ufeff")
    return found


def _structured(tail: str) -> tuple[dict[str, dict[str, str]], str]:
    """Structured data (section 6.3), and the text after it."""
    if tail.startswith(_NIL):
        return {}, tail[1:].removeprefix(" ")
    elements: dict[str, dict[str, str]] = {}
    at = 0
    while match := _ELEMENT.match(tail, at):
        pairs = _PARAMETER.findall(match[2])
        elements[match[1]] = {name: re.sub(r'\\(["\\\]])', r"\1", text) for name, text in pairs}
        at = match.end()
    return elements, tail[at:].removeprefix(" ")


def _classic(rest: str, clock: Clock) -> Envelope | None:
    """RFC 3164, section 4.1, and its relatives."""
    match = _RFC3164.fullmatch(rest)
    if match is None:
        return None
    month, day, year, time, late_year, iso, tail = match.groups()
    if iso is not None:
        ts = clock.iso(iso)
    elif year or late_year:
        ts = clock.dated(int(year or late_year), month, day, time)
    else:
        ts = clock.yearless(month, day, time)
    if ts is None:
        return None
    host, _, body = tail.partition(" ")
    if host.endswith(":"):  # no host: this is the tag already
        return _tagged(tail, Envelope(ts))
    return _tagged(body.lstrip(), Envelope(ts, host))


def _tagged(body: str, found: Envelope) -> Envelope:
    """Program and process id, as far as they are told."""
    match = _TAGGED.fullmatch(body)
    if match is None or match[1] in {"CEF", "LEEF"}:
        found.text = body
    else:
        found.program, found.pid, found.text = match[1], match[2], match[3]
    return found
