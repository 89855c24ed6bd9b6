"""What a pattern says, as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

__all__ = [
    "Comparison",
    "Comparisons",
    "Condition",
    "Exists",
    "Expression",
    "Instant",
    "Joined",
    "Literal",
    "Observation",
    "Path",
    "Qualified",
    "conditions",
]


class Instant(NamedTuple):
    """A timestamp literal, microseconds."""

    us: int


Literal: TypeAlias = str | int | float | bool | bytes | Instant


class Path(NamedTuple):
    """A path to properties: names, positions in lists, and None for any position."""

    type: str
    steps: tuple[str | int | None, ...]

    def __str__(self) -> str:
        """The steps that are names, with dots between: ``dst_ref.value``."""
        return ".".join(step for step in self.steps if isinstance(step, str))


@dataclass(frozen=True, slots=True)
class Comparison:
    """``path operator values``; only IN has several values."""

    path: Path
    operator: str  # = != < > <= >= IN LIKE MATCHES ISSUBSET ISSUPERSET
    values: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Exists:
    """``EXISTS path``."""

    path: Path
    negated: bool


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Conditions of one object joined by AND or OR."""

    joint: str
    parts: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Exists | Comparisons


@dataclass(frozen=True, slots=True)
class Observation:
    """``[condition]``: one observation."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Joined:
    """Expressions joined by AND, OR or FOLLOWEDBY."""

    joint: str
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Qualified:
    """An expression with WITHIN (seconds), REPEATS (times) or START..STOP (microseconds)."""

    part: Expression
    qualifier: str
    first: float
    last: float = 0


Expression: TypeAlias = Observation | Joined | Qualified


def conditions(expression: Expression) -> Iterator[Comparison | Exists]:
    """All comparisons of ``expression``, in their order."""
    waiting: list[Expression | Condition] = [expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Comparison | Exists):
            yield one
        elif isinstance(one, Observation):
            waiting.append(one.condition)
        elif isinstance(one, Qualified):
            waiting.append(one.part)
        else:
            waiting.extend(reversed(one.parts))
