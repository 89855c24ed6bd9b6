"""XML of unknown origin as a small tree. Document types and entities are refused.

Without a document type there are no entities but the five of XML itself, so nothing can
grow ("billion laughs") and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

__all__ = ["BadXmlError", "Node", "parse"]

MOST_DEPTH = 64


class BadXmlError(Exception):
    """Not well-formed, nested too deep, or with a document type; says which."""


@dataclass(slots=True)
class Node:
    """An element: its name without name space, attributes, text, elements inside."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Node]:
        """Elements called ``name`` right inside."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Node | None:
        """The first of them."""
        return next(self.all(name), None)

    def value(self, name: str) -> str | None:
        """Text of the first element called ``name``; None when it is empty or missing."""
        found = self.first(name)
        return (found.text.strip() or None) if found else None


def parse(data: bytes | str) -> Node:
    """The document's element.

    Raises:
        BadXmlError: it cannot, or must not, be read.
    """
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadXmlError(str(error)) from None
    return builder.root.children[0]


def _refuse(*_: object) -> None:
    raise BadXmlError("a document type or entity, which no feed needs")


class _Builder:
    def __init__(self) -> None:
        self.root = Node("", {})
        self._open = [self.root]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MOST_DEPTH:
            raise BadXmlError(f"nested deeper than {MOST_DEPTH} levels")
        node = Node(name.rpartition(":")[2], attributes)
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].text += data
