"""Taking MISP documents in: events into the store, and what they say as observations."""

from __future__ import annotations

from typing import Any

import msgspec

from kaname.intelligence.misp.marking import tags_of, tlp_of
from kaname.intelligence.misp.naming import Claim, claims
from kaname.intelligence.misp.observations import Origin, event_moment, observations_of
from kaname.intelligence.misp.reading import Found, Problem, read
from kaname.intelligence.records import Observation
from kaname.knowledge.misp_events import MispEvents, Outcome, StoredEvent

__all__ = ["Taken", "take"]


class Taken(msgspec.Struct):
    """What became of a document.

    ``outcomes`` counts events by `Outcome`; ``observations`` are new or go on to hold,
    ``retracted`` are ids of those that a newer version of an event no longer gives.
    """

    outcomes: dict[str, int] = {}
    observations: list[Observation] = []
    retracted: list[str] = []
    entities: list[Claim] = []
    problems: list[Problem] = []


def take(data: bytes, events: MispEvents, origin: Origin) -> Taken:
    """Keep the events in ``data`` and derive what they say. Taking twice changes nothing."""
    reading = read(data)
    taken = Taken(problems=reading.problems)
    for found in reading.events:
        _take_event(found, events, origin, taken)
    for attribute in reading.attributes:
        event = _around(attribute)
        key = str(event.get("uuid", ""))
        taken.observations += observations_of(event, key, origin, taken.problems)
    return taken


def _take_event(found: Found, events: MispEvents, origin: Origin, taken: Taken) -> None:
    outcome, before = events.put_event(stored(found, origin))
    taken.outcomes[outcome] = taken.outcomes.get(outcome, 0) + 1
    if outcome in (Outcome.OLDER, Outcome.CONFLICT):
        values = {"uuid": found.uuid}
        taken.problems.append(
            Problem(found.pointer, f"intelligence.misp.problem.{outcome.value}", values)
        )
        return
    said = list(observations_of(found.event, found.uuid, origin, taken.problems, found.pointer))
    taken.observations += said
    taken.entities += claims(tags_of(found.event))
    if outcome is Outcome.CHANGED and before is not None:
        kept = {one.id for one in said}
        old = msgspec.json.decode(before.body)
        former = observations_of(old, found.uuid, origin, [])
        taken.retracted += [one.id for one in former if one.id not in kept]


def stored(found: Found, origin: Origin) -> StoredEvent:
    """The event as it is kept."""
    changed = event_moment({"timestamp": found.event.get("timestamp")})
    return StoredEvent(
        uuid=found.uuid,
        changed=changed or 0,
        published=found.event.get("published") is True,
        tlp=tlp_of(tags_of(found.event), origin.tlp),
        body=found.body,
    )


def _around(attribute: dict[str, Any]) -> dict[str, Any]:
    """The event of an attribute that a search gave, with nothing but it."""
    event = attribute.get("Event")
    kept = dict(event) if isinstance(event, dict) else {}
    kept.setdefault("uuid", str(attribute.get("event_id", "")))
    return kept | {"Attribute": [{k: v for k, v in attribute.items() if k != "Event"}]}
