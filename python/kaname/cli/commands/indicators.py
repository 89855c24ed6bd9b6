"""`kaname indicators`: list indicators, or write them in a format that others read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.frame import Session, command, leading, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.instant import now_us

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaname.knowledge import IndicatorQuery
    from kaname.model.records import Indicator

__all__ = ["indicators"]


@command("indicators")
@option("--label", metavar="LABEL", key="label")
@option("--min-score", type=click.FloatRange(0, 100), default=0, key="min_score")
@option("--all", "everything", is_flag=True, key="expired")
@option("--limit", type=click.IntRange(1, 1000), default=50, key="limit")
@option("--cursor", key="cursor")
@option("--format", "form", metavar="NAME", key="format")
@option("--output", type=click.Path(path_type=Path, dir_okay=False), key="output")
@option("--tlp", metavar="LEVEL", key="clearance")
def _listing(
    session: Session,
    *,
    label: str | None,
    min_score: float,
    everything: bool,
    limit: int,
    cursor: str | None,
    form: str | None,
    output: Path | None,
    tlp: str | None,
) -> None:
    """List indicators, or write all that match with --format stix | csv | jsonl."""
    from kaname.knowledge import IndicatorQuery
    from kaname.model.marking import Tlp

    now = now_us()
    query = IndicatorQuery(
        label=label,
        min_score=min_score,
        active_at=None if everything else now,
        limit=1000 if form else limit,
        cursor=cursor,
        clearance=Tlp.parse(tlp) if tlp else Tlp.RED,
    )
    if form:
        _export(session, query, form, output, now)
        return
    page = session.knowledge.indicators(query)
    if session.as_json:
        items = [msgspec.to_builtins(i) | {"score": i.score(now)} for i in page.items]
        put_json({"indicators": items, "total": page.total, "next": page.next_cursor})
        return
    _show(session, page.items, now)
    if page.next_cursor:
        note(say("cli.more", shown=len(page.items), total=page.total, cursor=page.next_cursor))


indicators = leading(_listing, {"verify": "kaname.cli.commands.indicators_verify:verify"})


def _show(session: Session, found: list[Indicator], now: int) -> None:
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("id", "score", "artifact", "label", "valid_until")),
        (
            (i.id, i.score(now), i.artifact.value, i.label, moment(i.valid_until, zone))
            for i in found
        ),
        empty=say("cli.empty.indicators"),
    )


def _export(
    session: Session, query: IndicatorQuery, form: str, output: Path | None, now: int
) -> None:
    from kaname.writers import writer
    from kaname.writers.shielding import shield_of

    chosen = writer(form)
    shield = shield_of(session.settings.data, session.knowledge)
    finding = shield.finding_of(session.knowledge.finding)
    with session.explaining(query.clearance) as evidence:
        if output is None:
            count = chosen.write(
                filter(shield.passes, _all(session, query)),
                finding,
                sys.stdout.buffer,
                language=session.language,
                at=now,
                evidence=evidence,
            )
        else:
            # Whole or not at all: a half-written bundle must never be picked up.
            partial = output.with_name(output.name + ".part")
            with partial.open("wb") as out:
                count = chosen.write(
                    filter(shield.passes, _all(session, query)),
                    finding,
                    out,
                    language=session.language,
                    at=now,
                    evidence=evidence,
                )
            partial.replace(output)
    note(say("cli.indicators.written", count=count, form=form, place=output or "stdout"))


def _all(session: Session, query: IndicatorQuery) -> Iterator[Indicator]:
    cursor = query.cursor
    while True:
        page = session.knowledge.indicators(msgspec.structs.replace(query, cursor=cursor))
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
