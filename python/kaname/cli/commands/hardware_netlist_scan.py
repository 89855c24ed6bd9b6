"""`kaname hardware netlist scan`: which cells of a design look like a Trojan's, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import KanameError, UsageError

if TYPE_CHECKING:
    from kaname.hardware.netlist.design import Netlist
    from kaname.hardware.netlist.model import Model
    from kaname.hardware.netlist.verdicts import Verdict

__all__ = ["scan"]

_PARTIAL = 3
_GOALS = ("f1", "tnr_99", "tnr_95", "tpr_95", "clean")
_SUFFIXES = (".v", ".vg", ".vh", ".sv", ".json", ".v.gz", ".vg.gz", ".json.gz")
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@command("hardware netlist scan")
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(path_type=Path, exists=True),
)
@option("--model", "model_file", type=_FILE, key="trojan_model")
@option("--goal", type=click.Choice(_GOALS), default="f1", key="trojan_goal")
@option("--false-alarms", type=click.FloatRange(0.0001, 1), default=0.1, key="false_alarms")
@option("--top", metavar="MODULE", key="netlist_top")
@option("--cells", "libraries", multiple=True, type=_FILE, key="netlist_cells")
@option("--limit", type=click.IntRange(0, 100_000), default=50, key="limit")
@option("--output", type=click.Path(path_type=Path, file_okay=False), key="verdict_folder")
@option(
    "--format", "kinds", multiple=True, type=click.Choice(("json", "csv", "graphml", "verilog")),
    key="verdict_format",
)  # fmt: skip
@option("--fail-on", type=click.Choice(("suspicious", "flagged")), key="fail_on")
def scan(
    session: Session,
    paths: tuple[Path, ...],
    *,
    model_file: Path | None,
    goal: str,
    false_alarms: float,
    top: str | None,
    libraries: tuple[Path, ...],
    limit: int,
    output: Path | None,
    kinds: tuple[str, ...],
    fail_on: str | None,
) -> int:
    """Judge the netlists FILE... (or all in folders), cell by cell and as a whole."""
    from kaname.hardware.netlist.model import Model

    if kinds and output is None:
        raise UsageError("hardware.error.no_folder")
    files = _files(paths)
    model = Model.load(model_file)
    documents, damaged, struck = [], 0, 0
    with progress_bar("cli.progress.netlists") as show:
        for number, path in enumerate(files):
            show(path.name, number, len(files))
            try:
                netlist, verdict = _judge(model, path, top, libraries, goal, false_alarms)
            except KanameError as error:
                if len(files) == 1:
                    raise
                damaged += 1
                note(f"{path}: {error.render(session.language)}")
                continue
            damaged += bool(netlist.problems)
            struck += verdict.suspicious if fail_on == "suspicious" else len(verdict.flagged) > 0
            document = _document(model, netlist, verdict, limit) | {"path": str(path)}
            if output is not None:
                _write(output, path, verdict, document, kinds or ("json",))
            documents.append(document)
            if not session.as_json:
                sys.stderr.write("\r\x1b[K" if sys.stderr.isatty() else "")
                _tell(document, path, netlist)
    if session.as_json:
        put_json({"designs": documents})
    return _PARTIAL if damaged or (fail_on is not None and struck) else 0


def _files(paths: tuple[Path, ...]) -> list[Path]:
    """The netlists that ``paths`` stand for; folders are searched, labels are no netlists."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.name.lower().endswith(_SUFFIXES))
            found += [one for one in inside if not one.name.endswith(".labels.json")]
        else:
            found.append(path)
    if not found:
        raise UsageError("hardware.error.no_netlists", path=", ".join(map(str, paths)))
    return found


def _judge(
    model: Model,
    path: Path,
    top: str | None,
    libraries: tuple[Path, ...],
    goal: str,
    false_alarms: float,
) -> tuple[Netlist, Verdict]:
    from kaname.hardware.netlist.reading import read

    netlist = read(path, top=top, cells=libraries)
    return netlist, model.judge(netlist, goal=goal, false_alarms=false_alarms)


def _document(model: Model, netlist: Netlist, verdict: Verdict, limit: int) -> dict[str, Any]:
    cells = verdict.ranked(limit).tolist()
    document = verdict.as_json(cells=model.explain_all(netlist, verdict, cells))
    problems = [
        {"line": one.line, "column": one.column, "message": one.message}
        for one in netlist.problems[:100]
    ]
    return document | {"problems": problems, "problems_total": len(netlist.problems)}


def _write(
    folder: Path, path: Path, verdict: Verdict, document: dict[str, Any], kinds: tuple[str, ...]
) -> None:
    from kaname.hardware.netlist.exporting import write

    for kind in kinds:
        note(say("cli.netlist.written", path=write(kind, folder, path, verdict, document)))


def _tell(document: dict[str, Any], path: Path, netlist: Netlist) -> None:
    verdict = say(f"cli.netlist.{document['verdict']}")
    click.echo(
        say(
            "cli.netlist.verdict",
            path=path,
            verdict=verdict,
            probability=f"{document['probability']:.2f}",
            as_clean=f"{100 * document['as_clean']:.1f}",
            cells=document["cells"],
            flagged=document["flagged"],
            regions=document["regions_total"],
        )
    )
    if netlist.problems:
        note(say("cli.netlist.problems", n=len(netlist.problems), first=netlist.problems[0].text))
    heads = ("probability", "net", "instance", "cell", "region", "role", "why")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (
                f"{one['probability']:.3f}",
                one["net"],
                one["instance"],
                one["cell"],
                one["region"] or "-",
                say(f"cli.netlist.role.{one['role']}"),
                "  ".join(_why(reason) for reason in one["reasons"][:2]),
            )
            for one in document["ranked"]
        ),
        empty="",
    )


def _why(reason: dict[str, Any]) -> str:
    inside = reason["inside"]
    place = "" if inside is None else f" (P{inside:.4g})"
    return f"{reason['feature']}={reason['value']:.4g}{place}"
