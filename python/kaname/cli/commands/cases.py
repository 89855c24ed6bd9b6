"""`kaname cases ...`: an analyst's folders of artifacts, entities and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.knowledge.cases import Case, Cases, CaseState

__all__ = ["add", "cases", "list_cases", "open_case", "set_state", "show", "write"]

_HERE = "kaname.cli.commands.cases"
_ACTOR = "command line"
_STATES = ("open", "watching", "closed")

cases = group(
    "cases",
    {
        "list": f"{_HERE}:list_cases",
        "open": f"{_HERE}:open_case",
        "show": f"{_HERE}:show",
        "add": f"{_HERE}:add",
        "note": f"{_HERE}:write",
        "state": f"{_HERE}:set_state",
    },
)


@command("cases list")
@option("--state", type=click.Choice(_STATES), key="case_state")
@option("--limit", type=click.IntRange(1, 1000), default=50, key="limit")
@option("--cursor", key="cursor")
def list_cases(session: Session, *, state: str | None, limit: int, cursor: str | None) -> None:
    """List cases, the last changed first."""
    page = _cases(session).cases(state=state, limit=limit, cursor=cursor)
    if session.as_json:
        items = [msgspec.to_builtins(one) for one in page.items]
        put_json({"cases": items, "total": page.total, "next": page.next_cursor})
        return
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("id", "state", "changed", "title")),
        ((one.id, one.state, moment(one.changed, zone), one.title) for one in page.items),
        empty=say("cli.empty.cases"),
    )
    if page.next_cursor:
        note(say("cli.more", shown=len(page.items), total=page.total, cursor=page.next_cursor))


@command("cases open")
@click.argument("title", metavar="TITLE")
@option("--tlp", metavar="LEVEL", default="amber", key="tlp")
def open_case(session: Session, title: str, *, tlp: str) -> None:
    """Open a case; its id goes to standard output."""
    made = _cases(session).open_case(title, by=_ACTOR, tlp=Tlp.parse(tlp))
    _tell(session, made)


@command("cases show")
@click.argument("case", metavar="ID")
def show(session: Session, case: str) -> None:
    """Show a case: what is in it, and what was done."""
    found = _cases(session).case(case)
    if session.as_json:
        put_json(msgspec.to_builtins(found))
        return
    zone = session.settings.shows
    click.echo(f"{found.title}\n{found.state}  {found.tlp.label}  {moment(found.changed, zone)}")
    for item in found.items:
        click.echo(f"  {item.kind}:{item.value}  {item.note}")
    for one in found.notes:
        click.echo(f"  {moment(one.at, zone)} {one.by}: {one.text}")


@command("cases add")
@click.argument("case", metavar="ID")
@click.argument("values", metavar="VALUE...", nargs=-1, required=True)
@option("--note", "words", default="", key="case_note")
def add(session: Session, case: str, values: tuple[str, ...], *, words: str) -> None:
    """Put artifacts (in any spelling) or entities (entity:ID) into a case."""
    items = [_item(value) for value in values]
    store = _cases(session)
    changed = store.case(case)
    for kind, value in items:
        changed = store.add_item(case, kind, value, note=words, by=_ACTOR)
    _tell(session, changed)


@command("cases note")
@click.argument("case", metavar="ID")
@click.argument("text", metavar="TEXT")
def write(session: Session, case: str, text: str) -> None:
    """Write something down in a case."""
    _tell(session, _cases(session).add_note(case, text, by=_ACTOR))


@command("cases state")
@click.argument("case", metavar="ID")
@click.argument("state", metavar="STATE", type=click.Choice(_STATES))
def set_state(session: Session, case: str, state: str) -> None:
    """Say how a case stands: open, watching or closed."""
    _tell(session, _cases(session).set_case_state(case, cast("CaseState", state), by=_ACTOR))


def _cases(session: Session) -> Cases:
    from kaname.knowledge.cases import Cases

    return session.knowledge.part(Cases)


def _tell(session: Session, case: Case) -> None:
    if session.as_json:
        put_json(msgspec.to_builtins(case))
        return
    click.echo(case.id)


def _item(text: str) -> tuple[str, str]:
    """What ``text`` names: ``entity:ID``, ``kind:value``, or a value of any kind."""
    from kaname.model.artifact import canonical, guess
    from kaname.model.records import ArtifactKind

    kind, _, value = text.partition(":")
    if kind == "entity" and value:
        return "entity", value
    if kind in set(ArtifactKind) and (spelt := canonical(ArtifactKind(kind), value)):
        return kind, spelt
    found = guess(text)
    if found is None:
        raise UsageError("intelligence.reject.value", kind="artifact", found=text[:100])
    return found[0].value, found[1]
