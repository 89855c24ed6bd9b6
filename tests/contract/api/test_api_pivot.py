"""MATATAPI: pivot, filters, histogram, bulk forms, n6, forecast and health of sources."""

from __future__ import annotations

import ipaddress
import json

import pyarrow as pa
import pytest
from tests.contract.api.conftest import START, Running
from tests.contract.api.observations import flowtuple, observe

MINUTE = 60_000_000
DAY = 86_400_000_000
ROWS = "/api/v1/lake/tables/flowtuples/rows"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """100 rows in an hour, from four hosts, on two ports."""
    with Running(tmp_path_factory.mktemp("lake") / "data") as nexus:
        rows = [
            flowtuple(
                START + n // 2 * MINUTE,
                src=f"198.51.100.{n % 4}",
                dst=f"203.0.113.{n}",
                port=(23, 445)[n % 2],
                place=n,
            )
            for n in range(100)
        ]
        observe(nexus.services.lake, rows)
        yield nexus


def get(client, path: str, **params: object):
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_pivot_page_by_page(client):
    path, seen, cursor = "/api/v1/lake/pivot", [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = get(client(), path, value="198[.]51.100.1", limit=9, **more).json()
        assert page["kind"] == "ip"
        assert page["value"] == "198.51.100.1"
        assert page["tables"] == [
            {"table": "flowtuples", "rows": 25, "first_us": START,
             "last_us": START + 48 * MINUTE},
        ]  # fmt: skip
        assert page["histogram"] == [{"at": START, "table": "flowtuples", "rows": 25}]
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [int(item["place"]) for item in seen] == list(range(97, 0, -4))
    assert seen[0]["cells"]["dst"] == "203.0.113.97"
    assert (seen[0]["role"], seen[0]["sensor"], seen[0]["tlp"]) == ("src", "north", "green")


def test_a_pivot_within_a_time(client):
    page = get(client(), "/api/v1/lake/pivot", value="198.51.100.0/31",
               since=START + MINUTE, until=START + 3 * MINUTE).json()  # fmt: skip
    assert [item["ts"] for item in page["items"]] == [START + 2 * MINUTE] * 2


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"ip": "198.51.100.1"}, 25),
        ({"ip.net": "198.51.100.0/31"}, 50),
        ({"net": "198.51.100.0/31"}, 50),
        ({"dport": 445}, 50),
        ({"proto": "udp"}, 0),
        ({"time.min": "2020-03-11T00:10:00Z", "time.max": "2020-03-11T00:20:00Z"}, 20),
        ({"since": "2020-03-11T00:10:00Z", "until": "2020-03-11T00:20:00Z", "port": 23}, 10),
    ],
)
def test_filters_under_names_old_and_new(client, params, count):
    page = get(client(), ROWS, limit=1000, **params).json()
    assert len(page["rows"]) == count == page["meta"]["rows"]
    histogram = get(client(), "/api/v1/lake/tables/flowtuples/histogram", **params).json()
    assert sum(one["rows"] for one in histogram["bins"]) == count


def test_only_the_fields_asked_for(client):
    pages = []
    cursor = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = get(client(), ROWS, fields="dst,port", limit=40, **more).json()
        assert page["columns"] == ["dst", "port"]
        pages += page["rows"]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == [[f"203.0.113.{n}", (23, 445)[n % 2]] for n in range(100)]
    assert client().get(ROWS, params={"fields": "nothing"}).status_code == 400


def test_the_same_page_as_lines_and_as_arrow(client):
    lines = get(client(accept="application/x-ndjson"), ROWS, limit=60)
    rows = [json.loads(line) for line in lines.text.splitlines()]
    assert [row["row_in_src"] for row in rows] == list(range(60))
    assert rows[0]["dst"] == "203.0.113.0"
    arrow = get(
        client(accept="application/vnd.apache.arrow.stream"), ROWS, limit=60,
        cursor=lines.headers["X-Kaname-Next"],
    )  # fmt: skip
    table = pa.ipc.open_stream(arrow.content).read_all()
    assert table.column("row_in_src").to_pylist() == list(range(60, 100))
    assert "X-Kaname-Next" not in arrow.headers


