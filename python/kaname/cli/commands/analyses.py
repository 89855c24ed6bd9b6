"""`kaname analyses`: what the analyses are, and how good they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.pairs import pairs
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.analysis.evaluation import Evaluation

__all__ = ["analyses", "put_evaluation"]


@command("analyses list")
def list_(session: Session) -> None:
    """All analyses, a line each."""
    from kaname.analysis.frame import analyses as known
    from kaname.analysis.frame import describe

    described = [describe(each, session.language) for each in known().values()]
    if session.as_json:
        put_json({"analyses": described})
        return
    put_table(
        (say("cli.head.name"), say("cli.head.tables"), say("cli.head.about")),
        ((d["name"], " ".join(d["tables"]), _first_sentence(d["text"])) for d in described),
        empty=say("cli.empty.analyses"),
    )


def _first_sentence(text: str) -> str:
    end = min((at for mark in (". ", "。") if (at := text.find(mark)) >= 0), default=len(text))
    return text[: end + 1]


@command("analyses describe")
@click.argument("name", metavar="NAME")
def describe_(session: Session, name: str) -> None:
    """What one analysis asks, of which rows, with which parameters and limits."""
    from kaname.analysis.frame import analysis, describe

    found = describe(analysis(name), session.language)
    if session.as_json:
        put_json(found)
        return
    click.echo(f"{found['name']} {found['version']}\n\n{found['text']}\n")
    for key in ("tables", "labels", "techniques"):
        click.echo(f"{say(f'cli.analyses.{key}')}: {', '.join(found[key])}")
    _section("cli.analyses.parameters", map(_parameter, found["parameters"]))
    _section("cli.analyses.limitations", found["limitations"])
    _section("cli.analyses.references", found["references"])


def _section(key: str, lines: Any) -> None:
    if listed := list(lines):
        click.echo(f"\n{say(key)}")
        for line in listed:
            click.echo(f"  - {line}")


def _parameter(each: dict[str, Any]) -> str:
    limits = "" if each["low"] is None else f" [{each['low']} .. {each['high']}]"
    default = each["default"] if each["default"] != "" else '""'
    return f"{each['name']} = {default} {each['unit'] or ''}{limits}: {each['text']}"


@command("analyses evaluate")
@click.argument("name", metavar="NAME")
@click.argument("paths", nargs=-1, metavar="[TRUTH]...", type=click.Path(path_type=Path))
@option("--param", "params", multiple=True, metavar="NAME=VALUE", key="param")
def evaluate_(
    session: Session, name: str, paths: tuple[Path, ...], *, params: tuple[str, ...]
) -> None:
    """Measure an analysis against labelled data, or against simulated data without any."""
    from kaname.analysis.evaluation import evaluation
    from kaname.analysis.frame import analysis, settle

    settled = settle(name, analysis(name).parameters, pairs(params))
    put_evaluation(session, evaluation(name)(paths, settled))


def put_evaluation(session: Session, found: Evaluation) -> None:
    """Print the measures and tables of an evaluation."""
    if session.as_json:
        put_json(msgspec.to_builtins(found))
        return
    put_table(
        (say("cli.head.measure"), say("cli.head.value")),
        ((name, _figure(value)) for name, value in found.measures.items()),
        empty="",
    )
    for table in found.tables:
        click.echo(f"\n{table.title}")
        put_table(table.header, ([_figure(cell) for cell in row] for row in table.rows), empty="")
    for line in found.notes:
        note(line)


def _figure(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


analyses = group(
    "analyses",
    {
        "list": "kaname.cli.commands.analyses:list_",
        "describe": "kaname.cli.commands.analyses:describe_",
        "evaluate": "kaname.cli.commands.analyses:evaluate_",
    },
)
