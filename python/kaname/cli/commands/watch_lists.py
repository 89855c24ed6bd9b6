"""`kaname watch lists ...`: lists of known things, and what is on them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import NotFoundError
from kaname.model.messages import text

if TYPE_CHECKING:
    from kaname.intelligence.lists import Lists

__all__ = ["add", "check", "list_lists", "lists", "remove"]

_HERE = "kaname.cli.commands.watch_lists"
lists = group(
    "watch lists",
    {
        "list": f"{_HERE}:list_lists",
        "check": f"{_HERE}:check",
        "add": f"{_HERE}:add",
        "remove": f"{_HERE}:remove",
    },
)


def _loaded(session: Session) -> Lists:
    """All lists of the data folder; what could not be used is told."""
    from kaname.intelligence.lists import Lists, list_paths
    from kaname.intelligence.watches import own_listing

    own = own_listing(session.knowledge)
    found = Lists.load(list_paths(session.settings.data / "lists"), [own] if own else [])
    for problem in found.problems:
        note(f"{problem.where}: {text(problem.key, session.language, **problem.values)}")
    return found


@command("watch lists list")
def list_lists(session: Session) -> None:
    """List the lists in use."""
    found = _loaded(session)
    if session.as_json:
        infos = [msgspec.to_builtins(info) for info in found.infos]
        put_json({"version": found.version, "lists": infos})
        return
    heads = ("name", "list_category", "list_weight", "list_entries", "version")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (i.match.list, i.match.category, i.match.weight, i.entries, i.match.version)
            for i in found.infos
        ),
        empty="",
    )


@command("watch lists check")
@click.argument("values", metavar="VALUE...", nargs=-1, required=True)
def check(session: Session, values: tuple[str, ...]) -> int:
    """Say which lists each VALUE is on; - reads values from standard input, a line each.

    Exit code 1 when none is on any list.
    """
    from kaname.model.artifact import guess

    asked = [one.strip() for value in values for one in (sys.stdin if value == "-" else [value])]
    found = _loaded(session)
    answers = []
    for value in filter(None, asked):
        kind, spelled = guess(value) or (None, value)
        answers.append((value, found.match(kind, spelled)))
    if session.as_json:
        items = [{"value": value, "matches": matches} for value, matches in answers]
        put_json({"version": found.version, "count": found.count, "values": items})
    else:
        heads = ("watch_value", "name", "list_category", "list_weight", "watch_entry")
        put_table(
            tuple(say(f"cli.head.{head}") for head in heads),
            ((v, m.name, m.category, m.weight, m.entry) for v, matches in answers for m in matches),
            empty=say("cli.empty.list_matches", count=found.count),
        )
    return 0 if any(matches for _, matches in answers) else 1


@command("watch lists add")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@option("--name", metavar="NAME", key="list_name")
def add(session: Session, files: tuple[Path, ...], *, name: str | None) -> None:
    """Copy lists into the data folder: MISP warninglists, plain text, CSV; packed or not.

    A running nexus reads them by itself. MISP calls every list ``list.json``; such a file
    is named after its folder.
    """
    from kaname.intelligence.lists.sources import read_list

    folder = session.settings.data / "lists"
    folder.mkdir(parents=True, exist_ok=True)
    for path in files:
        listing = read_list(path)
        stem, dot, rest = path.name.partition(".")
        chosen = name or (path.absolute().parent.name if stem == "list" else stem)
        target = folder / f"{chosen}{dot}{rest}"
        partial = target.with_name(target.name + ".part")
        partial.write_bytes(path.read_bytes())
        partial.replace(target)
        note(say("cli.lists.added", name=chosen, count=listing.count, category=listing.category))


@command("watch lists remove")
@click.argument("name", metavar="NAME")
def remove(session: Session, name: str) -> None:
    """Take the list NAME out of the data folder."""
    from kaname.intelligence.lists import list_paths

    folder = session.settings.data / "lists"
    found = [path for path in list_paths(folder) if path.name.partition(".")[0] == name]
    if not found:
        raise NotFoundError("cli.error.list", name=name, folder=folder)
    for path in found:
        path.unlink()
