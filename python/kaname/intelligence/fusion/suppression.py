"""Artifacts that never link: of the own network, and what lists say everybody meets."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Protocol

from kaname.intelligence.fusion.links import Node
from kaname.model.records import ArtifactKind

__all__ = ["Known", "blocked", "internal"]

_TESTS = frozenset({"documentation", "benchmark"})  # exercises are held in such addresses


class Hit(Protocol):
    """What a list says of an artifact."""

    @property
    def category(self) -> str:
        """What kind of list it is."""
        ...


class Known(Protocol):
    """All lists, as `kaname.intelligence.lists.Lists` offers them."""

    def match_many(
        self, kinds: Sequence[ArtifactKind] | None, values: list[str]
    ) -> Sequence[Sequence[Hit]]:
        """What the lists say of each artifact."""
        ...


def internal(node: Node) -> bool:
    """Whether ``node`` is an address that no attacker on the Internet can have.

    Private (RFC 1918, RFC 4193), shared (RFC 6598), loopback, link-local, multicast and
    unspecified ones. Those for documentation and benchmarks are not among them.
    """
    if node.kind is not ArtifactKind.IP:
        return False
    try:
        address = ipaddress.ip_address(node.value)
    except ValueError:
        return False
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or any(address in network for network in _PRIVATE if network.version == address.version)
    )


def blocked(nodes: Iterable[Node], lists: Known | None = None) -> set[Node]:
    """The artifacts among ``nodes`` that link nothing."""
    ordered = sorted(set(nodes))
    found = {node for node in ordered if internal(node)}
    if lists is not None and ordered:
        said = lists.match_many([node.kind for node in ordered], [node.value for node in ordered])
        found |= {
            node
            for node, hits in zip(ordered, said, strict=True)
            if any(hit.category not in _TESTS for hit in hits)
        }
    return found


_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "0.0.0.0/8", "fc00::/7"),
    )
)
