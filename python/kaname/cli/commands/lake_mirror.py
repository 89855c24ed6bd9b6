"""`kaname lake mirror`: a copy of the lake where a cluster can read it."""

from __future__ import annotations

import click
import msgspec

from kaname.cli.frame import Session, command
from kaname.cli.output import bytes_text, note, progress_bar, put_json
from kaname.cli.speech import say

__all__ = ["mirror"]


@command("lake mirror")
@click.argument("url", metavar="URL")
def mirror(session: Session, url: str) -> None:
    """Copy new files to URL, and remove there what the lake no longer holds."""
    with progress_bar("cli.progress.mirror") as show:
        report = session.lake.mirror(url, progress=lambda done, of: show(url, done, of))
    if session.as_json:
        put_json(msgspec.to_builtins(report))
        return
    note(
        say(
            "cli.lake.mirrored",
            copied=report.copied,
            size=bytes_text(report.bytes),
            removed=report.removed,
            kept=report.kept,
        )
    )
