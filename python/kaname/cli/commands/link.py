"""`kaname link ...`: the key that sensors and peers seal for, and who the peers are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.knowledge.links import Links, Partner
    from kaname.sealing.nexus_keys import NexusKeys

__all__ = ["add", "drop", "key", "link", "list_peers", "peers", "remove", "retire", "rotate"]

_HERE = "kaname.cli.commands.link"
_ACTOR = "command line"
_KINDS = ("MLKEM768-X25519", "MLKEM1024-P384")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_file = click.Path(path_type=Path, dir_okay=False)

link = group(
    "link",
    {
        "key": f"{_HERE}:key",
        "rotate": f"{_HERE}:rotate",
        "retire": f"{_HERE}:retire",
        "peers": f"{_HERE}:peers",
    },
)
peers = group(
    "link peers",
    {
        "list": f"{_HERE}:list_peers",
        "add": f"{_HERE}:add",
        "drop": f"{_HERE}:drop",
        "remove": f"{_HERE}:remove",
    },
)


def _keys(session: Session) -> NexusKeys:
    from kaname.sealing.nexus_keys import NexusKeys

    return NexusKeys(session.settings.data)


def _links(session: Session) -> Links:
    from kaname.knowledge.links import Links

    return session.knowledge.part(Links)


@command("link key")
@option("--output", "-o", metavar="FILE", type=_file, key="link_output")
def key(session: Session, *, output: Path | None) -> None:
    """Show the fingerprint of this nexus's key, and write its public file."""
    from kaname.sealing.files import replaced

    current, *older = [one.public for one in _keys(session).valid]
    if output is not None:
        with replaced(output) as file:
            file.write(current.text.encode())
        output.chmod(0o644)
    if session.as_json:
        put_json({"fingerprint": current.fingerprint, "kind": current.to.kem.name,
                  "previous": [one.fingerprint for one in older], "key": current.text})  # fmt: skip
        return
    click.echo(current.fingerprint)
    for one in older:
        note(say("cli.link.previous", fingerprint=one.fingerprint))


@command("link rotate")
@option("--kind", type=click.Choice(_KINDS), key="crypto_kind")
def rotate(session: Session, *, kind: str | None) -> None:
    """Make a new key for this nexus; the old one stays valid until it is retired."""
    from kaname.sealing.hybrid import KEMS

    made = _keys(session).rotate(KEMS[kind] if kind else None).public.fingerprint
    session.knowledge.audit(_ACTOR, "link.rotate", made)
    if session.as_json:
        put_json({"fingerprint": made})
        return
    click.echo(made)


@command("link retire")
def retire(session: Session) -> None:
    """End the key before the present one: what is sealed for it is refused from now on."""
    gone = _keys(session).retire().public.fingerprint
    session.knowledge.audit(_ACTOR, "link.retire", gone)
    if session.as_json:
        put_json({"retired": gone})
        return
    note(say("cli.link.retired", fingerprint=gone))


@command("link peers list")
def list_peers(session: Session) -> None:
    """List the nexuses that may exchange sealed intelligence with this one."""
    found = _links(session).partners("peer")
    if session.as_json:
        put_json({"peers": [_shown(one) for one in found]})
        return
    put_table(
        tuple(say(f"cli.head.{head}") for head in ("name", "tlp", "link_writes", "link_keys")),
        (
            (one.name, one.tlp.label, "x" if one.writes else "",
             " ".join(each.fingerprint for each in one.keys))
            for one in found
        ),
        empty=say("cli.empty.peers"),
    )  # fmt: skip


@command("link peers add")
@click.argument("name", metavar="NAME")
@option("--key", "file", metavar="FILE", type=_file, required=True, key="link_peer_key")
@option("--tlp", metavar="LEVEL", default="green", key="clearance")
@option("--writes", is_flag=True, key="link_writes")
def add(session: Session, name: str, *, file: Path, tlp: str, writes: bool) -> None:
    """Register the nexus NAME by its public file, or a second key of it."""
    from kaname.intelligence.taxii.inboxes import set_inbox
    from kaname.knowledge.links import Partner
    from kaname.sealing.keyfiles import read
    from kaname.sealing.link_keys import link_public_key

    if not _NAME.fullmatch(name):
        raise UsageError("cli.error.peer_name", found=name)
    text = read(file)
    made, level = link_public_key(text, file), Tlp.parse(tlp)
    links = _links(session)
    links.put_partner(Partner(kind="peer", name=name, tlp=level, writes=writes))
    partner = links.add_key("peer", name, made.text, made.fingerprint)
    inbox = set_inbox(session.knowledge, name, opened=writes)
    details = {"key": made.fingerprint, "tlp": level.value, "writes": writes}
    session.knowledge.audit(_ACTOR, "link.peer", name, details)
    if session.as_json:
        put_json(_shown(partner))
        return
    click.echo(made.fingerprint)
    note(say("cli.link.peer", name=name))
    if writes:
        note(say("cli.link.inbox", name=name, inbox=inbox))


@command("link peers drop")
@click.argument("name", metavar="NAME")
@click.argument("fingerprint", metavar="FINGERPRINT")
def drop(session: Session, name: str, fingerprint: str) -> None:
    """End a key of the peer NAME."""
    partner = _links(session).drop_key("peer", name, fingerprint)
    session.knowledge.audit(_ACTOR, "link.peer.drop", name, {"key": fingerprint})
    if session.as_json:
        put_json(_shown(partner))


@command("link peers remove")
@click.argument("name", metavar="NAME")
def remove(session: Session, name: str) -> None:
    """Forget the peer NAME."""
    from kaname.intelligence.taxii.inboxes import set_inbox

    _links(session).remove_partner("peer", name)
    set_inbox(session.knowledge, name, opened=False)
    session.knowledge.audit(_ACTOR, "link.peer.remove", name)


def _shown(partner: Partner) -> dict[str, object]:
    return {
        "name": partner.name,
        "tlp": partner.tlp.value,
        "writes": partner.writes,
        "keys": [{"fingerprint": one.fingerprint, "added": one.added} for one in partner.keys],
    }
