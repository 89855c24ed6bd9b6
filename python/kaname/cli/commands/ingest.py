"""`kaname ingest`: bring sources into the lake."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress, put_json
from kaname.cli.speech import say
from kaname.model.errors import CancelledError, KanameError, StoreError, UsageError

if TYPE_CHECKING:
    from kaname.lake import Source

__all__ = ["ingest", "ingest_files"]


@command("ingest", settings=("sensor", "tlp"))
@click.argument("files", nargs=-1, metavar="FILE...")
@option("--watch", type=click.Path(path_type=Path), metavar="DIR", key="watch")
@option("--sensor", metavar="NAME", key="sensor")
@option("--tlp", metavar="LEVEL", key="tlp")
@option("--packets", is_flag=True, key="packets")
@option("--replace", is_flag=True, key="replace")
def ingest(
    session: Session,
    files: tuple[str, ...],
    *,
    watch: Path | None,
    packets: bool,
    replace: bool,
    sensor: str | None,  # noqa: ARG001 - settled in the settings
    tlp: str | None,  # noqa: ARG001
) -> int:
    """Read FILEs, folders or - (standard input)."""
    if not files and watch is None:
        raise UsageError("cli.error.no_files")
    code = ingest_files(session, list(files), options={"packets": packets}, replace=replace)
    if watch is not None:
        _watch(session, watch, options={"packets": packets})
    return code


def ingest_files(
    session: Session, names: list[str], *, options: dict[str, bool], replace: bool = False
) -> int:
    """Ingest what ``names`` stand for; one bad source never keeps the others out.

    Returns the exit code: 0, 3 when something was damaged or unreadable beside good
    sources, or that of the error when nothing could be read.
    """
    from kaname.readers.ingest import expand

    documents: list[dict[str, Any]] = []
    codes: list[int] = []
    cancel = _cancel_on_interrupt()
    for path in expand(names):
        try:
            document, code = _one(session, path, options=options, replace=replace, cancel=cancel)
        except (CancelledError, StoreError):
            raise
        except KanameError as error:
            line = error.render(session.language)
            note(f"kaname: {line}")
            document, code = {"path": str(path), "state": "failed", "error": line}, error.exit_code
        documents.append(document)
        codes.append(code)
    if session.as_json:
        put_json({"sources": documents})
    bad = [code for code in codes if code]
    return bad[0] if bad and len(bad) == len(codes) else (3 if bad else 0)


def _one(
    session: Session,
    path: Path,
    *,
    options: dict[str, bool],
    replace: bool,
    cancel: threading.Event,
) -> tuple[dict[str, Any], int]:
    from kaname.readers.ingest import ingest as read_in

    with progress(path.name) as show:
        result = read_in(
            session.lake,
            path,
            sensor=session.settings.sensor,
            tlp=session.settings.tlp,
            options=options,
            replace=replace,
            progress=show,
            cancel=cancel,
            threads=session.settings.threads,
        )
    source = result.source
    state = "already" if result.already else "damaged" if source.damaged else "done"
    if not session.as_json:
        _report(source, state)
    document = msgspec.to_builtins(source) | {"state": state}
    return document, 3 if state == "damaged" else 0


def _report(source: Source, state: str) -> None:
    note(
        say(
            f"cli.ingest.{state}",
            path=source.path,
            records=source.records,
            rows=source.rows,
            rate=source.records / source.seconds if source.seconds else 0,
        )
    )
    if state == "already":
        return
    counts = {**source.counters, **source.notes}
    listed = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    if listed:
        note(f"  {listed}")
    for problem in source.problems[:5]:
        note(say("cli.ingest.problem", **problem))


def _cancel_on_interrupt() -> threading.Event:
    """The first Ctrl-C asks the reader to stop cleanly, the second stops at once."""
    cancel = threading.Event()

    def handle(_signum: int, _frame: Any) -> None:
        cancel.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is threading.main_thread() and sys.platform != "win32":
        signal.signal(signal.SIGINT, handle)
    return cancel


def _watch(session: Session, folder: Path, *, options: dict[str, bool]) -> None:
    from kaname.nexus.watch import watch

    note(say("cli.ingest.watching", folder=folder))
    stop = _cancel_on_interrupt()
    for path in watch([folder], stop=stop):
        try:
            _one(session, path, options=options, replace=False, cancel=stop)
        except CancelledError:
            break
        except KanameError as error:
            note(f"kaname: {error.render(session.language)}")
