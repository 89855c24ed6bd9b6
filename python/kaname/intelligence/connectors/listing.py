"""Lists of bad things as CSV or as plain text, a value a line.

A list says the same every time it is fetched. Each value is one observation a day, so
that staying on the list keeps it fresh, while fetching often adds nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.intelligence.connectors.frame import Delivery, Manifest, Rejection
from kaname.intelligence.connectors.ndjson import opened
from kaname.intelligence.connectors.shapes import kind_of
from kaname.intelligence.records import Mention, Observation
from kaname.model.artifact import canonical, guess
from kaname.model.errors import InputError, UsageError
from kaname.model.ids import stable_id
from kaname.model.instant import DAY, HOUR, floor, parse_us

if TYPE_CHECKING:
    from kaname.intelligence.connectors.fetch import Reach
    from kaname.knowledge.feeds import Feed

__all__ = ["CsvConnector", "TextConnector"]

_PART = 5_000
_MOST_FIELD = 64 * 1024
_COMMENTS = ("#", ";", "//")


class _Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options: which column (a name of the header, or a number from 0) holds what.

    ``kind`` is the kind of all values ("ip", "domain" ...), or a column that says it, or
    empty: each value is what it looks like. ``confidence`` is a column with 0 to 100.
    """

    value: str = "0"
    kind: str = ""
    at: str = ""
    confidence: str = ""
    note: str = ""
    delimiter: str = ","
    header: bool = True
    behaviours: tuple[str, ...] = ()


class CsvConnector:
    """Reads a list with columns."""

    manifest = Manifest(
        kind="csv",
        en="a list in CSV, with a column that holds the value",
        ja="値の列を持つCSVの一覧",
        every=6 * HOUR,
        remote=True,
        options=_Columns.__struct_fields__,
    )

    def poll(self, feed: Feed, reach: Reach, now: int) -> Iterator[Delivery]:
        """A listing for each row with a value."""
        columns = _columns(feed.options)
        yield from _poll(feed, reach, now, lambda lines: _rows(lines, columns), columns)


class TextConnector:
    """Reads a plain list: a value a line, with comments, defanged or not."""

    manifest = Manifest(
        kind="text",
        en="a plain list, a value a line",
        ja="1行1値のテキストの一覧",
        every=6 * HOUR,
        remote=True,
        options=("kind", "behaviours"),
    )

    def poll(self, feed: Feed, reach: Reach, now: int) -> Iterator[Delivery]:
        """A listing for each line with a value."""
        columns = _columns(feed.options)
        yield from _poll(feed, reach, now, _lines, columns)


def _poll(feed: Feed, reach: Reach, now: int, split: Any, columns: _Columns) -> Iterator[Delivery]:
    cursor: dict[str, Any] = {}
    if feed.path:
        with opened(Path(feed.path)) as stream:
            body = stream.read(reach.most)
    else:
        same_day = feed.cursor.get("day") == floor(now, DAY)
        got = reach.get(feed.url, etag=feed.cursor.get("etag", "") if same_day else "")
        if not got.changed:
            return
        body, cursor = got.body, {"etag": got.etag, "day": floor(now, DAY)}
    part = Delivery(cursor=cursor)
    for number, row in split(body.decode("utf-8", "replace").splitlines()):
        try:
            part.observations.append(_listing(feed, row, columns, now))
        except InputError as error:
            part.reject(Rejection.of(number, error))
        if len(part.observations) >= _PART:
            yield part
            part = Delivery(cursor=cursor)
    yield part


def _columns(options: Mapping[str, Any]) -> _Columns:
    try:
        return msgspec.convert(dict(options), _Columns, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError("intelligence.error.options", reason=str(error)) from None


def _lines(lines: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(lines, 1):
        words = line.split(maxsplit=1)
        if words and not line.lstrip().startswith(_COMMENTS):
            yield number, {"0": words[0]}


def _rows(lines: Sequence[str], columns: _Columns) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by the names of the header and by their numbers; comments are passed over."""
    kept = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    plain = [(n, line) for n, line in kept if not line.lstrip().startswith("#")]
    names: list[str] = []
    csv.field_size_limit(_MOST_FIELD)
    for number, line in plain:
        try:
            cells = next(csv.reader([line], delimiter=columns.delimiter, skipinitialspace=True))
        except (csv.Error, StopIteration):
            cells = []
        if columns.header and not names:
            names = [cell.strip().lstrip("\ufeff") for cell in cells]
            continue
        row = {str(place): cell.strip() for place, cell in enumerate(cells)}
        yield number, row | {name: row[str(n)] for n, name in enumerate(names) if str(n) in row}


def _listing(feed: Feed, row: Mapping[str, str], columns: _Columns, now: int) -> Observation:
    value = row.get(columns.value, "")
    mention = _mention(value, row.get(columns.kind, columns.kind))
    source = feed.source or feed.id
    at = _instant(row.get(columns.at, ""), now)
    return Observation(
        id=stable_id("obs", source, mention.kind, mention.value, floor(now, DAY)),
        source=source,
        kind="listing",
        at=at,
        received=now,
        mentions=(mention,),
        tlp=feed.tlp,
        weight=_weight(row.get(columns.confidence, "")),
        behaviours=columns.behaviours,
        body={"note": row[columns.note]} if row.get(columns.note) else {},
    )


def _mention(value: str, kind_name: str) -> Mention:
    if not value:
        raise InputError("intelligence.reject.empty")
    kind = kind_of(kind_name) if kind_name else None
    if kind is not None:
        spelt = canonical(kind, value)
        found = (kind, spelt) if spelt is not None else None
    else:
        found = guess(value)
    if found is None:
        raise InputError("intelligence.reject.value", kind=kind_name or "?", found=value[:100])
    return Mention(*found, "listed")


def _instant(text: str, now: int) -> int:
    """When it was listed: what the row says, else the present; never the future."""
    if not text:
        return now
    try:
        return min(parse_us(text.replace(" ", "T", 1)), now)
    except UsageError as error:
        raise InputError("intelligence.reject.shape", reason=error) from None


def _weight(text: str) -> float:
    if not text:
        return 1.0
    try:
        return round(min(100.0, max(0.0, float(text))) / 100, 4)
    except ValueError:
        raise InputError("intelligence.reject.weight", found=text[:20]) from None
