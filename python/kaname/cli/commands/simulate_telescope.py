"""`kaname simulate telescope`: a labelled capture of Internet background radiation."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.instant import SECOND, parse_us

__all__ = ["telescope"]


@command("simulate telescope")
@option("--seed", type=click.IntRange(0), default=1, key="seed")
@option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("telescope.pcap"),
    key="simulate_output",
)
@option("--hours", type=click.FloatRange(0.1, 24 * 31), default=24.0, key="hours")
@option("--scale", type=click.FloatRange(0.01, 1000), default=1.0, key="scale")
@option("--start", metavar="TIME", default="2026-01-01T00:00:00Z", key="start")
@option(
    "--darknet", multiple=True, metavar="CIDR", default=("198.18.0.0/15",), key="simulate_darknet"
)
def telescope(
    session: Session,
    *,
    seed: int,
    output: Path,
    hours: float,
    scale: float,
    start: str,
    darknet: tuple[str, ...],
) -> None:
    """Write a capture, its labels and its truth; the same seed gives the same bytes."""
    from kaname.telescope.simulator import simulate

    report = simulate(
        output,
        seed=seed,
        start=parse_us(start),
        duration=int(hours * 3600) * SECOND,
        scale=scale,
        darknet=darknet,
    )
    if session.as_json:
        put_json(msgspec.to_builtins(report))
        return
    note(say("cli.simulate.done", path=output, packets=report.packets, sources=report.sources))
