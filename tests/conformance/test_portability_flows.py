"""Every expression that analyses over flows evaluate is portable, and compiles for Spark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest
from ibis.backends.sql.compilers import PySparkCompiler
from ibis.config import Config
from tests.unit.traffic.flow_scenes import DAY, HOUR, START, at, expressions

from kaname.analysis.frame import Context, Window, analyses, settle
from kaname.analysis.portability import violations
from kaname.lake.tables import table as lake_table
from kaname.traffic.simulator.attacks import MEANS, Assault, assault
from kaname.traffic.simulator.background import Link, background
from kaname.traffic.simulator.records import joined, records, table, v4

PARAMS: dict[str, dict[str, Any]] = {
    "flow.anomalies": {"votes": 1},
    "flow.heavy_hitters": {"threshold": 1, "least_mbps": 0.0},
}


class SparkOptions(Config):
    """As Ibis's back end for Spark has them by default."""

    treat_nan_as_null: bool = False


def _flows() -> pa.Table:
    """A day on which every part of the analyses has something to do."""
    rng = np.random.default_rng(21)
    begin = START + 3 * DAY
    dns = next(m for m in MEANS if m.vector == "dns")
    attack = assault(rng, Assault(dns, "10.0.0.80", 3000.0, 60.0, 2000.0), begin)
    days = [background(rng, Link(rate=0.1), START + day * DAY, 1.2) for day in range(4)]
    beacon = records(
        1200, us=begin + np.arange(1200) * 60_000_000, src_lo=v4("10.0.1.3"),
        dst_lo=v4("203.0.113.9"), sport=40_000, dport=443,
    )  # fmt: skip
    scan = records(
        90, us=at(np.arange(90) * 40) + 3 * DAY, src_lo=v4("45.1.1.1"),
        dst_lo=v4("10.0.2.0") + np.arange(90), dport=22, tcp_bits=2,
    )  # fmt: skip
    resolver = records(
        4000, us=begin + np.arange(4000) * 20_000, src_lo=v4("10.0.0.53"), octets=3000,
        dst_lo=v4("198.51.100.0") + np.arange(4000) % 99, proto=17, sport=53, dport=4000,
    )  # fmt: skip
    return table(joined([*days, attack, beacon, scan, resolver]))


def _exposure() -> pa.Table:
    schema = lake_table("exposure").arrow_schema()
    row = dict.fromkeys(schema.names) | {
        "ts": START, "sensor": "reports", "kind": "shadowserver", "tlp": "amber", "batch": 1,
        "row_in_src": 0, "src_hi": 0, "src_lo": v4("10.0.0.53"), "port": 53, "proto": 17,
        "service": "dns", "report": "scan_dns",
    }  # fmt: skip
    return pa.Table.from_pylist([row], schema=schema)


@pytest.fixture(scope="module")
def evaluated() -> Iterator[list[ir.Expr]]:
    """All expressions that a run of the analyses evaluates."""
    with pytest.MonkeyPatch.context() as patch:
        yield _evaluated(patch)


def _evaluated(patch: pytest.MonkeyPatch) -> list[ir.Expr]:
    seen: list[ir.Expr] = []
    for kind in (ir.Expr, ir.Table):
        original = kind.to_pyarrow

        def record(self: Any, *args: Any, _do: Any = original, **options: Any) -> Any:
            seen.append(self)
            return _do(self, *args, **options)

        patch.setattr(kind, "to_pyarrow", record)
    tables = expressions(flows=_flows(), exposure=_exposure())
    labels = set()
    for name, each in analyses().items():
        if name.startswith("flow."):
            settled = settle(name, each.parameters, PARAMS.get(name, {}))
            own = {t: tables[t] for t in each.tables}
            window = Window(START + 3 * DAY, START + 3 * DAY + max(each.period, HOUR))
            labels |= {d.label for d in each.run(Context(own, window, "router", settled))}
    assert labels >= {"amplification", "beacon", "horizontal_scan", "amplifier_abused"}
    assert labels >= {"new_heavy_hitter", "suspicious"}
    return seen


def test_no_expression_differs_between_engines(evaluated: list[ir.Expr]) -> None:
    assert len(evaluated) > 20
    found = {message for each in evaluated for message in violations(each)}
    assert not found


def test_every_expression_compiles_for_spark(
    evaluated: list[ir.Expr], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the option that Spark's back end registers when it is installed
    monkeypatch.setattr(ibis.options, "pyspark", SparkOptions(), raising=False)
    for each in evaluated:
        compiled = PySparkCompiler().to_sqlglot(each.unbind()).sql(PySparkCompiler.dialect)
        assert compiled.startswith(("SELECT", "WITH"))
