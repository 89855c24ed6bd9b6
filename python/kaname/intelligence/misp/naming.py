"""What MISP's tags and galaxies say of the semantic layer: actors, malware, techniques."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["Claim", "claims", "techniques"]


class Claim(NamedTuple):
    """That a thing of ``type`` is named ``name`` by ``authority``; ``external`` is its id."""

    type: str
    name: str
    authority: str
    external: str = ""


_GALAXIES = {
    **dict.fromkeys(
        ("threat-actor", "mitre-intrusion-set", "mitre-enterprise-attack-intrusion-set",
         "microsoft-activity-group", "360net-threat-actor"), "actor",
    ),
    **dict.fromkeys(
        ("malpedia", "ransomware", "banker", "rat", "backdoor", "stealer", "botnet", "android",
         "mitre-malware", "mitre-enterprise-attack-malware", "exploit-kit", "tds"), "malware",
    ),
    **dict.fromkeys(("tool", "mitre-tool", "mitre-enterprise-attack-tool"), "tool"),
    **dict.fromkeys(
        ("mitre-attack-pattern", "mitre-enterprise-attack-attack-pattern"), "technique"
    ),
    **dict.fromkeys(("sector", "target-information"), "sector"),
}  # fmt: skip
_TAG = re.compile(r'misp-galaxy:([^=]{1,80})="([^"]{1,400})"', re.IGNORECASE)
_EXTERNAL = re.compile(r"^(.*?)\s+-\s+([TGS]\d{4}(?:\.\d{3})?)$")


def claims(tags: Iterable[str]) -> Iterator[Claim]:
    """The claims in ``tags``; galaxies that name no such thing are passed over."""
    for tag in tags:
        match = _TAG.fullmatch(tag)
        kind = _GALAXIES.get(match[1].lower()) if match else None
        if match and kind:
            numbered = _EXTERNAL.match(match[2])
            name, external = (numbered[1], numbered[2]) if numbered else (match[2], "")
            authority = "mitre-attack" if match[1].lower().startswith("mitre") else match[1].lower()
            yield Claim(kind, name, authority, external)


def techniques(tags: Iterable[str]) -> list[str]:
    """The ATT&CK ids among the claims, each once."""
    found = (claim.external for claim in claims(tags) if claim.type == "technique")
    return list(dict.fromkeys(filter(None, found)))
