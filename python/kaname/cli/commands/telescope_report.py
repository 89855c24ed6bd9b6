"""`kaname telescope report`: a report of a day or a month, as HTML, PDF or JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.telescope.reports.report import Stores

__all__ = ["report"]


@command("telescope report")
@click.argument("kind", type=click.Choice(["day", "month"]), metavar="day|month")
@click.argument("date", metavar="DATE")
@option("--sensor", metavar="NAME", key="report_sensor")
@option("--output", type=click.Path(path_type=Path, dir_okay=False), key="report_output")
@option("--without-survey", is_flag=True, key="report_without_survey")
def report(
    session: Session,
    kind: str,
    date: str,
    *,
    sensor: str | None,
    output: Path | None,
    without_survey: bool,
) -> None:
    """Report on a day (2026-01-31) or a month (2026-01)."""
    from kaname.model.errors import UsageError
    from kaname.telescope.reports.period import parse_period
    from kaname.telescope.reports.report import FORMS, make, write

    period = parse_period(kind, date)
    place = output or Path(f"kaname-{period.name}.html")
    form = place.suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise UsageError("cli.error.report_form", found=place.name, known=", ".join(FORMS))
    language: Literal["en", "ja"] = "ja" if session.language == "ja" else "en"
    document = make(
        _stores(session),
        period,
        language,
        sensor=sensor or "",
        without_survey=without_survey,
        progress=_shown(),
    )
    data = write(document, form)
    _put(place, data)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if session.as_json:
        put_json({"period": period.name, "path": str(place), "bytes": len(data),
                  "tlp": document.tlp})  # fmt: skip
    else:
        note(say("cli.telescope.report.written", path=place, bytes=len(data)))


def _put(place: Path, data: bytes) -> None:
    """Write a file that is there only when it is complete."""
    from kaname.lake.faults import clear_errors

    part = place.with_name(f".{place.name}.part")
    with clear_errors(place.parent):
        try:
            part.write_bytes(data)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def _stores(session: Session) -> Stores:
    from kaname.lake.networks import Networks
    from kaname.telescope.reports.report import Stores
    from kaname.writers.shielding import shield_of

    data = session.settings.data
    return Stores(
        session.lake, session.knowledge, Networks.open(data), shield_of(data, session.knowledge)
    )


def _shown() -> Callable[[str, int, int], None]:
    def show(what: str, done: int, of: int) -> None:
        if sys.stderr.isatty():
            line = say("cli.telescope.report.counting", what=what, done=done, of=of)
            sys.stderr.write(f"\r\x1b[K{line}")

    return show
