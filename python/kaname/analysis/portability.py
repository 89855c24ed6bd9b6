"""Whether an expression means the same on every engine that may evaluate it.

Each rule was found by running the operation on DuckDB and on Spark and comparing (the
reference of the lake, "Portability rules"): some operations are missing on one of them,
others give other values without a word. Analyses are held to the rules by a test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["RULES", "violations"]

# Operation -> why not. Names, because Ibis moves the classes between modules.
_FORBIDDEN: dict[str, str] = {
    "ExtractEpochSeconds": "fractional on DuckDB; use ts.delta(epoch, unit='microsecond')",
    "StringSplit": "Spark splits by a regular expression; use re_split",
    "TimestampBucket": "missing on Spark; use integer arithmetic",
    "WindowAggregate": "window_by is missing on DuckDB; use integer arithmetic",
    "Mode": "missing on Spark",
    "Kurtosis": "missing on Spark",
    "BitOr": "missing on Spark",
    "BitAnd": "missing on Spark",
    "BitXor": "missing on Spark",
    "First": "missing on Spark with an order",
    "Last": "missing on Spark with an order",
    "Hash": "values differ between engines; use hexdigest",
    "ApproxCountDistinct": "values differ between engines; count exactly",
    "ApproxMedian": "values differ between engines",
    "RandomScalar": "not a function of the rows",
    "RandomUUID": "not a function of the rows",
    "TimestampNow": "not a function of the rows",
    "DateNow": "not a function of the rows",
}


def _named(node: ops.Node) -> str | None:
    reason = _FORBIDDEN.get(type(node).__name__)
    return f"{type(node).__name__}: {reason}" if reason else None


def _unsigned(node: ops.Node) -> str | None:
    """Not every engine that reads the lake knows unsigned integers."""
    kind = getattr(node, "dtype", None)
    unsigned = isinstance(kind, dt.Integer) and not isinstance(kind, dt.SignedInteger)
    return f"{type(node).__name__} is {kind}: use signed integers" if unsigned else None


def _timestamp_cast(node: ops.Node) -> str | None:
    """Casting an instant to a number fails on both engines."""
    if not isinstance(node, ops.Cast):
        return None
    found: Any = node
    instant = isinstance(found.arg.dtype, dt.Timestamp) and isinstance(found.to, dt.Numeric)
    return "Cast of a timestamp to a number: use ts.delta" if instant else None


def _asof(node: ops.Node) -> str | None:
    how = getattr(node, "how", "")
    return "asof_join: missing on Spark" if how == "asof" else None


def _unordered_limit(node: ops.Node) -> str | None:
    """Which rows are kept must not depend on the engine."""
    if not isinstance(node, ops.Limit):
        return None
    found: Any = node
    below = found.parent
    while isinstance(below, (ops.Project, ops.Filter)):
        below = below.parent
    return None if isinstance(below, ops.Sort) else "Limit without an order"


def _nested_unnest(node: ops.Node) -> str | None:
    """Spark takes a generator as a column of its own only."""
    if isinstance(node, ops.Relation):
        return None
    children = (child for child in node.args if isinstance(child, ops.Unnest))
    return "Unnest inside an expression: make it a column first" if any(children) else None


RULES: tuple[Callable[[ops.Node], str | None], ...] = (
    _named,
    _unsigned,
    _timestamp_cast,
    _asof,
    _unordered_limit,
    _nested_unnest,
)


def violations(expression: ir.Expr) -> list[str]:
    """What in ``expression`` is not portable, each once; empty when all is well."""
    nodes = expression.op().find(ops.Node)
    found = {message for node in nodes for rule in RULES if (message := rule(node))}
    return sorted(found)
