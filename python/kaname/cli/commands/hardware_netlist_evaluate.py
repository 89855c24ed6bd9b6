"""`kaname hardware netlist evaluate`: how well Trojans are found in labelled netlists."""

from __future__ import annotations

from pathlib import Path

import click

from kaname.cli.commands.analyses import put_evaluation
from kaname.cli.commands.hardware_netlist_train import show_step
from kaname.cli.frame import Session, command, option
from kaname.model.errors import UsageError

__all__ = ["evaluate_"]

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@command("hardware netlist evaluate")
@click.argument(
    "folders", nargs=-1, required=True, metavar="FOLDER...",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)  # fmt: skip
@option("--model", "model_file", type=_FILE, key="trojan_model")
@option("--protocols", "held_out", is_flag=True, key="protocols")
@option("--synthetic", type=click.IntRange(0, 10_000), default=0, key="synthetic")
@option("--trees", type=click.IntRange(8, 2000), default=300, key="trees")
@option("--seed", type=int, default=0, key="training_seed")
def evaluate_(
    session: Session,
    folders: tuple[Path, ...],
    *,
    model_file: Path | None,
    held_out: bool,
    synthetic: int,
    trees: int,
    seed: int,
) -> None:
    """Measure a model on FOLDERs, or training itself, hosts and netlists left out."""
    from kaname.hardware.netlist import evaluating, examples
    from kaname.hardware.netlist.model import Model
    from kaname.hardware.netlist.stages import Effort

    if held_out and model_file is not None:
        raise UsageError("hardware.error.protocols_model")
    found = list(examples.given(folders, show_step))
    if held_out:
        found += examples.synthetic(synthetic, seed, show_step)
        measured = evaluating.protocols(found, Effort(trees=trees, seed=seed), show_step)
    else:
        measured = evaluating.of_model(Model.load(model_file), found)
    show_step("")
    put_evaluation(session, measured)
