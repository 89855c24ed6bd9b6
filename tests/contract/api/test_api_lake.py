"""The lake through the API: rows page by page, SQL, limits, cancel, Arrow."""

from __future__ import annotations

import threading
import time

import pyarrow as pa
import pytest
from tests.contract.api.conftest import START, Running
from tests.contract.api.observations import flowtuple, observe

MINUTE = 60_000_000
SLOW = "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range + b.range = 1"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A lake of 100 rows in an hour, from four hosts, on two ports."""
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


def pages(client, limit, **params):
    """All rows of the table, page by page, as dictionaries."""
    cursor = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        url = "/api/v1/lake/tables/flowtuples/rows"
        answer = client.get(url, params={"limit": limit, **params, **more})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield [dict(zip(page["columns"], row, strict=True)) for row in page["rows"]]
        cursor = page["next"]
        if cursor is None:
            return


@pytest.mark.parametrize("limit", [9, 99, 100, 101])
def test_pages_hold_every_row_once_and_in_order(client, limit):
    rows = [row for page in pages(client(), limit) for row in page]
    assert sorted(row["row_in_src"] for row in rows) == list(range(100))
    instants = [row["ts"] for row in rows]
    assert instants == sorted(instants)
    assert instants[0] == START


def test_rows_that_arrive_between_pages_neither_repeat_nor_hide_others(running, client):
    walk = pages(client(), 10)
    rows = next(walk)
    late = [flowtuple(START + MINUTE, src="192.0.2.9", dst="203.0.113.9", port=1, place=n)
            for n in range(3)]  # fmt: skip
    observe(running.services.lake, late, sensor="late")
    rows += [row for page in walk for row in page]
    places = [row["row_in_src"] for row in rows if row["sensor"] == "north"]
    assert sorted(places) == list(range(100))


def test_filters_by_time_prefix_and_port(client):
    def count(**params):
        return sum(len(page) for page in pages(client(), 100, **params))

    # Rows n = 0..99: minute n // 2, source .(n % 4), port 23 for even n. By hand:
    assert count(net="198.51.100.2") == 25
    assert count(net="198.51.100.0/31") == 50
    assert count(net="203.0.113.96/30") == 4  # destinations count as well
    assert count(net="2001:db8::/32") == 0
    assert count(port=445) == 50
    assert count(since="2020-03-11T00:10:00Z", until="2020-03-11T00:20:00Z") == 20
    assert count(since="2020-03-11T00:10:00Z", port=23, net="198.51.100.0") == 20


def test_rows_and_histogram_of_one_sensor(running, client):
    other = [flowtuple(START, src="192.0.2.7", dst="203.0.113.7", port=1, place=n) for n in (1, 2)]
    observe(running.services.lake, other, sensor="south")
    [rows] = pages(client(), 100, sensor="south")
    assert [(row["sensor"], row["src"]) for row in rows] == [("south", "192.0.2.7")] * 2
    url = "/api/v1/lake/tables/flowtuples/histogram"
    bins = client().get(url, params={"sensor": "south", "bins": 5}).json()["bins"]
    assert sum(each["rows"] for each in bins) == 2


def test_addresses_are_readable(client):
    row = next(iter(pages(client(), 1, net="198.51.100.0/24")))[0]
    assert (row["src"], row["dst"]) == ("198.51.100.0", "203.0.113.0")


def test_a_broken_cursor_is_said_so(client):
    answer = client().get("/api/v1/lake/tables/flowtuples/rows", params={"cursor": "e30"})
    assert answer.json()["code"] == "api.error.cursor"


def query(client, sql, **more):
    return client.post("/api/v1/lake/query", json={"sql": sql, **more})


def test_a_query_answers_with_kinds_and_says_when_it_was_cut(client):
    sql = "SELECT sensor, ts, packets FROM flowtuples WHERE sensor = 'north' ORDER BY ts"
    answer = query(client(), sql, limit=3).json()
    assert answer["columns"] == ["sensor", "ts", "packets"]
    assert answer["kinds"][1] == "timestamp"
    assert answer["rows"][0] == ["north", START, 1]
    assert (len(answer["rows"]), answer["truncated"]) == (3, True)
    assert query(client(), sql, limit=1000).json()["truncated"] is False


def test_the_same_in_bulk_as_arrow(client):
    viewer = client(Accept="application/vnd.apache.arrow.stream")
    answer = query(viewer, "SELECT * FROM flowtuples WHERE sensor = 'north'", limit=50)
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    assert answer.headers["x-kaname-truncated"] == "true"
    assert pa.ipc.open_stream(answer.content).read_all().num_rows == 50


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SELEC 1",
        "SELECT * FROM nowhere",
        "SELECT 1; SELECT 2",
        "DROP TABLE flowtuples",
        "INSERT INTO flowtuples SELECT * FROM flowtuples",
        "COPY flowtuples TO '/tmp/leak.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT content FROM read_text('/etc/passwd')",
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "SET memory_limit = '100GB'",
        "PRAGMA database_list",
        "SELECT getenv('HOME')",
    ],
)
def test_nothing_but_reading_tables_is_possible(client, sql):
    answer = query(client(), sql)
    assert answer.status_code in {400, 403, 404}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_query_ends_at_its_time_limit(client):
    answer = query(client(), SLOW, seconds=0.5)
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:kaname:problem:limit"


@pytest.mark.parametrize("more", [{"limit": 0}, {"limit": 10**9}, {"seconds": 0}, {"seconds": 99}])
def test_limits_beyond_the_settings_are_refused(client, more):
    assert query(client(), "SELECT 1", **more).status_code == 400


def running_queries(running):
    return running.services.queries._running


def in_background(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    return thread, found


def test_a_query_is_cancelled_by_its_id(running, client):
    thread, found = in_background(lambda: query(client(), SLOW, id="mine"))
    while not running_queries(running):
        time.sleep(0.02)
    other = client("admin").delete("/api/v1/lake/queries/mine")
    assert other.status_code == 404  # ids are one's own
    assert client().delete("/api/v1/lake/queries/mine").status_code == 204
    thread.join(10)
    assert found[0].status_code == 499
    assert not running_queries(running)


def test_two_queries_cannot_share_an_id(running, client):
    thread, _ = in_background(lambda: query(client(), SLOW, id="twice"))
    while not running_queries(running):
        time.sleep(0.02)
    assert query(client(), "SELECT 1", id="twice").status_code == 409
    client().delete("/api/v1/lake/queries/twice")
    thread.join(10)


def test_a_query_ends_when_its_client_goes_away(running, client):
    import httpx

    with pytest.raises(httpx.ReadTimeout):
        client().post("/api/v1/lake/query", json={"sql": SLOW}, timeout=0.5)
    deadline = time.monotonic() + 6  # well below the query's own limit of 8 s
    while running_queries(running) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not running_queries(running)


def test_sources_page_by_page(client):
    viewer = client()
    first = viewer.get("/api/v1/lake/sources", params={"limit": 1}).json()
    batches = [source["batch"] for source in first["items"]]
    while first["next"]:
        params = {"limit": 1, "cursor": first["next"]}
        first = viewer.get("/api/v1/lake/sources", params=params).json()
        batches += [source["batch"] for source in first["items"]]
    assert len(batches) == len(set(batches)) == first["total"]


def test_a_table_with_its_columns_and_days(client):
    table = client().get("/api/v1/lake/tables/flowtuples").json()
    assert table["first"] == START
    assert [day["dt"] for day in table["partitions"]] == ["2020-03-11"]
    assert {"name", "kind", "nullable", "en", "ja"} == set(table["columns"][0])
