"""Analyses on demand, and by themselves when the lake changes."""

from __future__ import annotations

import time

import pytest
from tests.contract.api.conftest import START, Running
from tests.contract.api.observations import flowtuple, observe

from kaname.lake import Lake
from kaname.model.marking import Tlp

ENDED = {"done", "failed", "cancelled"}


@pytest.fixture
def running(tmp_path):
    with Running(tmp_path / "data") as nexus:
        yield nexus


def scan():
    """One host that asks 200 addresses of 50 networks for telnet in a minute."""
    return [
        flowtuple(START, src="192.0.2.77", dst=f"203.0.{n // 4}.{n % 4}", port=23, place=n)
        for n in range(200)
    ]


def test_every_analysis_says_what_it_is_in_both_languages(client):
    found = client().get("/api/v1/analyses").json()
    assert "telescope.sources" in {one["name"] for one in found}
    for one in found:
        assert one["text"]["en"] != one["text"]["ja"]
        assert all(parameter["text"]["ja"] for parameter in one["parameters"])


def test_rows_of_another_process_are_analysed_by_themselves(running, client):
    start = running.services.bus.cursor
    with Lake.open(running.nexus.settings.data) as other:
        observe(other, scan())
    viewer = client()
    while not viewer.get("/api/v1/findings").json()["total"]:
        time.sleep(0.1)
    [finding] = viewer.get("/api/v1/findings", params={"artifact": "192.0.2.77"}).json()["items"]
    assert finding["analysis"] == "telescope.sources"
    rerun = viewer.post(f"/api/v1/findings/{finding['id']}/rerun").json()
    assert rerun["status"] == "holds"
    assert rerun["rows_now"] == rerun["rows_then"] > 0
    with running.services.bus.subscribe(">", cursor=start) as subscription:
        topics = set()
        while (message := subscription.get(timeout=1.0)) is not None:
            topics.add(message.topic)
    assert {"lake.committed", "findings.changed"} <= topics


def test_a_run_on_demand_is_told_to_its_end(running, client):
    observe(running.services.lake, scan())
    analyst = client("analyst")
    answer = analyst.post("/api/v1/analyses/telescope.sources/run", json={})
    assert answer.status_code == 202, answer.text
    while (run := analyst.get("/api/v1/analyses/runs").json()[0])["state"] not in ENDED:
        time.sleep(0.1)
    assert (run["id"], run["state"]) == (answer.json()["id"], "done"), run
    assert run["findings"] >= 1
    told = client("viewer", Tlp.GREEN).get("/api/v1/analyses/runs").json()
    assert told[0]["findings"] is None  # the number covers what one may not see


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("telescope.nothing", {}, 404),
        ("telescope.sources", {}, 400),  # there is nothing to read yet
        ("telescope.sources", {"since": 5, "until": 5}, 400),
        ("telescope.sources", {"since": 0, "until": 9, "params": {"nothing": 1}}, 400),
        ("telescope.sources", {"surprise": 1}, 400),
    ],
)
def test_runs_that_make_no_sense_are_refused(client, name, body, status):
    answer = client("analyst").post(f"/api/v1/analyses/{name}/run", json=body)
    assert answer.status_code == status, answer.text
