"""A whole key agreement over a fading channel, simulated, and what it comes to.

Probes, bits, a sample told to learn the error rate, Cascade block by block, a hash of each
block compared, and what is left made a key of which the listener knows nothing. Everything
that is said in public is counted against the key.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from kaname.cryptography.laboratory.channel import information
from kaname.cryptography.laboratory.channel.amplification import secret_length, toeplitz
from kaname.cryptography.laboratory.channel.fading import bessel_j0, observed
from kaname.cryptography.laboratory.channel.quantiser import bits_of, cells, outside_guard
from kaname.cryptography.laboratory.channel.randomness import checked
from kaname.cryptography.laboratory.channel.reconciliation import Oracle, reconciled
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Outcome", "Setting", "by_distance", "simulate"]

_TAG = 64  # bits of a hash of each block, told in public
_TOLD = 0.02  # part of the samples told to learn the error rate
_LEAST_TOLD = 100


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What is simulated.

    ``snr``: dB; ``distance``: of the listener, in wavelengths; ``bits``: of a sample (each
    probe gives two samples); ``guard``: standard deviations of a sample; ``spacing``:
    wavelengths between probes, None for independent ones; ``block``: bits reconciled at a time.
    """

    probes: int = 50_000
    snr: float = 20.0
    correlation: float = 0.999
    bits: int = 1
    guard: float = 0.0
    distance: float = 0.5
    spacing: float | None = None
    block: int = 10_000
    seed: int = 1

    def checked(self) -> Setting:
        """Itself.

        Raises:
            UsageError: a number is outside its limits.
        """
        limits: dict[str, tuple[float, float]] = {
            "probes": (1000, 5_000_000), "snr": (-20, 80), "correlation": (0, 1), "bits": (1, 2),
            "guard": (0, 2), "distance": (0, 1000), "block": (100, 1_000_000),
        }  # fmt: skip
        if self.spacing is not None:
            limits["spacing"] = (0.001, 100)
        for name, (least, most) in limits.items():
            found = getattr(self, name)
            if not least <= found <= most:
                raise UsageError(
                    "cryptography.error.lab_parameter",
                    name=name, found=found, least=least, most=most,
                )  # fmt: skip
        return self


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics of a session.

    Shares lie in 0..1. ``expected``: disagreement by the law of the samples, where there are no
    guard bands. ``unknown``: bits a sample that the listener lacks. ``told``: parities and hashes
    said of the blocks that were kept; ``efficiency``: parities over the least there could be.
    ``asymptotic`` and ``finite``: secret bits a probe for sessions without end and for this
    one; ``bound``: mutual information of the ends less that with the listener (Maurer 1993).
    ``key_known``: the part of the key's bits that the listener has after doing the same with
    her samples (one half: she knows nothing).
    """

    setting: Setting
    kept: float
    raw_bits: int
    disagreement: float
    expected: float | None
    eve_correlation: float
    eve_disagreement: float
    unknown: float
    blocks: int
    verified: int
    wrong: int
    corrected: int
    told: int
    efficiency: float | None
    disagreement_after: float
    asymptotic: float
    finite: float
    bound: float
    key_bits: int
    key_equal: bool
    key_known: float | None
    raw_randomness: dict[str, float]
    key_randomness: dict[str, float]


class _Samples(NamedTuple):
    """What is kept, in order: cells of Alice, and all three bit strings."""

    cell: NDArray[np.intp]
    eve: NDArray[np.float64]
    strings: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]
    kept: float


class _Blocks(NamedTuple):
    """What blocks came to: strings of those that were verified, and what was said of them."""

    strings: list[tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]]
    cut: int
    wrong: int
    corrected: int
    parities: int
    least: float


def simulate(setting: Setting, told: Callable[[int, int], None] | None = None) -> Outcome:
    """Run ``setting``; the same seed gives the same session. ``told``: blocks done, of all."""
    asked = setting.checked()
    random = np.random.default_rng(asked.seed)
    samples = _sampled(asked, random)
    shown = max(_LEAST_TOLD, int(_TOLD * len(samples.cell))) * asked.bits
    alice, bob, eve = samples.strings
    if len(alice) < shown + asked.block:
        raise UsageError(
            "cryptography.error.lab_too_few", found=len(alice), needed=shown + asked.block
        )
    rate = (float((alice[:shown] != bob[:shown]).sum()) + 1) / (shown + 2)
    rest = (alice[shown:], bob[shown:], eve[shown:])
    blocks = _blocks(asked, rest, rate, random, told or (lambda _done, _all: None))
    return _outcome(asked, samples, blocks, random)


def _sampled(asked: Setting, random: np.random.Generator) -> _Samples:
    seen = observed(
        random, asked.probes, snr=10 ** (asked.snr / 10), correlation=asked.correlation,
        distance=asked.distance, spacing=asked.spacing,
    )  # fmt: skip
    kept = outside_guard(seen.alice, asked.bits, asked.guard)
    kept &= outside_guard(seen.bob, asked.bits, asked.guard)
    found = [cells(one[kept], asked.bits) for one in seen]
    first, second, third = (bits_of(one, asked.bits) for one in found)
    return _Samples(found[0], seen.eve[kept], (first, second, third), float(kept.mean()))


def _blocks(
    asked: Setting,
    strings: tuple[NDArray[np.uint8], ...],
    rate: float,
    random: np.random.Generator,
    told: Callable[[int, int], None],
) -> _Blocks:
    """Reconcile and verify; a rest shorter than a block is left out."""
    alice, bob, eve = strings
    count = len(alice) // asked.block
    good, wrong, corrected, parities, least = [], 0, 0, 0, 0.0
    for number in range(count):
        told(number, count)
        here = slice(number * asked.block, (number + 1) * asked.block)
        own = alice[here]
        errors = float((own != bob[here]).mean())
        found = reconciled(Oracle(own), bob[here], rate, random)
        corrected += found.corrected
        if _tag(own) != _tag(found.bits):
            continue
        wrong += bool((own != found.bits).any())
        good.append((own, found.bits, eve[here]))
        parities += found.told
        least += asked.block * information.binary_entropy(errors)
    return _Blocks(good, count, wrong, corrected, parities, least)


def _tag(bits: NDArray[np.uint8]) -> bytes:
    return hashlib.sha3_256(np.packbits(bits).tobytes()).digest()[: _TAG // 8]


def _unknown(asked: Setting, samples: _Samples) -> float:
    """Bits a sample that the listener lacks."""
    if asked.spacing is None:
        return information.unknown_given(samples.cell, asked.bits, samples.eve)
    snr = 10 ** (asked.snr / 10)
    lost = information.information_rate(snr, bessel_j0(asked.distance), asked.spacing)
    return max(0.0, information.word_entropy(samples.cell, asked.bits) - lost)


def _bound(asked: Setting) -> float:
    """Bits a probe of any scheme, by the two mutual informations."""
    snr = 10 ** (asked.snr / 10)
    share, hers = asked.correlation, bessel_j0(asked.distance)
    if asked.spacing is not None:
        both = information.information_rate(snr, share, asked.spacing)
        return max(0.0, 2 * (both - information.information_rate(snr, hers, asked.spacing)))
    scale = 1 + 1 / snr
    both = information.gaussian_information(share / scale)
    return max(0.0, 2 * (both - information.gaussian_information(hers / scale)))


def _outcome(
    asked: Setting, samples: _Samples, blocks: _Blocks, random: np.random.Generator
) -> Outcome:
    alice, bob, eve = samples.strings
    unknown = _unknown(asked, samples)
    used = len(blocks.strings) * asked.block // asked.bits  # samples in verified blocks
    told = blocks.parities + len(blocks.strings) * _TAG
    length = secret_length(used, 2**asked.bits, unknown, told)
    keys = _keys(blocks, length, random)
    part = len(blocks.strings) / max(1, blocks.cut)
    secret = unknown - told / max(1, used)
    scale = 1 + 10 ** (-asked.snr / 10)
    rho = asked.correlation / scale
    raw = np.concatenate([one[0] for one in blocks.strings]) if used else alice[:0]
    after = [float((one[0] != one[1]).mean()) for one in blocks.strings]
    return Outcome(
        setting=asked, kept=samples.kept, raw_bits=len(alice),
        disagreement=float((alice != bob).mean()),
        expected=None if asked.guard else information.disagreement(asked.bits, rho),
        eve_correlation=bessel_j0(asked.distance) / scale,
        eve_disagreement=float((alice != eve).mean()), unknown=unknown,
        blocks=blocks.cut, verified=len(blocks.strings), wrong=blocks.wrong,
        corrected=blocks.corrected, told=told,
        efficiency=blocks.parities / blocks.least if blocks.least else None,
        disagreement_after=sum(after) / max(1, len(after)),
        asymptotic=max(0.0, 2 * samples.kept * part * secret) if used else 0.0,
        finite=length / asked.probes, bound=_bound(asked), key_bits=length,
        key_equal=bool(length) and bool((keys[0] == keys[1]).all()),
        key_known=float((keys[0] == keys[2]).mean()) if length else None,
        raw_randomness=checked(raw), key_randomness=checked(keys[0]),
    )  # fmt: skip


def by_distance(
    setting: Setting, bits: int, efficiency: float, points: int = 101, farthest: float = 1.0
) -> tuple[tuple[float, float], ...]:
    """Secret bits a probe against the listener's distance, by the laws of the samples.

    For independent probes without guard bands, in sessions without end; ``efficiency``: what
    reconciliation tells over the least there could be.
    """
    scale = 1 + 10 ** (-setting.snr / 10)
    errors = information.disagreement(bits, setting.correlation / scale)
    told = bits * efficiency * information.binary_entropy(errors)
    found = []
    for at in range(points):
        away = farthest * at / (points - 1)
        unknown = information.conditional_entropy(bits, bessel_j0(away) / scale)
        found.append((away, max(0.0, 2 * (unknown - told))))
    return tuple(found)


def _keys(
    blocks: _Blocks, length: int, random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Alice's key, Bob's, and the listener's attempt; the hash is public."""
    if not length:
        nothing = np.zeros(0, np.uint8)
        return nothing, nothing, nothing
    alice, bob, eve = (np.concatenate(one) for one in zip(*blocks.strings, strict=True))
    seed = random.integers(0, 2, len(alice) + length - 1, dtype=np.uint8)
    return toeplitz(alice, length, seed), toeplitz(bob, length, seed), toeplitz(eve, length, seed)
