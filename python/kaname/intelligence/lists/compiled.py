"""All lists as one matcher. Once made it never changes; a reload makes another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from kaname._native import Matcher, MatcherBuilder
from kaname.intelligence.lists.categories import WEIGHTS
from kaname.intelligence.lists.kinds import SUBJECTS, mask
from kaname.intelligence.lists.sources import Listing, ListProblem, problem_of, read_list
from kaname.intelligence.lists.wellknown import well_known
from kaname.model.errors import InputError
from kaname.model.records import ArtifactKind

__all__ = ["ListInfo", "Lists", "Match"]


class Match(msgspec.Struct, frozen=True):
    """A list that a value is on.

    ``weight`` (logits) is how much that speaks against an indicator of it, see
    `kaname.intelligence.lists.categories`. ``version`` is that of the list: what its author
    calls it, and the beginning of its digest. ``entry`` is what matched, the most specific
    one; `Lists.match_many` leaves it empty.
    """

    list: str
    name: str
    category: str
    weight: float
    version: str
    entry: str = ""


class ListInfo(msgspec.Struct, frozen=True):
    """A list that was loaded."""

    match: Match
    entries: int
    description: str
    kinds: tuple[str, ...]


class Lists:
    """Many lists, compiled.

    ``version`` is the digest of all of them, ``count`` their number, ``problems`` what was
    left out. Answers equal those of MISP's own search, except on purpose:

    - spelling: texts meet in NFKC and lower case, domains also without their root dot and
      as A-labels (``AAA`` on a list meets ``aaa``);
    - an IPv4-mapped address meets lists of IPv4;
    - a prefix meets a list when it lies inside one of its networks;
    - expressions are tried (PyMISPWarningLists never does); look-around and references
      back are refused, since they take more than linear time;
    - with a kind, a list is asked only about the kinds that it says it is for, a URL meets
      networks by its host, and a mail address meets domains by its own.
    """

    def __init__(
        self, matcher: Matcher, infos: Sequence[ListInfo], problems: Sequence[ListProblem]
    ) -> None:
        self._matcher = matcher
        self.infos = tuple(infos)
        self.problems = tuple(problems)
        digests = sorted(info.match.list + info.match.version for info in infos)
        self.version = hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]
        self.count = len(infos)

    @classmethod
    def load(cls, paths: Iterable[Path], own: Iterable[Listing] = ()) -> Self:
        """Compile the lists of these files, the organisation's own, and the built-in ones."""
        making = _Making()
        for listing in (*well_known(), *own):
            making.add(listing)
        for path in sorted(paths):
            try:
                making.add(read_list(path))
            except InputError as error:
                making.problems.append(problem_of(path.name, error))
        return cls(*making.done())

    @property
    def bytes(self) -> int:
        """What the matcher holds."""
        return self._matcher.size

    @property
    def entries(self) -> int:
        """The number of different entries."""
        return self._matcher.entries

    def match(self, kind: ArtifactKind | None, value: str) -> list[Match]:
        """The lists that the value is on, each once; without a kind all lists are asked."""
        subject = None if kind is None else SUBJECTS[kind]
        found: dict[int, Match] = {}
        for rule, entry in self._matcher.find(value, subject):
            if rule not in found:
                found[rule] = msgspec.structs.replace(self.infos[rule].match, entry=entry)
        return list(found.values())

    def match_many(
        self, kinds: Sequence[ArtifactKind] | None, values: list[str]
    ) -> list[tuple[Match, ...]]:
        """For each value the lists that it is on; other threads run meanwhile."""
        subjects = None if kinds is None else bytes([SUBJECTS[kind] for kind in kinds])
        numbers, sets = self._matcher.find_many(values, subjects)
        matches = [tuple(self.infos[rule].match for rule in rules) for rules in sets]
        return [matches[number] for number in numbers]


class _Making:
    """Lists on their way into a matcher; the number of a rule is the place of its list."""

    def __init__(self) -> None:
        self.builder = MatcherBuilder()
        self.infos: list[ListInfo] = []
        self.problems: list[ListProblem] = []

    def add(self, listing: Listing) -> None:
        self.builder.rule(mask(listing.kinds))
        for sort, entries in listing.entries.items():
            self.builder.add(sort, entries)
        version = f"{listing.version}+{listing.digest[:12]}".lstrip("+")
        category = listing.category
        match = Match(listing.id, listing.name, category, WEIGHTS[category], version)
        kinds = tuple(sorted(listing.kinds or ()))
        self.infos.append(ListInfo(match, listing.count, listing.description, kinds))

    def done(self) -> tuple[Matcher, list[ListInfo], list[ListProblem]]:
        matcher, faults = self.builder.build()
        for rule, entry, reason in faults:
            name = self.infos[rule].match.list
            key = f"intelligence.error.list_entry.{reason}"
            self.problems.append(ListProblem(name, key, {"entry": entry}))
        return matcher, self.infos, self.problems
