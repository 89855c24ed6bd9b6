"""How fast packet ciphers are on this machine, seen from Python, beside each other.

Contestants take turns within each size and way of calling, round after round, so that all of
them see the same state of the machine. With one thread seconds are those of its processor
time, so that other programs take none away; with several they are those of the clock, and
figures are of all threads together. 1 Gbit/s is 10^9 bits of plaintext a second.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from kaname.cryptography.aead.contestants import CALLS, Arena, Contestant, Work, contestants

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["BATCH", "SIZES", "Comparison", "Ratio", "Speed", "compare", "leaders"]

SIZES: Final = (64, 1350, 16384)
"""Bytes of packets: the shortest, those of a network, a record of TLS."""

BATCH: Final = 1024
"""Packets in a call."""

_ROUNDS = 3
_FEW, _MANY, _NEAR = 8, 256, 1 << 17  # packets of one sample, call by call; bytes of them
_LEAST = 16  # packets of a batch of one who is slow


class Speed(msgspec.Struct, frozen=True):
    """Gbit/s of one contestant with packets of ``size`` bytes, ``packets`` of them a sample.

    ``encrypt`` and ``decrypt`` are the best samples but for one in twenty.
    """

    cipher: str
    by: str
    path: str
    calls: str
    size: int
    packets: int
    samples: int
    encrypt: float
    encrypt_median: float
    decrypt: float
    decrypt_median: float


class Ratio(msgspec.Struct, frozen=True):
    """How many times as fast the best path of ``cipher`` is as a peer, by the best samples."""

    cipher: str
    path: str
    peer: str
    by: str
    calls: str
    size: int
    encrypt: float
    decrypt: float


class Comparison(msgspec.Struct, frozen=True):
    """What was measured, and where."""

    processor: str
    threads: int
    clock: str
    seconds: float
    speeds: list[Speed]
    ratios: list[Ratio]


def compare(
    sizes: Sequence[int] = SIZES,
    *,
    seconds: float = 12.0,
    threads: int = 1,
    all_paths: bool = True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Comparison:
    """Measure for about ``seconds``; ``progress`` is told how many turns of how many are done."""
    begun = time.perf_counter()
    with contestants(all_paths=all_paths) as entrants:
        rounds = [(size, calls) for size in sizes for calls in CALLS for _ in range(_ROUNDS)]
        turns = len(rounds) * len(entrants)
        course = _Course(seconds / turns, threads)
        for done, ((size, calls), entrant) in enumerate(product(rounds, entrants), 1):
            course.lay(size)
            course.turn(entrant, calls)
            progress(done, turns)
    speeds = course.speeds()
    return Comparison(
        processor=_processor(),
        threads=threads,
        clock="processor time of the thread" if threads == 1 else "clock",
        seconds=round(time.perf_counter() - begun, 1),
        speeds=speeds,
        ratios=_ratios(speeds),
    )


def leaders(speeds: Sequence[Speed]) -> list[Speed]:
    """Of each cipher of ours the quickest path for each size and way of calling, and all peers."""
    best: dict[tuple[str, ...], Speed] = {}
    for one in speeds:
        key = (one.cipher, one.by, one.calls, str(one.size))
        if key not in best or _both(one) > _both(best[key]):
            best[key] = one
    return list(best.values())


class _Tally:
    """Samples of one contestant with one size and way of calling."""

    def __init__(self, entrant: Contestant, calls: str, size: int, packets: int) -> None:
        self.entrant, self.calls, self.size, self.packets = entrant, calls, size, packets
        self.encrypt: list[float] = []
        self.decrypt: list[float] = []

    def speed(self) -> Speed:
        return Speed(
            self.entrant.cipher, self.entrant.by, self.entrant.path, self.calls, self.size,
            self.packets, len(self.encrypt),
            *(
                round(rate, 3)
                for rates in (self.encrypt, self.decrypt)
                for rate in (_best(rates), statistics.median(rates))
            ),
        )  # fmt: skip


class _Course:
    """Memory for the packets, and what each turn has given."""

    def __init__(self, slice_s: float, threads: int) -> None:
        self._slice, self._threads = slice_s, threads
        self._clock = time.thread_time if threads == 1 else time.perf_counter
        self._tallies: dict[tuple[Contestant, str, int], _Tally] = {}
        self._arenas: list[Arena] = []
        self._size = 0

    def lay(self, size: int) -> None:
        """Make memory for packets of ``size`` bytes, for each thread its own."""
        if size == self._size:
            return
        self._arenas = []  # the old ones go first
        self._arenas = [Arena(size, BATCH) for _ in range(self._threads)]
        self._size = size

    def turn(self, entrant: Contestant, calls: str) -> None:
        """Measure one contestant for as long as a turn is."""
        key = (entrant, calls, self._size)
        tally = self._tallies.get(key)
        if tally is None:
            packets = self._packets(entrant, calls)
            tally = self._tallies[key] = _Tally(entrant, calls, self._size, packets)
        make = entrant.each if calls == "each" else entrant.batch
        works = [make(arena, tally.packets) for arena in self._arenas]
        gigabits = tally.packets * self._size * 8 / 1e9
        if self._threads == 1:
            taken = self._samples(works[0])
            tally.encrypt += [gigabits / one for one, _ in taken]
            tally.decrypt += [gigabits / other for _, other in taken]
            return
        with ThreadPoolExecutor(self._threads) as pool:
            all_taken = list(pool.map(self._samples, works))
        for rates, at in ((tally.encrypt, 0), (tally.decrypt, 1)):
            rates.append(
                sum(gigabits * len(taken) / sum(one[at] for one in taken) for taken in all_taken)
            )

    def speeds(self) -> list[Speed]:
        """In the order of the first turns."""
        return [tally.speed() for tally in self._tallies.values()]

    def _packets(self, entrant: Contestant, calls: str) -> int:
        """Packets of a sample: fewer where a sample would take longer than a turn."""
        wanted = BATCH if calls == "batch" else max(_FEW, min(_MANY, _NEAR // self._size))
        make = entrant.each if calls == "each" else entrant.batch
        work = make(self._arenas[0], min(_LEAST, wanted))
        self._once(work)
        each = sum(self._once(work)) / min(_LEAST, wanted)
        most = int(self._slice / max(each, 1e-9))
        least = _LEAST if calls == "batch" else 1
        return max(min(wanted, most), least)

    def _samples(self, work: Work) -> list[tuple[float, float]]:
        end = time.perf_counter() + self._slice
        taken = [self._once(work)]
        while time.perf_counter() < end:
            taken.append(self._once(work))
        return taken

    def _once(self, work: Work) -> tuple[float, float]:
        """Seconds of encryption and of decryption, none of them 0."""
        begun = self._clock()
        work.encrypt()
        between = self._clock()
        work.decrypt()
        ended = self._clock()
        return max(between - begun, 1e-9), max(ended - between, 1e-9)


def _ratios(speeds: Sequence[Speed]) -> list[Ratio]:
    best = leaders(speeds)
    return [
        Ratio(
            one.cipher, one.path, peer.cipher, peer.by, one.calls, one.size,
            round(one.encrypt / peer.encrypt, 2), round(one.decrypt / peer.decrypt, 2),
        )
        for one in best
        for peer in best
        if one.path and not peer.path and (one.calls, one.size) == (peer.calls, peer.size)
    ]  # fmt: skip


def _best(rates: Sequence[float]) -> float:
    """The highest, but for one in twenty: a clock that stood still makes some too high."""
    return sorted(rates)[round(0.95 * (len(rates) - 1))]


def _both(one: Speed) -> float:
    """Rate of encryption and decryption, one after the other."""
    return 1 / (1 / one.encrypt + 1 / one.decrypt)


def _processor() -> str:
    """Its name where the system tells it."""
    import platform

    try:
        told = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in told.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()
