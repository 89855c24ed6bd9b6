"""`kaname telescope orgs ...`: who is told of what their addresses do, and of what."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaname.knowledge.organisation_records import Alert, AlertState, Organisation
    from kaname.knowledge.organisations import Organisations

__all__ = ["orgs"]

_HERE = "kaname.cli.commands.telescope_orgs"
_ACTOR = "command line"
_KINDS = ("internal", "external", "victim", "reflector", "misconfig", "spoofed")
_STATES = ("open", "acknowledged", "false_positive", "closed")
_FORMATS = ("toml", "json", "csv")
orgs = group(
    "telescope orgs",
    {
        "list": f"{_HERE}:list_organisations",
        "add": f"{_HERE}:add",
        "show": f"{_HERE}:show",
        "remove": f"{_HERE}:remove",
        "import": f"{_HERE}:import_file",
        "export": f"{_HERE}:export_file",
        "suppress": f"{_HERE}:suppress",
        "alerts": f"{_HERE}:alerts",
        "ack": f"{_HERE}:ack",
        "reject": f"{_HERE}:reject",
        "test-notice": f"{_HERE}:test_notice",
        "digest": f"{_HERE}:digest",
    },
)


def _part(session: Session) -> Organisations:
    from kaname.knowledge.organisations import Organisations

    return session.knowledge.part(Organisations)


def _changed(session: Session, action: str, subject: str, details: dict[str, Any]) -> None:
    """Note who did it, and bring the file up to date that analyses read."""
    from kaname.telescope.organisations.snapshot import publish

    session.knowledge.audit(_ACTOR, f"organisation.{action}", subject, details)
    publish(session.knowledge, session.settings.data)


@command("telescope orgs list")
def list_organisations(session: Session) -> None:
    """List the organisations."""
    from kaname.telescope.organisations.definition import described

    found = _part(session).organisations()
    if session.as_json:
        put_json({"organisations": [described(one) for one in found]})
        return
    heads = ("id", "name", "org_live", "org_dark", "org_contacts", "tlp")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (
                one.id,
                one.name(session.language),
                _short(one.live),
                _short(one.dark),
                _short((*one.mail, *filter(None, [one.webhook]))),
                one.tlp.label,
            )
            for one in found
        ),
        empty=say("cli.empty.organisations"),
    )


def _short(texts: Iterable[str], most: int = 2) -> str:
    all_of = list(texts)
    more = f" +{len(all_of) - most}" if len(all_of) > most else ""
    return " ".join(all_of[:most]) + more


@command("telescope orgs add")
@click.argument("key", metavar="ID")
@option("--name", "name_en", default="", key="org_name")
@option("--name-ja", "name_ja", default="", key="org_name_ja")
@option("--language", type=click.Choice(["en", "ja"]), default="en", key="org_language")
@option("--live", metavar="PREFIX", multiple=True, key="org_live")
@option("--dark", metavar="PREFIX", multiple=True, key="org_dark")
@option("--mail", metavar="ADDRESS", multiple=True, key="org_mail")
@option("--webhook", metavar="URL", default="", key="org_webhook")
@option("--secret-file", type=click.Path(path_type=Path, exists=True), key="org_secret")
@option("--valid-from", metavar="TIME", default="", key="org_valid_from")
@option("--valid-until", metavar="TIME", default="", key="org_valid_until")
@option("--tlp", metavar="LEVEL", default="amber", key="org_tlp")
def add(session: Session, key: str, *, secret_file: Path | None, **given: Any) -> None:
    """Register the organisation ID, or change it."""
    from kaname.telescope.organisations.definition import define

    secret = secret_file.read_text(encoding="utf-8").strip() if secret_file else ""
    made = _signing(define({"id": key, "secret": secret, **given}))
    _put(session, [made], replace=False)
    _told(session, [made])


def _signing(one: Organisation) -> Organisation:
    """With a secret for its webhook, so that it can tell our notices from others'."""
    import secrets

    if not one.webhook or one.secret:
        return one
    return msgspec.structs.replace(one, secret=secrets.token_hex(32))


def _put(session: Session, found: list[Organisation], *, replace: bool) -> None:
    from kaname.telescope.organisations.definition import check

    part = _part(session)
    known = {} if replace else {one.id: one for one in part.organisations()}
    check(list((known | {one.id: one for one in found}).values()))
    if replace:
        part.replace(found)
    else:
        part.put(found)
    subject = found[0].id if len(found) == 1 else ""
    _changed(session, "put", subject, {"count": len(found), "replaced": replace})


def _told(session: Session, found: list[Organisation]) -> None:
    from kaname.telescope.organisations.definition import described

    if session.as_json:
        put_json({"organisations": [described(one) for one in found]})
        return
    for one in found[:20]:
        note(say("cli.orgs.kept", id=one.id, live=len(one.live), dark=len(one.dark)))
    if len(found) > 20:
        note(say("cli.orgs.kept_many", count=len(found)))


