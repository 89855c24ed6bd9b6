"""`kaname telescope bench`: how fast the telescope is here, stage by stage."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say

__all__ = ["bench_"]


@command("telescope bench")
@click.argument(
    "capture", metavar="[CAPTURE]", required=False,
    type=click.Path(path_type=Path, dir_okay=False),
)  # fmt: skip
@option("--scale", type=click.FloatRange(0.01, 1000), default=10.0, key="scale")
def bench_(session: Session, capture: Path | None, *, scale: float) -> None:
    """Measure each stage from a capture to findings; without one, a simulated hour."""
    from kaname.telescope.bench import run

    found = run(
        capture, scale=scale, progress=lambda name: note(say("cli.telescope.stage", name=name))
    )
    if session.as_json:
        put_json(found)
        return
    put_table(
        tuple(say(f"cli.head.{head}") for head in ("stage", "cpu_s", "wall_s", "per_cpu", "per_s")),
        (
            (s.name, f"{s.cpu_s:.2f}", f"{s.wall_s:.2f}", f"{s.packets_per_cpu_s:,.0f}",
             f"{s.packets_per_wall_s:,.0f}")
            for s in [*found.stages, found.whole]
        ),
        empty="",
    )  # fmt: skip
    note(
        say(
            "cli.telescope.bench",
            packets=found.packets,
            rows=found.rows,
            size=found.bytes_per_packet,
            findings=found.findings,
            peak=found.peak_mib,
        )
    )
