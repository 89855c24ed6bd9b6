"""`kaname report ...`: read reports, take them in, decide on what was found in them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import moment, note, progress_bar, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import InputError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.intelligence.reports import Reading
    from kaname.knowledge.report_records import Choice, Report, What
    from kaname.knowledge.reports import Reports

__all__ = ["accept", "decline", "import_reports", "list_reports", "read", "report", "show"]

_HERE = "kaname.cli.commands.report"
_ACTOR = "command line"
_PARTIAL = 3
_WHAT = ("artifact", "entity", "technique", "relation")
_COLOURS = {"indicator": "red", "reference": "blue", "context": "bright_black"}

report = group(
    "report",
    {
        "read": f"{_HERE}:read",
        "import": f"{_HERE}:import_reports",
        "list": f"{_HERE}:list_reports",
        "show": f"{_HERE}:show",
        "accept": f"{_HERE}:accept",
        "decline": f"{_HERE}:decline",
    },
)
_FILES = click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
)


@command("report read")
@_FILES
def read(session: Session, files: tuple[Path, ...]) -> int:
    """Show what is in reports, and keep nothing."""
    from kaname.intelligence.reports import analyse
    from kaname.intelligence.reports import read as document_of
    from kaname.intelligence.reports.names import Names
    from kaname.knowledge.entities import Entities

    names = Names.of(session.knowledge.part(Entities))
    documents: list[dict[str, Any]] = []
    failed = 0
    for path in files:
        try:
            document = document_of(_bytes(path), path.name)
        except InputError as error:
            note(f"{path}: {error}")
            failed += 1
            continue
        reading = analyse(document, names)
        if session.as_json:
            documents.append(_document(document.title, document.language, str(path), reading))
        else:
            _show(document.title, document.text, reading)
    if session.as_json:
        put_json(documents)
    return _code(failed, len(files))


@command("report import")
@_FILES
@option("--tlp", metavar="LEVEL", default="amber", key="tlp")
@option("--source", metavar="NAME", default="report", key="report_source")
def import_reports(session: Session, files: tuple[Path, ...], *, tlp: str, source: str) -> int:
    """Take reports in; their ids go to standard output."""
    desk = _desk(session)
    marking = Tlp.parse(tlp)
    failed = 0
    kept: list[dict[str, Any]] = []
    with progress_bar("cli.progress.reports") as advance:
        for number, path in enumerate(files, 1):
            try:
                made, fresh = desk.take(_bytes(path), path.name, tlp=marking, source=source)
            except InputError as error:
                note(f"{path}: {error}")
                failed += 1
                continue
            finally:
                advance(path.name, number, len(files))
            kept.append({"id": made.id, "title": made.title, "new": fresh, "file": str(path)})
    if session.as_json:
        put_json(kept)
    else:
        for one in kept:
            click.echo(one["id"])
        note(say("cli.report.kept", new=sum(one["new"] for one in kept), files=len(files)))
    return _code(failed, len(files))


@command("report list")
@option("--state", type=click.Choice(("open", "accepted", "declined")), key="report_state")
@option("--limit", type=click.IntRange(1, 1000), default=50, key="limit")
@option("--cursor", key="cursor")
def list_reports(session: Session, *, state: str | None, limit: int, cursor: str | None) -> None:
    """List reports, the last received first."""
    page = _reports(session).reports(state=state, limit=limit, cursor=cursor)
    if session.as_json:
        items = [_document(one.title, one.language, one.name, one.reading) for one in page.items]
        rows = [{"id": one.id, **item} for one, item in zip(page.items, items, strict=True)]
        put_json({"reports": rows, "total": page.total, "next": page.next_cursor})
        return
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("id", "state", "received", "title")),
        ((one.id, one.state, moment(one.received, zone), one.title) for one in page.items),
        empty=say("cli.empty.reports"),
    )
    if page.next_cursor:
        note(say("cli.more", shown=len(page.items), total=page.total, cursor=page.next_cursor))


@command("report show")
@click.argument("ident", metavar="ID")
def show(session: Session, ident: str) -> None:
    """Show a report and what was found in it."""
    _tell(session, _reports(session).report(ident))


def _decision(name: str, choice: str) -> Any:
    @command(f"report {name}")
    @click.argument("ident", metavar="ID")
    @click.argument("what", type=click.Choice(_WHAT), metavar="WHAT")
    @click.argument("numbers", type=click.IntRange(0), nargs=-1, required=True, metavar="NUMBER...")
    def decide(session: Session, ident: str, what: str, numbers: tuple[int, ...]) -> None:
        from kaname.knowledge.report_records import ReportDecision

        made = [
            ReportDecision(
                what=cast("What", what),
                index=number,
                choice=cast("Choice", choice),
                by=_ACTOR,
                at=now_us(),
            )
            for number in numbers
        ]
        _tell(session, _desk(session).decide(ident, made))

    return decide


accept = _decision("accept", "accepted")
decline = _decision("decline", "declined")


def _bytes(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("intelligence.error.report_unread", reason=error.strerror) from error


def _code(failed: int, files: int) -> int:
    if not failed:
        return 0
    return 1 if failed == files else _PARTIAL


class _Deliverer:
    """What the desk hands observations to: the store, or the inbox of the nexus that runs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def absorb(self, observations: Any) -> object:
        from kaname.intelligence.service import deliver

        return deliver(self._session.settings.data, self._session.knowledge, observations)

    def retract(self, ids: Any) -> object:
        from kaname.intelligence.service import withdraw

        return withdraw(self._session.settings.data, self._session.knowledge, ids)


