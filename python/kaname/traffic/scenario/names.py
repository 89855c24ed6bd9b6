"""The resolver's log, as unbound writes it with log-queries off and log-replies on."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from kaname.traffic.scenario.cast import HOUR, SECOND, Cast

__all__ = ["write"]

Line = tuple[int, str, str, str, str]  # instant, client, name, type, outcome


def write(path: Path, cast: Cast) -> int:
    """Write the log; gives the number of lines."""
    lines = sorted([*_browsing(cast), *_searching(cast), *_generated(cast), *_tunnel(cast)])
    with path.open("w", encoding="ascii") as out:
        for at, client, name, kind, outcome in lines:
            out.write(
                f"[{at // SECOND}] unbound[812:0] info: {client} {name}. {kind} IN "
                f"{outcome} 0.012000 0 {48 + len(name)}\n"
            )
    return len(lines)


def _browsing(cast: Cast) -> Iterator[Line]:
    """Names of sites, and now and then one that was typed wrongly or is gone."""
    chance = cast.chance("names")
    for person in cast.people:
        for at in cast.office(chance, 160):
            name = chance.choice(cast.sites)
            if chance.random() < 0.02:
                yield at, person.address, name.replace("a", "", 1), "A", "NXDOMAIN"
            else:
                yield at, person.address, name, chance.choice(("A", "A", "AAAA")), "NOERROR"
    yield cast.clicked, cast.victim.address, cast.lure_domain, "A", "NOERROR"


def _searching(cast: Cast) -> Iterator[Line]:
    """What workstations ask in vain all day: search suffixes and proxies."""
    chance = cast.chance("suffixes")
    for person in cast.people:
        for at in cast.office(chance, 12):
            name = chance.choice(
                ("wpad.corp.example", f"printer{chance.randrange(9)}.corp.example")
            )
            yield at, person.address, name, "A", "NXDOMAIN"


def _generated(cast: Cast) -> Iterator[Line]:
    """Ninety names of a day's seed, of which none is registered."""
    state = 0x2F6E2B1 ^ cast.seed
    at = cast.clicked + 40 * 60 * SECOND
    for _ in range(90):
        letters = ""
        for _ in range(14):
            state = (1_103_515_245 * state + 12_345) % (1 << 31)
            letters += chr(ord("a") + (state >> 16) % 26)
        at += 7 * SECOND
        yield at, cast.victim.address, f"{letters}.example", "A", "NXDOMAIN"


def _tunnel(cast: Cast) -> Iterator[Line]:
    """A file leaves in the labels of TXT questions."""
    chance = cast.chance("tunnel")
    for n in range(1500):
        piece = base64.b32encode(chance.randbytes(30)).decode().lower().rstrip("=")
        at = cast.start + 7 * HOUR + n * SECOND
        name = f"{piece}.{n:x}.{cast.tunnel_domain}"
        yield at, cast.tunneller.address, name, "TXT", "NOERROR"
