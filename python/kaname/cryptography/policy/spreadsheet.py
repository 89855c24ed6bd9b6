"""Verdicts and migration steps as CSV that spreadsheets open as they are.

UTF-8 with a byte order mark (without one Excel takes Japanese for another code page), CRLF,
and an apostrophe before what would be taken for a formula.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from typing import TYPE_CHECKING, Final

from kaname.cryptography.policy.told import reasons_told, word_told
from kaname.model.messages import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Judged
    from kaname.cryptography.policy.migration import Step

__all__ = ["write_items", "write_steps"]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write_items(path: Path, items: Sequence[Item], judged: Judged, language: str) -> None:
    """A line for each item of an inventory with its verdict, in their order."""

    def say(key: str) -> str:
        return text(key, language)

    heads = (
        say("cryptography.report.verdict"), say("cryptography.table.until"),
        say("cryptography.table.kind"), say("cryptography.table.algorithm"),
        say("cryptography.table.parameter"), say("cryptography.table.use"),
        say("cryptography.report.place"), say("cryptography.table.strength"),
        say("cryptography.report.vulnerable"), say("cryptography.table.harvest"),
        say("cryptography.table.expires"), say("cryptography.report.subject"),
        say("cryptography.table.tls"), say("cryptography.report.verified"),
        say("cryptography.report.why"), say("cryptography.table.id"),
    )  # fmt: skip
    yes, no = say("cryptography.report.yes"), "–"

    def lines() -> Iterable[Iterable[object]]:
        yield heads
        for item, verdict in zip(items, judged.verdicts, strict=True):
            yield (
                word_told(verdict, language), verdict.until or "", item.kind, item.algorithm,
                item.parameter or "", item.use or "", item.place,
                "" if item.strength is None else item.strength,
                yes if verdict.quantum.vulnerable else no,
                yes if verdict.quantum.harvest else no, _day(item.not_after),
                item.details.get("subject") or "", " ".join(verdict.tls_types),
                yes if verdict.verified else no, " ".join(reasons_told(verdict, language)), item.id,
            )  # fmt: skip

    _write(path, lines())


def write_steps(path: Path, steps: Sequence[Step], language: str) -> None:
    """A line for each step of a migration plan, most urgent first."""

    def say(key: str) -> str:
        return text(key, language)

    heads = (
        say("cryptography.report.priority"), say("cryptography.table.algorithm"),
        say("cryptography.table.parameter"), say("cryptography.report.verdict"),
        say("cryptography.report.to"), say("cryptography.report.by"),
        say("cryptography.report.exposure"), say("cryptography.report.effort"),
        say("cryptography.report.harvest"), say("cryptography.table.owner"),
        say("cryptography.report.item_count"), say("cryptography.report.places"),
    )  # fmt: skip

    def lines() -> Iterable[Iterable[object]]:
        yield heads
        for step in steps:
            yield (
                step.priority, step.algorithm, step.parameter or "",
                say(f"cryptography.word.{step.word}"), say(f"cryptography.target.{step.target}"),
                step.by, say(f"cryptography.exposure.{step.exposure}"),
                say(f"cryptography.effort.{step.effort}"),
                say("cryptography.report.yes") if step.harvest_now else "–", step.owner,
                len(step.items), " ".join(step.places[:100]),
            )  # fmt: skip

    _write(path, lines())


def _day(moment: int | None) -> str:
    if moment is None:
        return ""
    return dt.datetime.fromtimestamp(moment / 1e6, dt.UTC).date().isoformat()


def _safe(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _write(path: Path, lines: Iterable[Iterable[object]]) -> None:
    """Write a file that is there only when it is whole."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for line in lines:
        writer.writerow(map(_safe, line))
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(out.getvalue(), "utf-8-sig", "surrogateescape", newline="")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
