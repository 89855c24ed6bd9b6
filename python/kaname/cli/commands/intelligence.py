"""`kaname intelligence ...`: measure the fusion, load what it knows, propose campaigns."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from kaname.cli.commands.analyses import put_evaluation
from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import note, put_json
from kaname.cli.pairs import pairs
from kaname.cli.speech import say
from kaname.model.errors import UsageError

__all__ = ["intelligence"]

_PREFIX = "intelligence."


@command("intelligence evaluate")
@click.argument("name", metavar="[NAME]", required=False)
@click.argument("paths", nargs=-1, metavar="[TRUTH]...", type=click.Path(path_type=Path))
@option("--param", "params", multiple=True, metavar="NAME=VALUE", key="param")
def evaluate_(
    session: Session, name: str | None, paths: tuple[Path, ...], *, params: tuple[str, ...]
) -> None:
    """Measure a part of intelligence against labelled data."""
    from kaname.analysis.evaluation import evaluation, evaluations

    known = sorted(one.removeprefix(_PREFIX) for one in evaluations() if one.startswith(_PREFIX))
    if name is None:
        _list(session, known)
        return
    if name.removeprefix(_PREFIX) not in known:
        raise UsageError("cli.error.evaluation", name=name, known=", ".join(known))
    found = evaluation(_PREFIX + name.removeprefix(_PREFIX))(paths, pairs(params))
    put_evaluation(session, found)


def _list(session: Session, known: list[str]) -> None:
    if session.as_json:
        put_json({"evaluations": known})
        return
    for one in known:
        click.echo(one)


@command("intelligence bench")
@option("--artifacts", type=click.IntRange(1_000, 20_000_000), default=200_000, key="artifacts")
def bench_(session: Session, *, artifacts: int) -> None:
    """Measure the store of the fusion on this machine, with made-up observations."""
    from kaname.intelligence.bench.store import run

    found = run(artifacts)
    if session.as_json:
        put_json(msgspec.to_builtins(found))
        return
    for name, value in msgspec.to_builtins(found).items():
        click.echo(f"{name:28} {value:,.6g}" if isinstance(value, float) else f"{name:28} {value}")


@command("intelligence attack")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
def attack_(session: Session, path: Path) -> None:
    """Load techniques, groups and software of MITRE ATT&CK from its STIX bundle."""
    from kaname.intelligence.fusion.attack_catalogue import keep, load
    from kaname.knowledge.entities import Entities
    from kaname.readers.unpacking import unpacked

    with path.open("rb") as file:
        catalogue = load(b"".join(unpacked(file)))
    kept = keep(catalogue, session.knowledge.part(Entities))
    if session.as_json:
        put_json({"version": catalogue.version, "entities": kept})
        return
    note(say("cli.intelligence.attack", count=kept, version=catalogue.version))


@command("intelligence campaigns")
def campaigns_(session: Session) -> None:
    """Propose campaigns anew from everything that was observed."""
    from kaname.intelligence.service import Intelligence

    with Intelligence(session.settings.data, session.knowledge, session.bus) as fusion:
        changed = fusion.propose_campaigns()
    if session.as_json:
        put_json({"changed": changed})
        return
    note(say("cli.intelligence.campaigns", count=changed))


@command("intelligence train")
@click.argument(
    "paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, key="model_file"
)
@option("--labels", type=click.Path(path_type=Path, dir_okay=False), key="labels_file")
@option("--name", default="techniques-own", key="model_name")
def train_(
    session: Session, paths: tuple[Path, ...], *, output: Path, labels: Path | None, name: str
) -> None:
    """Train the mapper of ATT&CK techniques from annotated reports and sentences."""
    from kaname.intelligence.attack.labels import labels_of
    from kaname.intelligence.attack.training import train

    made = train(
        paths,
        labels_of(labels),
        name,
        progress=lambda step: note(say("cli.intelligence.training", step=step)),
    )
    partial = output.with_name(output.name + ".part")
    partial.write_bytes(made.data)
    partial.replace(output)
    if session.as_json:
        put_json({"model": str(output), "bytes": len(made.data), "measures": made.measures})
        return
    for measure, value in made.measures.items():
        click.echo(f"{measure:14} {value:g}")
    note(say("cli.intelligence.trained", path=output, size=len(made.data)))


_HERE = "kaname.cli.commands.intelligence"
intelligence = group(
    "intelligence",
    {
        "evaluate": f"{_HERE}:evaluate_",
        "bench": f"{_HERE}:bench_",
        "attack": f"{_HERE}:attack_",
        "galaxy": "kaname.cli.commands.intelligence_galaxy:galaxy",
        "campaigns": f"{_HERE}:campaigns_",
        "train": f"{_HERE}:train_",
        "learn": "kaname.cli.commands.intelligence_learn:learn",
    },
)
