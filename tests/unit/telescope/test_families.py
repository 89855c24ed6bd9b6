"""Families: one rule, said to an engine and to a person."""

from __future__ import annotations

import duckdb
from tests.unit.telescope.made import expression, row, table

from kaname.telescope.families import BY_NAME, FAMILIES, any_of, family_of

PTYPES = sorted({ptype for family in FAMILIES for ptype in family.ptypes})
TOOL_BITS = [1 | 0, 2, 4, 8, 32, 1024, 2048]


def _all_rows() -> list[dict[str, object]]:
    marks = [
        sum(bit for place, bit in enumerate(TOOL_BITS) if number >> place & 1)
        for number in range(1 << len(TOOL_BITS))
    ]
    rows = [row("192.0.2.1", "198.18.0.1", fp_all=mark) for mark in marks]
    return rows + [row("192.0.2.1", "198.18.0.1", ptype=ptype) for ptype in PTYPES]


def test_the_sql_of_a_family_picks_what_the_expression_numbers() -> None:
    rows = _all_rows()
    numbered = expression(rows)
    numbers = numbered.select(family=family_of(numbered)).to_pyarrow().column(0).to_pylist()
    flowtuples = table(rows)
    engine = duckdb.connect()
    engine.register("flowtuples", flowtuples)
    for number, family in enumerate(FAMILIES):
        query = f"SELECT count(*) FROM flowtuples WHERE {family.sql}"  # noqa: S608
        picked = engine.execute(query).fetchone()
        # ambiguous marks (two tools in one packet) may fit more than one family's SQL
        assert picked is not None
        assert picked[0] >= numbers.count(number)


def test_known_marks_go_to_their_family() -> None:
    marks = {"mirai": 1, "masscan": 2, "zmap2": 4, "zmap4": 8 | 2048, "probe": 32 | 2048,
             "stack": 1024 | 2048, "dressed": 2048, "bare": 0}  # fmt: skip
    rows = expression([row("192.0.2.1", "198.18.0.1", fp_all=mark) for mark in marks.values()])
    found = rows.select(family=family_of(rows)).to_pyarrow().column(0).to_pylist()
    assert found == [BY_NAME[name] for name in marks]


def test_every_packet_type_has_a_family() -> None:
    # the types that the reader of captures knows
    known = {
        "fragment", "icmp_echo_reply", "icmp_echo_request", "icmp_other", "icmp_parameter",
        "icmp_redirect", "icmp_source_quench", "icmp_time_exceeded", "icmp_unreachable",
        "other_ip", "tcp_ack", "tcp_other", "tcp_rst", "tcp_syn", "tcp_synack", "udp",
        "udp_answer",
    }  # fmt: skip
    assert set(PTYPES) == known


def test_any_of_joins_conditions() -> None:
    assert any_of(("udp", "echo")) == "((ptype = 'udp') OR (ptype = 'icmp_echo_request'))"
