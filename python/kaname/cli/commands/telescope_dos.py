"""`kaname telescope dos`: victims of floods, from the lake or straight from captures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import moment, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError
from kaname.model.instant import parse_us

if TYPE_CHECKING:
    from kaname.telescope.dos.listing import Listed

__all__ = ["dos"]

_MODES = ("corsaro", "extended", "both")
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_HEADS = ("dos_victim", "dos_kind", "services", "first", "last", "packets", "dos_rate", "dos_ppm")


@command("telescope dos")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=_FILE)
@option("--mode", type=click.Choice(_MODES), default=None, key="dos_mode")
@option("--since", metavar="TIME", key="since")
@option("--until", metavar="TIME", key="until")
@option("--sensor", metavar="NAME", default="", key="sensor_only")
@option("--rate", type=click.IntRange(0, 1 << 32), default=50, show_default=True, key="dos_rate")
def dos(
    session: Session,
    files: tuple[Path, ...],
    *,
    mode: str | None,
    since: str | None,
    until: str | None,
    sensor: str,
    rate: int,
) -> None:
    """List victims of floods with forged sources; with FILEs, by corsaro3's rules."""
    if files:
        if since or until or sensor or mode not in {None, "corsaro"}:
            raise UsageError("telescope.error.dos_files")
        from kaname.telescope.dos.listing import of_captures

        _put(session, of_captures(files), "corsaro")
        return
    from kaname.telescope.dos.listing import Range, of_lake
    from kaname.telescope.registered import RegisteredParameters

    settings = session.settings
    wanted = Range(parse_us(since) if since else None, parse_us(until) if until else None, sensor)
    params = RegisteredParameters(settings.analyses, session.knowledge, settings.data)
    chosen = mode or "both"
    asked = {**params["telescope.dos"], "rate": rate}
    _put(session, of_lake(session.lake, wanted, chosen, asked), chosen)


def _put(session: Session, found: list[Listed], mode: str) -> None:
    if session.as_json:
        put_json({"mode": mode, "attacks": msgspec.to_builtins(found)})
        return
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{head}") for head in _HEADS),
        (
            (
                one.victim,
                one.kind,
                ", ".join(one.services),
                moment(one.start, zone),
                moment(one.end, zone),
                one.packets,
                _rate(one),
                "-" if one.max_ppm is None else one.max_ppm,
            )
            for one in found
        ),
        empty=say("cli.empty.dos"),
    )


def _rate(one: Listed) -> str:
    """``1,200 (900-1,500)``: the estimate with its bounds."""
    if one.rate is None:
        return "-"
    return f"{one.rate:,.0f} ({one.rate_low:,.0f}-{one.rate_high:,.0f})"
