"""Whether observations match a pattern (STIX 2.1, 9.4 to 9.8).

A comparison holds for objects of one observation; AND asks for one object that fulfils
both sides, so two sides about different types never hold together. Between observations,
AND and FOLLOWEDBY ask for different ones. Expressions of others are hostile input:
MATCHES and LIKE run in linear time (RE2), and combinations of observations are bounded.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, permutations
from typing import Any, NamedTuple

from kaname.intelligence.stix.patterns.expressions import like, regular
from kaname.intelligence.stix.patterns.tree import (
    Comparison,
    Comparisons,
    Condition,
    Exists,
    Expression,
    Instant,
    Joined,
    Literal,
    Observation,
    Path,
    Qualified,
)
from kaname.intelligence.stix.times import instant

__all__ = ["Observed", "matches"]

_MOST = 10_000  # combinations of observations that are looked at for one expression
_SECOND = 1_000_000


class Observed(NamedTuple):
    """What was seen together: objects by id, first and last instant (microseconds)."""

    objects: Mapping[str, Mapping[str, Any]]
    first: int = 0
    last: int = 0
    times: int = 1


Binding = frozenset[int]  # observations, by place, that fulfil an expression together


def matches(expression: Expression, observations: Sequence[Observed]) -> bool:
    """Whether ``observations`` fulfil ``expression``.

    Of more than 10,000 combinations that fulfil a part of it, the first are considered.
    """
    return next(_bindings(expression, observations), None) is not None


def _bindings(expression: Expression, seen: Sequence[Observed]) -> Iterator[Binding]:
    if isinstance(expression, Observation):
        for place, one in enumerate(seen):
            if _objects(expression.condition, one.objects):
                yield frozenset({place})
    elif isinstance(expression, Qualified):
        yield from islice(_qualified(expression, seen), _MOST)
    elif expression.joint == "OR":
        for part in expression.parts:
            yield from _bindings(part, seen)
    else:
        yield from islice(_combined(expression, seen), _MOST)


def _combined(expression: Joined, seen: Sequence[Observed]) -> Iterator[Binding]:
    """Bindings of all parts by different observations, in order for FOLLOWEDBY."""
    ordered = expression.joint == "FOLLOWEDBY"
    found: list[Binding] = list(islice(_bindings(expression.parts[0], seen), _MOST))
    for part in expression.parts[1:]:
        after = list(islice(_bindings(part, seen), _MOST))
        found = list(islice(_pairs(found, after, seen, ordered=ordered), _MOST))
    yield from found


def _pairs(
    before: Sequence[Binding], after: Sequence[Binding], seen: Sequence[Observed], *, ordered: bool
) -> Iterator[Binding]:
    for one in before:
        end = max(seen[place].last for place in one)
        for other in after:
            if one & other:
                continue
            if not ordered or min(seen[place].first for place in other) >= end:
                yield one | other


def _qualified(expression: Qualified, seen: Sequence[Observed]) -> Iterator[Binding]:
    if expression.qualifier == "START":
        inside = [
            place
            for place, one in enumerate(seen)
            if one.first >= expression.first and one.last < expression.last
        ]
        for binding in _bindings(expression.part, [seen[place] for place in inside]):
            yield frozenset(inside[place] for place in binding)
    elif expression.qualifier == "WITHIN":
        for binding in _bindings(expression.part, seen):
            if _span(binding, seen) <= expression.first * _SECOND:
                yield binding
    else:
        yield from _repeated(expression, seen)


def _span(binding: Binding, seen: Sequence[Observed]) -> int:
    """Microseconds between the first that ended and the last that began."""
    return max(seen[place].first for place in binding) - min(seen[p].last for p in binding)


def _repeated(expression: Qualified, seen: Sequence[Observed]) -> Iterator[Binding]:
    wanted = int(expression.first)
    found = list(islice(_bindings(expression.part, seen), _MOST))
    if all(len(one) == 1 for one in found):
        count = sum(seen[place].times for one in set(found) for place in one)
        if found and count >= wanted:
            yield frozenset().union(*found[:wanted])
        return
    for group in islice(permutations(found, min(wanted, len(found) + 1)), _MOST):
        union: Binding = frozenset().union(*group)
        if len(union) == sum(map(len, group)):
            yield union


def _objects(condition: Condition, objects: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Ids of the objects that fulfil ``condition``."""
    if isinstance(condition, Comparisons):
        found = [_objects(part, objects) for part in condition.parts]
        return set.intersection(*found) if condition.joint == "AND" else set.union(*found)
    return {
        key
        for key, thing in objects.items()
        if thing.get("type") == condition.path.type and _holds(condition, thing, objects)
    }


