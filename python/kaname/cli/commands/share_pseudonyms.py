"""`kaname share pseudonyms`: the key that addresses of a telescope are hidden with."""

from __future__ import annotations

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import put_json, put_table
from kaname.cli.speech import say

__all__ = ["pseudonyms"]


@command("share pseudonyms")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@option("--rotate", is_flag=True, key="pseudonyms_rotate")
def pseudonyms(session: Session, addresses: tuple[str, ...], *, rotate: bool) -> None:
    """Say what others see of addresses of the telescope, or make a new key."""
    from kaname.model import pseudonym
    from kaname.model.errors import UsageError
    from kaname.writers.shield import Shield

    data = session.settings.data
    key = pseudonym.rotate(data) if rotate else pseudonym.key_of(data)
    made = pseudonym.Pseudonyms(key)
    if rotate:
        session.knowledge.audit("kaname", "share.pseudonyms", "rotate", {"key": made.id})
    shield = Shield(made)
    try:
        shown = {one: shield.pseudonym(one) for one in addresses}
    except ValueError:
        raise UsageError("model.error.address", found=" ".join(addresses)) from None
    if session.as_json:
        put_json({"key": made.id, "rotated": rotate, "pseudonyms": shown})
        return
    rows = [(say("cli.share.pseudonyms.key"), made.id), *shown.items()]
    put_table((say("cli.head.address"), say("cli.head.pseudonym")), rows, empty="")
