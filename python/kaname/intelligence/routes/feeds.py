"""Feeds: what is fetched regularly, how it does, and asking for it now."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from kaname.intelligence.connectors.registry import connector, connectors
from kaname.intelligence.connectors.runner import Runner, checked
from kaname.knowledge.feeds import Feed, FeedDay, FeedRun, Feeds
from kaname.model.errors import UsageError
from kaname.model.instant import SECOND
from kaname.model.marking import Tlp

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_ADMIN = {"role": "admin"}
_SECRETS = frozenset({"secret", "password", "token"})


class FeedIn(msgspec.Struct, frozen=True):
    """A feed to add; ``every`` is in microseconds (``every_s``: seconds), 0: when asked for."""

    id: str
    kind: str
    url: str = ""
    source: str = ""
    reliability: str = ""
    licence: str = ""
    tlp: Tlp | None = None
    every: int | None = None
    every_s: int | None = None
    options: dict[str, Any] = {}


class FeedOut(msgspec.Struct, frozen=True):
    """A feed and how it does; ``every`` is in microseconds."""

    id: str
    kind: str
    url: str
    path: str
    source: str
    reliability: str
    licence: str
    tlp: str
    every: int
    state: str
    due: int | None
    changed: int
    failures: int
    last: FeedRun | None
    days: list[FeedDay]


class FeedsOut(msgspec.Struct, frozen=True):
    """All feeds, and the kinds that can be added."""

    items: list[FeedOut]
    next: str | None
    total: int
    kinds: dict[str, dict[str, Any]]


class PolledOut(msgspec.Struct, frozen=True):
    """What a poll brought; of what was rejected the first hundred are described."""

    feed: FeedOut
    rejected: list[dict[str, Any]]


@get("/feeds", sync_to_thread=True)
def list_feeds(services: _Services) -> FeedsOut:
    """Feeds by id."""
    found = [_out(feed) for feed in services.knowledge.part(Feeds).feeds()]
    kinds: dict[str, dict[str, Any]] = {
        name: msgspec.to_builtins(one.manifest) for name, one in connectors().items()
    }
    return FeedsOut(found, None, len(found), kinds)


@post("/feeds", opt=_ADMIN, sync_to_thread=True)
def add_feed(request: _Asking, services: _Services, data: JSONBody[FeedIn]) -> FeedOut:
    """Add a feed of a URL; one of a path on this machine is added by the command line."""
    if not _SECRETS.isdisjoint(data.options):
        raise UsageError("intelligence.error.secret_option")
    if not data.url:
        raise UsageError("intelligence.error.only_url")
    manifest = connector(data.kind).manifest
    feed = checked(
        Feed(
            id=data.id,
            kind=data.kind,
            url=data.url,
            source=data.source,
            reliability=data.reliability or manifest.reliability,
            licence=data.licence or manifest.licence,
            tlp=data.tlp or manifest.tlp,
            every=_every(data, manifest.every),
            options={k: v for k, v in data.options.items() if k != "private"},
        )
    )
    added = services.knowledge.part(Feeds).add_feed(feed)
    services.knowledge.audit(request.user.name, "feed.add", feed.id, {"url": feed.url})
    return _out(added)


@post("/feeds/{feed:str}/poll", opt={"role": "analyst"}, status_code=200, sync_to_thread=True)
def poll_feed(request: _Asking, services: _Services, feed: FromPath[str]) -> PolledOut:
    """Fetch a feed now."""
    runner: Runner = services.part("intelligence").feeds
    polled = runner.poll(feed)
    rejected = [
        {"place": one.place, "reason": one.reason(request.user.language)}
        for one in polled.reasons[:100]
    ]
    return PolledOut(_out(services.knowledge.part(Feeds).feed(feed)), rejected)


@delete("/feeds/{feed:str}", opt=_ADMIN, status_code=204, sync_to_thread=True)
def remove_feed(request: _Asking, services: _Services, feed: FromPath[str]) -> None:
    """Remove a feed; what it brought stays."""
    services.knowledge.part(Feeds).remove_feed(feed)
    services.knowledge.audit(request.user.name, "feed.remove", feed)


def _every(data: JSONBody[FeedIn], usual: int) -> int:
    if data.every is not None:
        return data.every
    return usual if data.every_s is None else data.every_s * SECOND


def _out(feed: Feed) -> FeedOut:
    return FeedOut(
        id=feed.id,
        kind=feed.kind,
        url=feed.url,
        path=feed.path,
        source=feed.source,
        reliability=feed.reliability,
        licence=feed.licence,
        tlp=feed.tlp.value,
        every=feed.every,
        state=feed.state,
        due=feed.due or None,
        changed=feed.changed,
        failures=feed.failures,
        last=feed.last,
        days=list(feed.days),
    )


ROUTES = (list_feeds, add_feed, poll_feed, remove_feed)
