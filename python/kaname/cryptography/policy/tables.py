"""The policy tables: which technique is on which list, how long each strength lasts, and more.

Every cell says where it comes from, of which date it is, and whether it was compared with
the official document. Files come with kaname (``policy/data``); a user's folder may hold
newer files of the same form, and of each kind the newest date wins (the user's at a tie).
"""

from __future__ import annotations

import hashlib
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from kaname.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

__all__ = [
    "Curve",
    "Equivalence",
    "ListCell",
    "ListTable",
    "Note",
    "Policy",
    "QuantumCell",
    "QuantumTable",
    "Rule",
    "StrengthCell",
    "StrengthTable",
    "Table",
    "Tier",
    "TlsProfile",
    "TlsTable",
    "Version",
    "load",
]  # fmt: skip

Tier = Literal["recommended", "pqc", "candidate", "monitored", "not-listed", "unseen"]
State = Literal["usable", "tolerated", "finish-migration", "not-usable"]
Level = Literal["obligatory", "recommended", "allowed", "forbidden"]
Profile = Literal["high", "recommended", "exception"]


class _Cell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every cell has: the key of its source, its date (ISO), and if it was verified."""

    source: str
    date: str
    verified: bool


class ListCell(_Cell, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A technique on a list. ``unseen``: the rows of its list were not seen."""

    technique: str
    tier: Tier
    category: str


