"""`kaname share ...`: what waits for a decision, deciding, and handing out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.knowledge.review_records import ReviewState, Step
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.intelligence.service import Intelligence
    from kaname.intelligence.sharing.audience import Audience

__all__ = ["approve", "feed", "groups", "publish", "push", "queue", "reject", "share", "withdraw"]

_HERE = "kaname.cli.commands.share"
_NAMES = ("queue", "approve", "reject", "publish", "withdraw", "groups", "feed", "push")
share = group(
    "share",
    {name: f"{_HERE}:{name}" for name in _NAMES}
    | {
        "send": "kaname.cli.commands.share_send:send",
        "pseudonyms": "kaname.cli.commands.share_pseudonyms:pseudonyms",
        "private-lookup": "kaname.cli.commands.share_private:private_lookup",
        "psi": "kaname.cli.commands.share_psi:psi",
    },
)

_folder = click.Path(path_type=Path, file_okay=False)


@command("share queue")
@option(
    "--state",
    type=click.Choice([one.value for one in ReviewState]),
    default="review",
    key="share_state",
)
@option("--kind", metavar="KIND", key="share_kind")
@option("--limit", type=click.IntRange(1, 1000), default=50, key="limit")
@option("--cursor", key="cursor")
def queue(
    session: Session, *, state: str, kind: str | None, limit: int, cursor: str | None
) -> None:
    """List what waits for a decision, the most urgent first."""
    from kaname.intelligence.sharing.workflow import Workflow
    from kaname.knowledge.review_records import ReviewQuery

    workflow = Workflow(session.knowledge)
    workflow.queue(now_us())
    query = ReviewQuery(kind=kind, state=ReviewState(state), limit=limit, cursor=cursor)
    page = workflow.reviews.reviews(query)
    if session.as_json:
        items = [msgspec.to_builtins(one) for one in page.items]
        put_json({"items": items, "total": page.total, "next": page.next_cursor})
        return
    zone = session.settings.shows
    heads = ("id", "kind", "subject", "priority", "tlp", "state", "created")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (r.id, r.kind, r.subject, r.priority, r.tlp.label, r.state, moment(r.created, zone))
            for r in page.items
        ),
        empty=say("cli.empty.reviews"),
    )
    if page.next_cursor:
        note(say("cli.more", shown=len(page.items), total=page.total, cursor=page.next_cursor))


def _decision(step: Step) -> click.Command:
    @command(f"share {step.value}")
    @click.argument("ids", metavar="ID...", nargs=-1, required=True)
    @option("--account", metavar="NAME", default="admin", key="share_account")
    @option("--note", "words", metavar="TEXT", default="", key="share_note")
    def decide_all(session: Session, ids: tuple[str, ...], *, account: str, words: str) -> None:
        """Take a step on each question, in the name of an account."""
        from kaname.intelligence.sharing.deciding import decide

        who = session.knowledge.account(account)
        done = [decide(session.knowledge, key, step, who, words) for key in ids]
        if session.as_json:
            put_json([{"id": one.id, "subject": one.subject, "state": one.state} for one in done])
            return
        for one in done:
            note(say("cli.share.decided", subject=one.subject, state=one.state.value))

    return decide_all


approve, reject, withdraw = (_decision(s) for s in (Step.APPROVE, Step.REJECT, Step.WITHDRAW))


@command("share publish")
@option("--account", metavar="NAME", default="admin", key="share_account")
def publish(session: Session, *, account: str) -> None:
    """Hand out what is decided: the TAXII collection and the MISP feeds."""
    from kaname.intelligence.sharing.publishing import publish as hand_out

    who = session.knowledge.account(account)
    with _fusion(session) as fusion:
        counts = hand_out(fusion, fusion.folder / "misp-feed", now_us(), by=who.name)
    session.knowledge.audit(who.name, "share.publish", "indicators", counts)
    if session.as_json:
        put_json(counts)
        return
    for level in Tlp:
        note(say("cli.share.published", tlp=level.label, count=counts[level.value]))


@command("share groups")
@option(
    "--policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    key="share_policy",
)
@option("--account", metavar="NAME", default="admin", key="share_account")
def groups(session: Session, *, policy: Path | None, account: str) -> None:
    """Show sharing groups and rules, or set them from a JSON file."""
    from kaname.intelligence.sharing import policy as policies
    from kaname.model.errors import UsageError

    if policy is not None:
        try:
            document = msgspec.json.decode(policy.read_bytes())
        except msgspec.DecodeError as error:
            raise UsageError("intelligence.sharing.error.policy", reason=str(error)) from None
        policies.save(session.knowledge, document, by=session.knowledge.account(account).name)
    found = policies.load(session.knowledge)
    if session.as_json:
        put_json(msgspec.to_builtins(found))
        return
    put_table(
        tuple(say(f"cli.head.{head}") for head in ("name", "title", "members")),
        ((one.name, one.title, " ".join(one.members)) for one in found.groups),
        empty=say("cli.empty.groups"),
    )


@command("share feed")
@click.argument("folder", metavar="FOLDER", type=_folder)
@option("--tlp", metavar="LEVEL", default="green", key="clearance")
def feed(session: Session, folder: Path, *, tlp: str) -> None:
    """Write the MISP feed of a clearance into FOLDER, all of it at once."""
    from kaname.intelligence.sharing.publishing import write_feed

    with _fusion(session) as fusion:
        count = write_feed(fusion, Tlp.parse(tlp), folder, now_us())
    _told(session, count, "misp", folder)


@command("share push")
@click.argument("form", metavar="FORMAT")
@click.argument("folder", metavar="FOLDER", type=_folder)
@option("--tlp", metavar="LEVEL", default="green", key="clearance")
@option("--group", "names", metavar="NAME", multiple=True, key="share_group")
def push(session: Session, form: str, folder: Path, *, tlp: str, names: tuple[str, ...]) -> None:
    """Write what is handed out into FOLDER, in the format of a writer."""
    from kaname.intelligence.sharing.publishing import push as put

    with _fusion(session) as fusion:
        audience = _audience(tlp, names)
        count = put(fusion, audience, form, folder, now_us(), session.language)
    _told(session, count, form, folder)


def _audience(tlp: str, names: tuple[str, ...]) -> Audience:
    from kaname.intelligence.sharing.audience import Audience

    return Audience(Tlp.parse(tlp), frozenset(names))


def _fusion(session: Session) -> Intelligence:
    """The fusion, opened to read: a nexus may be running meanwhile."""
    from kaname.intelligence.service import Intelligence

    return Intelligence(session.settings.data, session.knowledge, read_only=True)


def _told(session: Session, count: int, form: str, folder: Path) -> None:
    if session.as_json:
        put_json({"count": count, "format": form, "folder": str(folder)})
        return
    note(say("cli.indicators.written", count=count, form=form, place=folder))
