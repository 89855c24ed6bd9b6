"""Handing out to a peer: what is published, pushed sealed into a collection of its server.

A peer gets what it would find if it came and read: the published collection as it is for the
peer's marking, what was revoked since included. What it has already is taken as a duplicate.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from kaname.intelligence.sharing.publishing import COLLECTION
from kaname.intelligence.taxii.client import Client
from kaname.intelligence.taxii.sealed import peer_of
from kaname.knowledge.links import Links
from kaname.knowledge.stix_objects import StixObjects
from kaname.model.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaname.knowledge import Knowledge
    from kaname.sealing.nexus_keys import NexusKeys

__all__ = ["Sent", "send"]

_AT_ONCE = 1000


class Sent(NamedTuple):
    """Objects that were sent, and those that the peer did not take."""

    objects: int
    refused: int


def send(
    knowledge: Knowledge, keys: NexusKeys, name: str, url: str, *, authorities: str | None = None
) -> Sent:
    """Push what the peer ``name`` may have into the collection at ``url``.

    Raises:
        NotFoundError: there is no such peer, or nothing was ever published.
        UsageError: it has no key, or the URL is not of a TAXII server of a nexus.
        UnavailableError: the peer does not answer.
        InputError: it does not take them, or what answers is not the peer.
    """
    client = Client(url, peer=peer_of(knowledge, name, keys), authorities=authorities)
    objects, sent, refused = _published(knowledge, name), 0, 0
    while part := list(itertools.islice(objects, _AT_ONCE)):
        refused += int(client.push(part).get("failure_count", 0))
        sent += len(part)
    return Sent(sent, refused)


def _published(knowledge: Knowledge, name: str) -> Iterator[bytes]:
    """The objects of the published collection as the peer may see it."""
    partner = knowledge.part(Links).partner("peer", name)
    if partner is None:
        raise NotFoundError("knowledge.error.link_partner", found=name)
    store = knowledge.part(StixObjects)
    try:
        published = store.collection(COLLECTION)
    except NotFoundError as error:
        raise NotFoundError("intelligence.error.nothing_published") from error
    own = store.audience(published, partner.tlp)
    return (stored.body for stored in store.every(own))