def _holds(
    condition: Comparison | Exists, thing: Any, objects: Mapping[str, Mapping[str, Any]]
) -> bool:
    values = _values(condition.path, thing, objects)
    if isinstance(condition, Exists):
        return (next(values, None) is not None) != condition.negated
    compare = _COMPARED[condition.operator]
    return any(
        any(compare(value, literal) for literal in condition.values) != condition.negated
        for value in values
    )


def _values(path: Path, thing: Any, objects: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
    """What ``path`` leads to, through references to other objects."""
    here = [thing]
    for step in path.steps:
        here = [found for one in here for found in _step(one, step, objects)]
    yield from here


def _step(
    thing: Any, step: str | int | None, objects: Mapping[str, Mapping[str, Any]]
) -> Iterator[Any]:
    if isinstance(thing, str) and thing in objects and isinstance(step, str):
        thing = objects[thing]  # the value of a property *_ref
    if isinstance(step, str):
        if isinstance(thing, Mapping) and step in thing:
            yield thing[step]
    elif isinstance(thing, list):
        if step is None:
            yield from thing
        elif -len(thing) <= step < len(thing):
            yield thing[step]


def _equal(value: Any, literal: Literal) -> bool:
    if isinstance(literal, Instant):
        return isinstance(value, str) and instant(value) == literal.us
    if isinstance(literal, bytes):
        return isinstance(value, str) and value.lower() == literal.hex()
    if isinstance(value, bool) or isinstance(literal, bool):
        return value is literal
    return bool(value == literal)


def _less(value: Any, literal: Literal) -> bool:
    one, other = _comparable(value, literal)
    return one is not None and bool(one < other)


def _comparable(value: Any, literal: Literal) -> tuple[Any, Any]:
    """Both as numbers or both as texts; None where they are not of one kind."""
    if isinstance(literal, Instant):
        found = instant(value) if isinstance(value, str) else None
        return (None, None) if found is None else (found, literal.us)
    numbers = isinstance(value, int | float) and isinstance(literal, int | float)
    texts = isinstance(value, str) and isinstance(literal, str)
    return (value, literal) if numbers or texts else (None, None)


def _more(value: Any, literal: Literal) -> bool:
    one, other = _comparable(value, literal)
    return one is not None and bool(one > other)


def _subset(value: Any, literal: Literal) -> bool:
    one, other = _network(value), _network(literal)
    same = one is not None and other is not None and one.version == other.version
    return same and one.subnet_of(other)  # type: ignore[union-attr, arg-type]


def _superset(value: Any, literal: Literal) -> bool:
    one, other = _network(value), _network(literal)
    same = one is not None and other is not None and one.version == other.version
    return same and one.supernet_of(other)  # type: ignore[union-attr, arg-type]


def _network(text: object) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False) if isinstance(text, str) else None
    except ValueError:
        return None


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": _equal,
    "!=": lambda value, literal: not _equal(value, literal),
    "IN": _equal,
    "<": _less,
    ">": _more,
    "<=": lambda value, literal: _less(value, literal) or _equal(value, literal),
    ">=": lambda value, literal: _more(value, literal) or _equal(value, literal),
    "LIKE": like,
    "MATCHES": regular,
    "ISSUBSET": _subset,
    "ISSUPERSET": _superset,
}
