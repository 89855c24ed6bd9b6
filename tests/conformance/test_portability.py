"""Every expression that the telescope evaluates is portable, and compiles for Spark."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from ibis.backends.sql.compilers import PySparkCompiler
from ibis.config import Config
from tests.unit.telescope.made import DAY, START, expression, row

from kaname.analysis.derivation import derivations
from kaname.analysis.deriving import _whole
from kaname.analysis.frame import Context, Window, analyses, settle
from kaname.analysis.portability import violations
from kaname.lake.parquet import conform, stored_schema
from kaname.lake.tables import table as table_of


class SparkOptions(Config):
    """As Ibis's back end for Spark has them by default."""

    treat_nan_as_null: bool = False


def _rows() -> list[dict[str, Any]]:
    """A day on which every part of the analyses has something to do."""
    ts = [START + n * 600_000_000 for n in range(144)]
    bots = [
        row((20 + b << 24) + (b << 16), f"198.18.0.{b + 1}", ts=t, fp_all=1, port=port)
        for b in range(30)
        for port, times in ((23, ts), (9530, ts[90:]))
        for t in times
    ]
    flood = [row((n * 2_654_435_761) % (1 << 32), "198.18.1.9", port=80) for n in range(80)]
    walk = [row("192.0.2.7", f"198.18.1.{h}", port=80) for h in range(1, 255)]
    attack = [
        row((90 << 24) + n, f"198.18.2.{n % 3}", ptype="tcp_synack", port=443, dst_more=[77],
            uniq_dst=2)
        for n in range(60)
    ]  # fmt: skip
    company = [row(f"192.0.3.{h}", f"198.18.2.{p}", port=h * 50 + p) for h in (1, 2, 3)
               for p in range(20)]  # fmt: skip
    icmp = [row("192.0.2.80", f"198.18.2.{h}", ptype="icmp_unreachable", proto=1, port=771,
                vic_hi=0, vic_lo=5) for h in range(9)]  # fmt: skip
    talk = [row("10.0.0.1", "10.0.0.2"), row("10.0.0.2", "10.0.0.1", ptype="tcp_synack")]
    return bots + flood + walk + attack + company + icmp + talk


def _add(tables: dict[str, ir.Table], name: str, batches: list[pa.RecordBatch]) -> None:
    """Rows of a derived table, beside those that they were made from."""
    schema = stored_schema(table_of(name))
    whole = [conform(_labelled(_whole(batch, 0)), table_of(name)) for batch in batches]
    engine = tables["flowtuples"].get_backend()
    engine.con.register(f"{name}_rows", pa.Table.from_batches(whole, schema=schema))
    engine.con.execute(f"CREATE TABLE {name} AS FROM {name}_rows").fetchall()
    tables[name] = engine.table(name)


def _labelled(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = {name: batch.column(name) for name in batch.schema.names}
    said = {"sensor": "darknet", "tlp": "clear"}
    columns |= {name: pa.repeat(value, batch.num_rows) for name, value in said.items()}
    return pa.RecordBatch.from_pydict(columns)


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[ir.Expr]:
    """All expressions that a run of the analyses evaluates."""
    seen: list[ir.Expr] = []
    for kind in (ir.Expr, ir.Table):
        original = kind.to_pyarrow

        def record(self: Any, *args: Any, _do: Any = original, **options: Any) -> Any:
            seen.append(self)
            return _do(self, *args, **options)

        monkeypatch.setattr(kind, "to_pyarrow", record)
    tables = {"flowtuples": expression(_rows())}
    _add(tables, "rsdos", [])
    for each in derivations().values():
        settled = settle(each.name, each.parameters, {})
        context = Context(tables, Window(START, START + DAY), "darknet", settled)
        _add(tables, each.output, list(each.run(context)))
    labels = set()
    for name, each in analyses().items():
        if name.startswith("telescope."):
            settled = settle(name, each.parameters, {})
            context = Context(tables, Window(START, START + DAY), "darknet", settled)
            labels |= {draft.label for draft in each.run(context)}
    assert labels >= {"campaign", "spoofed_flood", "tcp_reflection", "mirai", "survey"}
    return seen


def test_no_expression_differs_between_engines(evaluated: list[ir.Expr]) -> None:
    assert len(evaluated) > 20
    found = {message for each in evaluated for message in violations(each)}
    assert not found


def test_every_expression_compiles_for_spark(
    evaluated: list[ir.Expr], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the option that Spark's back end registers when it is installed
    monkeypatch.setattr(ibis.options, "pyspark", SparkOptions())
    for each in evaluated:
        compiled = PySparkCompiler().to_sqlglot(each.unbind()).sql(PySparkCompiler.dialect)
        assert compiled.startswith(("SELECT", "WITH"))
