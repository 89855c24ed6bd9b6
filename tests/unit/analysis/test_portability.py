"""The lint finds what was seen to differ between engines."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pytest

from kaname.analysis.portability import violations

TABLE = ibis.table(
    {
        "ts": "timestamp('UTC')",
        "n": "int64",
        "name": "string",
        "many": "array<int64>",
        "u": "uint32",
    },
    "t",
)
EPOCH = ibis.timestamp("1970-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (lambda t: t.ts.epoch_seconds(), "ExtractEpochSeconds"),
        (lambda t: t.name.split("."), "StringSplit"),
        (lambda t: t.ts.bucket(minutes=5), "TimestampBucket"),
        (lambda t: t.n.mode(), "Mode"),
        (lambda t: t.n.kurtosis(), "Kurtosis"),
        (lambda t: t.n.bit_or(), "BitOr"),
        (lambda t: t.n.first(order_by=t.ts), "First"),
        (lambda t: t.name.hash(), "Hash"),
        (lambda t: t.ts.cast("int64"), "ts.delta"),
        (lambda t: t.n.approx_nunique(), "ApproxCountDistinct"),
        (lambda t: t.n.cast("uint16"), "signed"),
        (lambda t: t.limit(5), "order"),
        (lambda t: t.select(low=t.many.unnest() % 256), "Unnest"),
        (lambda t: t.asof_join(t.view(), "ts").select("n"), "asof_join"),
    ],
)  # fmt: skip
def test_each_rule_fires(build: Callable[[ir.Table], ir.Expr], word: str) -> None:
    assert any(word in message for message in violations(build(TABLE)))


def test_what_is_equal_on_both_is_let_through() -> None:
    own = TABLE.select("ts", "n", "name")
    at = own.ts.delta(EPOCH, unit="microsecond")
    found = own.mutate(at=at, parts=own.name.re_split(r"\.")).order_by("at", "n").limit(5)
    assert violations(found) == []
