"""`kaname feed ...`: what is fetched regularly, and observations from a file or a pipe."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.intelligence.connectors.frame import Rejection
    from kaname.intelligence.records import Observation
    from kaname.intelligence.service import Intelligence
    from kaname.knowledge.feeds import Feed, Feeds

__all__ = ["add", "feed", "list_feeds", "poll", "read", "remove", "show"]

_HERE = "kaname.cli.commands.feed"
_ACTOR = "command line"
_TOLD = 20
_PARTIAL = 3
_FAILED = 1

feed = group(
    "feed",
    {
        "add": f"{_HERE}:add",
        "list": f"{_HERE}:list_feeds",
        "show": f"{_HERE}:show",
        "poll": f"{_HERE}:poll",
        "read": f"{_HERE}:read",
        "remove": f"{_HERE}:remove",
    },
)


class _Taken(NamedTuple):
    """What became of observations; those left to a running nexus count as new."""

    new: int
    duplicates: int


@command("feed add")
@click.argument("name", metavar="ID")
@option("--kind", required=True, metavar="KIND", key="feed_kind")
@option("--url", default="", metavar="URL", key="feed_url")
@option("--path", "place", default="", metavar="PATH", key="feed_path")
@option("--every", default="", metavar="PERIOD", key="feed_every")
@option("--source", default="", metavar="NAME", key="feed_source")
@option("--reliability", default="", metavar="A-F", key="feed_reliability")
@option("--licence", default="", metavar="TEXT", key="feed_licence")
@option("--tlp", default="", metavar="LEVEL", key="tlp")
@option("-o", "--option", "options", multiple=True, metavar="KEY=VALUE", key="feed_option")
def add(
    session: Session,
    name: str,
    *,
    kind: str,
    url: str,
    place: str,
    every: str,
    source: str,
    reliability: str,
    licence: str,
    tlp: str,
    options: tuple[str, ...],
) -> None:
    """Add a feed; it is polled by the nexus when it is due, or by `kaname feed poll`."""
    from pathlib import Path

    from kaname.intelligence.connectors.registry import connector
    from kaname.intelligence.connectors.runner import checked
    from kaname.knowledge.feeds import Feed

    manifest = connector(kind).manifest
    made = checked(
        Feed(
            id=name,
            kind=kind,
            url=url,
            path=str(Path(place).resolve()) if place else "",
            source=source,
            reliability=reliability or manifest.reliability,
            licence=licence or manifest.licence,
            tlp=Tlp.parse(tlp) if tlp else manifest.tlp,
            every=_period(every) if every else manifest.every,
            options=dict(_pair(one) for one in options),
        )
    )
    added = _feeds(session).add_feed(made)
    session.knowledge.audit(_ACTOR, "feed.add", name, {"kind": kind, "url": url})
    if session.as_json:
        put_json(msgspec.to_builtins(added))
        return
    note(say("cli.feed.added", id=name))


@command("feed list")
def list_feeds(session: Session) -> None:
    """Show all feeds and how they do."""
    found = _feeds(session).feeds()
    if session.as_json:
        put_json([msgspec.to_builtins(one) for one in found])
        return
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("id", "sort", "state", "due", "new", "reason")),
        (
            (
                one.id,
                one.kind,
                one.state,
                moment(one.due or None, zone),
                one.last.new if one.last else "-",
                one.last.error if one.last else "",
            )
            for one in found
        ),
        empty=say("cli.empty.feeds"),
    )


@command("feed show")
@click.argument("name", metavar="ID")
def show(session: Session, name: str) -> None:
    """Show one feed with what it brought day by day."""
    found = _feeds(session).feed(name)
    if session.as_json or not found.days:
        put_json(msgspec.to_builtins(found))
        return
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("day", "polls", "new", "duplicates", "rejected")),
        ((day.day, day.polls, day.new, day.duplicates, day.rejected) for day in found.days),
        empty="",
    )


@command("feed poll")
@click.argument("names", metavar="[ID]...", nargs=-1)
def poll(session: Session, names: tuple[str, ...]) -> int:
    """Fetch feeds now: those named, or all that are due."""
    from kaname.intelligence.connectors.runner import Runner

    with _sink(session) as (absorb, retract):
        runner = Runner(_feeds(session), absorb, retract=retract,
                        knowledge=session.knowledge, data=session.settings.data)  # fmt: skip
        polled = {name: runner.poll(name) for name in names or _due(session)}
    if session.as_json:
        put_json({name: msgspec.to_builtins(one.run) for name, one in polled.items()})
    for name, one in polled.items():
        run = one.run
        if not session.as_json:
            click.echo(f"{name}\t{run.new}\t{run.duplicates}\t{run.rejected}\t{run.error}")
        _complain(one.reasons, run.rejected, session.language)
    if any(one.run.error for one in polled.values()):
        return _FAILED
    return _PARTIAL if any(one.run.rejected for one in polled.values()) else 0


@command("feed read")
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, allow_dash=True)
)
@option("--source", default="", metavar="NAME", key="feed_source")
@option("--tlp", default="amber", metavar="LEVEL", key="tlp")
def read(session: Session, path: str, *, source: str, tlp: str) -> int:
    """Take observations in as JSON lines, from a file or from standard input (-)."""
    from pathlib import Path

    from kaname.intelligence.connectors.ndjson import deliveries, opened
    from kaname.intelligence.connectors.shapes import Defaults

    name = source or ("stdin" if path == "-" else Path(path).stem)
    defaults = Defaults(source=name, tlp=Tlp.parse(tlp), received=now_us())
    new = duplicates = rejected = 0
    reasons: list[Rejection] = []
    with contextlib.ExitStack() as stack:
        stream = sys.stdin.buffer if path == "-" else stack.enter_context(opened(Path(path)))
        absorb, _ = stack.enter_context(_sink(session))
        for part in deliveries(stream, defaults):
            taken = absorb(part.observations)
            new, duplicates = new + taken.new, duplicates + taken.duplicates
            rejected += part.rejected
            reasons += part.reasons
    counts = {"new": new, "duplicates": duplicates, "rejected": rejected}
    if session.as_json:
        put_json(counts)
    else:
        note(say("cli.feed.read", **counts))
    _complain(reasons, rejected, session.language)
    return _PARTIAL if rejected else 0


@command("feed remove")
@click.argument("name", metavar="ID")
def remove(session: Session, name: str) -> None:
    """Forget a feed; what it brought stays."""
    _feeds(session).remove_feed(name)
    session.knowledge.audit(_ACTOR, "feed.remove", name)


_Absorb = Callable[[Sequence["Observation"]], _Taken]
_Retract = Callable[[Sequence[str]], object]


@contextlib.contextmanager
def _sink(session: Session) -> Iterator[tuple[_Absorb, _Retract]]:
    """Where observations go: into the store, or to the nexus that holds it."""
    from kaname.intelligence.service import Intelligence
    from kaname.model.errors import ConflictError

    data = session.settings.data
    try:
        fusion = Intelligence(data, session.knowledge, session.bus)
    except ConflictError:
        yield functools.partial(_left, session), functools.partial(_withdrawn, session)
        return
    with fusion:
        yield functools.partial(_into, fusion), fusion.retract


def _into(fusion: Intelligence, observations: Sequence[Observation]) -> _Taken:
    added = fusion.absorb(observations)
    return _Taken(added.new, added.duplicates)


def _left(session: Session, observations: Sequence[Observation]) -> _Taken:
    from kaname.intelligence.service import deliver

    deliver(session.settings.data, session.knowledge, observations)
    return _Taken(len(observations), 0)


def _withdrawn(session: Session, ids: Sequence[str]) -> None:
    from kaname.intelligence.service import withdraw

    if ids:
        withdraw(session.settings.data, session.knowledge, ids)


def _feeds(session: Session) -> Feeds:
    from kaname.knowledge.feeds import Feeds

    return session.knowledge.part(Feeds)


def _due(session: Session) -> list[str]:
    due: list[Feed] = _feeds(session).feeds(due=now_us())
    return [one.id for one in due]


def _complain(reasons: Sequence[Rejection], rejected: int, language: str) -> None:
    for one in reasons[:_TOLD]:
        note(f"{one.place}: {one.reason(language)}")
    if rejected > _TOLD:
        note(say("cli.feed.more", count=rejected - min(_TOLD, len(reasons))))


def _pair(text: str) -> tuple[str, Any]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise click.BadParameter(text, param_hint="--option")
    return key, value


def _period(text: str) -> int:
    """A period such as 15m, 6h or 1d, in microseconds."""
    from kaname.model.instant import DAY, HOUR, MINUTE, SECOND

    units = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
    number, unit = text[:-1], text[-1:]
    if text == "0":
        return 0
    if not number.isdecimal() or unit not in units:
        raise click.BadParameter(text, param_hint="--every")
    return int(number) * units[unit]
