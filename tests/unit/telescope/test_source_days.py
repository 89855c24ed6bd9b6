"""Days of sources and services: every packet once, hosts exact, labels as stated elsewhere."""

from __future__ import annotations

from collections import Counter
from typing import Any

import ibis
import pyarrow as pa
import pytest
from tests.unit.telescope.made import DAY, MINUTE, START, expression, low, picture, row

from kaname.analysis.frame import Context, Window
from kaname.lake.tables.port_days import TABLE as PORT_DAYS
from kaname.lake.tables.source_days import TABLE as SOURCE_DAYS
from kaname.model.address import to_text
from kaname.telescope.derivations.port_days import PortDays
from kaname.telescope.derivations.source_days import SourceDays
from kaname.telescope.evaluation import predict
from kaname.telescope.survey import SurveyList

PARAMETERS = {each.name: each.default for each in SourceDays.parameters}


def _context(**tables: ibis.Table) -> Context:
    return Context(tables, Window(START, START + DAY), "darknet", PARAMETERS)


def _source_days(rows: pa.Table | list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_batches(SourceDays().run(_context(flowtuples=expression(rows))))


def _port_days(rows: pa.Table | list[dict[str, Any]]) -> list[dict[str, Any]]:
    flowtuples = expression(rows)
    labelled = ibis.memtable(_source_days(rows))
    batches = PortDays().run(_context(flowtuples=flowtuples, source_days=labelled))
    return [one for batch in batches for one in batch.to_pylist()]


def test_hosts_of_each_label_are_those_that_the_analysis_states(radiation: pa.Table) -> None:
    table = _source_days(radiation)
    said = predict(picture(radiation), SurveyList.load(""), survey_ports=30, members=1_000_000)
    stated = Counter(label for labels in said.values() for label in labels)
    pairs = {
        (one["src_hi"], one["src_lo"], one["label"])
        for one in table.select(["src_hi", "src_lo", "label"]).to_pylist()
    }
    assert Counter(label for _, _, label in pairs) == stated
    assert len(stated) >= 15


def test_every_packet_and_every_host_is_counted_once(radiation: pa.Table) -> None:
    table = _source_days(radiation)
    looked_at = picture(radiation).rows
    assert sum(table["packets"].to_pylist()) == looked_at.packets.sum().to_pyarrow().as_py()
    assert sum(table["octets"].to_pylist()) == looked_at.octets.sum().to_pyarrow().as_py()
    sources = looked_at.select("src_hi", "src_lo").distinct().count().to_pyarrow().as_py()
    assert table["part"].to_pylist().count(0) == sources


def test_columns_are_those_of_the_table(radiation: pa.Table) -> None:
    for rows, declared in (
        (_source_days(radiation).schema, SOURCE_DAYS),
        (pa.Table.from_pylist(_port_days(radiation)).schema, PORT_DAYS),
    ):
        assert {c.name for c in declared.columns} <= set(rows.names)


def test_surveys_come_last_so_that_hosts_without_them_can_be_counted() -> None:
    ports = range(1000, 1040)
    rows = [
        row("198.51.100.1", f"192.0.2.{at % 250}", port=port, fp_all=8, win_first=65535,
            first_s=at, packets=40)
        for at, port in enumerate(ports)
    ] + [row("198.51.100.1", "192.0.2.9", ptype="tcp_synack", port=80, fp_all=0)]  # fmt: skip
    found = _source_days(rows).to_pylist()
    labels = [(one["part"], one["label"]) for one in found]
    assert labels == [(0, "backscatter_tcp"), (1, "survey")]
    assert found[1]["tool"] == "zmap4"
    (web, *_) = [one for one in _port_days(rows) if one["ptype"] == "tcp_synack"]
    assert (web["hosts"], web["hosts_rest"]) == (1, 1)
    asked = [one for one in _port_days(rows) if one["ptype"] == "tcp_syn"]
    assert {(one["hosts"], one["hosts_rest"], one["packets_rest"]) for one in asked} == {(1, 0, 0)}


def test_what_a_scanner_sends_to_a_crowds_address_stays_its_own() -> None:
    crowd = [row(f"203.0.{at // 250}.{at % 250}", "192.0.2.7", port=80) for at in range(500)]
    scanner = [
        row("198.51.100.9", f"192.0.2.{at}", port=80, first_s=at % 60, ts=START + at * MINUTE)
        for at in range(100)
    ]
    found = _source_days(crowd + scanner).to_pylist()
    own = [one for one in found if one["src_lo"] == low("198.51.100.9")]
    assert [(one["packets"], one["label"] != "spoofed_flood") for one in own] == [(100, True)]
    rest = [one["label"] for one in found if one["src_lo"] != low("198.51.100.9")]
    assert rest == ["spoofed_flood"] * 500


def test_a_row_says_when_what_and_how_much() -> None:
    rows = [
        row("198.51.100.1", "192.0.2.1", ptype="icmp_unreachable", proto=1, port=769, packets=2,
            octets=112, first_s=5),
        row("198.51.100.1", "192.0.2.2", ptype="icmp_time_exceeded", proto=1, port=2816,
            packets=7, octets=392, ts=START + 90 * MINUTE, first_s=1),
    ]  # fmt: skip
    (found,) = _source_days(rows).to_pylist()
    assert found["ts"].isoformat() == "2026-01-01T00:00:05+00:00"
    assert found["last"].isoformat() == "2026-01-01T01:30:01+00:00"
    assert (found["family"], found["ptype"], found["tool"]) == (
        "icmp_error",
        "icmp_time_exceeded",
        "",
    )
    assert (found["packets"], found["octets"], found["minutes"]) == (9, 504, 2)
    assert (found["ports"], found["port"], found["port_packets"]) == (2, 2816, 7)
    assert to_text(found["src_hi"], found["src_lo"]) == "198.51.100.1"


def test_a_day_without_packets_has_no_rows() -> None:
    assert list(SourceDays().run(_context(flowtuples=expression([])))) == []


def test_hosts_of_a_service_are_distinct_over_the_day() -> None:
    rows = [
        row("198.51.100.1", "192.0.2.1", port=23, packets=3),
        row("198.51.100.1", "192.0.2.2", port=23, packets=4, ts=START + 5 * MINUTE),
        row("198.51.100.2", "192.0.2.2", port=23),
        row("198.51.100.2", "192.0.2.2", port=53, proto=17, ptype="udp"),
    ]
    found = {(one["ptype"], one["port"]): one for one in _port_days(rows)}
    assert (found["tcp_syn", 23]["packets"], found["tcp_syn", 23]["hosts"]) == (8, 2)
    assert (found["udp", 53]["packets"], found["udp", 53]["hosts"]) == (1, 1)
    assert {one["ts"].isoformat() for one in found.values()} == {"2026-01-01T00:00:00+00:00"}


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_rows_does_not_show(order: int) -> None:
    rows = [
        row(f"198.51.100.{at % 7}", f"192.0.2.{at}", port=at % 5, first_s=at % 60)
        for at in range(60)
    ]
    assert _source_days(rows[::order]).equals(_source_days(rows))
