"""What messages of one campaign have in common, as keys that can be compared exactly.

A strong key binds two messages alone: a linked domain that is not everybody's, an
attachment. A weak one binds only together with another: the shape of the subject, of the
attachment's name, of the name that the relay gives itself. The body's simhash is compared
by distance (`kaname.traffic.campaigns.clusters`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import msgspec

from kaname.traffic.names.suffixes import Suffixes

__all__ = ["Message", "message", "name_mask", "relay_pattern", "subject_shape"]

Key = tuple[str, str]

_REPLY = re.compile(r"^\s*((re|fwd?|aw|sv|tr|wg|返信|転送)\s*[:：]\s*)+", re.IGNORECASE)
_HEX = re.compile(r"\b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{6,}\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_BRACKETS = re.compile(r"[\s\W_]+")
_TOLD = 12  # characters that the shape of a subject must have to say anything
_FAILED = re.compile(r"\b(spf|dkim|dmarc)\W{1,3}(fail|softfail|permerror)", re.IGNORECASE)
_PASSED = re.compile(r"\b(dkim|dmarc)\W{1,3}pass", re.IGNORECASE)
_EXECUTABLE = re.compile(
    r"\.(exe|scr|js|jse|vbs|vbe|wsf|hta|bat|cmd|ps1|lnk|iso|img|vhd|jar|one|msi|chm|xlsm|docm|"
    r"xll|z|ace|r\d\d|7z|rar|zip|gz|html?|shtml)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the clustering sees it; ``strong`` and ``weak`` are keys.

    ``failed`` and ``passed`` are what the receiver wrote of SPF, DKIM and DMARC; neither
    where it wrote nothing.
    """

    ts: int
    sender: str
    domain: str
    relay: tuple[int, int]
    subject: str
    simhash: int
    strong: tuple[Key, ...]
    weak: tuple[Key, ...]
    urls: tuple[str, ...]
    hashes: tuple[str, ...]
    risky: bool
    failed: bool
    passed: bool
    trapped: bool

    @property
    def bonds(self) -> Iterator[Key]:
        """The strong keys, and every two weak ones as one."""
        yield from self.strong
        for one, other in combinations(self.weak, 2):
            yield f"{one[0]}+{other[0]}", f"{one[1]}\0{other[1]}"


def message(row: Mapping[str, Any], shared: Suffixes) -> Message:
    """The message in a row of ``mail``; links to ``shared`` domains bind nobody."""
    attached = _attached(row["attach"])
    names = [str(each.get("name") or "") for each in attached]
    hashes = tuple(sorted(set(row["attach_sha256"] or ())))
    linked = (d for d in sorted(set(row["url_regdoms"] or ())) if not shared.cover(d))
    return Message(
        ts=row["at"],
        sender=row["from_addr"],
        domain=row["from_dom"],
        relay=(row["src_hi"], row["src_lo"]),
        subject=row["subject"],
        simhash=row["body_simhash"],
        strong=(*(("domain", d) for d in linked), *(("attachment", h) for h in hashes)),
        weak=tuple(_weak(row, names)),
        urls=tuple(row["urls"] or ()),
        hashes=hashes,
        risky=any(_EXECUTABLE.search(name) for name in names),
        failed=bool(_FAILED.search(row["auth"] or "")),
        passed=bool(_PASSED.search(row["auth"] or "")),
        trapped=bool(row["trap"]),
    )


def _weak(row: Mapping[str, Any], names: list[str]) -> Iterator[Key]:
    shape = subject_shape(row["subject"])
    if len(shape) >= _TOLD:
        yield "subject", shape
    masks = sorted({mask for name in names if len(mask := name_mask(name)) > 4})
    if masks:
        yield "name", masks[0]
    pattern = relay_pattern(row["helo"] or "", row["rdns"] or "")
    if pattern:
        yield "relay", pattern


def _attached(text: str | None) -> list[dict[str, Any]]:
    try:
        found = msgspec.json.decode(text) if text else []
    except msgspec.DecodeError:
        return []
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def subject_shape(subject: str) -> str:
    """Words in lower case without marks of replies; codes and numbers stand as 0."""
    plain = _REPLY.sub("", subject).lower()
    return _BRACKETS.sub(" ", _DIGITS.sub("0", _HEX.sub("0", plain))).strip()


def name_mask(name: str) -> str:
    """The name of a file with codes and numbers as 0."""
    return _DIGITS.sub("0", _HEX.sub("0", name.lower()))


def relay_pattern(helo: str, rdns: str) -> str:
    """How a relay is named: numbers as 0, so that pools of dial-up hosts fall together."""
    masked = [_DIGITS.sub("0", _HEX.sub("0", name.lower())) for name in (helo, rdns)]
    return "/".join(masked) if any(masked) else ""