@command("telescope orgs show")
@click.argument("key", metavar="ID")
@option("--secret", is_flag=True, key="org_show_secret")
def show(session: Session, key: str, *, secret: bool) -> None:
    """Show everything about the organisation ID."""
    from kaname.telescope.organisations.definition import described
    from kaname.telescope.organisations.formats import write

    found = _part(session).organisation(key)
    if secret:
        session.knowledge.audit(_ACTOR, "organisation.secret", key, {})
    if session.as_json:
        put_json(described(found, secrets=secret))
        return
    click.echo(write([found], "toml", secrets=secret), nl=False)


@command("telescope orgs remove")
@click.argument("key", metavar="ID")
def remove(session: Session, key: str) -> None:
    """Forget the organisation ID; its alerts stay."""
    ended = _part(session).remove(key)
    _changed(session, "remove", key, {"name": ended.name_en})
    note(say("cli.orgs.removed", id=ended.id))


@command("telescope orgs import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@option("--format", "form", type=click.Choice(_FORMATS), key="org_format")
@option("--replace", is_flag=True, key="org_replace")
def import_file(session: Session, path: Path, *, form: str | None, replace: bool) -> None:
    """Register the organisations in FILE (TOML, JSON or CSV; - is standard input)."""
    from kaname.telescope.organisations.formats import read

    chosen = form or path.suffix.lower().removeprefix(".")
    if chosen not in _FORMATS:
        raise UsageError("cli.error.org_format", path=path, known=", ".join(_FORMATS))
    found = [_signing(one) for one in read(_text(path), chosen)]
    known = {one.id: one for one in _part(session).organisations()}
    found = [_keeping(one, known.get(one.id)) for one in found]
    _put(session, found, replace=replace)
    _told(session, found)


def _keeping(one: Organisation, before: Organisation | None) -> Organisation:
    """With the secret that it had, since exports hold none."""
    if before is None or not before.secret or not one.webhook:
        return one
    return msgspec.structs.replace(one, secret=before.secret)


def _text(path: Path) -> str:
    try:
        if str(path) == "-":
            return sys.stdin.read()
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cli.error.org_file", path=path, reason=error) from None


@command("telescope orgs export")
@option("--format", "form", type=click.Choice(_FORMATS), default="toml", key="org_format")
@option("--secrets", is_flag=True, key="org_secrets")
def export_file(session: Session, *, form: str, secrets: bool) -> None:
    """Write all organisations to standard output, as `import` reads them."""
    from kaname.telescope.organisations.formats import write

    if secrets:
        session.knowledge.audit(_ACTOR, "organisation.secret", "", {})
    chosen = "json" if session.as_json else form
    click.echo(write(_part(session).organisations(), chosen, secrets=secrets), nl=False)


@command("telescope orgs suppress")
@click.argument("key", metavar="ID")
@option("--prefix", metavar="PREFIX", default="", key="org_suppress_prefix")
@option("--port", type=click.IntRange(0, 65_535), key="org_suppress_port")
@option("--kind", type=click.Choice(_KINDS), key="org_kind")
@option("--until", metavar="TIME", default="", key="org_suppress_until")
@option("--note", "words", default="", key="org_note")
@option("--clear", is_flag=True, key="org_suppress_clear")
def suppress(session: Session, key: str, *, clear: bool, words: str, **given: Any) -> None:
    """Tell the organisation ID nothing of some of its hosts, ports or kinds."""
    from kaname.telescope.organisations.definition import define, described

    part = _part(session)
    one = described(part.organisation(key), secrets=True)
    more = [] if clear else [given | {"note": words}]
    if not clear and not any(value not in ("", None) for value in given.values()):
        raise UsageError("cli.error.org_suppress")
    kept = [] if clear else one.get("suppressions", [])
    made = define(one | {"suppressions": [*kept, *more]})
    part.put([made])
    _changed(session, "suppress", key, {"suppressions": len(made.suppressions)})
    _told(session, [made])


@command("telescope orgs alerts")
@option("--org", "key", metavar="ID", key="org_only")
@option("--state", "states", type=click.Choice(_STATES), multiple=True, key="org_state")
@option("--kind", type=click.Choice(_KINDS), key="org_kind")
@option("--limit", type=click.IntRange(1, 1000), default=50, key="limit")
@option("--cursor", key="cursor")
def alerts(
    session: Session,
    *,
    key: str | None,
    states: tuple[str, ...],
    kind: str | None,
    limit: int,
    cursor: str | None,
) -> None:
    """List alerts, the host last seen first."""
    from kaname.knowledge.organisation_records import AlertState

    part = _part(session)
    wanted = [AlertState(state) for state in states] or list(AlertState)
    page = part.alerts(organisation=key, states=wanted, kind=kind, limit=limit, cursor=cursor)
    if session.as_json:
        items = [_shown(session, alert) for alert in page.items]
        put_json({"alerts": items, "total": page.total, "next": page.next_cursor})
        return
    heads = ("id", "organisation", "host", "org_kind", "org_state", "packets", "label", "last")
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (
                a.id,
                a.organisation,
                a.host,
                say(f"cli.orgs.kind.{a.kind.value}"),
                say(f"cli.orgs.state.{a.state.value}"),
                a.packets,
                a.label,
                moment(a.last, zone),
            )
            for a in page.items
        ),
        empty=say("cli.empty.org_alerts"),
    )
    if page.next_cursor:
        note(say("cli.more", shown=len(page.items), total=page.total, cursor=page.next_cursor))


