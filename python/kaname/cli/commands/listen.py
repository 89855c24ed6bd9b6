"""`kaname listen`: live input into the lake, without the rest of the nexus."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.commands.ingest import cancel_on_interrupt
from kaname.cli.frame import Session, command, option
from kaname.cli.output import bytes_text, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from kaname.lake import Source
    from kaname.readers.live import Standing

__all__ = ["listen"]

_SHOW_EVERY_S = 1.0


@command("listen", settings=("sensor", "tlp", "listen_seconds"))
@click.argument("places", nargs=-1, metavar="NAME=PLACE...")
@option("--sensor", metavar="NAME", key="sensor")
@option("--tlp", metavar="LEVEL", key="tlp")
@option("--every", "listen_seconds", type=click.IntRange(1, 3600), key="every", metavar="SECONDS")
@option("--seconds", type=click.FloatRange(0.1), key="listen_for", metavar="SECONDS")
@option("--list", "listing", is_flag=True, key="list_listeners")
def listen(
    session: Session,
    places: tuple[str, ...],
    *,
    seconds: float | None,
    listing: bool,
    **_settled: str | None,
) -> int:
    """Listen at PLACEs until Ctrl-C; exit code 3 when something was lost or damaged."""
    if listing:
        _list(session)
        return 0
    wanted = places or session.settings.listen_to
    if not wanted:
        raise UsageError("cli.error.no_places")
    from kaname.nexus.listeners import Listeners
    from kaname.nexus.listeners import places as understood

    settings = session.settings
    group = Listeners(
        session.lake,
        understood(wanted),
        sensor=settings.sensor,
        tlp=settings.tlp,
        every_s=settings.listen_seconds,
        committed=None if session.as_json else _committed,
    )
    stop = cancel_on_interrupt()
    signal.signal(signal.SIGTERM, lambda _signum, _frame: stop.set())  # what systemd sends
    group.start()
    try:
        for standing, port in zip(group.standings(), group.ports(), strict=True):
            place = standing.place.replace(":0", f":{port}") if port else standing.place
            note(say("cli.listen.open", name=standing.listener, place=place))
        until = None if seconds is None else time.monotonic() + seconds
        while not stop.wait(_SHOW_EVERY_S if until is None else min(_SHOW_EVERY_S, seconds or 1)):
            _show(group.standings())
            if until is not None and time.monotonic() >= until:
                break
    finally:
        group.stop()
    return _sum_up(session, group.standings())


def _committed(source: Source) -> None:
    lost = {name: count for name, count in source.notes.items() if name.startswith("lost")}
    more = "".join(f", {name} {count}" for name, count in lost.items())
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    note(say("cli.listen.committed", path=source.path, rows=source.rows) + more)


def _show(standings: list[Standing]) -> None:
    """One line that is written over, on a terminal only."""
    if not sys.stderr.isatty():
        return
    parts = [
        say("cli.listen.now", name=s.listener, rows=s.rows + s.waiting, lost=sum(s.lost.values()))
        for s in standings
    ]
    sys.stderr.write("\r\x1b[K" + " | ".join(parts))
    sys.stderr.flush()


def _sum_up(session: Session, standings: list[Standing]) -> int:
    if session.as_json:
        put_json({"listeners": [msgspec.to_builtins(s) for s in standings]})
    else:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        heads = ("name", "place", "sensor", "size", "records", "rows", "damaged", "lost")
        put_table(
            tuple(say(f"cli.head.{head}") for head in heads),
            (
                (s.listener, s.place, s.sensor, bytes_text(s.bytes), s.records, s.rows, s.bad,
                 sum(s.lost.values()))
                for s in standings
            ),
            empty="",
        )  # fmt: skip
        for standing in standings:
            if standing.error:
                note(say("cli.listen.error", place=standing.place, reason=standing.error))
    troubled = any(s.bad or s.lost or s.error for s in standings)
    return 3 if troubled else 0


def _list(session: Session) -> None:
    from kaname.readers.listening import listeners

    found = listeners().values()
    if session.as_json:
        put_json(
            {
                "listeners": [
                    {"name": one.name, "transports": one.transports, "port": one.default_port,
                     "en": one.doc.en, "ja": one.doc.ja}
                    for one in found
                ]
            }
        )  # fmt: skip
        return
    put_table(
        tuple(say(f"cli.head.{head}") for head in ("name", "place", "formats")),
        (
            (one.name, f"{'/'.join(one.transports)} {one.default_port or '-'}",
             ", ".join(one.doc.formats))
            for one in found
        ),
        empty="",
    )  # fmt: skip
