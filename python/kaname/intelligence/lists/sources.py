"""Files that lists come in: MISP warninglists, plain text, CSV; compressed or not.

Every file gives one list or one problem; a damaged file never spoils the others.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from kaname.intelligence.lists.categories import category_of
from kaname.intelligence.lists.kinds import kinds_of_attributes
from kaname.model.artifact import guess_many, refang
from kaname.model.errors import InputError, KanameError
from kaname.model.records import ArtifactKind
from kaname.readers.containers import DAMAGE, stream

__all__ = ["ListProblem", "Listing", "Sort", "problem_of", "read_list", "sorted_out"]

MOST_BYTES: Final = 256 << 20
MOST_ENTRIES: Final = 10_000_000
LONGEST_ENTRY: Final = 4096

Sort = Literal["exact", "domain", "network", "phrase", "expression"]

_SORTS: dict[str, Sort] = {
    "string": "exact",
    "hostname": "domain",
    "cidr": "network",
    "substring": "phrase",
    "regex": "expression",
}
_COLUMNS = ("value", "indicator", "entry", "domain", "ip", "url", "hash")


class ListProblem(msgspec.Struct, frozen=True):
    """A list, or an entry of one, that could not be used; ``key`` names the message.

    ``where`` is the list or the file.
    """

    where: str
    key: str
    values: dict[str, Any]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One list: its entries by sort ("exact", "domain", "network", "phrase", "expression").

    ``kinds``: what it speaks of; None: everything. ``digest`` is the SHA-256 of the bytes
    that it came in; ``version`` whatever its author calls it.
    """

    id: str
    name: str
    category: str
    digest: str
    entries: dict[Sort, list[str]]
    description: str = ""
    version: str = ""
    kinds: frozenset[ArtifactKind] | None = None

    @property
    def count(self) -> int:
        """The number of entries."""
        return sum(map(len, self.entries.values()))


class _Warninglist(msgspec.Struct):
    """A MISP warninglist; entries are a list, or a map from entry to comment."""

    name: str
    type: str
    entries: list[str | int] | dict[str, Any] = msgspec.field(name="list")
    version: int | str = ""
    description: str = ""
    category: str | None = None
    matching_attributes: tuple[str, ...] = ()


def read_list(path: Path) -> Listing:
    """The list in a file.

    Raises:
        InputError: it cannot be read, or is beyond the limits.
    """
    data = _whole(path)
    name = path.name.partition(".")[0]
    if data.lstrip()[:1] == b"{":
        return _misp(data, name)
    return _lines(data, name, comma=".csv" in path.suffixes)


def _whole(path: Path) -> bytes:
    try:
        with stream(path) as source:
            data = source.read(MOST_BYTES + 1)
    except DAMAGE as error:
        raise InputError("intelligence.error.list_read", reason=error) from error
    if len(data) > MOST_BYTES:
        raise InputError("intelligence.error.list_size", most=MOST_BYTES >> 20)
    return data


def _misp(data: bytes, name: str) -> Listing:
    try:
        found = msgspec.json.decode(data, type=_Warninglist)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError("intelligence.error.list_json", reason=error) from error
    sort = _SORTS.get(found.type)
    if sort is None:
        raise InputError("intelligence.error.list_type", found=found.type, known=", ".join(_SORTS))
    attributes = found.matching_attributes
    return Listing(
        id=name,
        name=found.name,
        category=category_of(found.name, found.category),
        digest=hashlib.sha256(data).hexdigest(),
        entries={sort: _fit(str(entry) for entry in found.entries)},
        description=found.description,
        version=str(found.version),
        kinds=kinds_of_attributes(attributes) if attributes else None,
    )


def _lines(data: bytes, name: str, *, comma: bool) -> Listing:
    """Lines of text; ``# name: ...`` and ``# category: ...`` at the head say what it is."""
    text = data.decode("utf-8-sig", "replace")
    said = _said(text)
    rows = _column(text) if comma else _plain(text)
    return Listing(
        id=name,
        name=said.get("name", name),
        category=category_of(said.get("name", name), said.get("category", "suppression")),
        digest=hashlib.sha256(data).hexdigest(),
        entries=sorted_out(_fit(rows)),
        description=said.get("description", ""),
        version=said.get("version", ""),
    )


def _said(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines()[:50]:
        if line.startswith("#"):
            word, _, value = line[1:].partition(":")
            found[word.strip().lower()] = value.strip()
    return found


def _plain(text: str) -> Iterable[str]:
    lines = (line.strip() for line in text.splitlines())
    return (line for line in lines if line and not line.startswith(("#", ";", "//")))


def _column(text: str) -> Iterable[str]:
    rows = csv.reader(io.StringIO("\n".join(_plain(text))))
    try:
        head = next(rows, [])
        names = [name.strip().lower() for name in head]
        at = next((names.index(name) for name in _COLUMNS if name in names), None)
        if at is None:
            at = 0
            yield from head[:1]
        yield from (row[at].strip() for row in rows if len(row) > at and row[at].strip())
    except csv.Error as error:
        raise InputError("intelligence.error.list_read", reason=error) from error


def _fit(entries: Iterable[str]) -> list[str]:
    kept = [entry for entry in entries if len(entry) <= LONGEST_ENTRY]
    if len(kept) > MOST_ENTRIES:
        raise InputError("intelligence.error.list_entries", most=MOST_ENTRIES)
    return kept


def sorted_out(entries: list[str]) -> dict[Sort, list[str]]:
    """Entries by sort, from how they look.

    ``/x/i`` is an expression, ``*x*`` a phrase, ``*.x`` and ``.x`` what is below a domain;
    addresses, prefixes, ranges and domains are seen; all else is equal or nothing.
    """
    found: dict[Sort, list[str]] = {}
    for entry, guessed in zip(entries, guess_many(entries), strict=True):
        sort, spelling = _sort(entry, guessed)
        found.setdefault(sort, []).append(spelling)
    return found


def _sort(entry: str, guessed: tuple[ArtifactKind, str] | None) -> tuple[Sort, str]:
    if len(entry) > 2 and entry.startswith("/") and "/" in entry[1:]:
        return "expression", entry
    if len(entry) > 2 and entry.startswith("*") and entry.endswith("*"):
        return "phrase", entry.strip("*")
    if entry.startswith(("*.", ".")):
        return "domain", refang(entry)
    if guessed is None:
        return ("network" if _is_range(entry) else "exact"), entry
    return _OF_KIND.get(guessed[0], "exact"), guessed[1]


def _is_range(entry: str) -> bool:
    ends = [end.strip() for end in entry.split("-")]
    return len(ends) == 2 and all(set(end) <= _ADDRESS and set(end) & _MARKS for end in ends)


_MARKS = frozenset(".:")
_ADDRESS = frozenset("0123456789abcdefABCDEF") | _MARKS
_OF_KIND: dict[ArtifactKind, Sort] = {
    ArtifactKind.IP: "network",
    ArtifactKind.PREFIX: "network",
    ArtifactKind.DOMAIN: "domain",
}


def problem_of(name: str, error: KanameError) -> ListProblem:
    """An error as a value."""
    return ListProblem(name, error.key, {k: str(v) for k, v in error.values.items()})
