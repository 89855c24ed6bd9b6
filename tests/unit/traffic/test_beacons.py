"""Regular contacts, alone, mixed with others, and shared by many."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.traffic.flow_scenes import START, at, drafts

from kaname._native import rhythm
from kaname.lake.tables import table as lake_table
from kaname.model.records import Severity
from kaname.traffic.analyses.beacons import Beacons
from kaname.traffic.evaluation.beacons import evaluate
from kaname.traffic.simulator.records import Records, joined, records, v4
from kaname.traffic.simulator.rhythms import Beacon, beacon, human


def _contacts(seconds: np.ndarray, client: str, server: str, port: int = 443) -> Records:
    n = len(seconds)
    sports = 32_768 + np.arange(n) % 20_000
    return records(
        n, us=at(seconds), src_lo=v4(client), dst_lo=v4(server), sport=sports, dport=port
    )


def _ordinary(clients: int = 30) -> list[Records]:
    rng = np.random.default_rng(1)
    return [_contacts(human(rng, 200), f"10.0.0.{n + 1}", "203.0.113.7") for n in range(clients)]


def test_a_beacon_hidden_in_ordinary_contacts_is_found() -> None:
    rng = np.random.default_rng(2)
    hidden = beacon(rng, Beacon(60, 0.2, 0.1, 1))
    found = drafts(Beacons(), joined([*_ordinary(), _contacts(hidden, "10.0.0.5", "203.0.113.9")]))
    (draft,) = [d for d in found if d.label == "beacon"]
    assert draft.subject == ("flows", "10.0.0.5", "203.0.113.9", 443)
    assert abs(draft.values["period"] - 60) < 6
    assert draft.severity is Severity.HIGH
    assert "10.0.0.5" in {a.value for a in draft.artifacts}
    assert "dport = 443" in draft.evidence.query


def test_people_are_no_beacons() -> None:
    assert [d for d in drafts(Beacons(), joined(_ordinary())) if d.label == "beacon"] == []


def test_a_rhythm_that_many_share_is_a_service() -> None:
    rng = np.random.default_rng(3)
    updaters = [
        _contacts(beacon(rng, Beacon(600, 0.1, 0.0, 0)), f"10.0.0.{n + 1}", "203.0.113.8")
        for n in range(8)
    ]
    found = drafts(Beacons(), joined([*_ordinary(), *updaters]))
    (draft,) = found
    assert draft.label == "periodic_service"
    assert draft.values["clients"] == 8


def test_clocks_are_ignored() -> None:
    clock = _contacts(np.arange(0, 86_400, 64.0), "10.0.0.9", "203.0.113.1", 123)
    assert drafts(Beacons(), clock) == []
    assert len(drafts(Beacons(), clock, ignored_ports="")) == 1


def test_names_of_tls_are_followed_over_addresses() -> None:
    times = at(beacon(np.random.default_rng(4), Beacon(300, 0.1, 0.0, 0)))
    schema = lake_table("tls").arrow_schema()
    rows = [
        dict.fromkeys(schema.names)
        | {"ts": int(us), "sensor": "proxy", "kind": "zeek", "tlp": "amber", "batch": 1}
        | {"row_in_src": n, "src_hi": 0, "src_lo": v4("10.0.0.5"), "dst_hi": 0}
        | {"dst_lo": v4(f"203.0.113.{n % 7 + 1}"), "sport": 40_000, "dport": 443}
        | {"sni": "updates.example.net"}
        for n, us in enumerate(times.tolist())
    ]
    found = drafts(Beacons(), {"tls": pa.Table.from_pylist(rows, schema=schema)})
    (draft,) = found
    assert draft.subject == ("tls", "10.0.0.5", "updates.example.net", 0)
    assert "T1573" in draft.techniques


def test_a_list_of_ports_must_be_numbers() -> None:
    with pytest.raises(Exception, match="https"):
        drafts(Beacons(), _ordinary(1)[0], ignored_ports="https")


def test_native_rows_are_one_a_series() -> None:
    batch = pa.record_batch(
        {
            "series": pa.array([0] * 8 + [1] * 3, pa.int64()),
            "us": pa.array([START + n * 60_000_000 for n in range(8)] + [START] * 3, pa.int64()),
            "octets": pa.array([100] * 11, pa.int64()),
        }
    )
    found = pa.table(pa.record_batch(rhythm(batch, START, START + 3_600_000_000)))
    assert found["series"].to_pylist() == [0, 1]
    assert found["gaps"].to_pylist() == [7, 0]
    assert found["rita_gaps"].to_pylist() == [1.0, 0.0]


def test_mixed_beacons_are_found_where_one_ordinary_pair_in_a_hundred_is() -> None:
    found = evaluate([], {})
    assert float(found.measures["tpr_mixed_1_to_1_least"]) >= 0.95
    (scores,) = found.tables
    plain_minute = next(row for row in scores.rows if row[:4] == (60, 20, 0, 1))
    # RITA's own measure cannot see them (reference of the lake, 3.8: 0.00)
    assert plain_minute[5] <= 0.05
