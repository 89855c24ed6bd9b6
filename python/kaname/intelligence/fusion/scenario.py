"""A week of an information-sharing centre, made up: what evaluations and tests run on.

A darknet, a honeypot, name resolution, endpoints of members, a spam trap, two feeds and
reports see some campaigns and a lot of everyday traffic. What makes it hard is in it on
purpose: addresses of a content network and of shared hosting that campaigns and everybody
use, feed entries that are wrong, machines infected twice, malware that looks whether it
is online, everyday names that happen to point at an attacker, copies, and late arrivals.
The addresses are of RFC 2544, RFC 1918 and RFC 5737, the names of RFC 2606.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import msgspec

from kaname.intelligence.fusion.links import Node
from kaname.intelligence.records import Mention, Observation
from kaname.model.instant import DAY, HOUR, MINUTE, SECOND
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

__all__ = ["Scenario", "copycat", "scenario"]

_START = 1_748_822_400 * SECOND  # 2025-06-02
_WEEK = 7 * DAY
_WRONG = (
    (ArtifactKind.IP, "8.8.8.8"),
    (ArtifactKind.IP, "1.1.1.1"),
    (ArtifactKind.IP, "10.0.0.1"),
    (ArtifactKind.IP, "127.0.0.1"),
    (ArtifactKind.DOMAIN, "google.com"),
    (ArtifactKind.DOMAIN, "microsoft.com"),
    (ArtifactKind.DOMAIN, "cloudflare.com"),
    (ArtifactKind.HASH, hashlib.sha256(b"").hexdigest()),
    (ArtifactKind.HASH, hashlib.md5(b"", usedforsecurity=False).hexdigest()),
)


class Scenario(msgspec.Struct, frozen=True):
    """Observations in the order of arrival; the artifacts of each campaign; what is not bad.

    ``never`` are artifacts that must not be published; ``late`` counts late arrivals.
    """

    observations: list[Observation]
    campaigns: list[frozenset[Node]]
    never: frozenset[Node]


class _Cast(msgspec.Struct):
    """The artifacts of one campaign, by what they do, and when it runs."""

    domains: list[str]
    addresses: list[str]
    hashes: list[str]
    mails: list[str]
    urls: list[str]
    infected: list[str]
    start: int
    end: int

    def nodes(self) -> frozenset[Node]:
        kinds = {
            ArtifactKind.DOMAIN: self.domains,
            ArtifactKind.IP: self.addresses,
            ArtifactKind.HASH: self.hashes,
            ArtifactKind.MAIL: self.mails,
            ArtifactKind.URL: self.urls,
        }
        return frozenset(Node(kind, value) for kind, values in kinds.items() for value in values)


def scenario(
    seed: int, *, campaigns: int = 3, background: int = 6000, start: int = _START
) -> Scenario:
    """The week of ``seed`` from ``start`` on: ``campaigns`` in everyday observations."""
    return _Week(seed, campaigns, background, start).run()


def copycat(observations: Sequence[Observation], source: str, copy: str, seed: int) -> Scenario:
    """What a feed that copies ``source`` some hours later would add."""
    rng = random.Random(seed)  # noqa: S311 - made-up data, no secret
    copies = [
        msgspec.structs.replace(
            one,
            id=f"{copy}-{one.id}",
            source=copy,
            at=(at := one.at + rng.randrange(HOUR, 20 * HOUR)),
            received=at,
        )
        for one in observations
        if one.source == source
    ]
    return Scenario(copies, [], frozenset())


class _Week:
    def __init__(self, seed: int, campaigns: int, background: int, start: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - made-up data, no secret
        self.start = start
        self.background = background
        self.found: list[Observation] = []
        self.network = [f"203.0.113.{n}" for n in self.rng.sample(range(1, 99), 2)]
        self.hosting = f"203.0.113.{self.rng.randrange(100, 199)}"
        self.actors = [self._cast() for _ in range(campaigns)]
        self.software = [self._hash() for _ in range(max(4, background // 40))]
        self.hosts = [self._host() for _ in range(200)]
        self.twice = self._address()  # a machine that two campaigns use

    def run(self) -> Scenario:
        for actor in self.actors:
            self._attack(actor)
        self._everyday()
        self._decoys()
        self._feeds()
        self._copies()
        never = {Node(kind, value) for kind, value in _WRONG}
        never |= {Node(ArtifactKind.IP, value) for value in [*self.network, self.hosting]}
        arrived = sorted(self._arrivals(), key=lambda one: (one.received, one.id))
        return Scenario(arrived, [actor.nodes() for actor in self.actors], frozenset(never))

    def _word(self, length: int = 8) -> str:
        return "".join(self.rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(length))

    def _domain(self, *tops: str) -> str:
        return f"{self._word()}.{self.rng.choice(tops)}"

    def _hash(self) -> str:
        return self.rng.randbytes(32).hex()

    def _address(self) -> str:
        return (
            f"198.{self.rng.choice((18, 19))}.{self.rng.randrange(256)}.{self.rng.randrange(256)}"
        )

    def _host(self) -> str:
        return (
            f"10.{self.rng.randrange(1, 20)}.{self.rng.randrange(256)}.{self.rng.randrange(1, 255)}"
        )

    def _cast(self) -> _Cast:
        rng = self.rng
        domains = [
            self._domain("example.com", "example.net", "example.org")
            for _ in range(rng.randint(3, 6))
        ]
        start = self.start + rng.randrange(DAY, 3 * DAY)
        return _Cast(
            domains=domains,
            addresses=[self._address() for _ in range(rng.randint(4, 8))],
            hashes=[self._hash() for _ in range(rng.randint(3, 7))],
            mails=[f"{self._word()}@{self._word(6)}.example.net" for _ in range(rng.randint(1, 3))],
            urls=[f"http://{domain}/{self._word(5)}.bin" for domain in domains[:2]],
            infected=[self._host() for _ in range(rng.randint(2, 5))],
            start=start,
            end=start + rng.randrange(2 * DAY, 3 * DAY),
        )

    def _see(
        self,
        source: str,
        kind: str,
        at: int,
        *mentions: tuple[ArtifactKind, str, str],
        org: str = "isac",
        tlp: Tlp = Tlp.GREEN,
        behaviours: tuple[str, ...] = (),
        weight: float = 1.0,
    ) -> None:
        self.found.append(
            Observation(
                id=f"obs-{len(self.found):06}",
                source=source,
                kind=kind,
                at=at,
                received=at,
                org=org,
                tlp=tlp,
                weight=weight,
                behaviours=behaviours,
                mentions=tuple(Mention(*one) for one in mentions),
            )
        )

    def _during(self, actor: _Cast) -> int:
        return self.rng.randrange(actor.start, actor.end)

    def _attack(self, actor: _Cast) -> None:
        self._use_addresses(actor)
        for _ in range(3 * len(actor.hashes)):
            self._download(actor, self.rng.choice(actor.addresses))
        for value in actor.hashes:
            self._download(actor, self.rng.choice(actor.addresses), value)
        for sender in actor.mails * self.rng.randint(3, 6):
            self._mail(actor, sender)
        for domain in actor.domains:
            self._command(actor, domain)
        self._report(actor)

    def _use_addresses(self, actor: _Cast) -> None:
        """Each address scans, and either delivers or has a name pointing at it."""
        for number, address in enumerate(actor.addresses):
            for _ in range(self.rng.randint(2, 10)):
                self._scan(address, self._during(actor))
            if number % 2:
                self._download(actor, address)
            else:
                self._resolve(self.rng.choice(actor.domains), address, self._during(actor))

    def _scan(self, address: str, at: int) -> None:
        self._see("darknet", "scan", at, (ArtifactKind.IP, address, "src"), behaviours=("scan",))

    def _download(self, actor: _Cast, address: str, value: str = "") -> None:
        self._see(
            "honeypot",
            "download",
            self._during(actor),
            (ArtifactKind.IP, address, "src"),
            (ArtifactKind.URL, self.rng.choice(actor.urls), "payload"),
            (ArtifactKind.HASH, value or self.rng.choice(actor.hashes), "payload"),
            behaviours=("payload",),
        )

    def _mail(self, actor: _Cast, sender: str) -> None:
        self._see(
            "spam",
            "mail",
            self._during(actor),
            (ArtifactKind.MAIL, sender, "from"),
            (ArtifactKind.URL, self.rng.choice(actor.urls), "body"),
            (ArtifactKind.HASH, self.rng.choice(actor.hashes), "attachment"),
            behaviours=("phishing",),
        )

    def _command(self, actor: _Cast, domain: str) -> None:
        """Infected machines ask for ``domain`` and connect to it."""
        for _ in range(self.rng.randint(1, 4)):
            host, value = self.rng.choice(actor.infected), self.rng.choice(actor.hashes)
            self._connect(host, value, domain, self._during(actor))
        for _ in range(self.rng.randint(2, 3)):
            behind = self.rng.random() < 0.2
            answer = self.rng.choice(self.network if behind else actor.addresses)
            self._resolve(domain, answer, self._during(actor))

    def _connect(self, host: str, value: str, domain: str, at: int) -> None:
        self._see(
            "edr",
            "process-network",
            at,
            (ArtifactKind.IP, host, "host"),
            (ArtifactKind.HASH, value, "process"),
            (ArtifactKind.DOMAIN, domain, "dst"),
            org=f"member-{self.rng.randint(1, 3)}",
            tlp=Tlp.AMBER,
        )

    def _resolve(self, domain: str, address: str, at: int) -> None:
        self._see(
            "dns",
            "resolution",
            at,
            (ArtifactKind.DOMAIN, domain, "query"),
            (ArtifactKind.IP, address, "answer"),
        )

    def _report(self, actor: _Cast) -> None:
        self._see(
            "report",
            "report",
            actor.end,
            (ArtifactKind.DOMAIN, actor.domains[0], "indicator"),
            (ArtifactKind.IP, actor.addresses[0], "indicator"),
            (ArtifactKind.HASH, actor.hashes[0], "indicator"),
            (ArtifactKind.DOMAIN, "cloudflare.com", "reference"),
            tlp=Tlp.CLEAR,
        )

    def _everyday(self) -> None:
        rng = self.rng
        for _ in range(self.background):
            at = self.start + rng.randrange(_WEEK)
            choice = rng.random()
            if choice < 0.6:
                self._scan(self._address(), at)
            elif choice < 0.85:
                answer = rng.choice(self.network) if rng.random() < 0.5 else self._address()
                self._resolve(self._domain("example.jp", "example.edu"), answer, at)
            else:
                domain = self._domain("example.jp", "example.edu")
                self._connect(rng.choice(self.hosts), rng.choice(self.software), domain, at)

    def _decoys(self) -> None:
        rng = self.rng
        for actor in self.actors:
            address, value = rng.choice(actor.addresses), rng.choice(actor.hashes)
            at = self._during(actor)
            self._resolve(self._domain("example.jp"), address, at)  # a name that moved in
            self._connect(actor.infected[0], value, "google.com", at)  # is it online?
            self._connect(rng.choice(self.hosts), rng.choice(self.software), actor.domains[0], at)
            self._resolve(actor.domains[-1], self.hosting, at)
            if len(self.actors) > 1:  # else it would be his alone
                self._download(actor, self.twice)
        for _ in range(40):
            at = self.start + rng.randrange(_WEEK)
            self._resolve(self._domain("example.jp", "example.edu"), self.hosting, at)
            self._connect(rng.choice(self.hosts), rng.choice(self.software), "google.com", at)

    def _feeds(self) -> None:
        rng = self.rng
        for actor in self.actors:
            known = sorted(
                actor.nodes()
                & {
                    Node(kind, value)
                    for kind, values in (
                        (ArtifactKind.IP, actor.addresses),
                        (ArtifactKind.HASH, actor.hashes),
                    )
                    for value in values
                }
            )
            for node in rng.sample(known, len(known) // 2):
                self._list("feed-A", actor.end, node.kind, node.value, rng.uniform(0.6, 0.95))
        for _ in range(self.background // 20):
            at = self.start + rng.randrange(_WEEK)
            self._list("feed-B", at, ArtifactKind.IP, self._address(), rng.uniform(0.2, 0.6))
        for kind, value in _WRONG:
            self._list(
                "feed-B", self.start + rng.randrange(_WEEK), kind, value, rng.uniform(0.2, 0.6)
            )

    def _list(self, source: str, at: int, kind: ArtifactKind, value: str, weight: float) -> None:
        self._see(source, "listing", at, (kind, value, "listed"), weight=round(weight, 2))

    def _copies(self) -> None:
        """The same under another id, as a source that stutters would send it."""
        for one in self.rng.sample(self.found, self.background // 100):
            self.found.append(msgspec.structs.replace(one, id=f"obs-{len(self.found):06}"))

    def _arrivals(self) -> list[Observation]:
        late = set(self.rng.sample(range(len(self.found)), self.background // 75))
        return [
            msgspec.structs.replace(one, received=one.received + self.rng.randrange(HOUR, 2 * DAY))
            if number in late
            else msgspec.structs.replace(one, received=one.received + MINUTE)
            for number, one in enumerate(self.found)
        ]
