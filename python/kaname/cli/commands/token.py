"""`kaname token ...`: who may talk to the nexus."""

from __future__ import annotations

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.instant import DAY, now_us
from kaname.model.marking import Tlp

__all__ = ["create", "list_tokens", "revoke", "token"]

_HERE = "kaname.cli.commands.token"
token = group(
    "token",
    {"create": f"{_HERE}:create", "list": f"{_HERE}:list_tokens", "revoke": f"{_HERE}:revoke"},
)


@command("token create")
@click.argument("account", metavar="ACCOUNT")
@option(
    "--role",
    type=click.Choice(["viewer", "analyst", "publisher", "admin"]),
    default="viewer",
    key="role",
)
@option("--clearance", metavar="LEVEL", default="amber", key="clearance")
@option("--label", "note_text", default="", key="token_label")
@option("--days", type=click.IntRange(1, 3660), key="token_days")
def create(
    session: Session,
    account: str,
    *,
    role: str,
    clearance: str,
    note_text: str,
    days: int | None,
) -> None:
    """Make a token for ACCOUNT; the account is made when it is new."""
    from kaname.knowledge import Account, AccountRole

    store = session.knowledge
    if account not in {a.name for a in store.accounts()}:
        store.put_account(
            Account(name=account, role=AccountRole(role), clearance=Tlp.parse(clearance))
        )
    expires = now_us() + days * DAY if days else None
    made, secret = store.create_token(account, note_text, expires)
    store.audit("command line", "token.create", account, {"token": made.id})
    if session.as_json:
        put_json(msgspec.to_builtins(made) | {"secret": secret})
        return
    click.echo(secret)
    note(say("cli.token.once"))


@command("token list")
def list_tokens(session: Session) -> None:
    """List tokens; secrets are not kept and cannot be shown."""
    found = session.knowledge.tokens()
    if session.as_json:
        put_json({"tokens": [msgspec.to_builtins(t) for t in found]})
        return
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("id", "account", "created", "last_used", "state")),
        (
            (t.id, t.account, moment(t.created, zone), moment(t.last_used, zone),
             say("cli.token.revoked") if t.revoked else "")
            for t in found
        ),
        empty=say("cli.empty.tokens"),
    )  # fmt: skip


@command("token revoke")
@click.argument("ident", metavar="ID")
def revoke(session: Session, ident: str) -> None:
    """Revoke the token ID at once."""
    session.knowledge.revoke_token(ident)
    session.knowledge.audit("command line", "token.revoke", ident, {})
    if session.as_json:
        put_json({"revoked": ident})
        return
    note(say("cli.token.gone", ident=ident))
