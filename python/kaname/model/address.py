"""Addresses as two signed 64-bit integers, and prefixes as ranges of them.

IPv4 is held as the IPv4-mapped IPv6 address ``::ffff:a.b.c.d`` (RFC 4291, section
2.5.5.2). Both words are signed, because not every engine that reads the lake knows
unsigned integers; inside any prefix of length 1 or more the sign bit of the compared
word is constant, so signed comparison is right.
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

from kaname.model.errors import UsageError

__all__ = ["Address", "IPv4_LOW", "Prefix", "from_text", "is_inside", "prefix", "to_text"]

IPv4_LOW = 0xFFFF << 32
_WORD = 1 << 64
_SIGN = 1 << 63
# RFC 791 3.2 and 1122 3.2.1.3, 1918, 6598, 3927, 5771, 1112; 4193, 4291 2.5 and 2.7
_INSIDE = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
        "fc00::/7", "fe80::/10", "ff00::/8", "::/127",
    )
)  # fmt: skip


class Address(NamedTuple):
    """An IPv4 or IPv6 address: high and low 64 bits, signed."""

    hi: int
    lo: int

    def __str__(self) -> str:
        return to_text(self.hi, self.lo)


class Prefix(NamedTuple):
    """The addresses of a prefix: first and last, both inside."""

    first: Address
    last: Address
    length: int  # of 128

    def contains(self, address: Address) -> bool:
        """Whether ``address`` lies inside."""
        value = _value(address)
        return _value(self.first) <= value <= _value(self.last)

    def sql(self, column: str) -> str:
        """A condition on ``<column>_hi`` and ``<column>_lo`` that holds inside the prefix."""
        if self.length == 0:
            return "true"
        if self.length <= 64:
            return f"{column}_hi BETWEEN {self.first.hi} AND {self.last.hi}"
        return (
            f"{column}_hi = {self.first.hi} AND "
            f"{column}_lo BETWEEN {self.first.lo} AND {self.last.lo}"
        )


def _signed(word: int) -> int:
    return word - _WORD if word >= _SIGN else word


def _value(address: Address) -> int:
    return (address.hi % _WORD) << 64 | address.lo % _WORD


def _from_value(value: int) -> Address:
    return Address(_signed(value >> 64), _signed(value % _WORD))


def from_text(text: str) -> Address:
    """The address written as ``text``.

    Raises:
        UsageError: it is not an address.
    """
    try:
        parsed = ipaddress.ip_address(text.strip())
    except ValueError:
        raise UsageError("model.error.address", found=text) from None
    if parsed.version == 4:
        return Address(0, IPv4_LOW | int(parsed))
    return _from_value(int(parsed))


def to_text(hi: int, lo: int) -> str:
    """The usual way to write the address; IPv4-mapped ones as IPv4."""
    if hi == 0 and lo >> 32 == 0xFFFF:
        return str(ipaddress.IPv4Address(lo & 0xFFFFFFFF))
    return str(ipaddress.IPv6Address(_value(Address(hi, lo))))


def prefix(text: str) -> Prefix:
    """The prefix written as ``text``; a lone address is a prefix of one.

    Raises:
        UsageError: it is not a prefix, or has host bits set.
    """
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError:
        raise UsageError("model.error.prefix", found=text) from None
    base = IPv4_LOW if network.version == 4 else 0
    first = int(network.network_address) | base
    last = int(network.broadcast_address) | base
    length = network.prefixlen + (96 if network.version == 4 else 0)
    return Prefix(_from_value(first), _from_value(last), length)


def is_inside(text: str) -> bool:
    """Whether an address names no one host of the Internet, as each network has its own.

    Addresses for documentation and benchmarks are not among them: exercises use them.

    Raises:
        ValueError: it is no address.
    """
    parsed = ipaddress.ip_address(text)
    return any(parsed in network for network in _INSIDE if network.version == parsed.version)
