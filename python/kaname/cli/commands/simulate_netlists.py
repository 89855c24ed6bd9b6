"""`kaname simulate netlists`: labelled gate-level designs, clean and with Trojans."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json
from kaname.cli.speech import say

__all__ = ["netlists"]


@command("simulate netlists")
@click.argument("output", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False))
@option("--designs", type=click.IntRange(1, 100_000), default=100, key="simulate_designs")
@option("--seed", type=click.IntRange(0), default=1, key="seed")
def netlists(session: Session, *, output: Path, designs: int, seed: int) -> None:
    """Write designs and labels into a new folder; the same seed gives the same bytes."""
    from kaname.hardware.netlist.corpus.publishing import publish

    with progress_bar("cli.progress.netlists") as show:
        report = publish(output, designs=designs, seed=seed, progress=show)
    if session.as_json:
        put_json(report)
        return
    note(
        say(
            "cli.simulate.netlists",
            path=output,
            designs=designs,
            clean=report["clean"],
            instances=report["instances"],
            trojans=report["trojan_instances"],
        )
    )
