"""Flows made by hand, on an engine of their own."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa

from kaname.analysis.frame import Analysis, Context, Draft, Window, settle
from kaname.lake.tables import table as lake_table
from kaname.traffic.simulator.records import Records, table

DAY = 86_400_000_000
HOUR = 3_600_000_000
MINUTE = 60_000_000
SECOND = 1_000_000
START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z


def expressions(**tables: pa.Table) -> dict[str, ibis.Table]:
    """Tables of the lake as expressions; those not given are empty."""
    # Ibis 12 still calls names that DuckDB 2.0 has renamed
    warnings.filterwarnings("ignore", r"\w+\(\) is deprecated", DeprecationWarning)
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'").fetchall()
    backend = ibis.duckdb.from_connection(engine)
    found = {}
    for name in ("flows", "tls", "user_events", "exposure"):
        rows = tables.get(name)
        if rows is None:
            rows = lake_table(name).arrow_schema().empty_table()
        engine.register(f"{name}_rows", rows)
        engine.execute(f"CREATE TABLE {name} AS FROM {name}_rows").fetchall()
        found[name] = backend.table(name)
    return found


def drafts(
    analysis: Analysis,
    whole: Records | Mapping[str, pa.Table],
    window: Window | None = None,
    **params: Any,
) -> list[Draft]:
    """What ``analysis`` says of flows, or of tables by name."""
    tables = {"flows": table(whole)} if "us" in whole else dict(whole)
    settled = settle(analysis.name, analysis.parameters, params)
    period = window or Window(START, START + analysis.period)
    found = expressions(**tables)
    own = {name: found[name] for name in analysis.tables}
    return list(analysis.run(Context(own, period, "router", settled)))


def at(seconds: Any) -> Any:
    """Seconds after the start as microseconds since 1970."""
    return START + (np.asarray(seconds, np.float64) * SECOND).astype(np.int64)
