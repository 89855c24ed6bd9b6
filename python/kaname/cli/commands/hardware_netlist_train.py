"""`kaname hardware netlist train`: a model of Trojan cells from labelled netlists."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

__all__ = ["show_step", "train"]

_SYNTHETIC = 240
_FOLDS = 3  # of hosts, for scores that the second stage and the lines are learnt from


@command("hardware netlist train")
@click.argument(
    "folders", nargs=-1, metavar="[FOLDER]...",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)  # fmt: skip
@option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    key="model_file",
)
@option("--name", metavar="NAME", default="trojans", key="model_name")
@option("--synthetic", type=click.IntRange(0, 10_000), default=_SYNTHETIC, key="synthetic")
@option("--no-synthetic", is_flag=True, key="no_synthetic")
@option("--adversarial", is_flag=True, key="adversarial")
@option("--calibrate", type=click.IntRange(0, 10_000), default=0, key="calibrate_on")
@option(
    "--measure", "elsewhere", multiple=True, key="measured_on",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)  # fmt: skip
@option("--trees", type=click.IntRange(8, 2000), default=300, key="trees")
@option("--seed", type=int, default=0, key="training_seed")
def train(
    session: Session,
    folders: tuple[Path, ...],
    *,
    output: Path,
    name: str,
    synthetic: int,
    no_synthetic: bool,
    adversarial: bool,
    calibrate: int,
    elsewhere: tuple[Path, ...],
    trees: int,
    seed: int,
) -> None:
    """Learn from the labelled netlists of FOLDERs and from designs of our own."""
    from kaname.hardware.netlist import evaluating, examples, training
    from kaname.hardware.netlist.stages import Effort

    count = 0 if no_synthetic else synthetic
    if not folders and not count:
        raise UsageError("hardware.error.nothing_to_learn")
    learnt = itertools.chain(
        examples.given(folders, show_step, rewritten=2 if adversarial else 0),
        examples.synthetic(count, seed, show_step, rewritten=1 if adversarial else 0),
    )
    model = training.train(learnt, name, Effort(trees=trees, folds=_FOLDS, seed=seed), show_step)
    if calibrate:
        fresh = list(examples.synthetic(calibrate, seed + 1, show_step))
        model = training.recalibrated(model, fresh)
    for folder in elsewhere:
        found = evaluating.of_model(model, list(examples.given([folder], show_step)))
        model = model.measured_on(folder.name, found)
    model.save(output)
    show_step("")
    size = output.stat().st_size
    if session.as_json:
        put_json({"model": str(output), "bytes": size, "card": model.head.card.as_json()})
        return
    put_table(
        (say("cli.head.measure"), say("cli.head.value")),
        model.head.card.measures.items(),
        empty="",
    )
    designs = sum(one.designs for one in model.head.card.sources)
    note(say("cli.netlist.trained", path=output, designs=designs, kib=size // 1024))


def show_step(step: str) -> None:
    """Say on a terminal what is worked on now."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{step}")
        sys.stderr.flush()
