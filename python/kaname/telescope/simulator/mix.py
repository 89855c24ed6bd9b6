"""What differs from one simulated Internet to the next: drawn from the seed alone.

A classifier that knows one mix by heart proves nothing. Which variants of a bot exist,
how surveys are organised, how wide a reflection is, whether the sensor failed: all that
is drawn here, apart from the random numbers of packets, so that it depends on the seed
and not on the size or the length of the run.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import numpy as np

__all__ = ["GROUPS", "RELATIONS", "Group", "Mix"]

# What a bot nobody lists may put into its packets; `populations.variants` says how.
RELATIONS = (
    "swapped",
    "inverted",
    "xored",
    "keyed",
    "added",
    "subtracted",
    "halves",
    "with_port",
    "id_low",
    "id_folded",
    "id_swapped",
)
_CAMPAIGN_PORTS = (9530, 26, 8291, 5501, 60001, 34567, 4145, 1883, 8545, 6789, 52869, 7547)
_BOT_PORTS = (37777, 5501, 34567, 81, 8080, 5555, 23, 9000, 8888, 49152, 60001, 37215)


class Group(msgspec.Struct, frozen=True):
    """A survey organisation: ``blocks`` /24 of ``hosts`` each that share ``ports``.

    ``each``: ports of a host (0: all); ``packets``: of a host in a day; ``style``: what
    sends them; ``interleaved``: hosts divide the darknet between them.
    """

    event: str
    blocks: int
    hosts: int
    ports: int
    each: int
    packets: int
    style: str
    interleaved: bool = False


# The first three are in every run, of the others some.
GROUPS: tuple[Group, ...] = (
    Group("survey-wide", 1, 12, 3000, 0, 1900, "mss"),
    Group("survey-middle", 1, 4, 400, 0, 1200, "mss"),
    Group("survey-small", 1, 3, 45, 0, 350, "mss"),
    Group("survey-slow", 1, 10, 200, 0, 45, "mss"),
    Group("survey-shared", 1, 16, 64, 4, 120, "mss", interleaved=True),
    Group("survey-spread", 4, 4, 1000, 0, 250, "mss"),
    Group("survey-zmap", 1, 8, 120, 0, 400, "zmap"),
    Group("survey-zmap4", 1, 6, 300, 0, 500, "zmap4"),
    Group("survey-masscan", 1, 4, 600, 0, 600, "masscan"),
    Group("survey-linux", 1, 6, 80, 0, 200, "linux"),
    Group("survey-bare", 2, 5, 500, 0, 300, "bare", interleaved=True),
    Group("survey-udp", 1, 3, 40, 0, 300, "udp"),
)


class Mix(msgspec.Struct, frozen=True):
    """One draw. Ports and counts as they are used; ``gaps`` are shares of the run."""

    relations: tuple[str, ...]  # of variants, the first is always "swapped"
    usual_window: tuple[bool, ...]  # a variant announces what common stacks announce
    bot_ports: tuple[tuple[int, ...], ...]  # of each variant
    groups: tuple[Group, ...]
    reflection_targets: int
    reflection_sources: int
    reflection_flags: int
    udp_reflection: bool
    campaign_ports: tuple[int, ...]
    flood_ports: tuple[int, ...]
    peers_port: int
    peers_place: float  # where in the darknet the address lies that peers look for
    gaps: tuple[tuple[float, float], ...]

    @classmethod
    def drawn(cls, seed: int) -> Mix:
        """The mix of a seed."""
        rng = np.random.default_rng([seed, 3])
        relations = ("swapped", *_some(rng, RELATIONS[1:], 3))
        more = _some(rng, GROUPS[3:], 4)
        gaps = tuple(
            (float(start), float(start + rng.uniform(0.004, 0.02)))
            for start in rng.uniform(0.1, 0.9, int(rng.integers(0, 3)))
        )
        return cls(
            relations=relations,
            usual_window=(False, *(bool(rng.random() < 0.4) for _ in relations[1:])),
            bot_ports=tuple(_some(rng, _BOT_PORTS, int(rng.integers(1, 5))) for _ in relations),
            groups=(*GROUPS[:3], *more),
            reflection_targets=int(rng.choice((1, 3, 6, 20, 60, 200))),
            reflection_sources=int(rng.integers(500, 1200)),
            reflection_flags=int(rng.choice((18, 18, 20))),
            udp_reflection=bool(rng.random() < 0.5),
            campaign_ports=_some(rng, _CAMPAIGN_PORTS, 4),
            flood_ports=_some(rng, (80, 443, 8888, 22, 53, 3306, 6667, 25565), 3),
            peers_port=int(rng.choice((6881, 6881, 4662, 51413, 16881, 4672))),
            peers_place=float(rng.random()),
            gaps=gaps,
        )

    def plain(self) -> dict[str, Any]:
        """For the truth file."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


_T = TypeVar("_T")


def _some(rng: np.random.Generator, of: tuple[_T, ...], count: int) -> tuple[_T, ...]:
    return tuple(of[i] for i in sorted(rng.choice(len(of), count, replace=False).tolist()))
