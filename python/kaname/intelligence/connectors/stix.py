"""STIX: files and URLs of bundles, and collections of TAXII 2.1 servers.

The objects are kept as they came, in a collection of the feed's own; what they say becomes
observations and entities (`kaname.intelligence.stix`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.intelligence.connectors.frame import Delivery, Manifest, Rejection
from kaname.intelligence.stix.intake import Intake, intake
from kaname.intelligence.stix.observations import observations
from kaname.intelligence.taxii.client import Client, Progress
from kaname.knowledge.entities import Entities
from kaname.knowledge.stix_objects import Collection, StixObjects
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.ids import NAMESPACE
from kaname.model.instant import HOUR, MINUTE

if TYPE_CHECKING:
    from kaname.intelligence.connectors.fetch import Reach
    from kaname.intelligence.taxii.sealed import Peer
    from kaname.knowledge.feeds import Feed

__all__ = ["StixConnector", "TaxiiConnector"]

_SUFFIXES = {".json", ".stix", ".gz", ".xz", ".zst"}


class StixConnector:
    """Reads bundles from a file, a folder, or a URL."""

    manifest = Manifest(
        kind="stix",
        en="STIX 2.0 and 2.1: a file, a folder of files, or a URL",
        ja="STIX 2.0・2.1のファイル、フォルダ、またはURL",
        every=HOUR,
        remote=True,
    )

    def poll(self, feed: Feed, reach: Reach, now: int) -> Iterator[Delivery]:
        """What the objects say; a file of a folder is read when it changed."""
        if feed.url:
            got = reach.get(feed.url, etag=feed.cursor.get("etag", ""))
            if got.changed:
                yield _taken(feed, reach, now, got.body, feed.url, {"etag": got.etag})
            return
        cursor = dict(feed.cursor)
        for path in _files(Path(feed.path)):
            stamp = f"{path.stat().st_mtime_ns}:{path.stat().st_size}"
            if cursor.get(path.name) != stamp:
                cursor = cursor | {path.name: stamp}
                yield _taken(feed, reach, now, path.read_bytes(), path.name, cursor)


class TaxiiConnector:
    """Polls a collection of a TAXII 2.1 server.

    Options: ``user``, ``secret_file`` (a file with the password or token), ``authorities``
    (a file of certificates to trust), or ``peer`` (a registered nexus, which all is sealed for).
    """

    manifest = Manifest(
        kind="taxii",
        en="a collection of a TAXII 2.1 server",
        ja="TAXII 2.1サーバのコレクション",
        every=15 * MINUTE,
        remote=True,
        options=("user", "secret_file", "authorities", "peer"),
    )

    def poll(self, feed: Feed, reach: Reach, now: int) -> Iterator[Delivery]:
        """What came into the collection since the last poll, a page a part."""
        options = feed.options
        if not reach.private:
            reach.check(feed.url)
        client = Client(
            feed.url,
            user=str(options.get("user", "")),
            secret=_secret(options.get("secret_file")),
            authorities=options.get("authorities"),
            peer=_peer(reach, str(options.get("peer", ""))),
        )
        progress = msgspec.convert(feed.cursor, Progress)
        for page in client.fetch(progress):
            body = b'{"objects":[' + b",".join(page.objects) + b"]}"
            cursor: dict[str, Any] = msgspec.to_builtins(page.progress)
            yield _taken(feed, reach, now, body, feed.url, cursor)


def _peer(reach: Reach, name: str) -> Peer | None:
    if not name:
        return None
    from kaname.intelligence.taxii.sealed import peer_of
    from kaname.sealing.nexus_keys import NexusKeys

    if reach.data is None:
        raise UsageError("intelligence.taxii.sealed.no_data", name=name)
    return peer_of(reach.knowledge, name, NexusKeys(reach.data))


def _taken(
    feed: Feed, reach: Reach, now: int, body: bytes, name: str, cursor: dict[str, Any]
) -> Delivery:
    store = reach.knowledge.part(StixObjects)
    collection = _collection(feed, store)
    result = intake(body, store, collection, name=name)
    found = observations(result.fresh, store, collection, now=now)
    reach.knowledge.part(Entities).put(found.entities)
    part = Delivery(observations=found.observations, retracted=list(found.retracted), cursor=cursor)
    _refused(part, result)
    return part


def _refused(part: Delivery, result: Intake) -> None:
    for refusal in (*result.refusals, *result.conflicting):
        values = {"pointer": refusal.pointer, "id": refusal.id, "reason": refusal.flaw.render("en")}
        part.reject(Rejection(refusal.pointer, "intelligence.reject.stix", values))


def _collection(feed: Feed, store: StixObjects) -> Collection:
    """The collection that keeps what the feed brings; nobody but this organisation reads it."""
    key = str(uuid.uuid5(NAMESPACE, f"feed:{feed.id}"))
    try:
        return store.collection(key)
    except NotFoundError:
        made = Collection(
            id=key,
            title=feed.source or feed.id,
            tlp=feed.tlp,
            readers=(),
            writers=(),
            concealed=True,
            origin="imported",
        )
        store.put_collection(made)
        return made


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.suffix in _SUFFIXES and one.is_file())
    if not path.is_file():
        raise UsageError("intelligence.error.file", path=path, reason="not found")
    return [path]


def _secret(path: str | None) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise UsageError("intelligence.error.file", path=path, reason=error.strerror) from error
