"""`kaname data ...`: reference data, which says where addresses belong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import bytes_text, note, put_json, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.lake.networks import Networks

__all__ = ["data", "show", "update"]

_HERE = "kaname.cli.commands.data"
data = group("data", {"update": f"{_HERE}:update", "show": f"{_HERE}:show"})


@command("data update")
@option(
    "--from",
    "places",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    key="data_from",
)
@option("--routes", is_flag=True, key="data_routes")
def update(session: Session, *, places: tuple[Path, ...], routes: bool) -> None:
    """Bring fresh tables of countries and networks, or make them from files."""
    from kaname.lake.network_build import gather, write
    from kaname.lake.network_routes import add_routes
    from kaname.lake.network_update import fetch
    from kaname.lake.networks import Networks

    if not places and not routes:
        note(say("cli.data.fetching"))
    tables = gather(places) if places or routes else fetch()
    if routes:
        add_routes(session.lake, tables)
    path = session.settings.data / "networks" / "networks.bin"
    write(path, tables.encode())
    note(say("cli.data.written", path=path, size=bytes_text(path.stat().st_size)))
    _put(session, Networks.open(session.settings.data))


@command("data show")
def show(session: Session) -> None:
    """Show which tables of countries and networks are used, and whom to name."""
    from kaname.lake.networks import Networks

    _put(session, Networks.open(session.settings.data))


def _put(session: Session, networks: Networks) -> None:
    if session.as_json:
        put_json(
            {
                "path": str(networks.path) if networks.path else None,
                "rows": networks.rows,
                "sources": [msgspec.to_builtins(one) for one in networks.about.sources],
            }
        )
        return
    heads = ("name", "version", "rows", "passed_over", "licence")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (one.name, one.version, one.rows, one.passed_over, one.licence)
            for one in networks.about.sources
        ),
        empty=say("cli.empty.networks"),
    )
    if networks:
        note(say("cli.data.country", **networks.rows["country"]))
        note(say("cli.data.origin", **networks.rows["origin"]))
        for one in networks.attributions:
            note(f"{one.text}  {one.link}".rstrip())
        note(say("cli.data.path", path=networks.path))
