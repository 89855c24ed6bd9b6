"""The first page: two days whose numbers are known by construction."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from tests.contract.api.conftest import START, VALUES, Running
from tests.contract.api.observations import flowtuple, observe
from tests.contract.records import finding

from kaname.model.marking import Tlp
from kaname.model.records import Severity

DAY = 86_400_000_000
HOUR = 3_600_000_000
TODAY = {"since": "2020-03-12", "until": "2020-03-13"}


def day(start, packets, hosts, port):
    """Every hour ``packets`` packets from each of ``hosts`` hosts to one port."""
    return [
        flowtuple(
            start + hour * HOUR,
            src=f"198.51.100.{host}",
            dst="203.0.113.1",
            port=port,
            packets=packets,
            place=100 * hour + host,
        )
        for hour in range(24)
        for host in range(hosts)
    ]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("summary") / "data") as nexus:
        services = nexus.services
        services.runs.stop()
        observe(services.lake, day(START, 2, 10, 23), sensor="first")
        observe(services.lake, day(START + DAY, 9, 10, 23), sensor="second")
        more = day(START + DAY, 1, 40, 2323)
        observe(services.lake, more, sensor="third", tlp=Tlp.RED)
        made = [
            finding(
                n,
                label="scan" if n < 20 else "flood",
                severity=Severity.HIGH if n >= 20 else Severity.LOW,
                message="telescope.zmap",
                values=VALUES | {"source": "198.51.100.1"},
                last_seen=START + (DAY if n >= 3 else 0) + n,
            )
            for n in range(22)
        ]
        services.knowledge.replace_window("darknet.sources", 0, HOUR, made)
        yield nexus


def test_numbers_of_both_periods(client):
    summary = client("viewer", Tlp.GREEN).get("/api/v1/summary", params=TODAY).json()
    assert summary["packets"] == {"key": "packets", "count": 2160, "before": 480}
    assert summary["hosts"] == {"key": "hosts", "count": 10, "before": 10}
    assert summary["ports"] == [{"key": "tcp/23", "count": 10, "before": 10}]
    assert len(summary["series"]) == 48
    assert [bar["packets"] for bar in summary["series"]] == [90, 0] * 24
    assert [bar["hosts"] for bar in summary["series"]] == [10, 0] * 24
    labels = {label["key"]: (label["count"], label["before"]) for label in summary["labels"]}
    assert labels == {"scan": (17, 3), "flood": (2, 0)}
    assert summary["findings"][0]["label"] == "flood"  # the severest first
    assert summary["live"] is False


def test_without_a_period_it_is_the_day_up_to_the_newest_observation(client):
    summary = client().get("/api/v1/summary").json()
    assert summary["until"] == START + DAY + 23 * HOUR + 60_000_000
    assert summary["until"] - summary["since"] == DAY


def test_changes_say_what_and_lead_to_the_rows(client):
    viewer = client("viewer", Tlp.RED)
    changes = viewer.get("/api/v1/summary", params=TODAY).json()["changes"]
    kinds = {change["kind"] for change in changes}
    assert kinds == {"surge", "new_port", "new_label"}
    [port] = [change for change in changes if change["kind"] == "new_port"]
    assert "tcp/2323" in port["text"]["en"]
    assert "tcp/2323" in port["text"]["ja"]
    sql = unquote(port["link"].removeprefix("#/lake?sql="))
    rows = viewer.post("/api/v1/lake/query", json={"sql": sql}).json()["rows"]
    assert len(rows) == 40


def test_a_new_port_of_a_closed_source_is_not_told_to_others(client):
    changes = client("viewer", Tlp.GREEN).get("/api/v1/summary", params=TODAY).text
    assert "2323" not in changes


def test_a_period_that_ends_before_it_begins_is_refused(client):
    answer = client().get("/api/v1/summary", params={"since": "2020-03-13", "until": "2020-03-12"})
    assert answer.json()["code"] == "api.error.period"


def test_new_data_show_at_once(running, client):
    viewer = client()
    params = {"since": "2020-03-20", "until": "2020-03-21"}
    assert viewer.get("/api/v1/summary", params=params).json()["packets"]["count"] == 0
    observe(running.services.lake, day(START + 9 * DAY, 1, 1, 80), sensor="late")
    summary = viewer.get("/api/v1/summary", params=params).json()
    assert summary["packets"]["count"] == 24
    assert [change["kind"] for change in summary["changes"]] == ["first_data"]


def test_an_empty_nexus_has_an_answer_too(tmp_path):
    with Running(tmp_path / "data") as running, running.client() as client:
        summary = client.get("/api/v1/summary").json()
    assert summary["packets"] == {"key": "packets", "count": 0, "before": 0}
    assert summary["live"] is True
    assert summary["changes"] == []