def _shown(session: Session, alert: Alert) -> dict[str, Any]:
    from kaname.telescope.organisations.letters import describe

    known = {one.id: one for one in _part(session).organisations()}
    one = known.get(alert.organisation)
    name = one.name(session.language) if one else alert.organisation
    about = {"organisation": alert.organisation, "state": alert.state.value, "query": alert.query}
    return describe(alert, session.language, name) | about | {"by": alert.by, "note": alert.note}


@command("telescope orgs ack")
@click.argument("keys", metavar="ALERT...", nargs=-1, required=True)
@option("--note", "words", default="", key="org_note")
@option("--reopen", is_flag=True, key="org_reopen")
def ack(session: Session, keys: tuple[str, ...], *, words: str, reopen: bool) -> None:
    """Say that somebody works on ALERT: no more notices of it."""
    from kaname.knowledge.organisation_records import AlertState

    _decide(session, keys, AlertState.OPEN if reopen else AlertState.ACKNOWLEDGED, words)


@command("telescope orgs reject")
@click.argument("keys", metavar="ALERT...", nargs=-1, required=True)
@option("--note", "words", default="", key="org_note")
def reject(session: Session, keys: tuple[str, ...], *, words: str) -> None:
    """Say that ALERT is none: a false positive, of which nothing is said any more."""
    from kaname.knowledge.organisation_records import AlertState

    _decide(session, keys, AlertState.REJECTED, words)


def _decide(session: Session, keys: tuple[str, ...], state: AlertState, words: str) -> None:
    from kaname.model.instant import now_us

    part, decided = _part(session), []
    for key in keys:
        one = part.decide(key, state, by=_ACTOR, note=words, at=now_us())
        session.knowledge.audit(_ACTOR, f"alert.{state.value}", key, {"note": words})
        decided.append(one)
    if session.as_json:
        put_json({"alerts": [_shown(session, one) for one in decided]})
        return
    for one in decided:
        note(say("cli.orgs.decided", id=one.id, state=say(f"cli.orgs.state.{state.value}")))


@command("telescope orgs test-notice")
@click.argument("key", metavar="ID")
def test_notice(session: Session, key: str) -> int:
    """Send a test notice to the organisation ID, now."""
    from kaname.bus.mail import MailServer
    from kaname.knowledge.organisations import Revised
    from kaname.model.instant import now_us
    from kaname.telescope.organisations.delivery import Delivery
    from kaname.telescope.organisations.notices import example, test_notices

    part, now = _part(session), now_us()
    one = part.organisation(key)
    made = test_notices(one, example(one, now), now)
    if not made:
        raise UsageError("cli.error.org_no_contact", id=one.id)
    session.knowledge.audit(_ACTOR, "organisation.test_notice", key, {})
    delivery = Delivery(session.knowledge, None, MailServer.of(session.settings.mail), waits=())
    part.revise((), lambda _known: Revised(notices=made))
    delivery.pump(now_us(), only=[notice.key for notice in made])
    found = [n for n in part.notices(made[0].alerts[0].id) if n.key in {m.key for m in made}]
    if session.as_json:
        put_json({"notices": [_account(notice) for notice in found]})
    else:
        for notice in found:
            line = say(f"cli.orgs.notice.{notice.state}", target=notice.target, error=notice.error)
            note(line)
    return 0 if all(notice.state == "sent" for notice in found) else 1


def _account(notice: Any) -> dict[str, Any]:
    names = ("key", "channel", "target", "state", "tries", "error")
    return {name: getattr(notice, name) for name in names}


@command("telescope orgs digest")
@option("--now", "at_once", is_flag=True, key="org_digest_now")
def digest(session: Session, *, at_once: bool) -> None:
    """Close alerts that are silent, and put digests of those that grew into the outbox."""
    from kaname.model.instant import now_us
    from kaname.telescope.organisations import lifecycle
    from kaname.telescope.organisations.watching import OrganisationWatch

    every = 0 if at_once else lifecycle.DIGEST
    data = session.settings.data
    watch = OrganisationWatch(session.lake, session.knowledge, data, digest=every)
    found = watch.look(now_us()) + watch.tend(now_us())
    changed = list({alert.id: alert for alert in found}.values())
    if session.as_json:
        put_json({"alerts": [_shown(session, alert) for alert in changed]})
        return
    note(say("cli.orgs.digested", count=len(changed)))
