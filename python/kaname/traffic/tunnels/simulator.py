"""Made DNS traffic: channels of several kinds, and names that only look like one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from kaname.readers.domains import registered
from kaname.traffic.names.listing import listing
from kaname.traffic.names.seeded import seeded

__all__ = ["BENIGN", "CHANNELS", "START", "day"]

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
_WORDS = listing("words")
Asked = Iterator[tuple[str, int]]  # name, type


def _coded(random: Random, octets: int) -> str:
    return base64.b32encode(random.randbytes(octets)).decode().rstrip("=").lower()


def _upload(random: Random) -> Asked:
    """A file in long labels, asked for as TXT."""
    for n in range(random.randint(100, 800)):
        yield f"{_coded(random, 30)}.{n:x}.up", 16


def _session(random: Random) -> Asked:
    """A tunnel that mostly polls: short new names, type NULL."""
    for n in range(random.randint(150, 900)):
        yield f"{random.choice('pqz')}{n:x}{_coded(random, 5)}", 10


def _commands(random: Random) -> Asked:
    """Commands by CNAME and MX in turn."""
    for n in range(random.randint(60, 300)):
        yield f"{_coded(random, 12)}.{n:x}", random.choice((5, 15))


def _leak(random: Random) -> Asked:
    """Data in long names of ordinary type."""
    for n in range(random.randint(150, 500)):
        yield f"{_coded(random, 35)}.{n:x}", 1


def _content(random: Random) -> Asked:
    """A content network: long names, the same again and again."""
    names = [f"{random.getrandbits(128):032x}.cdn" for _ in range(60)]
    for _ in range(600):
        yield random.choice(names), random.choice((1, 28))


def _reputation(random: Random) -> Asked:
    """A blocklist: addresses turned round, TXT and A."""
    for _ in range(400):
        octets = ".".join(str(random.randrange(256)) for _ in range(4))
        yield octets, random.choice((1, 16))


def _directory(random: Random) -> Asked:
    """A directory service: SRV questions, few names."""
    names = [f"_{w}._tcp.{s}._sites" for w in ("ldap", "kerberos", "gc") for s in _WORDS[:8]]
    for _ in range(500):
        yield random.choice(names), 33


def _pages(random: Random) -> Asked:
    """Hosts that people visit."""
    for _ in range(300):
        yield f"{random.choice(_WORDS)}.{random.choice(('www', 'img', 'api'))}", 1


CHANNELS: dict[str, Callable[[Random], Asked]] = {
    "upload": _upload, "session": _session, "commands": _commands, "leak": _leak,
}  # fmt: skip
BENIGN: dict[str, Callable[[Random], Asked]] = {
    "content": _content, "reputation": _reputation, "directory": _directory, "pages": _pages,
}  # fmt: skip


def day(each: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of ``dns``: ``each`` clients of every kind, each below a domain of its own.

    The kind and number stand in the domain: ``upload-3.example``.
    """
    number = 0
    for kind, make in (*CHANNELS.items(), *BENIGN.items()):
        for n in range(each):
            number += 1
            random = seeded(f"tunnels/{seed}/{kind}/{n}")
            at = START + random.randrange(3600) * 1_000_000
            for name, qtype in make(random):
                at += random.randrange(20_000, 3_000_000)
                qname = f"{name}.{kind}-{n}.example"
                yield {
                    "ts": at,
                    "src": f"10.0.{number >> 8}.{number & 255}",
                    "dst": "10.255.0.53",
                    "qname": qname,
                    "regdom": registered(qname),
                    "qtype": qtype,
                    "rcode": 0,
                    "state": "both",
                    "res_len": 120,
                }
