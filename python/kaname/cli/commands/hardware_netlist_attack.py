"""`kaname hardware netlist attack`: does the model still find a Trojan in other gates?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import KanameError, UsageError

if TYPE_CHECKING:
    from kaname.hardware.netlist.adversarial.rewriting import Rewritten
    from kaname.hardware.netlist.adversarial.robustness import Attacked, Robustness, Target

__all__ = ["attack"]

_PARTIAL = 3
_EVALUATIONS = 48
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@command("hardware netlist attack")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=_FILE)
@option("--labels", type=click.Path(path_type=Path, exists=True), key="attack_labels")
@option("--budget", type=click.IntRange(1, 100_000), default=100, key="attack_budget")
@option("--model", "model_files", multiple=True, type=_FILE, key="attack_model")
@option("--random", "blind", is_flag=True, key="attack_random")
@option(
    "--evaluations", type=click.IntRange(1, 100_000), default=_EVALUATIONS,
    key="attack_evaluations",
)  # fmt: skip
@option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, key="attack_seed")
@option("--cells", "libraries", multiple=True, type=_FILE, key="netlist_cells")
@option("--out", type=click.Path(path_type=Path, file_okay=False), key="attack_out")
@option("--report", type=click.Path(path_type=Path, dir_okay=False), key="attack_report")
def attack(
    session: Session,
    paths: tuple[Path, ...],
    *,
    labels: Path | None,
    budget: int,
    model_files: tuple[Path, ...],
    blind: bool,
    evaluations: int,
    seed: int,
    libraries: tuple[Path, ...],
    out: Path | None,
    report: Path | None,
) -> int:
    """Rewrite the Trojans of labelled netlists FILE... and judge them before and after."""
    from kaname.hardware.netlist.adversarial.report import FORMS, write

    form = report.suffix.lower().removeprefix(".") if report else "json"
    if form not in FORMS:
        raise UsageError("cli.error.report_form", found=str(report), known=", ".join(FORMS))
    targets, failed = _targets(session, paths, labels, libraries)
    run = _Run(budget, seed, guided=not blind, evaluations=evaluations, out=out)
    found = run.attack(targets, model_files)
    if report is not None:
        language: Literal["en", "ja"] = "ja" if session.language == "ja" else "en"
        _put(report, write(found, form, language, _typed()))
    if session.as_json:
        put_json(found.as_json() | {"failed": failed})
    else:
        _tell(found, report)
    return _PARTIAL if failed else 0


def _targets(
    session: Session, paths: tuple[Path, ...], labels: Path | None, libraries: tuple[Path, ...]
) -> tuple[list[Target], list[str]]:
    """The designs with their Trojans; of several, those that cannot be read are passed over."""
    from kaname.hardware.netlist.adversarial import labels as labelling
    from kaname.hardware.netlist.adversarial.robustness import Target
    from kaname.hardware.netlist.reading import read

    targets, failed = [], []
    for path in paths:
        try:
            place = labelling.find(path, labels, len(paths))
            netlist = read(path, cells=libraries)
            trojan = labelling.read(place, netlist)
            targets.append(Target.of(labelling.stem(path), netlist, trojan))
        except KanameError as error:
            if len(paths) == 1:
                raise
            failed.append(str(path))
            note(f"{path}: {error.render(session.language)}")
    return targets, failed


class _Run:
    """One attack on all designs, before each model in turn."""

    def __init__(
        self, budget: int, seed: int, *, guided: bool, evaluations: int, out: Path | None
    ) -> None:
        from kaname.hardware.netlist.adversarial.robustness import budgets

        self.levels = budgets(budget)
        self.seed, self.guided = seed, guided
        self.evaluations, self.out = evaluations, out

    def attack(self, targets: list[Target], model_files: tuple[Path, ...]) -> Robustness:
        """Attack; rewritten designs are written as soon as each is done."""
        from kaname.hardware.netlist.adversarial.robustness import Robustness
        from kaname.hardware.netlist.model import Model

        models: dict[str, tuple[Attacked, ...]] = {}
        total = len(targets) * max(1, len(model_files))
        with progress_bar("cli.progress.netlists") as show:
            for path in model_files or (None,):
                model = Model.load(path)
                name = model.head.name
                while name in models:
                    name += "'"
                each: list[Attacked] = []
                for target in targets:
                    show(target.name, len(models) * len(targets) + len(each), total)
                    each.append(self._one(target, model, name if len(model_files) > 1 else ""))
                models[name] = tuple(each)
        return Robustness(
            budgets=self.levels, seed=self.seed, evaluations=self.evaluations,
            guided=self.guided, models=models,
        )  # fmt: skip

    def _one(self, target: Target, model: Any, name: str) -> Attacked:
        from kaname.hardware.netlist.adversarial.concealment import score_of
        from kaname.hardware.netlist.adversarial.robustness import attacked, summed

        levels, last = [], None
        for level, made in attacked(
            target, score_of(model), self.levels,
            seed=self.seed, guided=self.guided, evaluations=self.evaluations,
        ):  # fmt: skip
            levels.append(level)
            last = made
        if self.out is not None and last is not None:
            self._write(self.out, target, last, name)
        return summed(target, levels)

    def _write(self, folder: Path, target: Target, made: Rewritten, model: str) -> None:
        from kaname.hardware.netlist.adversarial import labels as labelling

        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{target.name}.{model}.rewritten" if model else f"{target.name}.rewritten"
        about = {
            "rewritten_from": target.netlist.digest, "added": made.added, "seed": self.seed,
        }  # fmt: skip
        _put(folder / f"{stem}.v", made.text(self.seed).encode())
        labels = labelling.encode(made.names(), made.netlist.cells, **about)
        _put(folder / f"{stem}.labels.json", labels)


def _put(place: Path, data: bytes) -> None:
    """Write a file that is there only when it is complete."""
    from kaname.lake.faults import clear_errors

    part = place.with_name(f".{place.name}.part")
    with clear_errors(place.parent):
        try:
            part.write_bytes(data)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def _typed() -> str:
    """The command line, as it can be typed again."""
    import shlex

    return shlex.join(["kaname", *sys.argv[1:]])


def _tell(found: Robustness, report: Path | None) -> None:
    rows = [_row(model, one) for model, designs in found.models.items() for one in designs]
    put_table(
        (
            say("cli.head.model"),
            say("cli.head.name"),
            say("cli.head.trojan_cells"),
            say("cli.head.added_gates"),
            say("cli.head.tpr_before"),
            say("cli.head.tpr_after"),
            say("cli.head.ap_before"),
            say("cli.head.ap_after"),
            say("cli.head.proof"),
        ),
        rows,
        empty=say("cli.empty.attack"),
    )
    for model in found.models:
        note(say("cli.netlist.attacked", model=model, points=f"{found.lost(model):+.2f}"))
    if report is not None:
        note(say("cli.netlist.attack_report", path=report))


def _row(model: str, one: Attacked) -> tuple[object, ...]:
    first, last = one.levels[0], one.levels[-1]
    proof = last.proof
    key = "cli.netlist.proved" if proof and proof.complete else "cli.netlist.partly_proved"
    told = (
        say(key, exact=proof.exact, points=proof.points, vectors=f"{proof.vectors:,}")
        if proof
        else "-"
    )
    shares = (f"{value:.3f}" for value in (first.tpr, last.tpr, first.ap, last.ap))
    return (model, one.name, one.trojan_cells, last.added, *shares, told)
