"""Taking STIX in: every object that is one is kept as it came, every other is explained.

Each object stands or falls by itself. One that is there already in that version changes
nothing: the same content is a duplicate, other content a conflict in which the first
stays. References to what is not there are kept and named; they resolve when it comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from kaname.intelligence.stix.checking import Checked, check
from kaname.intelligence.stix.markings import TLP_1, TLP_2, defined, marked
from kaname.intelligence.stix.reading import Part, split, uncompressed
from kaname.intelligence.stix.reasons import Flaw
from kaname.knowledge.stix_objects import Collection, StixObjects, Version
from kaname.model.marking import Tlp

__all__ = ["Intake", "Refusal", "intake", "take"]

_LEVELS = tuple(Tlp)
_RANKS = {level: level.rank for level in Tlp}
_BATCH = 20_000  # objects of a transaction
_MOST_TOLD = 10_000  # refusals of which more than the number is kept


class Refusal(NamedTuple):
    """An object that was not taken in: where it stood, its id if it has one, and why."""

    pointer: str
    id: str
    flaw: Flaw

    def render(self, language: str) -> str:
        """One line for a person."""
        return f"{self.pointer or '/'} {self.id}: {self.flaw.render(language)}"


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An object that is in the collection now."""

    checked: Checked
    raw: bytes
    tlp: Tlp
    added: int


class Intake:
    """What became of the objects of one document: four outcomes whose sum is ``objects``.

    ``accepted`` are new, ``duplicates`` were there, ``conflicts`` have the id and version
    of something else that was there (told in ``conflicting``), ``rejected`` are no STIX
    objects (told in ``refusals``). ``successes`` are (id, version, whether it is new).
    """

    def __init__(self) -> None:
        self.accepted = self.duplicates = self.conflicts = self.rejected = 0
        self.refusals: list[Refusal] = []
        self.conflicting: list[Refusal] = []
        self.fresh: list[Kept] = []
        self.successes: list[tuple[str, str, bool]] = []

    @property
    def objects(self) -> int:
        """How many objects there were."""
        return self.accepted + self.duplicates + self.conflicts + self.rejected

    def report(self, language: str) -> dict[str, Any]:
        """The import report, ready for JSON, in ``language``."""
        told = {"rejected": self.refusals, "conflict": self.conflicting}
        return {
            "objects": self.objects,
            "accepted": self.accepted,
            "duplicate": self.duplicates,
            "conflict": self.conflicts,
            "rejected": self.rejected,
            "problems": [
                {"outcome": outcome, "pointer": one.pointer, "id": one.id, "code": one.flaw.reason}
                | {"reason": one.flaw.render(language)}
                for outcome, ones in told.items()
                for one in ones
            ],
        }


def intake(
    data: bytes, store: StixObjects, collection: Collection, *, name: str = "input"
) -> Intake:
    """Take the objects of ``data``, in any form that `split` knows, into ``collection``.

    Raises:
        InputError: nothing in it can be read.
        LimitError: it is too large.
        ConflictError: the collection is not in the store.
    """
    return take(split(uncompressed(data, name), name), store, collection)


def take(parts: Iterable[Part], store: StixObjects, collection: Collection) -> Intake:
    """Take ``parts`` into ``collection``, many in a transaction."""
    result = Intake()
    known: dict[str, Tlp] = {}
    for batch in _batches(iter(parts)):
        good = list(_sound(batch, result))
        _learn(good, known)
        _resolve(good, known, store, collection)
        rows = [_version(checked, part.raw, known, collection) for part, checked in good]
        outcome = store.add(collection.id, rows)
        for place, (part, checked) in enumerate(good):
            _count(result, part, checked, rows[place], outcome.known.get(place))
            if place in outcome.added:
                tlp = _LEVELS[rows[place].tlp]
                result.fresh.append(Kept(checked, part.raw, tlp, outcome.added[place]))
    return result


def _batches(parts: Iterator[Part]) -> Iterator[list[Part]]:
    while batch := list(islice(parts, _BATCH)):
        yield batch


def _sound(batch: Sequence[Part], result: Intake) -> Iterator[tuple[Part, Checked]]:
    for part in batch:
        found = part.flaw or check(part.raw)
        if isinstance(found, Checked):
            yield part, found
            continue
        result.rejected += 1
        if len(result.refusals) < _MOST_TOLD:
            where = part.pointer + found.pointer
            result.refusals.append(Refusal(where, _id_of(part.raw), found))


def _id_of(raw: bytes) -> str:
    """The id of something that may be anything."""
    try:
        thing = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    found = thing.get("id") if isinstance(thing, dict) else None
    return found[:256].replace("\0", "\ufffd") if isinstance(found, str) else ""


def _learn(good: Sequence[tuple[Part, Checked]], known: dict[str, Tlp]) -> None:
    """Note which marking definitions among ``good`` stand for a TLP."""
    for part, checked in good:
        if checked.type == "marking-definition":
            level = defined(msgspec.json.decode(part.raw))
            if level is not None:
                known[checked.id] = level


def _resolve(
    good: Sequence[tuple[Part, Checked]],
    known: dict[str, Tlp],
    store: StixObjects,
    collection: Collection,
) -> None:
    """Look up marking definitions that came into the collection before."""
    refs = {ref for _, checked in good for ref in checked.markings}
    asked = sorted(refs - known.keys() - TLP_1.keys() - TLP_2.keys())
    for key, raw in store.latest(collection.id, asked).items():
        level = defined(msgspec.json.decode(raw))
        if level is not None:
            known[key] = level


def _version(
    checked: Checked, raw: bytes, known: dict[str, Tlp], collection: Collection
) -> Version:
    if checked.id in known or checked.id in TLP_1 or checked.id in TLP_2:
        level = Tlp.CLEAR  # what a marking means is no secret
    elif checked.markings:
        level = marked(checked.markings, known, collection.tlp)
    else:
        level = collection.tlp
    return Version(checked.id, checked.version, checked.type, checked.spec, _RANKS[level], raw)


def _count(result: Intake, part: Part, checked: Checked, row: Version, kept: bytes | None) -> None:
    if kept is None:
        result.accepted += 1
    elif kept == row.body or msgspec.json.decode(kept) == msgspec.json.decode(row.body):
        result.duplicates += 1
    else:
        result.conflicts += 1
        if len(result.conflicting) < _MOST_TOLD:
            result.conflicting.append(Refusal(part.pointer, checked.id, Flaw("", "conflict", {})))
        return
    result.successes.append((checked.id, checked.version, kept is None))
