"""Counts of sources per service and ten minutes, by hand."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from tests.unit.telescope.made import START, expression, row

from kaname.analysis.frame import Context, Window, settle
from kaname.lake.tables.port_counts import TABLE
from kaname.telescope.derivations.port_counts import PortCounts
from kaname.telescope.derivations.telescope_windows import TelescopeWindows

HOUR = 3_600_000_000
MINUTE = 60_000_000


def made(rows: list[dict[str, Any]], each: Any = PortCounts) -> list[dict[str, Any]]:
    params = settle(each.name, each.parameters, {})
    context = Context(
        {"flowtuples": expression(rows)}, Window(START, START + HOUR), "darknet", params
    )
    batches = list(each().run(context))
    return pa.Table.from_batches(batches).to_pylist() if batches else []


def test_sources_networks_and_the_busiest_are_counted() -> None:
    rows = [
        row("20.1.0.1", "198.18.0.1", packets=3, fp_all=1),
        row("20.1.0.1", "198.18.0.2", packets=2, fp_all=1, ts=START + 9 * MINUTE),
        row("20.1.9.9", "198.18.0.3", fp_all=1),
        row("30.1.0.1", "198.18.0.4"),
        row("30.1.0.1", "198.18.0.4", ts=START + 10 * MINUTE),
        row("30.1.0.1", "198.18.0.4", ptype="udp", proto=17),
    ]
    found = [
        (r["ts"].minute, r["ptype"], r["port"], r["packets"], r["uniq_src"], r["uniq_src16"],
         r["wide_src"], r["top_packets"], r["family"], r["family_src"])
        for r in made(rows)
    ]  # fmt: skip
    assert found == [
        (0, "tcp_syn", 23, 7, 3, 2, 0, 5, "mirai", 2),
        (0, "udp", 23, 1, 1, 1, 0, 1, "udp", 1),
        (10, "tcp_syn", 23, 1, 1, 1, 0, 1, "bare", 1),
    ]


def test_a_source_that_asks_for_thirty_services_is_counted_apart() -> None:
    wide = [row("20.0.0.1", "198.18.0.1", port=port) for port in range(1, 31)]
    less = [row("20.0.0.2", "198.18.0.1", port=port) for port in range(1, 30)]
    found = {r["port"]: (r["uniq_src"], r["wide_src"]) for r in made(wide + less)}
    assert found[1] == (2, 1)
    assert found[30] == (1, 1)


def test_a_crowd_before_one_address_is_left_out() -> None:
    crowd = [row(f"21.{n}.0.1", "198.18.0.9", port=80) for n in range(120)]
    other = [row(f"22.{n}.0.1", f"198.18.0.{n + 1}", port=23) for n in range(5)]
    assert {r["port"]: r["uniq_src"] for r in made(crowd + other)} == {23: 5}


def test_ipv6_networks_are_those_of_32_bits() -> None:
    hosts = [{"src_hi": (0x2001_0DB8 << 32) + n, "src_lo": 1} for n in range(3)]
    rows = [row(0, "198.18.0.1") | host for host in hosts]
    (found,) = made(rows)
    assert (found["uniq_src"], found["uniq_src16"]) == (3, 1)


def test_the_columns_are_those_of_the_table() -> None:
    own = {column.name for column in TABLE.columns} | {"ts"}
    assert set(made([row("20.0.0.1", "198.18.0.1")])[0]) == own


def test_no_rows_make_none() -> None:
    assert made([]) == []
    assert made([], TelescopeWindows) == []


def test_windows_have_totals_and_the_density_of_what_moves_together() -> None:
    # two networks in the same bins of 50 s, one in others: one edge of three pairs
    together = [
        row(f"{net}.0.0.1", "198.18.0.1", ts=START + (s // 60) * MINUTE, first_s=s % 60, packets=90)
        for net in (20, 21) for s in (0, 100, 200)
    ]  # fmt: skip
    apart = [
        row("22.0.0.1", "198.18.0.1", ts=START + (s // 60) * MINUTE, first_s=s % 60, packets=90)
        for s in (300, 350, 400)
    ]
    (found,) = made(together + apart, TelescopeWindows)
    assert (found["packets"], found["hosts"], found["networks"]) == (810, 3, 3)
    assert found["density_9"] == round(3 / 6, 9)  # all three pairs: the third moves against them