def _desk(session: Session) -> Any:
    from kaname.intelligence.reports.desk import Desk

    return Desk(session.knowledge, _Deliverer(session))


def _reports(session: Session) -> Reports:
    from kaname.knowledge.reports import Reports

    return session.knowledge.part(Reports)


def _document(title: str, language: str, name: str, reading: Reading) -> dict[str, Any]:
    found = cast("dict[str, Any]", msgspec.to_builtins(reading))
    return {"file": name, "title": title, "language": language, **found}


def _tell(session: Session, one: Report) -> None:
    if session.as_json:
        put_json({"id": one.id, **_document(one.title, one.language, one.name, one.reading)})
    else:
        _show(one.title, one.text, one.reading)


def _show(title: str, text: str, reading: Reading) -> None:
    """On a terminal, the text with what was found in colour; then the lists."""
    if sys.stdout.isatty():
        click.secho(title, bold=True)
        click.echo(_coloured(text, reading))
        click.echo()
    _put("artifacts", ((a.state, a.role, a.kind, a.value) for a in reading.artifacts))
    _put("entities", ((e.state, e.type, e.name, e.by) for e in reading.entities))
    _put(
        "techniques",
        ((t.state, t.id, f"{t.score:.2f}", ", ".join(t.reasons)) for t in reading.techniques),
    )
    _put("relations", ((r.state, r.a, r.how, r.b) for r in reading.relations))


def _put(name: str, rows: Iterable[tuple[str, str, str, str]]) -> None:
    numbered = [(name, number, *row) for number, row in enumerate(rows)]
    if numbered:
        heads = ("", "#", *(say(f"cli.report.{name}_{column}") for column in range(4)))
        put_table(heads, numbered, empty="")


def _coloured(text: str, reading: Reading) -> str:
    marks = [(a.start, a.end, _COLOURS.get(a.role, "red")) for a in reading.artifacts]
    marks += [(e.start, e.end, "yellow") for e in reading.entities]
    shown, at = [], 0
    for start, end, colour in sorted(marks):
        if start >= at:
            shown += [text[at:start], click.style(text[start:end], fg=colour)]
            at = end
    return "".join([*shown, text[at:]])
