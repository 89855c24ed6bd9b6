"""`kaname hardware power watch`: a device's power as it comes, here or to a nexus."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kaname.cli.commands.ingest import cancel_on_interrupt
from kaname.cli.delivering import Way, courier, delivering
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.hardware.power.ledger import Ledger
    from kaname.hardware.power.watch import Judging, Watch
    from kaname.readers.deliveries.courier import Courier
    from kaname.readers.deliveries.outbox import Outbox

__all__ = ["watch"]

_WAIT_S = 30.0


@command("hardware power watch", settings=("sensor", "tlp", "listen_seconds"))
@click.argument("source", metavar="SOURCE")
@option("--profile", type=click.Path(path_type=Path), metavar="FILE", key="power_profile")
@option("--device", metavar="NAME", key="power_device")
@option("--group", metavar="NAME", key="power_group")
@option("--fs", type=click.FloatRange(0, min_open=True), metavar="HZ", key="power_fs")
@option("--unit", metavar="UNIT", key="power_unit")
@option("--volts", type=float, metavar="V", key="power_volts")
@option("--column", metavar="NAME", key="power_column")
@option("--follow", is_flag=True, key="power_follow")
@option("--sensor", metavar="NAME", key="sensor")
@option("--tlp", metavar="LEVEL", key="tlp")
@option("--every", "listen_seconds", type=click.IntRange(1, 3600), key="every", metavar="SECONDS")
@delivering
def watch(
    session: Session,
    source: str,
    *,
    profile: Path | None,
    group: str | None,
    follow: bool,
    way: Way | None,
    **reading: Any,
) -> int:
    """Cut and judge the power that comes from SOURCE until it ends, or until Ctrl-C."""
    from kaname.hardware.power.watch import Watch

    judging, wanted = _judging(profile), _wanted(reading)
    stop = cancel_on_interrupt()
    signal.signal(signal.SIGTERM, lambda _signum, _frame: stop.set())  # what systemd sends
    opened = _here(session, source) if way is None else _there(session, source, way)
    with opened as (ledger, sender):
        running = Watch(
            source, ledger, wanted, judging, fleet=group or "", follow=follow,
            every_s=session.settings.listen_seconds, stop=stop, shown=_shown(session),
        )  # fmt: skip
        running.run()
    return _sum_up(session, running, ledger, sender)


def _judging(path: Path | None) -> Judging:
    from kaname.hardware.power.watch import Judging

    if path is None:
        return Judging()
    from kaname.hardware.power.profile import Profile
    from kaname.hardware.readers.power_trace import profile_name

    profile = Profile.load(path)
    return Judging(profile, profile_name(profile))


def _wanted(reading: dict[str, Any]) -> Any:
    from kaname.hardware.power.source import Wanted

    return Wanted(
        fs=reading["fs"],
        unit=reading["unit"] or "",
        volts=reading["volts"],
        column=reading["column"] or "",
        device=reading["device"] or "",
    )


@contextlib.contextmanager
def _here(session: Session, source: str) -> Iterator[tuple[Ledger, None]]:
    """Into the lake of this machine."""
    from kaname.hardware.power.ledger import Ledger, ledger_file

    settings = session.settings
    path = ledger_file(settings.data, settings.sensor, source)
    with Ledger(session.lake, path, sensor=settings.sensor, tlp=settings.tlp) as ledger:
        yield ledger, None


@contextlib.contextmanager
def _there(session: Session, source: str, way: Way) -> Iterator[tuple[Ledger, Courier]]:
    """To a nexus elsewhere, over a spool of this source."""
    from kaname.hardware.power.deliveries import SEGMENTS
    from kaname.hardware.power.ledger import Ledger, ledger_file
    from kaname.readers.deliveries.outbox import Outbox, spool_folder

    settings = session.settings
    way.check()
    path = ledger_file(settings.data, settings.sensor, source, way.nexus)
    folder = spool_folder(settings.data, settings.sensor, f"{way.nexus}#{source}")
    outbox = Outbox(folder, settings.sensor, SEGMENTS, most=way.spool << 20)
    sender = courier(session, outbox, way)
    with Ledger(outbox, path, sensor=settings.sensor, tlp=settings.tlp) as ledger:
        sender.start()
        try:
            yield ledger, sender
        finally:
            sender.stop(_WAIT_S)


def _shown(session: Session) -> Callable[[dict[str, Any]], None]:
    """What writes a line for each segment; as JSON lines with `--json`."""
    from kaname.model.instant import format_us

    def show(row: dict[str, Any]) -> None:
        told = {
            "start": format_us(row["ts"]),
            "device": row["device"],
            "mode": row["mode"],
            "seconds": round(row["duration_us"] / 1e6, 4),
            "energy_mj": round(row["energy_uj"] / 1e3, 3),
            "peak_mw": round(row["peak_mw"], 1),
            "application": row["application"],
            "score": row["score"],
            "anomaly": row["anomaly"],
            "fired": row["fired"],
        }
        if session.as_json:
            import msgspec

            line = msgspec.json.encode(told).decode()
        else:
            key = "cli.power.anomaly" if row["anomaly"] else "cli.power.segment"
            line = say(
                key, **{name: "" if value is None else value for name, value in told.items()}
            )
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    return show


def _sum_up(session: Session, running: Watch, ledger: Ledger, courier: Courier | None) -> int:
    told = running.told
    outbox: Outbox | None = courier.outbox if courier else None
    waiting = len(outbox.waiting()) if outbox else 0
    refused = courier.refused if courier else 0
    delivered = courier.delivered if courier else 0
    error = courier.error if courier else None
    if session.as_json:
        counts = {
            "readings": told.readings,
            "segments": told.segments,
            "bursts": told.bursts,
            "anomalies": told.anomalies,
            "problems": told.problems,
        }
        rows = {"batches": ledger.batches, "rows": ledger.rows}
        way = {"delivered": delivered, "undelivered": waiting, "refused": refused, "error": error}
        put_json(counts | rows | way)
    else:
        note(say("cli.power.watched", readings=told.readings, segments=told.segments,
                 anomalies=told.anomalies, batches=ledger.batches))  # fmt: skip
        if courier is not None:
            note(say("cli.telescope.delivered", count=delivered, waiting=waiting, refused=refused))
        if error:
            note(say("cli.listen.error", place=running.place, reason=error))
    return 3 if refused or told.problems else 0
