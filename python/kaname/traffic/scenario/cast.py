"""Who is there: the organisation's machines and people, its attackers, and their day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Cast", "Person"]

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR

_NAMES = (
    "sato", "suzuki", "takahashi", "tanaka", "ito", "watanabe", "yamamoto", "nakamura",
    "kobayashi", "kato", "yoshida", "yamada", "sasaki", "yamaguchi", "matsumoto", "inoue",
    "kimura", "hayashi", "shimizu", "saito", "abe", "ikeda", "mori", "hashimoto", "ishikawa",
    "ogawa", "maeda", "fujita", "okada", "goto", "hasegawa", "murakami", "kondo", "ishii",
    "endo", "aoki", "sakamoto", "fukuda", "nishimura", "ota",
)  # fmt: skip
_FRONT = (
    "yama", "kawa", "mori", "sora", "kaze", "hana", "umi", "hoshi", "matsu", "take", "kita",
    "minami", "aki", "haru",
)  # fmt: skip
_BACK = (
    "news", "shop", "cloud", "mail", "maps", "photo", "video", "books", "travel", "music",
    "ticket", "weather",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a workstation."""

    name: str
    host: str
    address: str

    @property
    def mailbox(self) -> str:
        """The mail address."""
        return f"{self.name}@corp.example"


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, and the instants (microseconds) at which things happen.

    The story: a mail lures ``victim`` to a page that imitates a bank; the page's file runs
    on the workstation, which then calls its controller every five minutes and looks for
    others by generated names. Meanwhile others tunnel, scan, flood and lend amplifiers.
    """

    start: int
    seed: int
    people: tuple[Person, ...] = field(
        default_factory=lambda: tuple(
            Person(name, f"ws-{n:02}", f"10.20.1.{n + 10}") for n, name in enumerate(_NAMES)
        )
    )
    sites: tuple[str, ...] = field(
        default_factory=lambda: tuple(
            f"www.{front}{back}.example" for front in _FRONT for back in _BACK
        )
    )
    resolver: str = "10.20.0.53"
    proxy: str = "10.20.0.80"
    router: str = "10.20.0.1"
    web: str = "198.51.100.10"  # its web server, which is flooded
    clock: str = "198.51.100.53"  # its time server, which is abused
    prefix: tuple[str, int] = ("198.51.100.0", 24)
    controller: str = "203.0.113.80"
    lure_address: str = "203.0.113.66"
    lure_domain: str = "mizuhobank-login.example"
    tunnel_domain: str = "cdn-stat.example"
    spam_domain: str = "super-discount-meds.example"

    @property
    def victim(self) -> Person:
        """Who follows the lure."""
        return self.people[7]

    @property
    def tunneller(self) -> Person:
        """Whose workstation talks through DNS."""
        return self.people[21]

    @property
    def scanner(self) -> Person:
        """Whose workstation looks for file shares."""
        return self.people[30]

    @property
    def lure_url(self) -> str:
        """The page that imitates a bank."""
        return f"http://{self.lure_domain}/account/verify.php?id=20318"

    @property
    def mailed(self) -> int:
        """When the lure arrives: 09:12 in Tokyo."""
        return self.start + 12 * 60 * SECOND

    @property
    def clicked(self) -> int:
        """When it is followed."""
        return self.mailed + 25 * 60 * SECOND

    @property
    def flood(self) -> tuple[int, int]:
        """When the web server is flooded."""
        begun = self.start + 6 * HOUR + 7 * 60 * SECOND
        return begun, begun + 15 * 60 * SECOND

    def chance(self, part: str) -> random.Random:
        """Random numbers of one part, which no other part disturbs."""
        return random.Random(f"{self.seed}/{part}")  # noqa: S311 - a simulation

    def office(self, chance: random.Random, times: int) -> Iterator[int]:
        """Instants of a working day in Tokyo (00:00 to 10:00 UTC), in order."""
        spread = sorted(chance.betavariate(2, 2) for _ in range(times))
        return (self.start + int(10 * HOUR * each) for each in spread)
