"""The ways out: a TAXII collection, a MISP feed, and files of rules."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.intelligence.misp.marking import handed_on
from kaname.intelligence.sharing.audience import Audience
from kaname.intelligence.sharing.feed import feed_files, replace_folder
from kaname.intelligence.sharing.workflow import Workflow, published_for
from kaname.intelligence.telling import tell
from kaname.knowledge.misp_events import MispEvents
from kaname.model.ids import NAMESPACE
from kaname.model.instant import format_us
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, Indicator, Pap
from kaname.writers import writer
from kaname.writers.suricata import hash_lists

if TYPE_CHECKING:
    from kaname.intelligence.service import Intelligence
    from kaname.knowledge.stix_objects import Collection, StixObjects

__all__ = ["COLLECTION", "files_for", "publish", "push", "selected", "write_feed", "written"]

COLLECTION = str(uuid.uuid5(NAMESPACE, "collection:published"))
_ACTING = ("suricata", "zeek", "rpz", "edl-ip", "edl-domain", "edl-url", "edl-hash")
_PAP = list(Pap)


def publish(fusion: Intelligence, folder: Path, now: int, *, by: str) -> dict[str, int]:
    """Hand out what is decided: to the TAXII collection and to the feeds below ``folder``.

    Every clearance has its own rows and its own feed, derived from what it may see.
    Returns how many indicators each got, and how many left for the first time.
    """
    counts: dict[str, int] = {}
    left: dict[str, Indicator] = {}
    for level in Tlp:
        indicators = list(published_for(fusion, Audience(level), now))
        _to_taxii(fusion, level, indicators, now)
        replace_folder(folder / level.value, _feed(fusion, level, indicators, now))
        left |= {one.id: one for one in indicators}
        counts[level.value] = len(indicators)
    workflow = Workflow(fusion.knowledge)
    counts["first"] = workflow.mark_published(list(left.values()), by=by)
    return counts


def push(
    fusion: Intelligence,
    audience: Audience,
    form: str,
    folder: Path,
    now: int,
    language: str = "en",
) -> int:
    """Write the published indicators of ``audience`` in format ``form`` into ``folder``."""
    chosen = selected(fusion, audience, form, now)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files_for(fusion, audience, form, chosen, now, language).items():
        part = folder / f".{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)
    return len(chosen)


def write_feed(fusion: Intelligence, level: Tlp, folder: Path, now: int) -> int:
    """Make ``folder`` the MISP feed of ``level``; how many indicators are in it."""
    indicators = list(published_for(fusion, Audience(level), now))
    replace_folder(folder, _feed(fusion, level, indicators, now))
    return len(indicators)


def selected(fusion: Intelligence, audience: Audience, form: str, now: int) -> list[Indicator]:
    """What ``audience`` is handed in a format: nothing that PAP forbids to act on in rules."""
    indicators = published_for(fusion, audience, now)
    if form not in _ACTING:
        return list(indicators)
    most = _PAP.index(Workflow(fusion.knowledge).policy.max_pap)
    return [one for one in indicators if _PAP.index(one.pap) <= most]


def files_for(
    fusion: Intelligence,
    audience: Audience,
    form: str,
    indicators: list[Indicator],
    now: int,
    language: str = "en",
) -> dict[str, bytes]:
    """The files of one format: name -> content."""
    chosen = writer(form)
    data = written(fusion, audience, form, indicators, now, language)
    lists = hash_lists(indicators, now) if form == "suricata" else {}
    return {f"kaname-{form}{chosen.suffix}": data, **lists}


def written(
    fusion: Intelligence,
    audience: Audience,
    form: str,
    indicators: Iterable[Indicator],
    now: int,
    language: str = "en",
) -> bytes:
    """``indicators`` in one format, with the evidence that ``audience`` recomputes them from."""

    def explained(indicator: Indicator, at: int) -> dict[str, Any] | None:
        artifact = Artifact(indicator.artifact.kind, indicator.artifact.value)
        found = tell(fusion, artifact, audience.clearance, indicator.updated, audience.groups)
        return found.evidence(at, fusion.signing_key) if found else None

    out = io.BytesIO()
    shield = fusion.shield()
    leaving = filter(shield.passes, indicators)
    finding = shield.finding_of(fusion.knowledge.finding)
    writer(form).write(leaving, finding, out, language=language, at=now, evidence=explained)
    return out.getvalue()


def _to_taxii(fusion: Intelligence, level: Tlp, indicators: list[Indicator], now: int) -> None:
    from kaname.intelligence.stix.intake import intake
    from kaname.knowledge.stix_objects import StixObjects

    store = fusion.knowledge.part(StixObjects)
    collection = _collection()
    if collection not in store.collections():
        store.put_collection(collection)
    own = store.audience(collection, level)
    target = msgspec.structs.replace(collection, id=own, tlp=Tlp.CLEAR, per_audience=False)
    bundle = written(fusion, Audience(level), "stix", indicators, now)
    if indicators:
        intake(bundle, store, target)
    if gone := list(_revocations(store, own, bundle, now)):
        intake(msgspec.json.encode({"type": "bundle", "objects": gone}), store, target)


def _revocations(
    store: StixObjects, collection: str, bundle: bytes, now: int
) -> Iterator[dict[str, Any]]:
    """A revoked version of each indicator that was handed out and no longer is."""
    standing = {one["id"] for one in msgspec.json.decode(bundle)["objects"]}
    last: dict[str, bytes] = {}
    for stored in store.every(collection):
        if stored.type == "indicator":
            last[stored.id] = stored.body
    for key in sorted(last.keys() - standing):
        thing: dict[str, Any] = msgspec.json.decode(last[key])
        if not thing.get("revoked"):
            yield thing | {"revoked": True, "modified": format_us(now)[:-4] + "Z"}


def _collection() -> Collection:
    from kaname.knowledge.stix_objects import Collection

    return Collection(
        id=COLLECTION,
        title="kaname: published indicators",
        alias="published",
        origin="indicators",
        per_audience=True,
        writers=(),
    )


def _feed(
    fusion: Intelligence, level: Tlp, indicators: list[Indicator], now: int
) -> dict[str, bytes]:
    """Our own indicators as one event, and events of others that are published as they came.

    An event of others is handed on whole or not at all.
    """
    own: dict[str, Any] = msgspec.json.decode(
        written(fusion, Audience(level), "misp", indicators, now)
    )["Event"]
    if indicators:  # as new as the newest of it, so that nobody fetches it again for nothing
        newest = max((str(one["timestamp"]) for one in own["Attribute"]), key=int)
        own |= {"timestamp": newest, "publish_timestamp": newest}
    found = [(str(own["uuid"]), msgspec.json.encode(own))] if indicators else []
    events = fusion.knowledge.part(MispEvents)
    found += [
        (stored.uuid, stored.body)
        for stored in events.misp_events(published=True, clearance=level)
        if handed_on(msgspec.json.decode(stored.body), stored.tlp, level)
    ]
    return feed_files(found)
