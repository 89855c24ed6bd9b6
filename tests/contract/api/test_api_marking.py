"""TLP: what is marked above an account's clearance appears nowhere, in no form.

The seed puts rows, findings and indicators of every level into the stores, each with a
name, a port and a sensor that say its level. So an answer is searched as bytes.
"""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pytest

from kaname.model.marking import Tlp

LEVELS = list(Tlp)
LISTS = [
    "/api/v1/status",
    "/api/v1/summary",
    "/api/v1/summary?since=2020-03-11T00:00:00Z&until=2020-03-12T00:00:00Z",
    "/api/v1/findings?limit=1000&status=all",
    "/api/v1/findings?q=only",
    "/api/v1/indicators?limit=1000",
    "/api/v1/lake/tables",
    "/api/v1/lake/tables/flowtuples",
    "/api/v1/lake/tables/flowtuples/rows?limit=1000",
    "/api/v1/lake/sources?limit=1000",
    "/api/v1/lake/health",
    "/api/v1/lake/health/sources",
    "/api/v1/lake/forecast",
    "/api/v1/lake/pivot?value=198.51.100.0/24&limit=1000",
    "/api/v1/lake/tables/flowtuples/rows?ip.net=198.51.100.0/24",
    "/n6/flowtuples.json",
    "/api/v1/lake/tables/flowtuples/ocsf",
    "/api/v1/ingest/jobs",
    "/metrics",
]


def traces(level: Tlp) -> list[bytes]:
    """What would give away that something of ``level`` is there."""
    number = LEVELS.index(level) + 1
    name = level.name.lower()
    return [
        f"only-{name}".encode(),
        f"sensor-{name}".encode(),
        f"198.51.100.{10 * number}".encode(),
        f"tcp/{1000 + number}".encode(),
        f'"{level.value}"'.encode(),
    ]


@pytest.mark.parametrize("clearance", LEVELS)
@pytest.mark.parametrize("path", LISTS)
def test_lists_hold_nothing_above_the_clearance(client, clearance, path):
    body = client("viewer", clearance).get(path).raise_for_status().content
    if clearance.value.encode() in traces(clearance)[-1]:
        body = body.replace(f'"clearance":"{clearance.value}"'.encode(), b"")
    for level in LEVELS:
        if not level.visible_to(clearance):
            for trace in traces(level):
                assert trace not in body, (level, trace)


@pytest.mark.parametrize("clearance", LEVELS)
def test_what_is_at_the_clearance_is_there(client, clearance):
    # Otherwise the tests above would pass with empty stores.
    viewer = client("viewer", clearance)
    name = clearance.name.lower()
    assert f"only-{name}" in viewer.get("/api/v1/findings").text
    assert f"only-{name}" in viewer.get("/api/v1/indicators").text
    assert f"sensor-{name}" in viewer.get("/api/v1/lake/health").text
    assert f"sensor-{name}" in viewer.get("/metrics").text


@pytest.mark.parametrize("clearance", LEVELS)
def test_totals_count_only_what_may_be_seen(client, clearance):
    seen = clearance.rank + 1
    viewer = client("viewer", clearance)
    status = viewer.get("/api/v1/status").json()
    assert (status["sources"], status["rows"]) == (seen, 5 * seen)
    assert (status["findings"], status["indicators"]) == (seen, seen)
    assert viewer.get("/api/v1/findings").json()["total"] == seen
    summary = viewer.get("/api/v1/summary").json()
    # Level n has 5 rows of n packets from one host.
    assert summary["packets"]["count"] == 5 * seen * (seen + 1) // 2
    assert summary["hosts"]["count"] == seen


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sensor, tlp, port, packets FROM flowtuples",
        "SELECT count(*) AS n, sum(packets) AS p, max(port) AS m FROM flowtuples",
        "WITH t AS (SELECT * FROM flowtuples) SELECT DISTINCT sensor, tlp FROM t",
        "SELECT sensor FROM flowtuples UNION ALL SELECT sensor FROM flowtuples",
    ],
)
def test_sql_reads_nothing_above_the_clearance(client, sql):
    answer = client("viewer", Tlp.GREEN).post("/api/v1/lake/query", json={"sql": sql})
    assert answer.status_code == 200
    for level in (Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED):
        for trace in traces(level):
            assert trace not in answer.content
    if "count" in sql:
        assert answer.json()["rows"] == [[10, 15, 1002]]  # 5 of 1 packet, 5 of 2


def test_the_arrow_stream_holds_nothing_above_the_clearance(client):
    viewer = client("viewer", Tlp.GREEN, Accept="application/vnd.apache.arrow.stream")
    answer = viewer.post("/api/v1/lake/query", json={"sql": "SELECT * FROM flowtuples"})
    table = pa.ipc.open_stream(answer.content).read_all()
    assert set(table.column("tlp").to_pylist()) == {"clear", "green"}
    assert table.num_rows == 10


def test_things_above_the_clearance_are_not_found_by_id(client):
    everything = client("viewer", Tlp.RED)
    low = client("viewer", Tlp.GREEN)
    for path in ("findings", "indicators"):
        for item in everything.get(f"/api/v1/{path}").json()["items"]:
            visible = Tlp(item["tlp"]).visible_to(Tlp.GREEN)
            answer = low.get(f"/api/v1/{path}/{item['id']}")
            assert answer.status_code == (200 if visible else 404)
            if not visible:  # the same answer as for what does not exist
                missing = low.get(f"/api/v1/{path}/{item['id'][:-1]}x").json()
                assert answer.json()["code"] == missing["code"]
    for source in everything.get("/api/v1/lake/sources").json()["items"]:
        visible = Tlp(source["tlp"]).visible_to(Tlp.GREEN)
        answer = low.get(f"/api/v1/lake/sources/{source['batch']}")
        assert answer.status_code == (200 if visible else 404)


def test_a_hidden_finding_cannot_be_rerun(client):
    hidden = client("viewer", Tlp.RED).get("/api/v1/findings", params={"label": "only-red"})
    [finding] = hidden.json()["items"]
    answer = client("viewer", Tlp.GREEN).post(f"/api/v1/findings/{finding['id']}/rerun")
    assert answer.status_code == 404


@pytest.mark.parametrize("written", ["csv", "jsonl", "stix"])
def test_exports_hold_nothing_above_the_clearance(client, written):
    publisher = client("publisher", Tlp.GREEN)
    answer = publisher.get("/api/v1/indicators/export", params={"format": written})
    assert answer.status_code == 200, answer.text
    assert "203.0.113.2" in answer.text
    for number in (3, 4, 5):  # amber, amber+strict, red
        assert f"203.0.113.{number}" not in answer.text
    if written == "jsonl":
        assert len([json.loads(line) for line in answer.text.splitlines()]) == 2
    if written == "csv":
        assert len(list(csv.reader(io.StringIO(answer.text)))) == 3


@pytest.mark.parametrize("level", [Tlp.AMBER, Tlp.RED])
def test_nobody_brings_in_what_they_could_not_see(client, level):
    analyst = client("analyst", Tlp.GREEN)
    answer = analyst.post(
        "/api/v1/ingest", params={"name": "x.pcap", "tlp": level.value}, content=b"x"
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "api.error.clearance"
