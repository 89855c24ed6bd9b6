"""The cells of the policy tables that a verdict stands on, each with its source and standing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from kaname.cryptography.policy.techniques import parts_of
from kaname.cryptography.policy.tls_types import TYPES, asked_of

if TYPE_CHECKING:
    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Purpose
    from kaname.cryptography.policy.tables import Policy, Table
    from kaname.cryptography.policy.techniques import Part

__all__ = ["Cell", "cells_of"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell: what it is about (``cell``), what it ``says``, and who says so.

    ``told`` is the source in a sentence; ``verified``: it was compared with the document.
    """

    document: str
    table: Literal["list", "strength", "tls", "quantum", "curve", "note"]
    cell: str
    says: str
    source: str
    told: str
    date: str
    verified: bool


def cells_of(policy: Policy, item: Item, year: int, use: Purpose) -> tuple[Cell, ...]:
    """The cells that decide on ``item`` for a year and a use, each once."""
    found: dict[tuple[str, str], Cell] = {}
    for cell in _cells(policy, item, year, use):
        found.setdefault((cell.table, cell.cell), cell)
    return tuple(found.values())


def _cells(policy: Policy, item: Item, year: int, use: Purpose) -> Iterator[Cell]:
    for part in parts_of(item):
        yield from _listed(policy, part)
        yield from _strong(policy, part, year, use)
    if item.kind in {"protocol", "cipher-suite"}:
        yield from _tls(policy, item)
    if item.quantum_vulnerable:
        target = policy.target_cell
        yield _cell(policy.quantum, "quantum", target.key, str(target.value), target)


def _listed(policy: Policy, part: Part) -> Iterator[Cell]:
    cell = policy.technique(part.technique)
    if cell is not None:
        yield _cell(policy.lists, "list", cell.technique, cell.tier, cell)
    for note in policy.notes(part.technique):
        yield _cell(policy.lists, "note", note.technique, note.note, note)
    curve = None if part.curve is None else policy.curve(part.curve)
    if curve is not None:
        says = {True: "listed", False: "not-listed", None: "unseen"}[curve.listed]
        yield _cell(policy.strengths, "curve", curve.curve, says, curve)


def _strong(policy: Policy, part: Part, year: int, use: Purpose) -> Iterator[Cell]:
    """The period of the strength that a part has; that of compatibility stands in the list."""
    if not part.keyed or part.strength is None:
        return
    strength = policy.strength_class(part.strength)
    for cell in () if strength is None else policy.course(strength, use):
        if cell.first <= year <= cell.last:
            name = f"{cell.strength} bit {cell.use} {cell.first}-{cell.last}"
            yield _cell(policy.strengths, "strength", name, cell.state, cell)


def _tls(policy: Policy, item: Item) -> Iterator[Cell]:
    for kind, value in asked_of(item):
        for profile in TYPES:
            rule = policy.rule(profile, kind, value)
            if rule is not None:
                yield _cell(policy.tls, "tls", f"{value} ({profile})", rule.level, rule)


def _cell(table: Table, kind: Any, cell: str, says: str, of: Any) -> Cell:
    return Cell(
        document=table.document, table=kind, cell=cell, says=says, source=of.source,
        told=table.sources.get(of.source, ""), date=of.date, verified=of.verified,
    )  # fmt: skip
