"""`kaname lake ...`: look into the lake and take care of it."""

from __future__ import annotations

import sys

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import bytes_text, moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError
from kaname.model.instant import now_us

__all__ = ["compact", "health", "lake", "query", "retain", "schema", "sources", "tables", "verify"]

_HERE = "kaname.cli.commands.lake"
lake = group(
    "lake",
    {
        name: f"{_HERE}:{name}"
        for name in (
            "tables", "schema", "query", "sources", "health", "verify", "compact", "retain",
        )
    } | {
        "mirror": "kaname.cli.commands.lake_mirror:mirror",
        "pivot": "kaname.cli.commands.lake_pivot:pivot",
        "index": "kaname.cli.commands.lake_pivot:index",
        "warm": "kaname.cli.commands.lake_pivot:warm",
        "export": "kaname.cli.commands.lake_export:export",
        "bench": "kaname.cli.commands.lake_bench:bench",
    },
)  # fmt: skip


@command("lake tables")
def tables(session: Session) -> None:
    """List the tables with what they hold."""
    found = session.lake.tables()
    if session.as_json:
        put_json({"tables": [msgspec.to_builtins(t) for t in found]})
        return
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("name", "rows", "size", "files", "first", "last")),
        (
            (t.name, t.rows, bytes_text(t.bytes), t.files, moment(t.first_us, zone),
             moment(t.last_us, zone))
            for t in found
        ),
        empty=say("cli.empty.lake"),
    )  # fmt: skip


@command("lake schema")
@click.argument("name", metavar="TABLE")
def schema(session: Session, name: str) -> None:
    """Show the columns of TABLE and what they mean."""
    from kaname.lake.tables import table

    columns = table(name).all_columns
    if session.as_json:
        put_json(
            {
                "table": name,
                "columns": [
                    {"name": c.name, "kind": c.kind.value, "nullable": c.nullable,
                     "en": c.en, "ja": c.ja}
                    for c in columns
                ],
            }
        )  # fmt: skip
        return
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("name", "kind", "about")),
        ((c.name, c.kind.value, getattr(c, session.language)) for c in columns),
        empty="",
    )


@command("lake query")
@click.argument("sql", metavar="SQL")
@option("--limit", type=click.IntRange(1), key="query_limit")
@option("--seconds", type=click.FloatRange(0.1, 3600), key="query_seconds")
@option("--csv", "as_csv", is_flag=True, key="csv")
def query(
    session: Session, sql: str, *, limit: int | None, seconds: float | None, as_csv: bool
) -> None:
    """Run one read-only SQL statement; - reads it from standard input."""
    from kaname.lake import Limits

    settings = session.settings
    limits = Limits(
        rows=limit or settings.query_rows,
        seconds=seconds or settings.query_seconds,
        memory_mb=settings.query_memory_mb,
    )
    text = sys.stdin.read() if sql == "-" else sql
    result = session.lake.query(text, limits=limits)
    if session.as_json and as_csv:
        raise UsageError("cli.error.json_and_csv")
    if session.as_json:
        put_json({
            "columns": result.table.column_names, "rows": result.rows(),
            "truncated": result.truncated, "seconds": result.seconds,
            "missing": [msgspec.to_builtins(m) for m in result.missing],
        })  # fmt: skip
    elif as_csv:
        import pyarrow.csv

        pyarrow.csv.write_csv(result.table, sys.stdout.buffer)
    else:
        rows = ([_cell(v) for v in row] for row in result.rows())
        put_table(result.table.column_names, rows, empty=say("cli.empty.rows"))
    for missing in result.missing:
        note(say("cli.lake.missing", **msgspec.to_builtins(missing)))
    if result.truncated:
        note(say("cli.lake.truncated", rows=limits.rows))


def _cell(value: object) -> str:
    return "" if value is None else str(value)


@command("lake sources")
@option("--limit", type=click.IntRange(1), default=50, key="limit")
def sources(session: Session, *, limit: int) -> None:
    """List what was ingested, the latest first."""
    found = session.lake.sources(limit=limit)
    if session.as_json:
        put_json({"sources": [msgspec.to_builtins(s) for s in found]})
        return
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("ingested", "sensor", "records", "rows", "path")),
        ((moment(s.ingested, zone), s.sensor, s.records, s.rows, s.path) for s in found),
        empty=say("cli.empty.lake"),
    )


@command("lake health")
def health(session: Session) -> None:
    """Show how every sensor is doing, and how long the disk will last."""
    put_json(msgspec.to_builtins(session.lake.health(now_us())))


@command("lake verify")
def verify(session: Session) -> int:
    """Read every file again and compare it with what was written."""
    report = session.lake.verify()
    put_json(msgspec.to_builtins(report))
    return 3 if report.damaged else 0


@command("lake compact")
@click.argument("table", required=False, metavar="[TABLE]")
def compact(session: Session, table: str | None) -> None:
    """Merge small files; the rows stay the same."""
    put_json(msgspec.to_builtins(session.lake.compact(table)))


@command("lake retain")
def retain(session: Session) -> None:
    """Remove days that are older than the settings say."""
    report = session.lake.retain(now_us(), session.settings.retention_days)
    put_json(msgspec.to_builtins(report))
