"""From items to evidence: what counts at all, who may see it, what a finding adds.

Domain rules: a victim, a target or a host inside never becomes an attacker; neither does a
source that may be forged, nor an address that means another host in every network. A
finding's severity, label and techniques travel in the behaviours of its item
(``severity:high``, ``label:telescope.label.mirai``, ``technique:T1595``), so that the items
alone are enough to derive a score again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

import msgspec

from kaname.intelligence.records import Item
from kaname.intelligence.score.context import is_visible
from kaname.model import address
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Finding

__all__ = ["MOST_ITEMS", "SPOOFABLE", "digest_of", "is_inside", "marks", "prepared", "tagged"]

MOST_ITEMS = 2_000  # of one artifact, the newest: a score is full long before
SPOOFABLE = "spoofable"
SHARED = "shared"
_SKEW = DAY  # what is dated later than now by more than this is no evidence
_MANY = 2  # artifacts of a finding, above which it says less of each


def is_inside(artifact: Artifact) -> bool:
    """Whether it is an address that names no one host of the internet."""
    if artifact.kind is not ArtifactKind.IP:
        return False
    try:
        return address.is_inside(artifact.value)
    except ValueError:
        return True  # what is no address can hardly be used as one


def prepared(
    items: Iterable[Item],
    clearance: Tlp,
    groups: frozenset[str],
    now: int,
    finding: Callable[[str], Finding | None],
) -> list[Item]:
    """The newest items that an audience may see, each with what its finding says."""
    seen: dict[tuple[str, str], Item] = {}
    for item in items:
        if item.at <= now + _SKEW and is_visible(item.tlp, item.groups, clearance, groups):
            seen.setdefault((item.id, item.role), _marked(item, finding))
    return sorted(seen.values(), key=_newest)[:MOST_ITEMS]


def _newest(item: Item) -> tuple[int, str, str]:
    return -item.at, item.id, item.role


def _marked(item: Item, finding: Callable[[str], Finding | None]) -> Item:
    if not item.finding:
        return item
    found = finding(item.finding)
    if found is None:
        return item
    return msgspec.structs.replace(item, weight=found.confidence, behaviours=marks(found))


def marks(finding: Finding) -> tuple[str, ...]:
    """What an item of ``finding`` carries among its behaviours."""
    package = finding.message.partition(".")[0]  # who words it words the label too
    found = [f"severity:{finding.severity.value}", f"label:{package}.label.{finding.label}"]
    found += [f"technique:{technique}" for technique in finding.techniques]
    if finding.spoofable:
        found.append(SPOOFABLE)
    if len(finding.artifacts) > _MANY:
        found.append(SHARED)
    return tuple(found)


def tagged(item: Item, tag: str) -> list[str]:
    """The values of the behaviours of ``item`` that begin with ``tag`` and a colon."""
    lead = tag + ":"
    return [name[len(lead) :] for name in item.behaviours if name.startswith(lead)]


def digest_of(ids: Sequence[str]) -> str:
    """SHA-256 over sorted ids, a line each."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()
