"""The indicators of an audience as keys, read at most once in five minutes."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from kaname.intelligence.privacy.buckets import Buckets, pepper_of
from kaname.intelligence.privacy.filters import build
from kaname.model.instant import now_us

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.model.marking import Tlp

__all__ = ["Audiences", "keys_of"]

_STALE: Final = 300.0  # seconds
_PAGE = 1000


def keys_of(knowledge: Knowledge, clearance: Tlp) -> list[str]:
    """Give "kind:value" of all indicators that stand now and may be seen with ``clearance``."""
    from kaname.knowledge import IndicatorQuery

    found: list[str] = []
    now, cursor = now_us(), None
    while True:
        query = IndicatorQuery(active_at=now, limit=_PAGE, cursor=cursor, clearance=clearance)
        page = knowledge.indicators(query)
        found += [f"{one.artifact.kind}:{one.artifact.value}" for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


class Audiences:
    """Buckets and filters by clearance; one audience never gets what another was given."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._lock = threading.Lock()
        self._made: dict[Tlp, tuple[float, Buckets, bytes]] = {}

    def buckets(self, clearance: Tlp) -> Buckets:
        """The digests of what may be seen with that clearance."""
        return self._of(clearance)[1]

    def filter(self, clearance: Tlp) -> bytes:
        """The filter of what may be seen with that clearance."""
        return self._of(clearance)[2]

    def _of(self, clearance: Tlp) -> tuple[float, Buckets, bytes]:
        with self._lock:
            found = self._made.get(clearance)
            if found is None or time.monotonic() - found[0] > _STALE:
                keys = keys_of(self._knowledge, clearance)
                buckets = Buckets(pepper_of(self._knowledge), keys)
                data = build(keys, about={"tlp": clearance.value})
                found = self._made[clearance] = (time.monotonic(), buckets, data)
            return found
