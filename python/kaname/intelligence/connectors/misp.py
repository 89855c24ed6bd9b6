"""MISP feeds: a folder or a site with ``manifest.json`` and an event a file, or one file.

Only events that are newer than what was read are fetched, the oldest first; the events are
kept as they came (`kaname.intelligence.misp`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.intelligence.connectors.frame import Delivery, Manifest, Rejection
from kaname.intelligence.misp.observations import Origin
from kaname.intelligence.misp.reading import Listed, manifest
from kaname.intelligence.misp.taking import take
from kaname.knowledge.misp_events import MispEvents
from kaname.model.errors import InputError, KanameError, NotFoundError
from kaname.model.instant import HOUR

if TYPE_CHECKING:
    from kaname.intelligence.connectors.fetch import Reach
    from kaname.knowledge.feeds import Feed

__all__ = ["MispConnector"]

_MANIFEST = "manifest.json"


class MispConnector:
    """Reads events of MISP."""

    manifest = Manifest(
        kind="misp",
        en="a MISP feed (manifest and events), or a file of events",
        ja="MISPフィード(マニフェストとイベント)またはイベントのファイル",
        every=HOUR,
        remote=True,
    )

    def poll(self, feed: Feed, reach: Reach, now: int) -> Iterator[Delivery]:
        """The events that are new or newer, one a part; one that cannot be had is counted."""
        place = feed.url or feed.path
        if place.endswith(".json"):
            yield self._take(feed, reach, now, _body(place, reach), {})
            return
        place = place.removesuffix("/")
        after = int(feed.cursor.get("after", 0))
        listed = [
            one for one in _listed(_body(f"{place}/{_MANIFEST}", reach)) if one.timestamp >= after
        ]
        for one in sorted(listed, key=lambda one: (one.timestamp, one.uuid)):
            cursor = {"after": one.timestamp}
            try:
                body = _body(f"{place}/{one.uuid}.json", reach)
            except KanameError as error:
                part = Delivery(cursor=cursor)
                part.reject(Rejection.of(one.uuid, error))
                yield part
                continue
            yield self._take(feed, reach, now, body, cursor)

    def _take(
        self, feed: Feed, reach: Reach, now: int, body: bytes, cursor: dict[str, Any]
    ) -> Delivery:
        origin = Origin(feed.source or feed.id, feed.tlp, now)
        taken = take(body, reach.knowledge.part(MispEvents), origin)
        part = Delivery(observations=taken.observations, retracted=taken.retracted, cursor=cursor)
        for problem in taken.problems:
            part.reject(Rejection(problem.pointer, problem.key, problem.values))
        return part


def _listed(body: bytes) -> list[Listed]:
    found = manifest(body)
    if not found and body.strip() not in (b"{}", b"[]"):
        raise InputError("intelligence.error.manifest")
    return found


def _body(place: str, reach: Reach) -> bytes:
    if place.startswith(("http://", "https://")):
        return reach.get(place).body
    path = Path(place)
    if not path.is_file():
        raise NotFoundError("intelligence.error.file", path=path, reason="not found")
    return path.read_bytes()
