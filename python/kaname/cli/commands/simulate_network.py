"""`kaname simulate network`: a day of an organisation, as its sensors would write it."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.instant import parse_us

__all__ = ["network"]


@command("simulate network")
@option("--seed", type=click.IntRange(0), default=1, key="seed")
@option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("network"),
    key="simulate_folder",
)
@option("--day", metavar="DATE", default="2026-01-01", key="day")
def network(session: Session, *, seed: int, output: Path, day: str) -> None:
    """Write the files of one day and their truth; the same seed gives the same bytes."""
    from kaname.traffic.scenario import write

    report = write(output, seed=seed, start=parse_us(f"{day}T00:00:00Z"))
    if session.as_json:
        put_json(msgspec.to_builtins(report))
        return
    total = sum(report.records.values())
    note(say("cli.simulate.network", path=output, records=total, files=len(report.records)))
