r"""Common Event Format (ArcSight, revision 25) and LEEF 1.0/2.0 (QRadar): device events.

``CEF:0|vendor|product|version|id|name|severity|key=value ...``: ``\|`` and ``\\`` in the
head; ``\=``, ``\\``, ``\n`` and ``\r`` in values, which may hold blanks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["event"]

Row = dict[str, Any]

_HEAD = re.compile(r"(?<!\\)(?:\\\\)*\|")
_KEY = re.compile(r"(?:^|(?<=\s))([A-Za-z0-9_.\-\[\]]+)(?<!\\)=")
_ESCAPE = re.compile(r"\\([=\\|nr])")
_MEANING = {"n": "\n", "r": "\r"}
_LABELLED = re.compile(
    r"(c[sn]\d|cfp\d|c6a\d|flex(?:String|Number|Date)\d|deviceCustomDate\d)Label"
)

# Names of CEF, and after them those of LEEF, for one column.
_SRC, _DST = ("src", "sourceTranslatedAddress", "c6a2"), ("dst", "c6a3")
_USER = ("suser", "duser", "usrName", "suid")
_RESULTS = {
    "accept": "success",
    "accepted": "success",
    "allow": "success",
    "allowed": "success",
    "permit": "success",
    "pass": "success",
    "success": "success",
    "deny": "denied",
    "denied": "denied",
    "block": "denied",
    "blocked": "denied",
    "drop": "denied",
    "dropped": "denied",
    "reject": "denied",
    "failure": "failure",
    "failed": "failure",
}
_APPS = (
    ("vpn", ("vpn", "globalprotect", "anyconnect")),
    ("proxy", ("proxy", "web gateway", "zscaler", "bluecoat", "secure web")),
    ("ids", ("ids", "ips", "intrusion", "threat", "snort", "suricata", "tippingpoint")),
    ("firewall", ("firewall", "fortigate", "pan-os", "asa", "checkpoint", "vpn-1", "srx")),
    ("auth", ("authentication", "identity", "logon", "login")),
)


def event(text: str) -> Row | None:
    """Columns of ``user_events``; None when the text is no CEF or LEEF."""
    at = text.find("CEF:")
    if at >= 0 and text[at + 4 : at + 5].isdigit():
        return _cef(text[at + 4 :])
    at = text.find("LEEF:")
    return _leef(text[at + 5 :]) if at >= 0 else None


def _cef(body: str) -> Row | None:
    head, rest = _cut(body, 7)
    if len(head) < 7:
        return None
    _, vendor, product, version, signature, name, severity = head
    fields = _extension(rest)
    told = {
        "vendor": vendor,
        "product": product,
        "version": version,
        "signature_id": signature,
        "severity": severity,
    }
    return _row(f"{vendor} {product} {name}", name, fields, told)


def _leef(body: str) -> Row | None:
    wanted = 6 if body.startswith("2") else 5
    head, rest = _cut(body, wanted)
    if len(head) < 5:
        return None
    separator = "\t"
    if len(head) == 6:
        separator = _separator(head[5])
    pairs = (part.partition("=") for part in rest.split(separator) if "=" in part)
    fields = {key.strip(): value for key, _, value in pairs}
    _, vendor, product, version, name = head[:5]
    told = {"vendor": vendor, "product": product, "version": version}
    return _row(f"{vendor} {product} {name}", name, fields, told)


def _separator(text: str) -> str:
    found = re.fullmatch(r"(?:0x|x)([0-9a-fA-F]{1,4})", text)
    return chr(int(found[1], 16)) if found else text or "\t"


def _cut(body: str, parts: int) -> tuple[list[str], str]:
    """The first ``parts`` fields of the head, unescaped, and what follows."""
    head, start = [], 0
    for bar in _HEAD.finditer(body):
        head.append(_plain(body[start : bar.end() - 1]))
        start = bar.end()
        if len(head) == parts:
            break
    return head, body[start:]


def _extension(rest: str) -> dict[str, str]:
    """Keys and values; custom fields go by their labels."""
    keys = list(_KEY.finditer(rest))
    ends = [key.start() for key in keys[1:]] + [len(rest)]
    fields = {
        key[1]: _plain(rest[key.end() : end].strip()) for key, end in zip(keys, ends, strict=True)
    }
    for name in list(fields):
        labelled = _LABELLED.fullmatch(name)
        if labelled and labelled[1] in fields and fields[name] not in fields:
            fields[fields.pop(name)] = fields.pop(labelled[1])
    return fields


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: _MEANING.get(found[1], found[1]), text)


def _row(words: str, name: str, fields: dict[str, str], told: Mapping[str, str]) -> Row:
    row: Row = {"message": fields.pop("msg", None) or name}
    row["app"] = _app(words.lower())
    row["src"] = _first(fields, _SRC)
    row["dst"] = _first(fields, _DST)
    row["dport"] = _number(_first(fields, ("dpt", "dstPort")))
    row["user"] = _first(fields, _USER)
    row["url"] = _first(fields, ("request", "url"))
    row["domain"] = _first(fields, ("dhost", "destinationDnsDomain"))
    row["method"] = _first(fields, ("requestMethod",))
    row["ua"] = _first(fields, ("requestClientApplication",))
    row["octets_in"] = _number(_first(fields, ("in", "dstBytes")), None)
    row["octets_out"] = _number(_first(fields, ("out", "srcBytes")), None)
    row["host"] = _first(fields, ("dvchost", "dvc"))
    said = _first(fields, ("outcome", "act", "action"))
    row["result"] = _RESULTS.get(said.lower(), said) if said else None
    row["time"] = _first(fields, ("rt", "end", "start", "devTime"))
    row["ext"] = {"name": name, **told, **fields}
    return row


def _app(words: str) -> str:
    tokens = set(re.findall(r"[a-z0-9-]+", words))
    for app, signs in _APPS:
        if any(sign in tokens or (" " in sign and sign in words) for sign in signs):
            return app
    return "other"


def _first(fields: dict[str, str], names: tuple[str, ...]) -> str | None:
    for name in names:
        if fields.get(name):
            return fields.pop(name)
    return None


def _number(text: str | None, none: int | None = 0) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else none
