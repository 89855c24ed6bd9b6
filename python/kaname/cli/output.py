"""How commands speak: JSON on request, tables on a terminal, progress on stderr."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.speech import say
from kaname.model.instant import format_us

if TYPE_CHECKING:
    from kaname.readers.frame import ReadReport

__all__ = ["bytes_text", "moment", "note", "progress", "progress_bar", "put_json", "put_table"]


def put_json(document: Any) -> None:
    """One JSON document on stdout, keys in their order."""
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def put_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Rows under headings; on a pipe, the same as tab-separated lines without headings."""
    lines = [[str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in lines:
            click.echo("\t".join(line))
        return
    if not lines:
        click.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for line in lines:
        table.add_row(*(Text(cell) for cell in line))
    Console().print(table)


def note(line: str) -> None:
    """A line for the person at the terminal: on stderr, so that stdout stays data."""
    click.echo(line, err=True)


def moment(instant: int | None, zone: str) -> str:
    """An instant to the second with its zone, or a dash."""
    if instant is None:
        return "-"
    text = format_us(instant, zone=zone)
    return f"{text[:10]} {text[11:19]} {zone}"


def bytes_text(size: float) -> str:
    """A size with a binary unit: ``1.5 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


@contextlib.contextmanager
def progress(label: str) -> Iterator[Callable[[ReadReport], None]]:
    """Show how far a source is read; on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _report: None
        return

    def show(report: ReadReport) -> None:
        total = report.bytes_total
        share = f"{100 * report.bytes_read / total:3.0f} %" if total else ""
        line = say("cli.progress.ingest", label=label, share=share, records=report.records)
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


@contextlib.contextmanager
def progress_bar(
    key: str = "cli.progress.analyze",
) -> Iterator[Callable[[str, int, int], None]]:
    """Show how many parts of something (windows of an analysis) are done; on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _name, _done, _total: None
        return

    def show(name: str, done: int, total: int) -> None:
        sys.stderr.write("\r\x1b[K" + say(key, name=name, done=done, total=total))
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
