"""`kaname crypto key`: keys to seal for, to open with, and to sign with."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

__all__ = ["key"]

_KINDS = ("MLKEM768-X25519", "MLKEM1024-P384")


@command("crypto key")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@option("--kind", type=click.Choice(_KINDS), default=_KINDS[0], key="crypto_kind")
def key(session: Session, file: Path, *, kind: str) -> None:
    """Write new keys to FILE, for its owner only, and their public halves to FILE.pub."""
    from kaname.sealing.hybrid import KEMS
    from kaname.sealing.keyfiles import make, recipient

    public = make(file, KEMS[kind])
    ident = recipient(public).ident.hex()
    if session.as_json:
        put_json({"secret": str(file), "public": str(public), "id": ident, "kind": kind})
        return
    note(say("cli.crypto.key", secret=file, public=public, ident=ident))
