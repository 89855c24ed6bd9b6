"""Programs that a visit left behind on the machine of the client.

Endpoint events name a host and an account, network events an address. A program is the
client's when one of them agrees: the address, the host whose address another event shows,
or the account that the proxy named. It is told when it came from a browser, a mail or an
office program and is an interpreter, or lies where users may write.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kaname.analysis.frame import Window
from kaname.model.instant import HOUR
from kaname.traffic.names.reduction import gathered, micros, within
from kaname.traffic.stories.lures import Visit

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Program", "Programs"]

_SOON = HOUR
_OPENERS = re.compile(
    r"(chrome|msedge|firefox|iexplore|brave|opera|safari|outlook|olk|thunderbird|winword|excel|"
    r"powerpnt|onenote|acrord32|acrobat|winrar|7zfm)(\.exe)?$",
    re.IGNORECASE,
)
_INTERPRETERS = re.compile(
    r"(powershell|pwsh|cmd|wscript|cscript|mshta|rundll32|regsvr32|msiexec|certutil|bitsadmin|"
    r"curl|wmic|installutil|msbuild|python\d?|bash|sh|osascript)(\.exe)?$",
    re.IGNORECASE,
)
_WRITABLE = re.compile(
    r"[\\/](downloads|temp|tmp|appdata|programdata|public|content\.outlook|inetcache)[\\/]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that began on a host."""

    at: int
    host: str
    user: str
    image: str
    parent: str

    @property
    def suspicious(self) -> bool:
        """Whether a link may have brought it."""
        parent = bool(_OPENERS.search(self.parent))
        if _WRITABLE.search(self.image):
            return True
        return parent and bool(_INTERPRETERS.search(self.image))


class Programs:
    """The suspicious programs of the window, and whose machine each host is."""

    def __init__(self, endpoint: ir.Table, window: Window) -> None:
        rows = within(endpoint, window)
        self._addresses = _addresses(rows)
        self._by_host: dict[str, list[Program]] = defaultdict(list)
        self._by_user: dict[str, list[Program]] = defaultdict(list)
        for program in _begun(rows):
            if program.suspicious:
                self._by_host[program.host].append(program)
                self._by_user[_account(program.user)].append(program)

    def after(self, visit: Visit) -> Program | None:
        """The first that began on the client's machine within an hour of the visit."""
        own = [p for host in self._addresses.get(visit.client, ()) for p in self._by_host[host]]
        if visit.user:
            own += self._by_user.get(_account(visit.user), [])
        soon = [p for p in own if visit.first <= p.at <= visit.first + _SOON]
        return min(soon, key=lambda p: (p.at, p.image), default=None)


def _begun(rows: ir.Table) -> list[Program]:
    some = rows.filter(rows.event_class.cast("string") == "process", rows.image.notnull())
    counted = some.group_by("host", "user", "image", "parent_image").aggregate(
        at=micros(some.ts).min()
    )
    order = ("at", "host", "image", "user", "parent_image")
    return [_program(row) for row in gathered(counted, *order)]


def _program(row: dict[str, Any]) -> Program:
    return Program(
        row["at"], row["host"], row["user"] or "", row["image"], row["parent_image"] or ""
    )


def _addresses(rows: ir.Table) -> dict[tuple[int, int], list[str]]:
    """Hosts by the addresses that their own events show."""
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    pairs = rows.filter(rows.src_lo != 0).select("src_hi", "src_lo", "host").distinct()
    for row in gathered(pairs, "src_hi", "src_lo", "host"):
        found[row["src_hi"], row["src_lo"]].append(row["host"])
    return found


def _account(user: str) -> str:
    r"""The account without its domain: ``CORP\sato`` and ``sato@corp`` are ``sato``."""
    return user.rpartition("\\")[2].partition("@")[0].lower()
