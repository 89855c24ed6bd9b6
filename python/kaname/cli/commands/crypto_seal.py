"""`kaname crypto seal`: a file for one or many recipients, which nobody else reads."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

__all__ = ["seal"]


@command("crypto seal")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True))
@option("--to", "people", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
        multiple=True, required=True, key="crypto_to")  # fmt: skip
@option("--sign", "signer", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
        key="crypto_sign")  # fmt: skip
@option("--output", "-o", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
        key="crypto_envelope")  # fmt: skip
def seal(
    session: Session,
    file: Path,
    people: tuple[Path, ...],
    signer: Path | None,
    output: Path | None,
) -> None:
    """Write FILE as an envelope (FILE.sealed) that its recipients alone can open."""
    from kaname.sealing.envelope import seal_envelope
    from kaname.sealing.files import replaced
    from kaname.sealing.keyfiles import recipient, signing_key

    recipients = [recipient(path) for path in people]
    own = signing_key(signer) if signer else None
    target = output or file.with_name(f"{file.name}.sealed")
    with file.open("rb") as source, replaced(target) as written:
        size = seal_envelope(source, written, recipients, own)
    if session.as_json:
        put_json(
            {
                "envelope": str(target),
                "bytes": size,
                "sealed_bytes": target.stat().st_size,
                "recipients": [one.ident.hex() for one in recipients],
                "kinds": [one.kem.name for one in recipients],
                "signed": own is not None,
            }
        )
        return
    note(say("cli.crypto.sealed", path=target, bytes=size, recipients=len(recipients)))
