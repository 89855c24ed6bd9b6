"""`kaname crypto judge`: what the CRYPTREC lists say of an inventory, for a year and a use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Judged, Word
    from kaname.cryptography.policy.tables import Policy

__all__ = ["FILE", "FOLDER", "HELD", "judge", "judged_sets"]

_STRUCK = 1
_PARTIAL = 3
_DIGEST = re.compile(r"[0-9a-f]{8,64}")
_WORDS = ("finish-migration", "monitored", "not-listed", "not-usable")
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
HELD = click.Path(path_type=Path, dir_okay=False)
"""A file, or the digest of an inventory of the lake (its first eight digits are enough)."""
OUT = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
Purpose = Literal["new", "processing"]
Sets = list[tuple[str, "list[Item]", "Judged"]]


@command("crypto judge")
@click.argument("inventory", metavar="INVENTORY", type=HELD)
@option("--year", type=int, key="crypto_year")
@option("--use", type=click.Choice(("new", "processing")), default="processing", key="crypto_use")
@option("--policy", "folder", type=FOLDER, metavar="FOLDER", key="crypto_policy")
@option("--contexts", "known", type=FILE, metavar="FILE", key="crypto_contexts")
@option("--quantum-year", type=click.IntRange(2026, 2100), key="crypto_quantum_year")
@option("--before", multiple=True, type=HELD, metavar="INVENTORY", key="crypto_before")
@option("--fail-on", type=click.Choice(_WORDS), key="crypto_fail_on")
@option("--csv", "table", type=OUT, key="crypto_csv")
@option("--plan-csv", "plan_table", type=OUT, key="crypto_plan_csv")
@option("--limit", type=click.IntRange(0, 1_000_000), default=50, key="limit")
def judge(
    session: Session,
    inventory: Path,
    *,
    year: int | None,
    use: Purpose,
    folder: Path | None,
    known: Path | None,
    quantum_year: int | None,
    before: tuple[Path, ...],
    fail_on: Word | None,
    table: Path | None,
    plan_table: Path | None,
    limit: int,
) -> int:
    """Judge INVENTORY (of `kaname crypto inventory`, or a CBOM) by the CRYPTREC lists."""
    from kaname.cryptography.policy.spreadsheet import write_items, write_steps
    from kaname.cryptography.policy.tables import load

    policy = load(folder)
    sets = judged_sets(session, policy, (*before, inventory), year, use)
    _, items, judged = sets[-1]
    if table is not None:
        write_items(table, items, judged, session.language)
    if plan_table is not None:
        steps = _plan(policy, items, judged, known, quantum_year)
        write_steps(plan_table, steps, session.language)
    if session.as_json:
        document: dict[str, Any] = msgspec.to_builtins(judged)
        document["plan"] = msgspec.to_builtins(_plan(policy, items, judged, known, quantum_year))
        if before:
            document |= _trend(sets)
        put_json(document)
    else:
        _show(session, items, judged, limit)
    return 0 if fail_on is None else _gate(session, items, judged, fail_on)


def _gate(session: Session, items: list[Item], judged: Judged, fail_on: Word) -> int:
    """The exit code for a pipeline: 1 a verdict is too bad, 3 what could not be read, else 0."""
    from kaname.cryptography.policy.judge import ORDER

    bad = ORDER[ORDER.index(fail_on) :]
    pairs = zip(items, judged.verdicts, strict=True)
    struck = [item.place for item, verdict in pairs if verdict.word in bad]
    unread = sum(item.kind in {"malformed", "opaque"} for item in items)
    if not session.as_json:
        places = ", ".join(dict.fromkeys(struck[:200]))
        note(say("cli.crypto.judge.gate", count=len(struck), places=places[:500], unread=unread))
    if struck:
        return _STRUCK
    return _PARTIAL if unread else 0


def judged_sets(
    session: Session, policy: Policy, paths: tuple[Path, ...], year: int | None, use: Purpose
) -> Sets:
    """The inventories of ``paths`` (or of the lake), each judged for the same year."""
    import datetime as dt

    from kaname.cryptography.policy.judge import judge as judge_all

    asked = year if year is not None else dt.datetime.now(dt.UTC).year
    sets: Sets = []
    for path in paths:
        items = _held(session, path)
        sets.append((path.name, items, judge_all(items, policy, asked, use)))
    return sets


def _held(session: Session, path: Path) -> list[Item]:
    """The items of a file; where there is none, of the inventory of the lake that is named."""
    from kaname.cryptography.policy.inventories import read_items

    if path.exists() or not _DIGEST.fullmatch(str(path)):
        return read_items(path)
    from kaname.cryptography.inventories import Question, items_in
    from kaname.model.marking import Tlp

    question = Question.of(None, "processing", None)
    return items_in(session.lake, str(path), question, Tlp.RED)[1]


def _plan(
    policy: Policy, items: list[Item], judged: Judged, known: Path | None, year: int | None
) -> Any:
    from kaname.cryptography.policy.migration import Assumptions, contexts, plan

    assumed = Assumptions(quantum_year=policy.target_year if year is None else year)
    return plan(items, judged, assumed, contexts(known) if known is not None else ())


def _trend(sets: Sets) -> dict[str, Any]:
    from kaname.cryptography.policy.trend import compare, trend

    return {
        "trend": msgspec.to_builtins(trend([(name, judged) for name, _, judged in sets])),
        "difference": msgspec.to_builtins(compare(sets[-2][1:], sets[-1][1:])),
    }


def _show(session: Session, items: list[Item], judged: Judged, limit: int) -> None:
    from kaname.cryptography.policy.judge import ORDER
    from kaname.cryptography.policy.told import reasons_told, word_told

    pairs = sorted(
        zip(items, judged.verdicts, strict=True),
        key=lambda pair: (-ORDER.index(pair[1].word), pair[0].place),
    )
    put_table(
        tuple(
            say(key)
            for key in (
                "cli.head.crypto_verdict",
                "cli.head.crypto_algorithm",
                "cli.head.crypto_place",
                "cli.head.crypto_why",
            )
        ),
        (
            (
                word_told(verdict, session.language),
                " ".join(filter(None, (item.algorithm, item.parameter))),
                item.place,
                " ".join(reasons_told(verdict, session.language)),
            )
            for item, verdict in pairs[:limit]
        ),
        empty=say("cli.empty.crypto_judge"),
    )
    worst = sum(judged.counts[word] for word in ("not-usable", "not-listed", "monitored"))
    vulnerable = sum(verdict.quantum.vulnerable for verdict in judged.verdicts)
    note(
        say(
            "cli.crypto.judge.told",
            items=len(items), year=judged.year, worst=worst, vulnerable=vulnerable,
        )
    )  # fmt: skip
    for one in judged.lists:
        told = {"document": one.document, "date": one.date, "verified": one.verified,
                "cells": one.cells}  # fmt: skip
        if one.dated:
            note(say("cli.crypto.judge.lists", **told))
        else:
            note(say("cli.crypto.judge.undated", **told))
