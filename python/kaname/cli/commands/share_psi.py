"""`kaname share psi ...`: what two members have in common, by files that they exchange."""

from __future__ import annotations

import os
from pathlib import Path

import click

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

__all__ = ["psi", "request", "respond", "setup", "shared"]

_HERE = "kaname.cli.commands.share_psi"
psi = group(
    "share psi", {name: f"{_HERE}:{name}" for name in ("setup", "request", "respond", "shared")}
)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_NEW = click.Path(path_type=Path, dir_okay=False)


def _values(path: Path) -> list[str]:
    """Artifacts of a file, a line each, as "kind:value"; what is none stays as it is."""
    from kaname.model.artifact import guess_many

    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    lines = [line for line in lines if line]
    guessed = guess_many(lines)
    return [f"{g[0].value}:{g[1]}" if g else line for line, g in zip(lines, guessed, strict=True)]


def _keep_secret(path: Path, data: bytes) -> None:
    """Write a key that only its owner reads."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)


@command("share psi setup")
@click.argument("values", metavar="VALUES", type=_FILE)
@click.argument("key", metavar="KEY", type=_NEW)
@click.argument("output", metavar="SETUP", type=_NEW)
@option("--asked", type=click.IntRange(1, 100_000_000), default=10_000, key="psi_asked")
def setup(_session: Session, values: Path, key: Path, output: Path, *, asked: int) -> None:
    """First: the member who answers writes SETUP for the other, and keeps KEY."""
    from kaname.intelligence.privacy.intersection import Server

    server = Server.new()
    output.write_bytes(server.setup(_values(values), asked))
    _keep_secret(key, server.key)
    note(say("cli.psi.written", place=output))


@command("share psi request")
@click.argument("values", metavar="VALUES", type=_FILE)
@click.argument("key", metavar="KEY", type=_NEW)
@click.argument("output", metavar="REQUEST", type=_NEW)
def request(_session: Session, values: Path, key: Path, output: Path) -> None:
    """Second: the member who asks writes REQUEST for the other, and keeps KEY."""
    from kaname.intelligence.privacy.intersection import Client

    client = Client.new()
    output.write_bytes(client.request(_values(values)))
    _keep_secret(key, client.key)
    note(say("cli.psi.written", place=output))


@command("share psi respond")
@click.argument("key", metavar="KEY", type=_FILE)
@click.argument("asked", metavar="REQUEST", type=_FILE)
@click.argument("output", metavar="RESPONSE", type=_NEW)
def respond(_session: Session, key: Path, asked: Path, output: Path) -> None:
    """Third: the member who answers writes RESPONSE to a REQUEST."""
    from kaname.intelligence.privacy.intersection import Server

    output.write_bytes(Server.restored(key.read_bytes()).respond(asked.read_bytes()))
    note(say("cli.psi.written", place=output))


@command("share psi shared")
@click.argument("values", metavar="VALUES", type=_FILE)
@click.argument("key", metavar="KEY", type=_FILE)
@click.argument("setup_file", metavar="SETUP", type=_FILE)
@click.argument("response", metavar="RESPONSE", type=_FILE)
def shared(session: Session, values: Path, key: Path, setup_file: Path, response: Path) -> None:
    """Last: the member who asked reads what both have."""
    from kaname.intelligence.privacy.intersection import Client

    client = Client.restored(key.read_bytes(), _values(values))
    found = client.shared(setup_file.read_bytes(), response.read_bytes())
    if session.as_json:
        put_json({"shared": found})
        return
    for value in found:
        click.echo(value)
