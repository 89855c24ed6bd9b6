"""`kaname crypto lines`: configuration lines by the TLS guideline's three types."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from kaname.cli.commands.crypto_judge import FOLDER
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

__all__ = ["lines"]

_SERVERS = ("nginx", "apache", "haproxy", "postfix", "dovecot", "openssl", "java")
Type = Literal["high", "recommended", "exception"]


@command("crypto lines")
@click.argument(
    "kind", required=False, default="recommended", metavar="[high|recommended|exception]",
    type=click.Choice(("high", "recommended", "exception")),
)  # fmt: skip
@option("--server", "servers", multiple=True, type=click.Choice(_SERVERS), key="crypto_server")
@option("--policy", "folder", type=FOLDER, metavar="FOLDER", key="crypto_policy")
def lines(session: Session, kind: Type, *, servers: tuple[str, ...], folder: Path | None) -> None:
    """Print the lines to paste into servers for a type of the TLS guideline."""
    from kaname.cryptography.policy.server_lines import server_lines
    from kaname.cryptography.policy.tables import load

    policy = load(folder)
    found = server_lines(policy, kind)
    wanted = {name: found[name] for name in servers or _SERVERS}
    verified = all(rule.verified for rule in policy.tls.rules)
    if session.as_json:
        put_json({"type": kind, "document": policy.tls.document, "date": policy.tls.date,
                  "verified": verified, "lines": wanted})  # fmt: skip
        return
    for name, one in wanted.items():
        click.echo(f"# {name}")
        for line in one:
            click.echo(line)
        click.echo()
    note(say("cli.crypto.lines.source", document=policy.tls.document, date=policy.tls.date))
    if not verified:
        note(say("cli.crypto.lines.unverified"))
