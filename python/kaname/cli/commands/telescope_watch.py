"""`kaname telescope watch`: packets of an interface or a folder, here or to a nexus."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import msgspec

from kaname.cli.commands.ingest import cancel_on_interrupt
from kaname.cli.delivering import Way, courier, delivering
from kaname.cli.frame import Session, command, option
from kaname.cli.output import bytes_text, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    import threading

    from kaname.readers.deliveries.courier import Courier
    from kaname.readers.deliveries.outbox import Outbox
    from kaname.readers.live import Intake, Place, Rotation, Standing
    from kaname.telescope.sensors.watching import Labels

__all__ = ["watch"]

_SHOW_EVERY_S = 1.0
_SHOWN_LABELS = 4


class _Running(NamedTuple):
    """What runs, and what is told of it."""

    reader: Intake | Rotation
    labels: Labels | None = None
    outbox: Outbox | None = None
    courier: Courier | None = None


@command("telescope watch", settings=("sensor", "tlp", "listen_seconds"))
@click.argument("source", metavar="INTERFACE|FOLDER")
@option("--sensor", metavar="NAME", key="sensor")
@option("--tlp", metavar="LEVEL", key="tlp")
@option("--prefix", "prefixes", metavar="PREFIX", multiple=True, key="watch_prefix")
@option("--buffer", type=click.IntRange(2, 4096), default=64, metavar="MIB", key="watch_buffer")
@option("--every", "listen_seconds", type=click.IntRange(1, 3600), key="every", metavar="SECONDS")
@option("--once", is_flag=True, key="watch_once")
@option("--seconds", type=click.FloatRange(0.1), key="listen_for", metavar="SECONDS")
@option("--no-labels", is_flag=True, key="watch_no_labels")
@delivering
def watch(
    session: Session,
    source: str,
    *,
    prefixes: tuple[str, ...],
    buffer: int,
    once: bool,
    seconds: float | None,
    no_labels: bool,
    way: Way | None,
    **_settled: str | None,
) -> int:
    """Take in what arrives at INTERFACE or in FOLDER until Ctrl-C."""
    from kaname.telescope.sensors.watching import source_place

    wanted = source_place(source, prefixes, buffer)
    if once and wanted.transport != "folder":
        raise UsageError("cli.error.watch_once")
    stop = cancel_on_interrupt()
    signal.signal(signal.SIGTERM, lambda _signum, _frame: stop.set())  # what systemd sends
    running = (
        _here(session, wanted, labels=not (no_labels or once))
        if way is None
        else _there(session, wanted, way)
    )
    with running as parts:
        if once:
            _drain(parts)
        else:
            _follow(session, parts, stop, seconds)
    return _sum_up(session, parts)


@contextlib.contextmanager
def _here(session: Session, wanted: Place, *, labels: bool) -> Iterator[_Running]:
    """Into the lake of this machine."""
    from kaname.telescope.registered import RegisteredParameters
    from kaname.telescope.sensors.watching import Labels

    settings = session.settings
    teller = None
    if labels and not _is_nexus_running(settings.data):
        parameters = RegisteredParameters(settings.analyses, session.knowledge, settings.data)
        teller = Labels(session.lake, session.knowledge, parameters)
    told = None if teller is None else teller.committed
    reader = _reader(session, session.lake, wanted, committed=told)
    with contextlib.ExitStack() as stack:
        if teller is not None:
            teller.start()
            stack.callback(teller.stop)
        yield _Running(reader, teller)


@contextlib.contextmanager
def _there(session: Session, wanted: Place, way: Way) -> Iterator[_Running]:
    """To a nexus elsewhere."""
    from kaname.readers.deliveries.outbox import Outbox, spool_folder
    from kaname.telescope.sensors.minutes import MINUTES
    from kaname.telescope.sensors.watching import EVIDENCE

    settings = session.settings
    way.check()
    folder = spool_folder(settings.data, settings.sensor, way.nexus)
    outbox = Outbox(folder, settings.sensor, MINUTES, most=way.spool << 20)
    sender = courier(session, outbox, way)
    reader = _reader(session, outbox, wanted, evidence=EVIDENCE)
    sender.start()
    try:
        yield _Running(reader, None, outbox, sender)
    finally:
        sender.stop()


def _reader(session: Session, store: Any, wanted: Place, **more: Any) -> Intake | Rotation:
    from kaname.telescope.sensors.watching import reader_of

    settings = session.settings
    return reader_of(
        store, wanted, data=settings.data, sensor=settings.sensor, tlp=settings.tlp,
        every_s=settings.listen_seconds, **more,
    )  # fmt: skip


def _is_nexus_running(data: Path) -> bool:
    """Whether a nexus holds the data folder, and labels by itself."""
    from kaname.model.errors import ConflictError
    from kaname.nexus.lock import DataLock

    lock = DataLock(data)
    try:
        lock.acquire()
    except ConflictError:
        return True
    lock.release()
    return False


def _drain(parts: _Running) -> None:
    """Read everything that is in the folder, and end."""
    from kaname.readers.live import Rotation

    reader = parts.reader
    if isinstance(reader, Rotation):
        reader.open()
        try:
            reader.drain()
        finally:
            reader.close()


def _follow(
    session: Session, parts: _Running, stop: threading.Event, seconds: float | None
) -> None:
    """Until Ctrl-C, or for so long."""
    parts.reader.start()
    try:
        note(say("cli.telescope.watching", place=parts.reader.place, sensor=parts.reader.sensor))
        until = None if seconds is None else time.monotonic() + seconds
        show = _progress(parts)
        while not stop.wait(min(_SHOW_EVERY_S, seconds or _SHOW_EVERY_S)):
            if not session.as_json:
                show()
            if until is not None and time.monotonic() >= until:
                break
    finally:
        parts.reader.stop()


def _progress(parts: _Running) -> Callable[[], None]:
    """What writes the line of progress: packets per second, drops, commits, labels."""
    last = [time.monotonic(), _packets(parts)]

    def show() -> None:
        if not sys.stderr.isatty():
            return
        now, packets = time.monotonic(), _packets(parts)
        pps = (packets - last[1]) / max(0.001, now - last[0])
        last[:] = [now, packets]
        standing = parts.reader.standing()
        line = say(
            "cli.telescope.now",
            pps=f"{pps:,.0f}",
            lost=sum(standing.lost.values()),
            batches=standing.batches,
            rows=standing.rows,
        )
        sys.stderr.write(f"\r\x1b[K{line}{_labelled(parts)}{_delivering(parts)}")
        sys.stderr.flush()

    return show


def _packets(parts: _Running) -> int:
    """Packets that were seen so far, those of open minutes included."""
    decoder = parts.reader._decoder  # noqa: SLF001 - its account is told with commits only
    return int(getattr(decoder, "seen", 0))


def _labelled(parts: _Running) -> str:
    counts = parts.labels.counts if parts.labels else {}
    shown = list(counts.items())[:_SHOWN_LABELS]
    return "".join(f" | {label} {count}" for label, count in shown)


def _delivering(parts: _Running) -> str:
    if parts.outbox is None or parts.courier is None:
        return ""
    waiting = len(parts.outbox.waiting())
    error = f" ({parts.courier.error[:60]})" if parts.courier.error else ""
    return " | " + say("cli.telescope.waiting", count=waiting) + error


def _sum_up(session: Session, parts: _Running) -> int:
    standing = parts.reader.standing()
    waiting = len(parts.outbox.waiting()) if parts.outbox else 0
    delivered = parts.courier.delivered if parts.courier else 0
    refused = parts.courier.refused if parts.courier else 0
    error = standing.error or (parts.courier.error if parts.courier else None)
    if session.as_json:
        labels = parts.labels.counts if parts.labels else {}
        told = {"labels": labels, "delivered": delivered, "refused": refused}
        put_json(msgspec.to_builtins(standing) | told | {"undelivered": waiting, "error": error})
    else:
        _table(standing)
        if parts.outbox is not None:
            note(say("cli.telescope.delivered", count=delivered, waiting=waiting, refused=refused))
        if error:
            note(say("cli.listen.error", place=standing.place, reason=error))
    return 3 if standing.bad or standing.lost or refused or standing.error else 0


def _table(standing: Standing) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    heads = ("place", "sensor", "size", "records", "rows", "damaged", "lost")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        [
            (standing.place, standing.sensor, bytes_text(standing.bytes), standing.records,
             standing.rows, standing.bad, sum(standing.lost.values()))
        ],
        empty="",
    )  # fmt: skip
