"""The part of MISP's REST that PyMISP's reading, searching and adding calls use.

What is asked and answered is as MISP does; who asks is found by a token of kaname in the
``Authorization`` header, and sees what the account's clearance allows.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from kaname.intelligence.misp.editing import merged, new_attribute, new_event, with_attributes
from kaname.intelligence.misp.marking import Viewer, may_see, tags_of
from kaname.intelligence.misp.observations import Origin, event_moment
from kaname.intelligence.misp.search import (
    attributes_in,
    found_attributes,
    found_events,
    shown,
)
from kaname.intelligence.misp.taking import take
from kaname.intelligence.misp.types import artifacts_of
from kaname.intelligence.records import Mention, Observation
from kaname.knowledge import Account, AccountRole
from kaname.knowledge.misp_events import MispEvents, StoredEvent
from kaname.model.artifact import guess
from kaname.model.errors import ForbiddenError, NotFoundError, UsageError
from kaname.model.ids import stable_id, stix_id
from kaname.model.instant import SECOND, now_us
from kaname.model.marking import Tlp

__all__ = ["VERSION", "Asked", "Fusion", "MispRest"]

VERSION = "2.5.34"  # of MISP, whose answers these are like; PyMISP compares its own with it


class ListMatch(Protocol):
    """A list that a value is on."""

    @property
    def list(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def entry(self) -> str: ...


class Fusion(Protocol):
    """Where observations go and lists are: the facade of intelligence."""

    @property
    def lists(self) -> Any:
        """Lists with ``match(kind, value)``."""
        ...

    def absorb(self, observations: Sequence[Observation]) -> Any:
        """Take observations in."""
        ...

    def retract(self, ids: Sequence[str]) -> Any:
        """Take observations back."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: ``path`` without slashes at its ends, ``body`` as JSON says it."""

    method: str
    path: str
    body: Any
    account: Account
    groups: frozenset[str] = frozenset()

    @property
    def viewer(self) -> Viewer:
        """What the account may see: the highest clearance is in every group of ours."""
        own = self.account.clearance
        return Viewer(own, None if own is Tlp.RED else self.groups)


