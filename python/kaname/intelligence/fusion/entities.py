"""Whom names mean: aliases by authority, what stays a conflict, and what needs context.

An alias is a claim ("X is Y, says MISP"). A claim that agrees with exactly one entity of
ATT&CK becomes a further name of it; a claim that would make one of two numbers of ATT&CK
is never believed: it stays an entity of its own, with a note on which two it may be.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.resources import files

import msgspec

from kaname.intelligence.fusion import attack_catalogue
from kaname.knowledge.assertions import Assertion, Assertions
from kaname.knowledge.entities import Entities, Entity, Name, fold
from kaname.model.marking import Tlp

__all__ = [
    "CONTEXT",
    "Gazetteer",
    "Resolved",
    "Term",
    "attach",
    "gazetteer",
    "japanese_names",
    "needs_context",
]

_SHORTEST = 4  # folded characters; a shorter Latin name alone says nothing
_WINDOW = 6  # words on either side of a name in which its context must stand
_FAMILIES = {"malware": "software", "tool": "software"}
_JAPANESE = "kaname"

CONTEXT = re.compile(
    r"ransom|malware|\bapt\b|\bgroup|gang|threat|actor|trojan|\brat\b|botnet|stealer|loader|"
    r"backdoor|campaign|operator|affiliate|spyware|worm|"
    r"ランサム|マルウェア|攻撃|グループ|集団|組織|ウイルス|ウィルス|ボット|トロイ|バックドア|"
    r"犯罪|脅威|アクター|感染|キャンペーン|検体|亜種",
    re.IGNORECASE,
)
"""Words that make a common word a name: "the Play ransomware", 「ハイブ」と名乗る攻撃グループ."""

_WORD = re.compile(r"[A-Za-z0-9_.-]+|[぀-ヿ一-鿿]+")


class Resolved(msgspec.Struct, frozen=True):
    """What became of claims: names added, entities of their own, conflicts among the latter."""

    merged: int
    new: int
    conflicts: int


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """A name to look for: what it is called, whom it may mean, and whether it needs context."""

    name: str
    entities: tuple[str, ...]
    types: tuple[str, ...]
    context: bool


def needs_context(name: str) -> bool:
    """Whether ``name`` is an everyday word or too short to mean somebody by itself."""
    folded = fold(name)
    if folded in _common():
        return True
    latin = all("LATIN" in unicodedata.name(c, "") or c.isdigit() for c in folded)
    numbered = latin and any(c.isdigit() for c in folded) and any(c.isalpha() for c in folded)
    return len(folded) < _SHORTEST and not numbered


def in_context(text: str, start: int, end: int) -> bool:
    """Whether a word of `CONTEXT` stands within six words of ``text[start:end]``."""
    before = _WORD.findall(text[max(0, start - 200) : start])[-_WINDOW:]
    after = _WORD.findall(text[end : end + 200])[:_WINDOW]
    return CONTEXT.search(" ".join([*before, "\0", *after])) is not None


class Gazetteer(msgspec.Struct, frozen=True):
    """All names by their folded spelling."""

    terms: dict[str, Term]

    def meant(self, name: str, text: str = "", start: int = 0, end: int = 0) -> tuple[str, ...]:
        """The entities that ``name`` may mean where it stands in ``text``.

        None when it is unknown, or an everyday word without context. More than one when
        authorities disagree: nobody but an analyst decides.
        """
        term = self.terms.get(fold(name))
        if term is None or (term.context and not in_context(text, start, end)):
            return ()
        return term.entities


def gazetteer(entities: Iterable[Entity]) -> Gazetteer:
    """The names of ``entities``, each with all that it may mean."""
    spelt: dict[str, str] = {}
    meant: dict[str, dict[str, str]] = defaultdict(dict)
    for one in entities:
        for name in (one.name, *(claim.name for claim in one.names)):
            key = fold(name)
            spelt.setdefault(key, name)
            meant[key][one.id] = one.type
    return Gazetteer(
        {
            key: Term(
                name=spelt[key],
                entities=tuple(sorted(found)),
                types=tuple(sorted(set(found.values()))),
                context=needs_context(spelt[key]),
            )
            for key, found in meant.items()
        }
    )


def attach(
    claims: Sequence[Entity], store: Entities, assertions: Assertions, *, at: int
) -> Resolved:
    """Take in what an authority calls things; conflicts are kept, never merged."""
    known = _numbered(store)
    by_name = _by_name(known.values())
    changed: dict[str, Entity] = {}
    new: list[Entity] = []
    conflicts: list[Assertion] = []
    for claim in claims:
        candidates = _candidates(claim, by_name)
        if len(candidates) == 1:
            (key,) = candidates
            changed[key] = _named(changed.get(key, known[key]), claim)
            continue
        new.append(claim)
        if candidates:
            conflicts.append(_conflict(claim, sorted(candidates), at))
    store.put([*changed.values(), *new])
    assertions.record(conflicts)
    return Resolved(len(changed), len(new), len(conflicts))


def japanese_names(store: Entities) -> int:
    """Give the known entities the Japanese names that are shipped; how many got one."""
    document = msgspec.json.decode(
        files("kaname.intelligence.fusion").joinpath("names_ja.json").read_bytes()
    )
    changed: dict[str, Entity] = {}
    for entry in document["names"]:
        for one in store.named(entry["name"]):
            if _family(one.type) == _family(entry["type"]):
                changed[one.id] = _called(changed.get(one.id, one), entry["ja"])
    return store.put(list(changed.values()))


def _called(entity: Entity, names: Sequence[str]) -> Entity:
    claims = tuple(Name(name, _JAPANESE, entity.type) for name in names)
    others = tuple(name for name in entity.names if name not in claims)
    return msgspec.structs.replace(entity, names=(*others, *claims))


def _numbered(store: Entities) -> dict[str, Entity]:
    """The entities that ATT&CK numbers and that stand."""
    return {
        one.id: one
        for type_ in ("actor", "malware", "tool")
        for one in store.every(type_)
        if one.authority == attack_catalogue.AUTHORITY and not one.properties.get("revoked")
    }


def _by_name(entities: Iterable[Entity]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in entities:
        for name in (one.name, *(n.name for n in one.names)):
            found[_family(one.type), fold(name)].add(one.id)
    return found


def _candidates(claim: Entity, by_name: dict[tuple[str, str], set[str]]) -> set[str]:
    """The numbers that a claim touches; a common word touches none unless it is the name."""
    family = _family(claim.type)
    found = set(by_name.get((family, fold(claim.name)), ()))
    for one in claim.names:
        if not needs_context(one.name):
            found |= by_name.get((family, fold(one.name)), set())
    return found


def _family(type_: str) -> str:
    return _FAMILIES.get(type_, type_)


def _named(entity: Entity, claim: Entity) -> Entity:
    own = {(fold(name.name), name.authority) for name in entity.names}
    further = [Name(claim.name, claim.authority, claim.type), *claim.names]
    fresh = [n for n in further if (fold(n.name), n.authority) not in own]
    return msgspec.structs.replace(entity, names=(*entity.names, *fresh))


def _conflict(claim: Entity, candidates: list[str], at: int) -> Assertion:
    return Assertion(
        source=claim.authority,
        subject=claim.id,
        predicate="may-be",
        value=candidates,
        at=at,
        tlp=Tlp.CLEAR,
        note=claim.name,
    )


@functools.cache
def _common() -> frozenset[str]:
    text = files("kaname.intelligence.fusion").joinpath("common_words.txt").read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return frozenset(fold(line) for line in lines if line and not line.startswith("#"))
