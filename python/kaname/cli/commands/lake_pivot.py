"""`kaname lake pivot` and `kaname lake index`: what mentions an artifact, and how it is found."""

from __future__ import annotations

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import bytes_text, moment, note, progress_bar, put_json, put_table
from kaname.cli.speech import say
from kaname.model.instant import parse_us

__all__ = ["index", "pivot", "warm"]

_LONGEST = 100  # of a row on a terminal


@command("lake pivot")
@click.argument("value", metavar="VALUE")
@option("--since", metavar="TIME", key="since")
@option("--until", metavar="TIME", key="until")
@option("--table", "tables", multiple=True, metavar="TABLE", key="pivot_table")
@option("--subdomains", is_flag=True, key="subdomains")
@option("--limit", type=click.IntRange(1, 10_000), default=50, key="limit")
@option("--cursor", metavar="CURSOR", key="cursor")
def pivot(
    session: Session,
    value: str,
    *,
    since: str | None,
    until: str | None,
    tables: tuple[str, ...],
    subdomains: bool,
    limit: int,
    cursor: str | None,
) -> None:
    """Show everything that mentions VALUE, over all tables, the newest first."""
    found = session.lake.pivot(
        value,
        subdomains=subdomains,
        since=parse_us(since) if since else None,
        until=parse_us(until) if until else None,
        tables=tables,
        limit=limit,
        cursor=cursor,
        seconds=float(session.settings.query_seconds),
    )
    if session.as_json:
        put_json(msgspec.to_builtins(found))
        return
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("time", "table", "role", "sensor", "row")),
        ((moment(r.ts, zone), r.table, r.role, r.sensor, _short(r.cells)) for r in found.rows),
        empty=say("cli.empty.pivot"),
    )
    for table in found.tables:
        first, last = moment(table.first_us, zone), moment(table.last_us, zone)
        note(say("cli.pivot.table", table=table.table, rows=table.rows, first=first, last=last))
    for missing in found.missing:
        note(say("cli.lake.missing", **msgspec.to_builtins(missing)))
    if found.truncated:
        note(say("cli.pivot.truncated"))
    if found.next:
        note(say("cli.pivot.more", cursor=found.next))


def _short(cells: dict[str, object]) -> str:
    text = " ".join(f"{name}={value}" for name, value in cells.items() if value not in (0, ""))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@command("lake warm")
@click.argument("tables", nargs=-1, metavar="[TABLE...]")
@option("--days", type=click.IntRange(0), default=1, key="warm_days")
def warm(session: Session, tables: tuple[str, ...], *, days: int) -> None:
    """Copy the latest days into the form that the engine reads fastest; 0 removes the copy."""
    report = session.lake.warm(days, tables) if tables else session.lake.warm(days)
    if session.as_json:
        put_json(msgspec.to_builtins(report))
        return
    note(say("cli.lake.warmed", rows=report.rows, size=bytes_text(report.bytes)))


@command("lake index")
@click.argument("table", required=False, metavar="[TABLE]")
def index(session: Session, table: str | None) -> None:
    """Check the index beside every file, and make those anew that need it."""
    with progress_bar("cli.progress.index") as show:
        name = table or "lake"
        report = session.lake.index(table, progress=lambda done, of: show(name, done, of))
    put_json(msgspec.to_builtins(report))
