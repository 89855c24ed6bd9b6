"""`kaname crypto open`: what is in an envelope, for who it was sealed for."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.errors import UsageError

__all__ = ["open_"]


@command("crypto open")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True))
@option("--key", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), required=True,
        key="crypto_key")  # fmt: skip
@option("--signed-by", "signer", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
        key="crypto_signed_by")  # fmt: skip
@option("--output", "-o", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
        key="crypto_opened")  # fmt: skip
def open_(
    session: Session, file: Path, key: Path, signer: Path | None, output: Path | None
) -> None:
    """Write what is in the envelope FILE; nothing is written unless all of it is proved."""
    from kaname.sealing.envelope import open_envelope
    from kaname.sealing.files import replaced
    from kaname.sealing.keyfiles import opening_key, verifying_key

    if output is None and file.suffix != ".sealed":
        raise UsageError("cryptography.error.output", path=file)
    target = output or file.with_suffix("")
    if output is None and target.exists():
        raise UsageError("cryptography.error.there_already", path=target)
    trusted = verifying_key(signer) if signer else None
    own = opening_key(key)
    with file.open("rb") as source, replaced(target) as written:
        found = open_envelope(source, written, own, trusted)
    if session.as_json:
        put_json({"path": str(target), "bytes": target.stat().st_size,
                  "recipients": found.recipients, "signer": found.signer.hex(),
                  "trusted": trusted is not None})  # fmt: skip
        return
    note(say("cli.crypto.opened", path=target, bytes=target.stat().st_size))
    if found.signer and trusted is None:
        note(say("cli.crypto.unknown_signer", signer=found.signer.hex()[:16]))
