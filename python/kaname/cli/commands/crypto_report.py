"""`kaname crypto report`: an inventory with its verdicts, time line and plan, as HTML and PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from kaname.cli.commands.crypto_judge import FILE, FOLDER, HELD, Purpose, judged_sets
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say

__all__ = ["report_"]


@command("crypto report")
@click.argument("inventory", metavar="INVENTORY", type=HELD)
@option("--year", type=int, key="crypto_year")
@option("--use", type=click.Choice(("new", "processing")), default="processing", key="crypto_use")
@option("--policy", "folder", type=FOLDER, metavar="FOLDER", key="crypto_policy")
@option("--contexts", "known", type=FILE, metavar="FILE", key="crypto_contexts")
@option("--quantum-year", type=click.IntRange(2026, 2100), key="crypto_quantum_year")
@option("--before", multiple=True, type=HELD, metavar="INVENTORY", key="crypto_before")
@option("--subject", metavar="NAME", key="crypto_subject")
@option("--html", type=click.Path(path_type=Path, dir_okay=False), key="report_html")
@option("--pdf", type=click.Path(path_type=Path, dir_okay=False), key="report_pdf")
def report_(
    session: Session,
    *,
    inventory: Path,
    year: int | None,
    use: Purpose,
    folder: Path | None,
    known: Path | None,
    quantum_year: int | None,
    before: tuple[Path, ...],
    subject: str | None,
    html: Path | None,
    pdf: Path | None,
) -> None:
    """Report on INVENTORY: verdicts, time line 2026 to 2070, migration plan, sources."""
    from kaname.cryptography.policy.migration import Assumptions, contexts, plan
    from kaname.cryptography.policy.report import report
    from kaname.cryptography.policy.tables import load
    from kaname.writers.report.writing import write

    policy = load(folder)
    sets = judged_sets(session, policy, (*before, inventory), year, use)
    assumed = Assumptions(quantum_year=quantum_year or policy.target_year)
    steps = plan(sets[-1][1], sets[-1][2], assumed, contexts(known) if known is not None else ())
    language: Literal["en", "ja"] = "ja" if session.language == "ja" else "en"
    document = report(sets, policy, steps, assumed, language, subject or inventory.stem)
    places = {form: place for form, place in (("html", html), ("pdf", pdf)) if place is not None}
    if not places:
        places = {"html": Path(f"kaname-crypto-{inventory.stem}.html")}
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
