"""`kaname share send`: what is decided, pushed sealed to another nexus."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

__all__ = ["send"]


@command("share send")
@click.argument("name", metavar="PEER")
@click.argument("url", metavar="URL")
@option("--ca", type=click.Path(path_type=Path), metavar="FILE", key="watch_ca")
@option("--account", metavar="NAME", default="admin", key="share_account")
def send(session: Session, name: str, url: str, *, ca: Path | None, account: str) -> int:
    """Push what PEER may have into the collection at URL of its TAXII server, sealed."""
    from kaname.intelligence.sharing.sending import send as push
    from kaname.sealing.nexus_keys import NexusKeys

    who = session.knowledge.account(account)
    data = session.settings.data
    authorities = str(ca) if ca else None
    sent = push(session.knowledge, NexusKeys(data), name, url, authorities=authorities)
    session.knowledge.audit(who.name, "share.send", name, {"url": url, "objects": sent.objects})
    if session.as_json:
        put_json({"peer": name, "objects": sent.objects, "refused": sent.refused})
    else:
        note(say("cli.share.sent", peer=name, count=sent.objects, refused=sent.refused))
    return 3 if sent.refused else 0
