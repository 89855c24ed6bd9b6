"""`kaname simulate week`: a week of an information-sharing centre, as observations."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.instant import parse_us

__all__ = ["week"]


@command("simulate week")
@option("--seed", type=click.IntRange(0), default=1, key="seed")
@option("--day", metavar="DATE", default="2026-01-01", key="day")
@option("--campaigns", type=click.IntRange(1, 50), default=3, key="campaigns")
@option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("week.ndjson"),
    key="simulate_week",
)
def week(session: Session, *, seed: int, day: str, campaigns: int, output: Path) -> None:
    """Write the observations of one week and, beside them, what is true of them."""
    from kaname.intelligence.fusion.scenario import scenario

    made = scenario(seed, campaigns=campaigns, start=parse_us(f"{day}T00:00:00Z"))
    truth = {
        "campaigns": [sorted(f"{n.kind}:{n.value}" for n in one) for one in made.campaigns],
        "never": sorted(f"{n.kind}:{n.value}" for n in made.never),
    }
    lines = b"\n".join(msgspec.json.encode(one) for one in made.observations)
    output.write_bytes(lines + b"\n")
    output.with_suffix(".truth.json").write_bytes(msgspec.json.encode(truth))
    if session.as_json:
        put_json({"observations": len(made.observations), "path": str(output)})
        return
    note(say("cli.simulate.week", path=output, count=len(made.observations)))
