"""What a replacement makes of the views of indicators that are stored."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from kaname.knowledge.queries import Change, View
from kaname.model.errors import UsageError
from kaname.model.records import Indicator

__all__ = ["Stored", "content", "decode", "encode", "replacement"]

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Indicator)


class Stored(NamedTuple):
    """A row as it is stored."""

    id: str
    low: int
    high: int
    content: str
    document: str


def encode(indicator: Indicator) -> str:
    """The document of ``indicator``."""
    return _encoder.encode(indicator).decode()


def decode(document: str) -> Indicator:
    """The indicator of a document."""
    return _decoder.decode(document)


def content(indicator: Indicator) -> str:
    """SHA-256 over everything in it but ``updated``."""
    plain = msgspec.structs.replace(indicator, updated=0)
    return hashlib.sha256(_encoder.encode(plain)).hexdigest()


def replacement(
    views: Sequence[View], stored: Sequence[Stored], at: int
) -> tuple[Change, list[View], list[str]]:
    """(what changed, rows to insert, ids whose rows are to go) so that ``views`` stand.

    Raises:
        UsageError: a clearance would see two views of an indicator.
    """
    wanted: dict[str, list[View]] = defaultdict(list)
    known: dict[str, list[Stored]] = defaultdict(list)
    for view in views:
        wanted[view.indicator.id].append(view)
    for row in stored:
        known[row.id].append(row)
    change = Change([], [], [])
    rows: list[View] = []
    gone: list[str] = []
    for key in sorted(wanted.keys() | known.keys()):
        made = _remade(key, wanted[key], known[key], at, change)
        if made is not None:
            gone += [key] if known[key] else []
            rows += made
    return change, rows, gone


def _remade(
    key: str, views: list[View], rows: list[Stored], at: int, change: Change
) -> list[View] | None:
    """The rows of one indicator from now on; None when they stay. Notes it in ``change``."""
    covered = _levels(key, views)
    standing = [row for row in rows if not decode(row.document).revoked]
    before = {(row.low, row.high): row.content for row in standing}
    after = {(view.low, view.high): content(view.indicator) for view in views}
    if before == after:
        return None
    if not views:
        change.withdrawn.append(key)
    else:
        (change.changed if standing else change.added).append(key)
    kept = {row.content: decode(row.document).updated for row in standing}
    fresh = [_as_before(view, kept) for view in views]
    return fresh + [view for row in rows for view in _withdrawn(row, covered, at)]


def _levels(key: str, views: Iterable[View]) -> set[int]:
    levels = [level for view in views for level in range(view.low, view.high + 1)]
    if len(levels) != len(set(levels)):
        raise UsageError("knowledge.error.twice", id=key)
    return set(levels)


def _as_before(view: View, kept: dict[str, int]) -> View:
    """``view`` with the instant at which it last changed for those who see it."""
    updated = kept.get(content(view.indicator))
    if updated is None:
        return view
    return view._replace(indicator=msgspec.structs.replace(view.indicator, updated=updated))


def _withdrawn(row: Stored, covered: set[int], at: int) -> Iterator[View]:
    """What is left of a row at the levels that see nothing of the indicator any more."""
    indicator = decode(row.document)
    if not indicator.revoked:
        indicator = msgspec.structs.replace(indicator, revoked=True, updated=at)
    start: int | None = None
    for level in range(row.low, row.high + 2):
        free = level <= row.high and level not in covered
        if free and start is None:
            start = level
        elif not free and start is not None:
            yield View(indicator, start, level - 1)
            start = None
