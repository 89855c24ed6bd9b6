"""`kaname watch ...`: be told of what matters, and say what is harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.knowledge.watch_records import Delivery, Purpose, WatchHit

__all__ = ["add", "hits", "list_watches", "remove", "seen", "suppress", "watch"]

_HERE = "kaname.cli.commands.watch"
_ACTOR = "command line"
_KINDS = ("ip", "prefix", "domain", "hash", "mail", "url", "keyword", "regex")
_FURTHER = ("score", "technique", "relation")
watch = group(
    "watch",
    {
        "add": f"{_HERE}:add",
        "list": f"{_HERE}:list_watches",
        "remove": f"{_HERE}:remove",
        "hits": f"{_HERE}:hits",
        "seen": f"{_HERE}:seen",
        "follow": "kaname.cli.commands.watch_follow:follow",
        "suppress": f"{_HERE}:suppress",
        "lists": "kaname.cli.commands.watch_lists:lists",
    },
)


@command("watch add")
@click.argument("kind", metavar="KIND", type=click.Choice(_KINDS + _FURTHER))
@click.argument("value", metavar="VALUE")
@option("--own", is_flag=True, key="watch_own")
@option("--note", "words", default="", key="watch_note")
@option("--tlp", metavar="LEVEL", default="green", key="watch_tlp")
@option("--webhook", metavar="URL", default="", key="watch_webhook")
@option("--mail", metavar="ADDRESS", multiple=True, key="watch_mail")
@option("--smtp", metavar="HOST:PORT", default="", key="watch_smtp")
@option("--sender", metavar="ADDRESS", default="", key="watch_sender")
def add(
    session: Session,
    kind: str,
    value: str,
    *,
    own: bool,
    words: str,
    tlp: str,
    webhook: str,
    mail: tuple[str, ...],
    smtp: str,
    sender: str,
) -> None:
    """Watch VALUE, and be told when it is seen."""
    from kaname.knowledge.watch_records import Delivery, Purpose

    purpose = Purpose.OWN if own else Purpose.WATCH
    delivery = Delivery(webhook=webhook, mail=mail, smtp=smtp, sender=sender)
    _keep(session, (kind, value), purpose, words=words, tlp=Tlp.parse(tlp), delivery=delivery)


@command("watch suppress")
@click.argument("kind", metavar="KIND", type=click.Choice(_KINDS))
@click.argument("value", metavar="VALUE")
@option("--note", "words", default="", key="watch_note")
def suppress(session: Session, kind: str, value: str, *, words: str) -> None:
    """Let VALUE speak against indicators: it is known to be harmless."""
    from kaname.knowledge.watch_records import Purpose

    _keep(session, (kind, value), Purpose.SUPPRESS, words=words)


def _keep(
    session: Session,
    given: tuple[str, str],
    purpose: Purpose,
    *,
    words: str,
    tlp: Tlp = Tlp.GREEN,
    delivery: Delivery | None = None,
) -> None:
    from kaname.intelligence.watches import define
    from kaname.knowledge.watch_records import WatchKind
    from kaname.knowledge.watches import Watches

    kind, value = given
    made = define(
        WatchKind(kind), value, owner=_ACTOR, purpose=purpose, note=words, tlp=tlp,
        delivery=delivery,
    )  # fmt: skip
    if session.knowledge.part(Watches).add_watch(made):
        session.knowledge.audit(_ACTOR, f"watch.{purpose}", made.id, {"value": made.value})
    if session.as_json:
        put_json(made)
        return
    click.echo(made.id)
    note(say("cli.watch.kept", kind=kind, value=made.value))


@command("watch list")
def list_watches(session: Session) -> None:
    """List what is watched and what is suppressed."""
    from kaname.knowledge.watches import Watches

    found = session.knowledge.part(Watches).watches()
    if session.as_json:
        put_json({"watches": found})
        return
    heads = ("id", "watch_purpose", "watch_kind", "watch_value", "watch_note", "created")
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        ((w.id, w.purpose, w.kind, w.value, w.note, moment(w.created, zone)) for w in found),
        empty=say("cli.empty.watches"),
    )


@command("watch remove")
@click.argument("key", metavar="ID")
def remove(session: Session, key: str) -> None:
    """End the watch or suppression ID; what it met stays."""
    from kaname.knowledge.watches import Watches

    ended = session.knowledge.part(Watches).remove_watch(key)
    session.knowledge.audit(_ACTOR, "watch.remove", key, {"value": ended.value})
    note(say("cli.watch.ended", kind=ended.kind, value=ended.value))


@command("watch hits")
@option("--watch", "key", metavar="ID", key="watch_only")
@option("--unseen", is_flag=True, key="watch_unseen")
@option("--limit", type=click.IntRange(1, 1000), default=50, key="limit")
@option("--cursor", key="cursor")
@option("--tlp", metavar="LEVEL", default="red", key="clearance")
def hits(
    session: Session, *, key: str | None, unseen: bool, limit: int, cursor: str | None, tlp: str
) -> None:
    """List what watches met, the last first."""
    from kaname.knowledge.watches import Watches

    page = session.knowledge.part(Watches).hits(
        watch=key, unseen=unseen, limit=limit, cursor=cursor, clearance=Tlp.parse(tlp)
    )
    if session.as_json:
        items = [msgspec.to_builtins(hit) for hit in page.items]
        put_json({"hits": items, "total": page.total, "next": page.next_cursor})
        return
    _show(session, page.items)
    if page.next_cursor:
        note(say("cli.more", shown=len(page.items), total=page.total, cursor=page.next_cursor))


def _show(session: Session, found: list[WatchHit]) -> None:
    heads = ("id", "watch", "artifact", "watch_entry", "watch_at", "tlp", "watch_seen")
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (h.id, h.watch, h.subject, h.entry, moment(h.at, zone), h.tlp.label, _mark(h))
            for h in found
        ),
        empty=say("cli.empty.watch_hits"),
    )


def _mark(hit: WatchHit) -> str:
    return "x" if hit.seen else ""


@command("watch seen")
@click.argument("keys", metavar="ID...", nargs=-1, required=True)
def seen(session: Session, keys: tuple[str, ...]) -> None:
    """Mark hits as looked at."""
    from kaname.knowledge.watches import Watches

    part = session.knowledge.part(Watches)
    for key in keys:
        part.mark_seen(key)
