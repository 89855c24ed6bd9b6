"""`kaname telescope campaigns`: the campaigns that were seen, or growth in a file of counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.telescope.board import Campaign
    from kaname.telescope.campaign_book import Detail
    from kaname.telescope.surge.detection import Rise
    from kaname.telescope.surge.grid import Grid

__all__ = ["campaigns"]

_STATES = ("new", "growing", "steady", "ended")
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_SHOWN = 20  # members of one campaign on a terminal


@command("telescope campaigns")
@click.argument("counts", required=False, metavar="[FILE]", type=_FILE)
@option("--id", "key", metavar="ID", key="campaign_id")
@option("--state", type=click.Choice(_STATES), key="campaign_state")
@option("--false-a-day", type=click.FloatRange(0.001, 1000), key="false_a_day")
@option("--tlp", metavar="LEVEL", default="red", key="clearance")
def campaigns(
    session: Session,
    counts: Path | None,
    *,
    key: str | None,
    state: str | None,
    false_a_day: float | None,
    tlp: str,
) -> None:
    """List campaigns of scanning, or find growth in the port counts FILE."""
    if counts is not None:
        if key is not None or state is not None:
            raise UsageError("cli.error.campaign_file")
        _in_file(session, counts, false_a_day)
        return
    if false_a_day is not None:
        raise UsageError("cli.error.campaign_no_file")
    if key is not None:
        _one(session, key, Tlp.parse(tlp))
        return
    _board(session, state, Tlp.parse(tlp))


def _board(session: Session, state: str | None, clearance: Tlp) -> None:
    from kaname.telescope import campaign_book

    found = campaign_book.campaigns(session.knowledge, session.lake, clearance)
    shown = [one for one in found if state is None or one.state == state]
    if session.as_json:
        put_json({"campaigns": [_whole(one) for one in shown]})
        return
    heads = ("id", "state", "services", "campaign_sources", "doubling", "first_seen", "detectors")
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (
                one.id,
                say(f"cli.campaign.{one.state}"),
                " ".join(one.services),
                one.sources or "-",
                f"{one.doubling} h" if one.doubling else "-",
                moment(one.first_seen, zone),
                " ".join(name.removeprefix("telescope.") for name in one.detectors),
            )
            for one in shown
        ),
        empty=say("cli.empty.scan_campaigns"),
    )


def _whole(one: Campaign) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(one)
    del found["features"]
    return found


def _one(session: Session, key: str, clearance: Tlp) -> None:
    from kaname.telescope import campaign_book

    found = campaign_book.campaign(session.knowledge, session.lake, clearance, key=key)
    if session.as_json:
        put_json(
            {
                "campaign": _whole(found.campaign),
                "similar": list(found.similar),
                "because": list(found.because),
            }
        )
        return
    _tell(session, found)


def _tell(session: Session, found: Detail) -> None:
    one, zone = found.campaign, session.settings.shows
    click.echo(f"{one.id}  {say(f'cli.campaign.{one.state}')}  {' '.join(one.services)}")
    for each in one.moments:
        click.echo(f"  {moment(each.window_start, zone)}  {each.title[session.language]}")
        click.echo(f"    kaname explain {each.finding}")
    for line in found.because:
        click.echo(f"  - {line[session.language]}")
    for member in one.members[:_SHOWN]:
        click.echo(f"  {member.source}\t{100 * member.share:.2f} %")
    if len(one.members) > _SHOWN:
        note(say("cli.campaign.more", n=len(one.members) - _SHOWN))
    for other in found.similar:
        text = f"{other.id}  {' '.join(other.services)}  {other.likeness:.2f}"
        click.echo(f"  ~ {text}  {moment(other.first_seen, zone)}")


def _in_file(session: Session, path: Path, false_a_day: float | None) -> None:
    from kaname.telescope.surge.detection import A_DAY, rises
    from kaname.telescope.surge.files import read_counts

    grid = read_counts(path)
    note(say("cli.campaign.reading", series=grid.sources.shape[1], bins=grid.sources.shape[0]))
    found = rises(grid, a_day=false_a_day or A_DAY)
    rows = [_row(grid, rise) for rise in found]
    if session.as_json:
        put_json({"file": str(path), "bins": len(grid.sources), "alerts": rows})
        return
    heads = ("bin", "since", "services", "window", "campaign_sources", "expected", "distance")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (
                row["bin"],
                row["since_bin"],
                f"{row['port']} {row['ptype']}",
                row["window_bins"],
                row["sources"],
                row["expected"],
                row["distance"],
            )
            for row in rows
        ),
        empty=say("cli.empty.scan_campaigns"),
    )


def _row(grid: Grid, rise: Rise) -> dict[str, Any]:
    return {
        "bin": rise.at,
        "since_bin": rise.since,
        "port": int(grid.ports[rise.series]),
        "ptype": grid.kinds[rise.series],
        "window_bins": rise.scale,
        "sources": round(rise.count),
        "expected": round(rise.mean, 2),
        "distance": rise.distance,
        "log10_chance": rise.chance,
        "first_on_port": rise.first,
    }
