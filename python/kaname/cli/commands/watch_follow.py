"""`kaname watch follow`: notices as they come."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import moment
from kaname.knowledge.watch_records import WatchHit
from kaname.model.marking import Tlp

__all__ = ["follow"]


@command("watch follow")
@option("--count", type=click.IntRange(1), key="watch_count")
@option("--tlp", metavar="LEVEL", default="red", key="clearance")
def follow(session: Session, *, count: int | None, tlp: str) -> None:
    """Show what watches meet, a line each, until interrupted or COUNT were shown."""
    clearance, shown = Tlp.parse(tlp), 0
    with session.bus.subscribe("watch.hit") as notices:
        for message in notices:
            hit = msgspec.convert(message.body, WatchHit)
            if not hit.tlp.visible_to(clearance):
                continue
            _line(session, message.body, hit)
            shown += 1
            if shown == count:
                return


def _line(session: Session, body: dict[str, Any], hit: WatchHit) -> None:
    if session.as_json:
        click.echo(msgspec.json.encode(body).decode())
        return
    at = moment(hit.at, session.settings.shows)
    click.echo(f"{at}\t{hit.tlp.label}\t{hit.subject}\t{hit.watch}\t{hit.entry}")
