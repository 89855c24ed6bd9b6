"""DNS response policy zones, for resolvers (BIND, Unbound, PowerDNS, Knot)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from kaname.model.errors import UsageError
from kaname.model.instant import SECOND
from kaname.model.records import Indicator
from kaname.writers.blocking import blockable, host_of, network
from kaname.writers.frame import EvidenceOf, FindingOf, Sink, WriterDoc, unexplained

__all__ = ["POLICIES", "RpzWriter"]

POLICIES = {
    "nxdomain": ".",
    "nodata": "*.",
    "passthru": "rpz-passthru.",
    "drop": "rpz-drop.",
    "tcp-only": "rpz-tcp-only.",
}
_GARDEN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){2,}", re.IGNORECASE)
# A name of DNS has 255 bytes, and the zone's own name comes behind the owner.
_LONGEST = 200
_SERIALS = 1 << 32
_HEAD = """\
; kaname: {policy}
$TTL 300
@ SOA localhost. kaname.localhost. {serial} 300 60 604800 60
@ NS localhost.
"""


class RpzWriter:
    """A zone file; names are relative to the zone that the resolver gives it.

    ``policy`` is a key of `POLICIES`, or the name of a walled garden with its final dot.
    """

    name: ClassVar[str] = "rpz"
    media_type: ClassVar[str] = "text/dns; charset=utf-8"
    suffix: ClassVar[str] = ".rpz"
    doc: ClassVar[WriterDoc] = WriterDoc(
        en="A response policy zone: resolvers answer NXDOMAIN for domains and all names below"
        " them, and for answers that hold an address of an indicator.",
        ja="応答ポリシーゾーン(RPZ)。ドメインとその配下の名前、および該当アドレスを含む応答に、"
        "リゾルバーが NXDOMAIN を返します。",
        references=("https://datatracker.ietf.org/doc/draft-vixie-dnsop-dns-rpz/",),
        limitations_en=(
            "The serial is the instant in Unix seconds: write at most one zone a second.",
            "URLs are not in it: blocking their whole host is seldom what was meant.",
            "Names longer than 200 bytes are left out, since the zone's own name is added.",
        ),
        limitations_ja=(
            "シリアルは UNIX 時刻(秒)です。1 秒に 2 回以上は書き出さないでください。",
            "URL は含みません。ホスト全体の遮断になるためです。",
            "ゾーン名が後ろに付くため、200 バイトを超える名前は書き出しません。",
        ),
    )

    def __init__(self, policy: str = "nxdomain") -> None:
        target = POLICIES.get(policy)
        if target is None and not _GARDEN.fullmatch(policy):
            raise UsageError("writers.error.policy", found=policy, known=", ".join(POLICIES))
        self._policy = policy
        self._target = target or policy

    def write(
        self,
        indicators: Iterable[Indicator],
        findings: FindingOf,  # noqa: ARG002 - a zone has no room for reasons
        out: Sink,
        *,
        language: str,  # noqa: ARG002
        at: int,
        evidence: EvidenceOf = unexplained,  # noqa: ARG002
    ) -> int:
        """See `kaname.writers.frame.Writer`."""
        serial = at // SECOND % _SERIALS
        out.write(_HEAD.format(policy=self._policy, serial=serial).encode())
        seen: set[str] = set()
        count = 0
        for indicator in blockable(indicators, at):
            fresh = [owner for owner in _owners(indicator) if owner not in seen]
            seen.update(fresh)
            for owner in fresh:
                out.write(f"{owner} CNAME {self._target}\n".encode())
            count += bool(fresh)
        return count


def _owners(indicator: Indicator) -> Iterator[str]:
    """Owner names that trigger for ``indicator``, relative to the zone."""
    name = host_of(indicator)
    if name is not None and len(name) <= _LONGEST:
        yield name
        yield f"*.{name}"
    found = network(indicator)
    if found is not None:
        yield f"{found.prefixlen}.{_reversed(found.network_address)}.rpz-ip"


def _reversed(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """As the draft spells it (section 4.3): parts turned round, ``zz`` for ``::``."""
    if address.version == 4:
        return ".".join(reversed(str(address).split(".")))
    head, gap, tail = str(address).partition("::")
    parts = [*head.split(":"), *(["zz"] if gap else []), *tail.split(":")]
    return ".".join(part for part in reversed(parts) if part)
