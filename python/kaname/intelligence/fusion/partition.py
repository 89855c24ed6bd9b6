"""A partition that grows by joining, remembers why, and keeps apart what it was told to."""

from __future__ import annotations

from collections.abc import Iterable

from kaname.intelligence.fusion.links import Link, Node

__all__ = ["Partition"]


class Partition:
    """Union-find over artifacts.

    Every union that changed something is kept with the link that decided it, so that the
    links kept within a part are a tree: taking one away says what falls apart. Two
    artifacts that are in ``apart`` never come into one part, whatever leads from one to
    the other.
    """

    def __init__(self, apart: Iterable[tuple[Node, Node]] = ()) -> None:
        self._parent: dict[Node, Node] = {}
        self._size: dict[Node, int] = {}
        self._apart: dict[Node, set[Node]] = {}
        self.decided: list[Link] = []
        for a, b in apart:
            self._apart.setdefault(self._own(a), set()).add(self._own(b))
            self._apart.setdefault(b, set()).add(a)

    def __contains__(self, node: Node) -> bool:
        """Whether ``node`` is in a part of two or more."""
        return node in self._parent and self._size[self.root(node)] > 1

    def root(self, node: Node) -> Node:
        """The artifact that stands for the part of ``node``."""
        self._own(node)
        root = node
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[node] != root:
            self._parent[node], node = root, self._parent[node]
        return root

    def may_join(self, a: Node, b: Node) -> bool:
        """Whether nothing keeps the parts of ``a`` and ``b`` apart."""
        root_a, root_b = self.root(a), self.root(b)
        kept = {self.root(node) for node in self._apart.get(root_a, ())}
        return root_b not in kept

    def join(self, link: Link) -> bool:
        """Make one part of the parts of the link's ends; whether they were two and may."""
        a, b = self.root(link.a), self.root(link.b)
        if a == b or not self.may_join(a, b):
            return False
        if (self._size[a], b) < (self._size[b], a):
            a, b = b, a
        self._parent[b] = a
        self._size[a] += self._size[b]
        if b in self._apart:
            self._apart.setdefault(a, set()).update(self._apart.pop(b))
        self.decided.append(link)
        return True

    def join_all(self, links: Iterable[Link]) -> int:
        """`join` one after the other; how many of them joined two parts."""
        return sum(self.join(link) for link in links)

    def parts(self) -> dict[Node, list[Node]]:
        """The parts of two or more artifacts, by the artifact that stands for each."""
        found: dict[Node, list[Node]] = {}
        for node in sorted(self._parent):
            if self._size[root := self.root(node)] > 1:
                found.setdefault(root, []).append(node)
        return found

    def _own(self, node: Node) -> Node:
        if node not in self._parent:
            self._parent[node] = node
            self._size[node] = 1
        return node