def test_a_histogram_has_equal_steps_without_gaps(client):
    found = get(client(), "/api/v1/lake/tables/flowtuples/histogram", bins=7,
                since=START, until=START + 70 * MINUTE).json()  # fmt: skip
    assert found["step_us"] == 10 * MINUTE
    assert [one["at"] for one in found["bins"]] == [START + n * 10 * MINUTE for n in range(7)]
    assert [one["rows"] for one in found["bins"]] == [20, 20, 20, 20, 20, 0, 0]
    empty = get(client(), "/api/v1/lake/tables/dns/histogram").json()
    assert empty["bins"] == []


def test_n6_clients_are_answered_as_they_ask(client):
    answer = get(client(), "/n6/flowtuples.json", **{"ip": "198.51.100.1", "opt.limit": 3})
    events = answer.json()
    assert len(events) == 3
    assert events[0]["address"][0] == {"ip": "198.51.100.1", "dir": "src"}
    assert events[0]["time"] == "2020-03-11T00:00:00Z"
    old = get(client(), "/n6/matatabi.json", source="flowtuples", ip="198.51.100.1", limit=3)
    assert old.json() == events
    rest = get(
        client(), "/n6/flowtuples.json", ip="198.51.100.1", cursor=answer.headers["X-Kaname-Next"]
    )
    assert len(rest.json()) == 22


def test_n6_is_no_way_around_a_token(running):
    import httpx

    assert httpx.get(f"{running.nexus.url}/n6/flowtuples.json").status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/n6/flowtuples", 404),
        ("/n6/nothing.json", 404),
        ("/n6/matatabi.json", 400),
        ("/n6/hops.json", 400),
        ("/n6/flowtuples.json?fqdn=a.example", 400),
        ("/n6/flowtuples.json?time.mni=1h", 400),
        ("/api/v1/lake/pivot", 400),
        ("/api/v1/lake/pivot?value=", 400),
        ("/api/v1/lake/tables/routes/ocsf", 400),
        (f"{ROWS}?limit=1001", 400),
    ],
)
def test_requests_that_make_no_sense(client, path, status):
    answer = client().get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_ocsf_events(client):
    answer = get(client(), "/api/v1/lake/tables/flowtuples/ocsf", limit=2)
    events = [json.loads(line) for line in answer.text.splitlines()]
    assert [event["class_uid"] for event in events] == [4001, 4001]
    # where a telescope lies is not told: its addresses bear pseudonyms of the same network
    told = [ipaddress.ip_address(event["dst_endpoint"]["ip"]) for event in events]
    assert not any(address in ipaddress.ip_network("203.0.113.0/24") for address in told)
    assert int(told[0]) >> 8 == int(told[1]) >> 8


def test_what_the_disk_and_the_sources_do(client):
    forecast = get(client(), "/api/v1/lake/forecast").json()
    tables = {table["table"]: table for table in forecast["tables"]}  # derived ones may be there
    table = tables["flowtuples"]
    assert table["days_kept"] == 1
    assert table["bytes"] == table["bytes_per_day"]
    assert forecast["bytes_per_day"] == sum(one["bytes_per_day"] for one in tables.values())
    expected = forecast["disk_free"] / forecast["bytes_per_day"]
    assert forecast["full_in_days"] == pytest.approx(expected, rel=0.01)
    sources = get(client(), "/api/v1/lake/health/sources").json()
    (source,) = (one for one in sources if one["table"] == "flowtuples")
    assert (source["sensor"], source["reader"]) == ("north", "pcap")
    assert (source["rows"], source["batches"], source["bad_share"]) == (100, 1, 0)
    assert source["last_us"] == START + 49 * MINUTE
    assert source["live"] is False
