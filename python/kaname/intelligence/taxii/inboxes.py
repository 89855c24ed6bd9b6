"""Where a peer may add: a collection of its own, which no other account reads or writes.

What comes in is fused like any feed, with the peer as its source.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from kaname.intelligence.taxii.sealed import PREFIX
from kaname.knowledge.stix_objects import Collection, StixObjects
from kaname.model.errors import NotFoundError
from kaname.model.ids import NAMESPACE

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["set_inbox"]


def set_inbox(knowledge: Knowledge, peer: str, *, opened: bool) -> str:
    """Let a peer add to its inbox, or no longer; the alias that its URL ends with.

    What is in it stays.
    """
    store = knowledge.part(StixObjects)
    key, alias = str(uuid.uuid5(NAMESPACE, f"peer:{peer}")), f"from-{peer}"
    if not opened:
        try:
            store.collection(key)
        except NotFoundError:
            return alias
    store.put_collection(
        Collection(
            id=key,
            title=peer,
            alias=alias,
            readers=(),
            writers=(PREFIX + peer,) if opened else (),
            concealed=True,
            origin="imported",
        )
    )
    return alias
