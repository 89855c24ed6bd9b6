"""`kaname ingest`: bring sources into the lake."""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import CancelledError, KanameError, StoreError, UsageError

if TYPE_CHECKING:
    from kaname.lake import Source

__all__ = ["Wanted", "cancel_on_interrupt", "ingest", "ingest_files"]


@command("ingest", settings=("sensor", "tlp"))
@click.argument("files", nargs=-1, metavar="FILE...")
@option("--watch", type=click.Path(path_type=Path), metavar="DIR", key="watch")
@option("--sensor", metavar="NAME", key="sensor")
@option("--tlp", metavar="LEVEL", key="tlp")
@option("--reader", metavar="NAME", key="reader")
@option("--option", "pairs", multiple=True, metavar="KEY=VALUE", key="reader_option")
@option("--packets", is_flag=True, key="packets")
@option("--replace", is_flag=True, key="replace")
@option("--force", is_flag=True, key="force")
@option("--list", "listing", is_flag=True, key="list_readers")
def ingest(
    session: Session,
    files: tuple[str, ...],
    *,
    watch: Path | None,
    listing: bool,
    reader: str | None,
    pairs: tuple[str, ...],
    packets: bool,
    replace: bool,
    force: bool,
    sensor: str | None,  # noqa: ARG001 - settled in the settings
    tlp: str | None,  # noqa: ARG001
) -> int:
    """Read FILEs, folders or - (standard input)."""
    if listing:
        return _list(session)
    if not files and watch is None:
        raise UsageError("cli.error.no_files")
    from kaname.readers.options import options_of

    options = options_of(pairs) | ({"packets": True} if packets else {})
    wanted = Wanted(reader=reader, options=options, replace=replace, force=force)
    code = ingest_files(session, list(files), wanted)
    if watch is not None:
        _watch(session, watch, wanted)
    return code


@dataclass(frozen=True, slots=True)
class Wanted:
    """How sources are to be read."""

    reader: str | None = None
    options: Mapping[str, bool | int | str] = field(default_factory=dict)
    replace: bool = False
    force: bool = False


def ingest_files(session: Session, names: list[str], wanted: Wanted | None = None) -> int:
    """Ingest what ``names`` stand for; one bad source never keeps the others out.

    Returns the exit code: 0, 3 when something was damaged or unreadable beside good
    sources, or that of the error when nothing could be read.
    """
    from kaname.readers.ingest import expand

    documents: list[dict[str, Any]] = []
    codes: list[int] = []
    cancel = cancel_on_interrupt()
    paths = expand(names)
    for number, path in enumerate(paths, 1):
        label = path.name if len(paths) == 1 else f"[{number}/{len(paths)}] {path.name}"
        try:
            document, code = _one(session, path, wanted or Wanted(), label, cancel)
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
    elif len(paths) > 1:
        _sum_up(documents)
    bad = [code for code in codes if code]
    return bad[0] if bad and len(bad) == len(codes) else (3 if bad else 0)


def _sum_up(documents: list[dict[str, Any]]) -> None:
    """How many sources ended how."""
    states = Counter(str(document["state"]) for document in documents)
    rows = sum(int(document.get("rows", 0)) for document in documents)
    ends = ", ".join(say(f"cli.ingest.state.{state}", count=n) for state, n in states.items())
    note(say("cli.ingest.sum", sources=len(documents), rows=rows, states=ends))


def _list(session: Session) -> int:
    """Every reader with its formats."""
    from kaname.readers.ingest import readers

    found = readers().values()
    if session.as_json:
        put_json(
            {
                "readers": [
                    {"name": one.name, "version": one.version, "tables": one.tables,
                     "formats": one.doc.formats, "options": getattr(one, "options", ()),
                     "en": one.doc.en, "ja": one.doc.ja}
                    for one in found
                ]
            }
        )  # fmt: skip
        return 0
    put_table(
        tuple(say(f"cli.head.{head}") for head in ("name", "tables", "formats")),
        ((one.name, ", ".join(one.tables), ", ".join(one.doc.formats)) for one in found),
        empty="",
    )
    return 0


def _one(
    session: Session, path: Path, wanted: Wanted, label: str, cancel: threading.Event
) -> tuple[dict[str, Any], int]:
    from kaname.readers.ingest import ingest as read_in

    with progress(label) as show:
        result = read_in(
            session.lake,
            path,
            sensor=session.settings.sensor,
            tlp=session.settings.tlp,
            options=wanted.options,
            replace=wanted.replace,
            progress=show,
            cancel=cancel,
            threads=session.settings.threads,
            reader=wanted.reader,
            force=wanted.force,
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


def cancel_on_interrupt() -> threading.Event:
    """The first Ctrl-C asks the reader to stop cleanly, the second stops at once."""
    cancel = threading.Event()

    def handle(_signum: int, _frame: Any) -> None:
        cancel.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is threading.main_thread() and sys.platform != "win32":
        signal.signal(signal.SIGINT, handle)
    return cancel


def _watch(session: Session, folder: Path, wanted: Wanted) -> None:
    from kaname.nexus.watch import watch

    note(say("cli.ingest.watching", folder=folder))
    stop = cancel_on_interrupt()
    wanted = replace(wanted, replace=False)
    for path in watch([folder], stop=stop):
        try:
            _one(session, path, wanted, path.name, stop)
        except CancelledError:
            break
        except KanameError as error:
            note(f"kaname: {error.render(session.language)}")
