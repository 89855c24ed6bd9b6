"""The order of suites that fit: a weighted sum of aims, and what puts the first before others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kaname.cryptography.planning.answer import Because, Ranked
from kaname.cryptography.planning.rules import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kaname.cryptography.planning.rules import Rules, Service

__all__ = ["first", "ordered", "weighted"]


def weighted(rules: Rules, service: Service, device: str) -> Weights:
    """The service's weights, times those of the class of device."""
    own, factors = service.weights, rules.devices.get(device)
    if factors is None:
        return own
    return Weights(*(getattr(own, aim) * getattr(factors, aim) for aim in own.__struct_fields__))


def ordered(
    suites: Sequence[Ranked], rules: Rules, weights: Weights, micros: Mapping[str, float]
) -> tuple[Ranked, ...]:
    """By weighted sum of each aim over the best there is; equal scores by name."""
    if not suites:
        return ()
    scored = []
    for suite, parts in zip(suites, _parts(suites, rules, weights, micros), strict=True):
        told = {aim: round(value, 6) for aim, value in parts.items()}
        score = round(sum(parts.values()), 6)
        scored.append(msgspec.structs.replace(suite, score=score, parts=told))
    return tuple(sorted(scored, key=lambda s: (s.score, s.kem, s.signature, s.aead)))


def _parts(
    suites: Sequence[Ranked], rules: Rules, weights: Weights, micros: Mapping[str, float]
) -> Iterator[dict[str, float]]:
    """What each aim adds to the score of each suite."""
    octets, packets = min(s.octets for s in suites), min(s.packets for s in suites)
    timed = [s.microseconds for s in suites if s.microseconds is not None]
    packet = {s.aead: micros.get(f"{s.aead} packet") for s in suites}
    quickest = min((cost for cost in packet.values() if cost), default=None)
    for suite in suites:
        time = 0.0
        if len(timed) == len(suites):
            time += (suite.microseconds or 0.0) / min(timed)
        cost = packet[suite.aead]
        if quickest is not None and cost is not None:
            time += cost / quickest
        held = min(suite.strength, 256) + min(suite.quantum, 256) / 2
        overhead = rules.aeads[suite.aead].overhead / 1000
        alone = len(rules.kems[suite.kem].parts) < 2
        yield {
            "bytes": weights.bytes * (suite.octets / octets + overhead),
            "time": weights.time * time,
            "packets": weights.packets * suite.packets / packets,
            "strength": weights.strength * 384 / max(held, 1),
            # nothing holds should its one assumption fall
            "hedge": weights.hedge if alone else 0.0,
        }


_FIRST = {
    "bytes": "first-by-bytes", "time": "first-by-time", "packets": "first-by-packets",
    "strength": "first-by-strength", "hedge": "first-by-hedge",
}  # fmt: skip


def first(ranked: Sequence[Ranked]) -> Iterator[Because]:
    """What puts the first before the next, and before the next with another handshake."""
    best = ranked[0] if ranked else None
    told: list[Ranked] = []
    for other in ranked[1:]:
        if best is None or len(told) > 1:
            break
        if not told or (other.kem, other.signature) != (best.kem, best.signature):
            told.append(other)
    for other in told:
        yield _before(ranked[0], other)


def _before(best: Ranked, other: Ranked) -> Because:
    gains = {aim: other.parts[aim] - value for aim, value in best.parts.items()}
    aim = max(gains, key=lambda name: gains[name])
    values: dict[str, str | int | float] = {
        "first": best.name, "next": other.name,
        "own": round(best.score, 3), "other": round(other.score, 3),
    }  # fmt: skip
    if gains[aim] <= 0:
        return Because("first-by-name", values)
    return Because(_FIRST[aim], {**values, "gain": round(gains[aim], 3)})
