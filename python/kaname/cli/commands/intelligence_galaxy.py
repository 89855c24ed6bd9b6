"""`kaname intelligence galaxy`: names of actors and malware from MISP galaxies."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.frame import Session, command
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.instant import now_us

__all__ = ["galaxy"]


@command("intelligence galaxy")
@click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
def galaxy(session: Session, paths: tuple[Path, ...]) -> None:
    """Take in what MISP galaxies call things; conflicts with ATT&CK are kept, not merged."""
    from kaname.intelligence.fusion.entities import attach
    from kaname.intelligence.fusion.galaxies import read
    from kaname.knowledge.assertions import Assertions
    from kaname.knowledge.entities import Entities

    at = now_us()
    claims = [one for path in paths for one in read(path.read_bytes(), at=at)]
    knowledge = session.knowledge
    done = attach(claims, knowledge.part(Entities), knowledge.part(Assertions), at=at)
    counts = {"merged": done.merged, "new": done.new, "conflicts": done.conflicts}
    if session.as_json:
        put_json(counts)
        return
    note(say("cli.intelligence.galaxy", **counts))
