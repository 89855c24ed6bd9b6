"""Exposed services: silent, answering, abused; amplification is measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from tests.unit.traffic.flow_scenes import DAY, START, drafts

from kaname.analysis.frame import Draft
from kaname.lake.tables import table as lake_table
from kaname.model.records import Role
from kaname.traffic.analyses.amplifiers import Amplifiers
from kaname.traffic.simulator.records import Records, joined, records, table, v4

RESOLVER = v4("10.0.0.53")


def _exposure(age: int = DAY) -> pa.Table:
    schema = lake_table("exposure").arrow_schema()
    row = dict.fromkeys(schema.names) | {
        "ts": START - age, "sensor": "reports", "kind": "shadowserver", "tlp": "amber",
        "batch": 1, "row_in_src": 0, "src_hi": 0, "src_lo": RESOLVER, "port": 53, "proto": 17,
        "service": "dns", "report": "scan_dns", "amp_factor": 1.4,
    }  # fmt: skip
    return pa.Table.from_pylist([row], schema=schema)


def _asked(peers: int, asked: int, told: int, gap: int = 1_000_000) -> Records:
    n = 20 * peers
    us = START + np.arange(n) * gap
    peer = v4("203.0.113.0") + np.arange(n) % peers
    shared = {"us": us, "proto": 17, "tcp_bits": 0}
    question = records(
        n, src_lo=peer, dst_lo=RESOLVER, sport=4000, dport=53, octets=asked, **shared
    )
    answer = records(n, src_lo=RESOLVER, dst_lo=peer, sport=53, dport=4000, octets=told, **shared)
    return joined([question, answer] if asked else [answer])


def _told(whole: Records, **params: Any) -> list[Draft]:
    return drafts(Amplifiers(), {"flows": table(whole), "exposure": _exposure()}, **params)


def test_many_peers_at_once_are_abuse() -> None:
    (draft,) = _told(_asked(60, 60, 3000))
    assert draft.label == "amplifier_abused"
    assert draft.values["amplification"] == "50.0"
    assert draft.values["busiest"] == 60
    assert {a.role for a in draft.artifacts} == {Role.MISCONFIGURED}


def test_few_peers_show_that_it_answers() -> None:
    (draft,) = _told(_asked(5, 60, 3000))
    assert draft.label == "amplifier_answering"
    assert draft.techniques == ()


def test_a_service_that_says_no_more_than_it_is_asked_is_no_amplifier() -> None:
    assert _told(_asked(60, 60, 120)) == []


def test_answers_without_questions_count_where_peers_are_many() -> None:
    (draft,) = _told(_asked(60, 0, 3000))
    assert draft.label == "amplifier_abused"
    assert draft.values["amplification"] == "–"
    assert _told(_asked(5, 0, 3000)) == []


def test_services_that_no_report_names_are_left_alone() -> None:
    elsewhere = {name: np.where(column == 53, 54, column) for name, column in
                 _asked(60, 60, 3000).items()}  # fmt: skip
    assert _told(elsewhere) == []
