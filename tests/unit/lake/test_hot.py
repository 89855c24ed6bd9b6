"""The native copy changes how fast an answer comes, and nothing else."""

from __future__ import annotations

import pytest
from tests.unit.lake.observing import DAY_US, START, observe

from kaname.lake import Lake
from kaname.model.errors import QueryError
from kaname.model.marking import Tlp

SUMS = "SELECT dt, count(*) AS n, sum(octets) AS s, min(ts) AS t FROM flows GROUP BY 1 ORDER BY 1"
FROM_COPY = "SELECT count(*) FROM hot.flows"


def fill(lake: Lake) -> None:
    for day in range(3):
        rows = [
            {"ts": START + day * DAY_US + n, "src": "10.0.0.1", "octets": n, "row_in_src": n}
            for n in range(100)
        ]
        observe(lake, "flows", rows, source=f"d{day}")


def uses_copy(lake: Lake, **more: object) -> bool:
    try:
        return bool(lake.query(FROM_COPY, **more).rows())  # type: ignore[arg-type]
    except QueryError:
        return False


@pytest.mark.parametrize("days", [1, 2, 5])
def test_answers_are_the_same(lake, days):
    fill(lake)
    before = lake.query(SUMS).rows()
    report = lake.warm(days)
    assert report.rows == 100 * min(days, 3)
    assert uses_copy(lake)
    assert lake.query(SUMS).rows() == before
    observe(lake, "flows", [{"ts": START, "src": "10.0.0.1", "octets": 5}], source="late")
    assert uses_copy(lake)
    assert lake.query("SELECT count(*) FROM flows").rows() == [[301]]


def test_who_may_not_see_all_of_it_does_not_get_it(lake):
    fill(lake)
    observe(lake, "dns", [{"ts": START, "src": "10.0.0.1"}], source="red", tlp=Tlp.RED)
    lake.warm(9)
    assert uses_copy(lake)
    assert not uses_copy(lake, clearance=Tlp.GREEN)
    assert lake.query("SELECT count(*) FROM dns", clearance=Tlp.GREEN).rows() == [[0]]
    with pytest.raises(QueryError):
        lake.query("SELECT * FROM hot.dns", clearance=Tlp.AMBER)


def test_it_is_not_used_once_a_file_of_it_is_gone(lake):
    fill(lake)
    lake.warm(9)
    observe(lake, "flows", [{"ts": START, "src": "10.0.0.1"}], source="d0", replace=True)
    assert not uses_copy(lake)
    assert lake.query("SELECT count(*) FROM flows").rows() == [[201]]
    lake.sweep()
    assert not list(lake.root.glob(".hot/*"))


def test_a_damaged_copy_is_removed_and_read_around(lake):
    fill(lake)
    before = lake.query(SUMS).rows()
    lake.warm(9)
    (copy,) = (lake.root / ".hot").glob("*.duckdb")
    data = bytearray(copy.read_bytes())
    for place in range(4096, len(data), 64):
        data[place] ^= 0xFF
    copy.write_bytes(data)
    assert lake.query(SUMS).rows() == before
    assert not uses_copy(lake)


def test_zero_days_remove_it(lake):
    fill(lake)
    lake.warm(1)
    assert lake.warm(0).rows == 0
    assert not uses_copy(lake)
