"""Artifacts that never link: of the own network, and what lists say everybody meets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from kaname.intelligence.fusion.links import Node
from kaname.model import address
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
    """Whether ``node`` is an address that no attacker on the Internet can have."""
    if node.kind is not ArtifactKind.IP:
        return False
    try:
        return address.is_inside(node.value)
    except ValueError:
        return False


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
