"""The list that is always there: facts of the Internet, written from where they are defined.

- special-purpose addresses: RFC 6890 and the registries of IANA that it set up
- multicast: RFC 5771, RFC 4291; documentation: RFC 5737, RFC 3849, RFC 9637, RFC 2606;
  benchmarks: RFC 2544, RFC 5180
- names that are no delegation: RFC 6761, RFC 6762, RFC 7686 (not ``.onion``: it is one)
- big public resolvers, by the addresses that their operators publish
- digests of no bytes, of one zero byte, of a line feed: computed here
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from kaname.intelligence.lists.sources import Listing, Sort
from kaname.model.records import ArtifactKind

__all__ = ["well_known"]

_NETWORKS = frozenset({ArtifactKind.IP, ArtifactKind.PREFIX, ArtifactKind.URL})
_NAMES = frozenset({ArtifactKind.DOMAIN, ArtifactKind.URL, ArtifactKind.MAIL})

UNROUTABLE: Final = (
    "0.0.0.0/8",  # RFC 791, 3.2: this network
    "10.0.0.0/8",  # RFC 1918
    "100.64.0.0/10",  # RFC 6598: behind carriers' translation
    "127.0.0.0/8",  # RFC 1122, 3.2.1.3
    "169.254.0.0/16",  # RFC 3927
    "172.16.0.0/12",  # RFC 1918
    "192.0.0.0/24",  # RFC 6890
    "192.168.0.0/16",  # RFC 1918
    "224.0.0.0/4",  # RFC 5771
    "240.0.0.0/4",  # RFC 1112, and 255.255.255.255 of RFC 919
    "::/128",  # RFC 4291
    "::1/128",  # RFC 4291
    "100::/64",  # RFC 6666: discard
    "fc00::/7",  # RFC 4193
    "fe80::/10",  # RFC 4291
    "ff00::/8",  # RFC 4291
)
EXAMPLES: Final = (
    "192.0.2.0/24",  # RFC 5737
    "198.51.100.0/24",
    "203.0.113.0/24",
    "198.18.0.0/15",  # RFC 2544
    "2001:db8::/32",  # RFC 3849
    "3fff::/20",  # RFC 9637
    "2001:2::/48",  # RFC 5180
)
LOCAL_NAMES: Final = (
    "localhost",  # RFC 6761
    "invalid",
    "local",  # RFC 6762
    "home.arpa",  # RFC 8375
    "in-addr.arpa",  # RFC 1035, 3.5: addresses, turned round
    "ip6.arpa",  # RFC 3596
)
EXAMPLE_NAMES: Final = ("example", "test", "example.com", "example.net", "example.org")
RESOLVERS: Final = (
    *("8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"),  # Google
    *("1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"),  # Cloudflare
    *("9.9.9.9", "149.112.112.112", "2620:fe::fe", "2620:fe::9"),  # Quad9
    *("208.67.222.222", "208.67.220.220", "2620:119:35::35", "2620:119:53::53"),  # OpenDNS
)
_EVERYWHERE: Final = (b"", b"\0", b"\n", b"\r\n", b" ")
_DIGESTS: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def _digests() -> list[str]:
    """Of contents that any program may write: they tell no two files apart."""
    return [hashlib.new(name, data).hexdigest() for data in _EVERYWHERE for name in _DIGESTS]


def _listing(
    name: str, category: str, sort: Sort, entries: list[str], kinds: frozenset[ArtifactKind]
) -> Listing:
    digest = hashlib.sha256(msgspec.json.encode([name, category, entries])).hexdigest()
    return Listing(
        id=f"well-known-{name}",
        name=f"well-known: {name}",
        category=category,
        digest=digest,
        entries={sort: entries},
        kinds=kinds,
    )


def well_known() -> list[Listing]:
    """The built-in lists."""
    hashes = frozenset({ArtifactKind.HASH})
    addresses = frozenset({ArtifactKind.IP})
    return [
        _listing("special-purpose addresses", "unroutable", "network", [*UNROUTABLE], _NETWORKS),
        _listing("example addresses", "documentation", "network", [*EXAMPLES], _NETWORKS),
        _listing("special-use names", "unroutable", "domain", [*LOCAL_NAMES], _NAMES),
        _listing("example names", "documentation", "domain", [*EXAMPLE_NAMES], _NAMES),
        _listing("public resolvers", "resolver", "network", [*RESOLVERS], addresses),
        _listing("contents found everywhere", "nothing", "exact", _digests(), hashes),
    ]
