"""A simulated site: what its clients ask for in a day, and which of them are infected.

Every client asks for names that exist, fails as people and programs do (`SiteNoise`), and
makes the noise that lists and suffixes must take out. An infected one also asks for names
of one family. Rows are those of the table ``dns``; nothing of the analysis is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kaname.model.address import IPv4_LOW, to_text
from kaname.model.instant import DAY
from kaname.readers.domains import registered
from kaname.traffic.dga.noise import SiteNoise
from kaname.traffic.names.seeded import seeded

__all__ = ["START", "Infection", "day", "infections"]

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
_NET = IPv4_LOW | (10 << 24)
_RESOLVER = IPv4_LOW | (10 << 24) | 0xFFFFFE
_RESOLVED = 25  # names that exist, asked for by a client


@dataclass(frozen=True, slots=True)
class Infection:
    """A client and the generated names it asks for; empty names mean no infection."""

    client: int
    family: str
    names: tuple[str, ...]

    @property
    def address(self) -> str:
        """The client's address."""
        return to_text(0, _NET + self.client)


def infections(
    families: Mapping[str, Sequence[str]], counts: Sequence[int], each: int, seed: int
) -> list[Infection]:
    """``each`` infected clients for every family and number of names in ``counts``.

    A family that has fewer names than asked for gives what it has.
    """
    random = seeded(f"infections/{seed}")
    found: list[Infection] = []
    for family, names in sorted(families.items()):
        distinct = sorted(set(names))
        for count in counts:
            for _ in range(each):
                chosen = random.sample(distinct, min(count, len(distinct)))
                found.append(Infection(len(found) + 1, family, tuple(chosen)))
    return found


def day(
    benign: Sequence[str], clients: int, infected: Sequence[Infection], seed: int
) -> Iterator[dict[str, Any]]:
    """Rows of one day: ``infected`` clients and ``clients`` healthy ones."""
    noise = SiteNoise(benign, seed)
    names = {each.client: each.names for each in infected}
    first = len(infected) + 1
    for client in [*names, *range(first, first + clients)]:
        yield from _client(client, noise, names.get(client, ()), seed)


def _client(
    client: int, noise: SiteNoise, generated: Iterable[str], seed: int
) -> Iterator[dict[str, Any]]:
    random = seeded(f"client/{seed}/{client}")
    asked = [
        *((f"www.{noise.popular(random)}", 0) for _ in range(_RESOLVED)),
        *((name, 3) for name in noise.day(client)),
        *((name, 3) for name in noise.filtered(client)),
        *((name, 3) for name in generated),
    ]
    for name, rcode in asked:
        yield {
            "ts": START + random.randrange(DAY),
            "src_hi": 0,
            "src_lo": _NET + client,
            "dst_hi": 0,
            "dst_lo": _RESOLVER,
            "qname": name,
            "regdom": registered(name),
            "qtype": random.choice((1, 28)),
            "qclass": 1,
            "rcode": rcode,
            "state": "both",
            "transport": "udp",
        }
