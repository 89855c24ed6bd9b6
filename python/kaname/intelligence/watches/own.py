"""The organisation's suppressions as a list like any other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from kaname.intelligence.lists.sources import Listing, Sort
from kaname.knowledge.watch_records import Purpose, Watch, WatchKind

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["OWN_LIST", "SORTS", "own_listing"]

OWN_LIST = "suppressions"

SORTS: dict[WatchKind, Sort] = {
    WatchKind.IP: "network",
    WatchKind.PREFIX: "network",
    WatchKind.DOMAIN: "domain",
    WatchKind.HASH: "exact",
    WatchKind.MAIL: "exact",
    WatchKind.URL: "exact",
    WatchKind.KEYWORD: "phrase",
    WatchKind.REGEX: "expression",
}
"""What a watch of a kind is to the matcher; kinds that are not here are looked up."""


def own_listing(knowledge: Knowledge) -> Listing | None:
    """The list of what is suppressed here; None when nothing is."""
    from kaname.knowledge.watches import Watches

    found = knowledge.part(Watches).watches([Purpose.SUPPRESS])
    return listing_of(found) if found else None


def listing_of(watches: list[Watch]) -> Listing:
    """These watches as one list."""
    entries: dict[Sort, list[str]] = {}
    for watch in sorted(watches, key=lambda one: (one.kind, one.value)):
        entries.setdefault(SORTS[watch.kind], []).append(watch.value)
    return Listing(
        id=OWN_LIST,
        name=OWN_LIST,
        category="suppression",
        digest=hashlib.sha256(msgspec.json.encode(entries, order="sorted")).hexdigest(),
        entries=entries,
    )
