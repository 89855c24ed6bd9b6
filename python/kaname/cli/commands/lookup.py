"""`kaname lookup`: what is known of values, one or many."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.intelligence.answers.lookups import LookupColumns, Sources

__all__ = ["lookup", "sources_of", "values_of"]

_PART = 100_000


def values_of(given: tuple[str, ...], file: Path | None) -> list[str]:
    """Values of the command line and of the lines of a file; ``-`` is standard input."""
    values = [value for value in given if value != "-"]
    if file is not None:
        values += file.read_text("utf-8", errors="replace").splitlines()
    if "-" in given:
        values += sys.stdin.buffer.read().decode("utf-8", "replace").splitlines()
    return [value.strip() for value in values if value.strip()]


def sources_of(session: Session) -> Sources:
    """What answers come from, opened to read: a nexus may be running meanwhile."""
    from kaname.intelligence.answers.lookups import Sources
    from kaname.intelligence.service import Intelligence

    fusion = Intelligence(session.settings.data, session.knowledge, read_only=True)
    return Sources(fusion.store, fusion.knowledge, fusion.lists)


@command("lookup")
@click.argument("values", nargs=-1, metavar="[VALUE...]")
@option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    key="lookup_file",
)
@option("--known", "only_known", is_flag=True, key="lookup_known")
def lookup(
    session: Session, values: tuple[str, ...], *, file: Path | None, only_known: bool
) -> int | None:
    """Say what each VALUE is and what is known of it; exit code 1 when of none anything is."""
    from kaname.intelligence.answers.lookups import look_up
    from kaname.model.marking import Tlp

    texts = values_of(values, file)
    if not texts:
        raise click.UsageError(say("cli.lookup.nothing"))
    sources = sources_of(session)
    parts = [texts[at : at + _PART] for at in range(0, len(texts), _PART)]
    found = [look_up(sources, part, Tlp.RED) for part in parts]
    rows = [row for part in found for row in _rows(part) if row["known"] or not only_known]
    known = sum(sum(part.known) for part in found)
    if session.as_json:
        put_json(rows)
    else:
        _show(session, rows)
        note(say("cli.lookup.told", known=known, asked=len(texts)))
    return None if known else 1


def _rows(columns: LookupColumns) -> Iterator[dict[str, object]]:
    """A row for each value."""
    names = columns.__struct_fields__
    for row in zip(*msgspec.structs.astuple(columns), strict=True):
        yield dict(zip(names, row, strict=True))


def _show(session: Session, rows: list[dict[str, object]]) -> None:
    zone = session.settings.shows
    heads = ("kind", "value", "first", "last", "observations", "sources", "score", "suppressed")

    def at(instant: object) -> str:
        return moment(instant if isinstance(instant, int) else None, zone)

    put_table(
        tuple(say(f"cli.head.lookup_{head}") for head in heads),
        (
            (
                row["kind"] or "?",
                row["value"],
                at(row["first_seen"]),
                at(row["last_seen"]),
                row["observations"],
                row["sources"],
                "-" if row["score"] is None else f"{row['score']:.0f}",
                say("cli.lookup.suppressed") if row["suppressed"] else "",
            )
            for row in rows
        ),
        empty=say("cli.empty.lookup"),
    )
