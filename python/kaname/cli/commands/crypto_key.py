"""`kaname crypto key`: keys to seal for, to open with, and to sign with."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.frame import Session, command
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

__all__ = ["key"]


@command("crypto key")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
def key(session: Session, file: Path) -> None:
    """Write new keys to FILE, for its owner only, and their public halves to FILE.pub."""
    from kaname.cryptography.postquantum.keyfiles import make, recipient

    public = make(file)
    ident = recipient(public).ident.hex()
    if session.as_json:
        put_json({"secret": str(file), "public": str(public), "id": ident})
        return
    note(say("cli.crypto.key", secret=file, public=public, ident=ident))
