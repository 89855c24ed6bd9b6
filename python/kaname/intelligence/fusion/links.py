"""Links between artifacts that were mentioned together, and what is known of each artifact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from kaname.intelligence.fusion.policy import ADVERSE_KINDS, STRUCTURE, role_weight
from kaname.intelligence.records import Mention, Observation
from kaname.model.address import from_text, to_text
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp, join
from kaname.model.records import ArtifactKind

__all__ = ["Graph", "Link", "Node", "Profile", "adverse", "gather", "host_of", "structure"]

_MOST_MENTIONS = 200
_MOST_EVIDENCE = 8


class Node(NamedTuple):
    """An artifact."""

    kind: ArtifactKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.value}"


class Link(msgspec.Struct, kw_only=True):
    """Two artifacts that observations of one kind mention together, in these roles.

    ``first`` and ``last`` are instants; ``tlp`` is the most open marking of an observation
    that shows the link; ``evidence`` are ids of some of them, the smallest first.
    """

    a: Node
    b: Node
    kind: str
    role_a: str
    role_b: str
    observations: int = 0
    first: int = 0
    last: int = 0
    tlp: Tlp = Tlp.CLEAR
    evidence: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[Node, Node, str, str, str]:
        """What makes it this link: its place in every order."""
        return (self.a, self.b, self.kind, self.role_a, self.role_b)

    def other(self, node: Node) -> Node:
        """The end that is not ``node``."""
        return self.b if node == self.a else self.a

    def role(self, node: Node) -> str:
        """What ``node`` does in it."""
        return self.role_a if node == self.a else self.role_b

    @property
    def repeated(self) -> bool:
        """Whether it was seen at two instants: the same report twice is no repetition."""
        return self.last > self.first


class Profile(msgspec.Struct):
    """What observations say of one artifact."""

    documents: int = 0
    first: int = 0
    last: int = 0
    adverse: bool = False  # something speaks against it besides whom it was seen with
    tlp: Tlp = Tlp.RED  # the most open marking of an observation that mentions it
    sources: set[str] = set()
    roles: dict[str, int] = {}

    @property
    def main_role(self) -> str:
        """What it does most often."""
        return max(self.roles, key=lambda role: (self.roles[role], role), default="")


class Graph(msgspec.Struct):
    """Links and profiles; ``total`` is the number of observations behind them.

    ``hubs`` are artifacts that are known to be everybody's, where ``links`` are not all
    that there are.
    """

    links: list[Link]
    profiles: dict[Node, Profile]
    total: int
    hubs: frozenset[Node] = frozenset()

    def incident(self) -> dict[Node, list[Link]]:
        """The links of each artifact."""
        found: dict[Node, list[Link]] = defaultdict(list)
        for link in self.links:
            found[link.a].append(link)
            found[link.b].append(link)
        return found


def gather(observations: Iterable[Observation]) -> Graph:
    """The links and profiles in ``observations``, whatever their order.

    An observation with more than 200 mentions counts for profiles but links nothing: a
    list of everything says of no two things that they belong together.
    """
    links: dict[tuple[Node, Node, str, str, str], Link] = {}
    profiles: dict[Node, Profile] = defaultdict(Profile)
    total = 0
    for one in observations:
        total += 1
        _profile(profiles, one)
        if len(one.mentions) <= _MOST_MENTIONS:
            for a, b in _pairs(one.mentions):
                _add(links, a, b, one)
    for link in structure(profiles):
        links[link.key] = link
    ordered = [links[key] for key in sorted(links)]
    return Graph(ordered, dict(profiles), total)


def adverse(kind: str, role: str) -> bool:
    """Whether being mentioned so speaks against an artifact."""
    if role_weight(role) == 0:
        return False
    return kind in ADVERSE_KINDS or role == "attacker" or (kind == "scan" and role == "src")


def _profile(profiles: dict[Node, Profile], one: Observation) -> None:
    for mention in set(one.mentions):
        profile = profiles[Node(mention.kind, mention.value)]
        profile.first = min(profile.first, one.at) if profile.documents else one.at
        profile.last = max(profile.last, one.at)
        profile.documents += 1
        profile.tlp = min(profile.tlp, one.tlp, key=lambda level: level.rank)
        profile.sources = profile.sources | {one.source}
        profile.roles = profile.roles | {mention.role: profile.roles.get(mention.role, 0) + 1}
        profile.adverse = profile.adverse or adverse(one.kind, mention.role)


def _pairs(mentions: tuple[Mention, ...]) -> Iterator[tuple[Mention, Mention]]:
    binding = sorted(
        {one for one in mentions if role_weight(one.role) > 0},
        key=lambda one: (one.kind, one.value, one.role),
    )
    for a, b in combinations(binding, 2):
        if (a.kind, a.value) != (b.kind, b.value):
            yield a, b


def _add(
    links: dict[tuple[Node, Node, str, str, str], Link], a: Mention, b: Mention, one: Observation
) -> None:
    fresh = Link(
        a=Node(a.kind, a.value),
        b=Node(b.kind, b.value),
        kind=one.kind,
        role_a=a.role,
        role_b=b.role,
        first=one.at,
        last=one.at,
        tlp=one.tlp,
    )
    link = links.setdefault(fresh.key, fresh)
    link.observations += 1
    link.first, link.last = min(link.first, one.at), max(link.last, one.at)
    link.tlp = min(link.tlp, one.tlp, key=lambda level: level.rank)
    link.evidence = tuple(sorted({*link.evidence, one.id}))[:_MOST_EVIDENCE]


def structure(profiles: Mapping[Node, Profile]) -> Iterator[Link]:
    """A URL and its host, where both were seen."""
    for node in [one for one in profiles if one.kind is ArtifactKind.URL]:
        host = host_of(node.value)
        if host is None or host not in profiles:
            continue
        (a, role_a), (b, role_b) = sorted([(node, "payload"), (host, "at")])
        profile = profiles[node]
        yield Link(
            a=a,
            b=b,
            kind=STRUCTURE,
            role_a=role_a,
            role_b=role_b,
            observations=1,
            first=profile.first,
            last=profile.last,
            tlp=join((profile.tlp, profiles[host].tlp)),
        )


def host_of(url: str) -> Node | None:
    """The domain or the address that ``url`` (in canonical form) names."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    try:
        return Node(ArtifactKind.IP, to_text(*from_text(host)))
    except UsageError:
        return Node(ArtifactKind.DOMAIN, host) if "." in host else None
