"""What establishing a connection puts on the wire, and how long that takes.

Authenticated by signature, as in TLS 1.3: the answerer shows a key and its issuer's signature
on it, and signs the exchange. Authenticated by KEM (KEMTLS: Schwabe, Stebila, Wiggers, CCS
2020; draft-celi-wiggers-tls-authkem): the key shown is one of a KEM, the asker encapsulates to
it, and who can answer holds it; the issuer still signs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kaname.cryptography.planning.rules import Kem, Service, Signature

__all__ = ["Exchange", "Taken", "by_kem", "by_signature", "taken", "trips"]

_WINDOW = 10  # packets that may be sent before the first is acknowledged (RFC 6928)


class Exchange(NamedTuple):
    """Bytes of each flight, headers left out, and the operations of both sides."""

    sends: int
    answers: int
    returns: int
    operations: tuple[str, ...]


class Taken(NamedTuple):
    """What an exchange comes to on a network. ``microseconds``: None where unmeasured."""

    octets: int
    packets: int
    trips: int
    microseconds: float | None
    milliseconds: float


def by_signature(kem: Kem, name: str, signature: Signature) -> Exchange:
    """TLS 1.3 with one certificate."""
    shown = signature.key + 2 * signature.signature
    run = (*_agreed(kem), f"{name} sign", f"{name} verify", f"{name} verify")
    return Exchange(kem.sends, kem.answers + shown, 0, run)


def by_kem(kem: Kem, name: str, holder: Kem, issuer: str, signature: Signature) -> Exchange:
    """KEMTLS with one certificate, issued under ``signature`` for a key of ``holder``."""
    shown = holder.sends + signature.signature
    run = (*_agreed(kem), f"{issuer} verify", f"{name} encapsulate", f"{name} decapsulate")
    return Exchange(kem.sends, kem.answers + shown, holder.answers, run)


def _agreed(kem: Kem) -> tuple[str, ...]:
    """What both sides compute for a key establishment."""
    needed: list[str] = []
    for part in kem.parts:
        if part.startswith("ML-KEM"):
            needed += [f"{part} generate", f"{part} encapsulate", f"{part} decapsulate"]
        else:
            needed += [f"{part} generate", f"{part} exchange"] * 2
    return tuple(needed)


def taken(
    exchange: Exchange, service: Service, micros: Mapping[str, float], *,
    slowdown: float = 1.0, rtt_ms: float | None = None,
) -> Taken:  # fmt: skip
    """The exchange on the network of ``service``.

    ``slowdown``: how much slower the device is than where costs were measured. Round trips
    count where ``rtt_ms`` is known: one, and more where an answer exceeds the first window.
    """
    room = service.mtu - service.headers
    flights = (exchange.sends, exchange.answers, exchange.returns)
    packets = [math.ceil(flight / room) for flight in flights]
    octets = sum(flights)
    round_trips = trips(packets[1])
    milliseconds = (octets + sum(packets) * service.headers) * 8 / service.bandwidth_kbps
    spent = None
    if all(name in micros for name in exchange.operations):
        spent = round(slowdown * sum(micros[name] for name in exchange.operations), 2)
        milliseconds += spent / 1000
    if rtt_ms is not None:
        milliseconds += rtt_ms * round_trips
    return Taken(octets, sum(packets), round_trips, spent, round(milliseconds, 4))


def trips(packets: int) -> int:
    """Round trips until so many packets of an answer arrived: windows of 10, 20, 40, ..."""
    found, window = 1, _WINDOW
    while packets > window:
        packets -= window
        window *= 2
        found += 1
    return found
