"""What an ordinary site asks for in vain, by an own model of people and programs.

Three kinds of failure are left when the lists have done their work, and these a verdict
must withstand: names that people misspell, names that programs still ask for after their
owner is gone, and trackers that peer-to-peer programs try by the dozen. The others (search
suffixes, blocklists, random probes of browsers, telemetry) are made to try the lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from kaname.traffic.names.seeded import seeded

__all__ = ["SiteNoise", "misspelt"]

_KEYS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok",
    "o": "ipl", "p": "ol", "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb",
    "h": "gyjn", "j": "hukm", "k": "jil", "l": "ko", "z": "asx", "x": "zsdc", "c": "xdfv",
    "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspelt(domain: str, random: Random) -> str:
    """``domain`` as somebody types it wrongly."""
    label, _, suffix = domain.partition(".")
    at = random.randrange(len(label))
    slips: tuple[Callable[[], str], ...] = (
        lambda: label[:at] + label[at + 1 :],
        lambda: label[:at] + label[at] + label[at:],
        lambda: label[:at] + random.choice(_KEYS.get(label[at], "e")) + label[at + 1 :],
        lambda: label[:at] + label[at : at + 2][::-1] + label[at + 2 :],
    )
    wrong = random.choice(slips)().strip("-") or label + label
    return f"{wrong}.{random.choice((suffix, suffix, suffix, 'co', 'cm', 'net'))}"


class SiteNoise:
    """The failures of one site: who is at home in it decides what each client asks for.

    ``names`` are benign registered domains; a part of them is taken for abandoned.
    """

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self._seed = seed
        shuffled = seeded(f"site/{seed}").sample(list(names), len(names))
        self._alive = shuffled[: len(shuffled) // 2]
        self._dead = shuffled[len(shuffled) // 2 :]
        self._trackers = self._dead[:60]
        self._common = self._dead[60:260]  # what pages and programs of the site refer to

    def popular(self, random: Random) -> str:
        """A domain that exists; the first of the list are asked for the most."""
        return self._alive[int(len(self._alive) * random.random() ** 3)]

    def day(self, client: int) -> list[str]:
        """The domains that one client fails on in a day, after the lists; distinct."""
        random = seeded(f"noise/{self._seed}/{client}")
        found = [misspelt(random.choice(self._alive), random) for _ in range(_few(random, 1.0))]
        found += [random.choice(self._common) for _ in range(_few(random, 2.0))]
        found += [random.choice(self._dead) for _ in range(_few(random, 1.0))]
        if random.random() < 0.05:  # somebody with old bookmarks, or a crawler of links
            found += random.sample(self._dead, random.randint(5, 25))
        if random.random() < 0.01:  # a peer-to-peer program
            found += random.sample(self._trackers, random.randint(10, 40))
        return list(dict.fromkeys(found))

    def filtered(self, client: int) -> list[str]:
        """Names that the lists and the public suffixes must take out: whole host names."""
        random = seeded(f"filtered/{self._seed}/{client}")
        probe = ["".join(random.choices(_LETTERS, k=random.randint(7, 15))) for _ in range(3)]
        address = ".".join(str(random.randrange(256)) for _ in range(4))
        token = f"{random.getrandbits(64):016x}"
        return [
            *probe,
            *(f"{each}.corp.example.co.jp" for each in probe),
            f"{random.choice(self._alive)}.corp.example.co.jp",
            f"printer-{random.randrange(99)}.local",
            f"{random.choice(('wpad', 'isatap', 'nas'))}.lan",
            f"{address}.zen.spamhaus.org",
            f"{token}.00.s.sophosxl.net",
            f"{token}.avqs.mcafee.com",
        ]


def _few(random: Random, mean: float) -> int:
    """A Poisson number, by counting exponential gaps."""
    total, count = random.expovariate(1), 0
    while total < mean:
        total += random.expovariate(1)
        count += 1
    return count
