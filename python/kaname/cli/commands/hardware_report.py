"""`kaname hardware report`: a report on a design or a device, as HTML and PDF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from kaname.writers.report.document import Document

__all__ = ["report_"]


@command("hardware report")
@option("--design", metavar="DIGEST", key="report_design")
@option("--device", metavar="NAME", key="report_device")
@option("--since", metavar="TIME", key="report_since")
@option("--until", metavar="TIME", key="report_until")
@option("--html", type=click.Path(path_type=Path, dir_okay=False), key="report_html")
@option("--pdf", type=click.Path(path_type=Path, dir_okay=False), key="report_pdf")
def report_(
    session: Session,
    *,
    design: str | None,
    device: str | None,
    since: str | None,
    until: str | None,
    html: Path | None,
    pdf: Path | None,
) -> None:
    """Report on a design (by the digest of its netlist) or on a device."""
    from kaname.writers.report.writing import write

    if (design is None) == (device is None):
        raise UsageError("cli.error.report_subject")
    document = _document(session, design, device, (since, until))
    places = {form: place for form, place in (("html", html), ("pdf", pdf)) if place is not None}
    if not places:
        name = design[:12] if design else device
        places = {"html": Path(f"kaname-{name}.html")}
    written = {}
    for form, place in places.items():
        data = write(document, form)
        _put(place, data)
        written[form] = {"path": str(place), "bytes": len(data)}
    if session.as_json:
        put_json({"title": document.title, "tlp": document.tlp, "files": written})
        return
    for each in written.values():
        note(say("cli.telescope.report.written", path=each["path"], bytes=each["bytes"]))


def _document(
    session: Session, design: str | None, device: str | None, span: tuple[str | None, str | None]
) -> Document:
    from kaname.model.marking import Tlp

    language: Literal["en", "ja"] = "ja" if session.language == "ja" else "en"
    if design is not None:
        from kaname.hardware.reports.design import report_on_design

        return report_on_design(session.lake, session.knowledge, design, language, Tlp.RED)
    from kaname.hardware.devices import Asked
    from kaname.hardware.reports.device import report_on_device
    from kaname.model.instant import parse_us

    asked = Asked(*(None if each is None else parse_us(each) for each in span))
    return report_on_device(session.lake, session.knowledge, device or "", language, Tlp.RED, asked)


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
