"""Attacks whose means and size are known, to be injected into ordinary traffic.

Shapes follow the captures of StopDDoS and published measurements: amplifiers answer with
packets of the sizes that their protocols give, floods forge random sources.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaname.traffic.simulator.records import Records, records, v4

__all__ = ["MEANS", "Assault", "Means", "assault"]


@dataclass(frozen=True, slots=True)
class Means:
    """One way to attack: marks of its packets, and how many sources it has."""

    vector: str
    label: str
    proto: int
    size: int
    sources: int
    sport: int = -1  # -1: random
    dport: int = -1
    bits: int = 0
    wide: int = 1  # hosts of the target's /24 that are hit


def _amplifier(vector: str, port: int, size: int, sources: int) -> Means:
    return Means(vector, "amplification", 17, size, sources, sport=port)


MEANS: tuple[Means, ...] = (
    _amplifier("dns", 53, 1400, 800),
    _amplifier("ntp", 123, 468, 300),
    _amplifier("snmp", 161, 1200, 100),
    _amplifier("cldap", 389, 1450, 400),
    _amplifier("ssdp", 1900, 320, 900),
    _amplifier("memcached", 11211, 1400, 30),
    _amplifier("chargen", 19, 1020, 60),
    _amplifier("portmap", 111, 486, 200),
    _amplifier("netbios", 137, 229, 80),
    _amplifier("isakmp", 500, 232, 1000),
    _amplifier("wsd", 3702, 800, 300),
    _amplifier("mdns", 5353, 320, 200),
    _amplifier("tftp", 69, 544, 60),
    _amplifier("mssql", 1434, 600, 50),
    _amplifier("dvr", 37810, 700, 150),
    _amplifier("ubiquiti", 10001, 190, 300),
    Means("quic_reflection", "amplification", 17, 1252, 400, sport=443),
    Means("syn", "syn_flood", 6, 60, 100_000, dport=443, bits=2),
    Means("synack", "synack_reflection", 6, 44, 2000, sport=443, bits=18),
    Means("rst", "tcp_flood", 6, 40, 5000, dport=443, bits=4),
    Means("ack", "tcp_flood", 6, 52, 50_000, dport=443, bits=16),
    Means("icmp", "icmp_flood", 1, 84, 1000, sport=0, dport=2048),
    Means("udp", "udp_flood", 17, 512, 5000, dport=27_005),
    Means("quic", "udp_flood", 17, 1250, 5000, dport=443),
    Means("fragments", "fragments", 17, 1480, 500, sport=0, dport=0),
    Means("gre", "ip_flood", 47, 545, 3000, sport=0, dport=0),
    Means("dns", "carpet_bombing", 17, 1400, 800, sport=53, wide=200),
)


@dataclass(frozen=True, slots=True)
class Assault:
    """When, against whom, how strong: seconds after the scene's start, and packets/s."""

    means: Means
    target: str
    begin: float
    seconds: float
    rate: float


def assault(rng: np.random.Generator, plan: Assault, start: int) -> Records:
    """The flows of one attack; a flow holds the packets of one source in ten seconds."""
    means = plan.means
    packets = max(10, int(plan.rate * plan.seconds))
    forged = means.sources >= 50_000
    n = packets if forged else min(packets, int(means.sources * max(1, plan.seconds // 10)))
    each = np.full(n, packets // n) + (np.arange(n) < packets % n)
    pool = v4("60.0.0.0") + rng.integers(0, 1 << 28, means.sources)
    target = v4(plan.target) + (rng.integers(0, means.wide, n) if means.wide > 1 else 0)

    def port(given: int) -> object:
        return rng.integers(1024, 65_536, n) if given < 0 else given

    return records(
        n,
        us=start + ((plan.begin + np.sort(rng.random(n)) * plan.seconds) * 1e6).astype(np.int64),
        src_lo=pool[rng.integers(0, means.sources, n)],
        dst_lo=target,
        sport=port(means.sport),
        dport=port(means.dport),
        proto=means.proto,
        tcp_bits=means.bits,
        packets=each,
        octets=each * means.size,
    )