class MispRest:
    """Answers requests; made once for a store."""

    def __init__(self, events: MispEvents, fusion: Callable[[], Fusion]) -> None:
        self._events = events
        self._fusion = fusion
        self._routes: dict[str, Callable[[Asked, str], Any]] = {
            "servers/getVersion": self._version,
            "servers/getPyMISPVersion": lambda _a, _r: {"version": VERSION},
            "users/view": self._user,
            "events/index": self._index,
            "events/view": self._view,
            "events/add": self._add,
            "events/edit": self._edit,
            "events/restSearch": self._search_events,
            "attributes/restSearch": self._search_attributes,
            "attributes/view": self._view_attribute,
            "attributes/add": self._add_attribute,
            "sightings/add": self._add_sighting,
            "tags/index": self._tags,
            "warninglists/checkValue": self._check,
        }

    def answer(self, asked: Asked) -> Any:
        """The document that answers.

        Raises:
            NotFoundError: there is no such path or thing.
            ForbiddenError: the account may not change anything.
            UsageError: what was sent is not fit.
        """
        words = asked.path.strip("/").split("/")
        if words in (["tags"], ["events"]):
            words.append("index")
        action = "/".join(words[:2]).removesuffix(".json")
        route = self._routes.get(action)
        if route is None:
            raise NotFoundError("intelligence.misp.error.path", path=asked.path)
        rest = words[2].removesuffix(".json") if len(words) > 2 else ""
        return route(asked, rest)

    def _version(self, asked: Asked, _rest: str) -> dict[str, Any]:
        return {
            "version": VERSION,
            "pymisp_recommended_version": VERSION,
            "perm_sync": False,
            "perm_sighting": _may_write(asked.account),
            "perm_galaxy_editor": False,
            "request_encoding": [],
            "filter_sightings": True,
        }

    def _user(self, asked: Asked, _rest: str) -> dict[str, Any]:
        account = asked.account
        write = _may_write(account)
        return {
            "User": {"id": "1", "org_id": "1", "email": account.name, "role_id": "1"},
            "Role": {
                "id": "1",
                "name": account.role.value,
                "perm_add": write,
                "perm_modify": write,
                "perm_sighting": write,
                "perm_auth": True,
                "perm_sync": False,
                "perm_admin": False,
                "perm_site_admin": False,
            },
            "UserSetting": {},
            "Organisation": {"id": "1", "name": "kaname", "uuid": _organisation()},
        }

    def _index(self, asked: Asked, _rest: str) -> list[dict[str, Any]]:
        heads = []
        for event in found_events(self._events, _filter(asked), asked.viewer):
            hidden = ("Attribute", "Object", "ShadowAttribute", "RelatedEvent", "EventReport")
            heads.append({name: value for name, value in event.items() if name not in hidden})
        return heads

    def _view(self, asked: Asked, key: str) -> dict[str, Any]:
        return {"Event": shown(self._stored(asked, key), asked.viewer)}

    def _stored(self, asked: Asked, key: str) -> StoredEvent:
        """The event, if whoever asks may see it."""
        stored = self._events.misp_event(key, clearance=asked.account.clearance)
        if not may_see(msgspec.json.decode(stored.body), stored.tlp, asked.viewer):
            raise NotFoundError("knowledge.error.no_misp_event", id=key)
        return stored

    def _add(self, asked: Asked, _rest: str) -> dict[str, Any]:
        _check_may_write(asked.account)
        event = new_event(_object(asked.body), asked.account)
        try:
            self._events.misp_event(str(event["uuid"]))
        except NotFoundError:
            return self._keep(asked, event)
        raise UsageError("intelligence.misp.error.event_there", uuid=event["uuid"])

    def _edit(self, asked: Asked, key: str) -> dict[str, Any]:
        stored = self._changeable(asked, key)
        return self._keep(asked, merged(msgspec.json.decode(stored.body), _object(asked.body)))

    def _add_attribute(self, asked: Asked, key: str) -> dict[str, Any]:
        stored = self._changeable(asked, key)
        several = asked.body if isinstance(asked.body, list) else [asked.body]
        fresh = [
            new_attribute(one) | {"event_id": str(stored.number), "id": _number(stored, index)}
            for index, one in enumerate(several)
        ]
        self._keep(asked, with_attributes(msgspec.json.decode(stored.body), fresh))
        return {"Attribute": fresh if len(fresh) > 1 else fresh[0]}

    def _changeable(self, asked: Asked, key: str) -> StoredEvent:
        """An event that the account may change: it has to see all of it."""
        _check_may_write(asked.account)
        stored = self._stored(asked, key)
        whole: dict[str, Any] = msgspec.json.decode(stored.body)
        count = sum(1 for _ in attributes_in(whole))
        if sum(1 for _ in attributes_in(shown(stored, asked.viewer))) != count:
            raise ForbiddenError("intelligence.misp.error.hidden_parts", id=key)
        return stored

    def _keep(self, asked: Asked, event: dict[str, Any]) -> dict[str, Any]:
        """Store a version of an event and tell what it says."""
        origin = Origin(f"misp.{asked.account.name}", _unmarked(asked.account), now_us())
        taken = take(msgspec.json.encode({"Event": event}), self._events, origin)
        fusion = self._fusion()
        if taken.retracted:
            fusion.retract(taken.retracted)
        if taken.observations:
            fusion.absorb(taken.observations)
        stored = self._events.misp_event(str(event["uuid"]))
        return {"Event": shown(stored, asked.viewer)}

    def _search_events(self, asked: Asked, _rest: str) -> dict[str, Any]:
        found = found_events(self._events, _filter(asked), asked.viewer)
        return {"response": [{"Event": event} for event in found]}

    def _search_attributes(self, asked: Asked, _rest: str) -> dict[str, Any]:
        found = found_attributes(self._events, _filter(asked), asked.viewer)
        return {"response": {"Attribute": found}}

    def _view_attribute(self, asked: Asked, key: str) -> dict[str, Any]:
        found = self._attribute(asked, lambda one: key.lower() in (one.get("uuid"), one.get("id")))
        return {"Attribute": found}

    def _attribute(self, asked: Asked, test: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for found in found_attributes(self._events, {}, asked.viewer):
            if test(found):
                return found
        raise NotFoundError("intelligence.misp.error.no_attribute")

    def _add_sighting(self, asked: Asked, key: str) -> dict[str, Any]:
        _check_may_write(asked.account)
        given = _object(asked.body)
        given = given.get("Sighting", given)
        wanted = key or str(given.get("uuid") or given.get("id") or "")
        values = [given["value"]] if given.get("value") else list(given.get("values") or [])
        attribute = None
        if wanted and not values:
            attribute = self._attribute(
                asked, lambda one: wanted in (one.get("uuid"), one.get("id"))
            )
            values = [attribute["value"]]
        kind = attribute["type"] if attribute else ""
        seen = [_sighting(asked.account, given, kind, str(value)) for value in values]
        if not seen:
            raise UsageError("intelligence.misp.error.sighting")
        self._fusion().absorb(seen)
        return {"Sighting": _sighting_out(given, seen[0], attribute)}

    def _tags(self, asked: Asked, _rest: str) -> dict[str, Any]:
        counts: Counter[str] = Counter()
        for event in found_events(self._events, {}, asked.viewer):
            parts = [one for one, _ in attributes_in(event)]
            counts.update(tag for one in (event, *parts) for tag in tags_of(one))
        return {
            "Tag": [
                {"id": str(number), "name": name, "colour": "#7f7f7f", "exportable": True,
                 "attribute_count": str(count)}
                for number, (name, count) in enumerate(sorted(counts.items()), 1)
            ]
        }  # fmt: skip

    def _check(self, asked: Asked, _rest: str) -> dict[str, Any]:
        given = asked.body.get("value", []) if isinstance(asked.body, dict) else asked.body
        values = given if isinstance(given, list) else [given]
        lists = self._fusion().lists
        found: dict[str, Any] = {}
        for value in map(str, values):
            matches: list[ListMatch] = list(lists.match(None, value))
            if matches:
                found[value] = [
                    {"id": one.list, "name": one.name, "matched": one.entry} for one in matches
                ]
        return found


def _may_write(account: Account) -> bool:
    return account.role.includes(AccountRole.ANALYST)


def _unmarked(account: Account) -> Tlp:
    """The marking of what comes without one: AMBER, or what its author may see at most."""
    return Tlp.AMBER if Tlp.AMBER.visible_to(account.clearance) else account.clearance


def _check_may_write(account: Account) -> None:
    if not _may_write(account):
        raise ForbiddenError("intelligence.misp.error.role", role=account.role.value)


def _organisation() -> str:
    return stix_id("identity", "kaname").partition("--")[2]


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise UsageError("intelligence.misp.error.body")
    return body


def _filter(asked: Asked) -> dict[str, Any]:
    """What is searched for; PyMISP leaves it away for all."""
    body = asked.body if asked.body is not None else {}
    found = _object(body)
    inner = found.get("request")
    return inner if isinstance(inner, dict) else found


def _number(stored: StoredEvent, index: int) -> str:
    """A number for an attribute, as MISP has: unlike that of any other."""
    digest = stable_id("attribute", stored.uuid, now_us(), index)
    return str(int(digest[-12:], 16))


def _sighting(account: Account, given: dict[str, Any], kind: str, value: str) -> Observation:
    """A sighting as an observation.

    Raises:
        UsageError: the value is no artifact.
    """
    guessed = guess(value)
    artifacts = artifacts_of(kind, value) if kind else ([guessed] if guessed else [])
    if not artifacts:
        raise UsageError("intelligence.misp.error.no_artifact", value=value)
    now = now_us()
    at = min(event_moment({"timestamp": given.get("timestamp")}) or now, now)
    false = str(given.get("type", "0")) == "1"
    role = "benign" if false else "subject"
    return Observation(
        id=stable_id("misp", "sighting", account.name, value, at, given.get("source"), false),
        source=f"misp.{account.name}",
        kind="sighting",
        at=at,
        received=now,
        mentions=tuple(Mention(one, spelt, role) for one, spelt in artifacts),
        tlp=_unmarked(account),
        org=account.name,
        behaviours=("false-positive",) if false else (),
        body={"from": str(given.get("source", ""))[:500]},
    )


def _sighting_out(
    given: dict[str, Any], seen: Observation, attribute: dict[str, Any] | None
) -> dict[str, Any]:
    about = attribute or {}
    return {
        "id": str(int(seen.id[-12:], 16)),
        "uuid": str(uuid.UUID(hex=f"{seen.id[-24:]:0>32}")),
        "attribute_id": str(about.get("id", "0")),
        "event_id": str(about.get("event_id", "0")),
        "date_sighting": str(seen.at // SECOND),
        "source": str(given.get("source", "")),
        "type": str(given.get("type", "0")),
    }