class Note(_Cell, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition of use of a technique: the key of a text."""

    technique: str
    note: str


class StrengthCell(_Cell, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state of a strength (bits) in a use from year ``first`` to year ``last``."""

    use: Literal["new", "processing"]
    strength: int
    first: int
    last: int
    state: State


class Equivalence(_Cell, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From how many ``bits`` of key on ``techniques`` have a strength."""

    techniques: tuple[str, ...]
    bits: int
    strength: int


class Curve(_Cell, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a curve is among the listed parameters; None: not known."""

    curve: str
    listed: bool | None


class TlsProfile(_Cell, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the guideline's three types."""

    profile: Profile
    title: dict[str, str]


class Rule(_Cell, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a type of the guideline says of a version, a cipher, a group, a certificate."""

    profile: Profile
    item: Literal["version", "key-exchange", "cipher", "group", "certificate"]
    value: str
    level: Level


class QuantumCell(_Cell, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement on the move to post-quantum cryptography."""

    key: str
    value: int | str


class _Document(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """A policy document. ``sources`` says what the keys of cells' sources stand for.

    ``dated``: the ``date`` was seen on the document, or told by who publishes it.
    """

    format: Literal[1]
    document: str
    title: dict[str, str]
    date: str
    dated: bool = True
    sources: dict[str, str]


class ListTable(_Document, frozen=True, kw_only=True, tag="list"):
    """CRYPTREC LS-0001: lists of techniques."""

    cells: tuple[ListCell, ...]
    notes: tuple[Note, ...] = ()


class StrengthTable(_Document, frozen=True, kw_only=True, tag="strength"):
    """CRYPTREC LS-0003: strength by period and use, equivalence of keys, curves."""

    cells: tuple[StrengthCell, ...]
    equivalence: tuple[Equivalence, ...]
    curves: tuple[Curve, ...]


class TlsTable(_Document, frozen=True, kw_only=True, tag="tls"):
    """CRYPTREC GL-3001: three types of TLS configuration."""

    profiles: tuple[TlsProfile, ...]
    rules: tuple[Rule, ...]


class QuantumTable(_Document, frozen=True, kw_only=True, tag="quantum"):
    """National guidance on the move to post-quantum cryptography."""

    cells: tuple[QuantumCell, ...]


_T = TypeVar("_T")
Table = ListTable | StrengthTable | TlsTable | QuantumTable
_KINDS: dict[str, type[Any]] = {
    "list": ListTable, "strength": StrengthTable, "tls": TlsTable, "quantum": QuantumTable,
}  # fmt: skip


class Version(msgspec.Struct, frozen=True):
    """Which edition of a document verdicts stand on; ``digest`` is the file's SHA-256."""

    document: str
    date: str
    digest: str
    verified: int  # cells that were compared with the official document
    cells: int
    dated: bool = True  # whether the date is known to be that of the document

    @property
    def named(self) -> str:
        """Document and date in a line, with a question mark where the date is not sure."""
        return f"{self.document} ({self.date}{'' if self.dated else '?'})"


class Policy:
    """The tables together, ready to be asked."""

    def __init__(self, tables: dict[str, tuple[Table, str]]) -> None:
        self.lists: ListTable = _of(tables, ListTable)
        self.strengths: StrengthTable = _of(tables, StrengthTable)
        self.tls: TlsTable = _of(tables, TlsTable)
        self.quantum: QuantumTable = _of(tables, QuantumTable)
        self.versions = tuple(_version(table, digest) for table, digest in tables.values())
        self._techniques = {cell.technique: cell for cell in self.lists.cells}
        self._curves = {cell.curve: cell for cell in self.strengths.curves}
        self._quantum = {cell.key: cell for cell in self.quantum.cells}
        self._rules: dict[tuple[str, str, str], Rule] = {
            (r.profile, r.item, r.value): r for r in self.tls.rules
        }

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year that the strength table speaks of."""
        cells = self.strengths.cells
        return min(cell.first for cell in cells), max(cell.last for cell in cells)

    @property
    def target_year(self) -> int:
        """By when systems are to have moved to post-quantum cryptography."""
        return int(self._quantum["target-year"].value)

    @property
    def target_cell(self) -> QuantumCell:
        """The cell that `target_year` comes from."""
        return self._quantum["target-year"]

    def technique(self, name: str) -> ListCell | None:
        """The cell of a technique of the lists; None: no list names it."""
        return self._techniques.get(name)

    def notes(self, name: str) -> tuple[Note, ...]:
        """Conditions of use of a technique."""
        return tuple(note for note in self.lists.notes if note.technique == name)

    def curve(self, name: str) -> Curve | None:
        """What is known of a curve; None: nothing."""
        return self._curves.get(name)

    def rule(self, profile: str, item: str, value: str) -> Rule | None:
        """What a TLS type says of something."""
        return self._rules.get((profile, item, value))

    def strength_class(self, strength: int) -> int | None:
        """The highest class of the strength table that ``strength`` bits reach; None: none."""
        classes = {cell.strength for cell in self.strengths.cells if cell.strength <= strength}
        return max(classes, default=None)

    def course(self, strength: int, use: str) -> tuple[StrengthCell, ...]:
        """The cells of a class in a use, in order of time."""
        found = (c for c in self.strengths.cells if (c.strength, c.use) == (strength, use))
        return tuple(sorted(found, key=lambda cell: cell.first))


def load(place: Path | None = None) -> Policy:
    """The newest table of each kind, of those that come with kaname and those in ``place``.

    ``place`` is a folder of JSON files, or one of them; a file holds a table or an array of
    tables.

    Raises:
        InputError: a file is no policy table, or contradicts itself.
    """
    chosen: dict[str, tuple[Table, str]] = {}
    for file in _files(place):
        data = _bytes(file)
        for kind, table in _read(file.name, data):
            if kind not in chosen or table.date >= chosen[kind][0].date:
                chosen[kind] = (table, hashlib.sha256(data).hexdigest())
    return Policy(dict(sorted(chosen.items())))


def _bytes(file: Traversable | Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("cryptography.error.policy_file", file=file, reason=reason) from error


def _files(place: Path | None) -> Iterator[Traversable | Path]:
    own = resources.files("kaname.cryptography.policy") / "data"
    yield from sorted(
        (one for one in own.iterdir() if one.name.endswith(".json")), key=lambda one: one.name
    )
    if place is not None:
        yield from sorted(place.glob("*.json")) if place.is_dir() else (place,)


def _read(name: str, data: bytes) -> list[tuple[str, Table]]:
    try:
        raw = msgspec.json.decode(data)
        found = [_table(one) for one in (raw if isinstance(raw, list) else [raw])]
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise InputError("cryptography.error.policy_file", file=name, reason=str(error)) from error
    if not found:
        raise InputError("cryptography.error.policy_file", file=name, reason="an empty array")
    for _, table in found:
        for complaint in _complaints(table):
            raise InputError("cryptography.error.policy_file", file=name, reason=complaint)
    return found


def _table(raw: dict[str, Any]) -> tuple[str, Table]:
    kind = str(raw["kind"])
    table: Table = msgspec.convert(raw, _KINDS[kind])
    return kind, table


def _cells(table: Table) -> tuple[_Cell, ...]:
    if isinstance(table, StrengthTable):
        return (*table.cells, *table.equivalence, *table.curves)
    if isinstance(table, TlsTable):
        return (*table.profiles, *table.rules)
    return (*table.cells, *(table.notes if isinstance(table, ListTable) else ()))


def _complaints(table: Table) -> Iterator[str]:
    """What a form cannot say: sources that are named, nothing twice, years without gaps."""
    for cell in _cells(table):
        if cell.source not in table.sources:
            yield f"no source {cell.source!r}"
    if isinstance(table, ListTable):
        yield from _twice(cell.technique for cell in table.cells)
    elif isinstance(table, QuantumTable):
        yield from _twice(cell.key for cell in table.cells)
        if not any(c.key == "target-year" and isinstance(c.value, int) for c in table.cells):
            yield "no target-year"
    elif isinstance(table, TlsTable):
        yield from _twice(f"{r.profile} {r.item} {r.value}" for r in table.rules)
    else:
        yield from _gaps(table)


def _twice(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{name} stands twice"
        seen.add(name)


def _gaps(table: StrengthTable) -> Iterator[str]:
    courses: dict[tuple[str, int], list[StrengthCell]] = {}
    for cell in table.cells:
        courses.setdefault((cell.use, cell.strength), []).append(cell)
    spans = set()
    for (use, strength), cells in courses.items():
        cells.sort(key=lambda cell: cell.first)
        spans.add((cells[0].first, cells[-1].last))
        for before, after in pairwise(cells):
            if after.first != before.last + 1:
                yield f"{use} {strength}: {before.last} is followed by {after.first}"
    if len(spans) != 1:
        yield f"periods end differently: {sorted(spans)}"
    if len({strength for _, strength in courses}) * 2 != len(courses):
        yield "a strength has no course in one of the uses"


def _of(tables: dict[str, tuple[Table, str]], kind: type[_T]) -> _T:
    found = [table for table, _ in tables.values() if isinstance(table, kind)]
    return found[0]


def _version(table: Table, digest: str) -> Version:
    cells = _cells(table)
    return Version(
        table.document, table.date, digest, sum(cell.verified for cell in cells), len(cells),
        table.dated,
    )  # fmt: skip
