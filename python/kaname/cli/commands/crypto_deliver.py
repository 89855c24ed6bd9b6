"""`kaname crypto deliver`: an inventory to a nexus on another machine."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.delivering import token_in
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

__all__ = ["deliver"]

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@command("crypto deliver", settings=("sensor", "tlp"))
@click.argument("cbom", metavar="CBOM", type=_FILE)
@option("--to", "nexus", metavar="URL", required=True, key="crypto_nexus")
@option("--token-file", type=_FILE, metavar="FILE", required=True, key="crypto_token_file")
@option("--ca", type=_FILE, metavar="FILE", key="watch_ca")
@option("--sensor", metavar="NAME", key="sensor")
@option("--tlp", metavar="LEVEL", key="tlp")
def deliver(
    session: Session,
    *,
    cbom: Path,
    nexus: str,
    token_file: Path,
    ca: Path | None,
    sensor: str | None,  # noqa: ARG001 - settled in the settings
    tlp: str | None,  # noqa: ARG001
) -> None:
    """Deliver CBOM (of `kaname crypto inventory --cbom`) to the nexus at URL."""
    from kaname.cryptography.inventory.cbom import load_cbom
    from kaname.readers.deliveries.upload import upload

    load_cbom(cbom)  # what is none is told here, and not in a job over there
    settings = session.settings
    job = upload(
        nexus, token_in(token_file), cbom.read_bytes(), name=cbom.name, sensor=settings.sensor,
        tlp=settings.tlp, reader="cbom", ca=ca,
    )  # fmt: skip
    if session.as_json:
        put_json({"nexus": nexus, "job": job})
        return
    note(say("cli.crypto.delivered", path=cbom, nexus=nexus, sensor=settings.sensor))
