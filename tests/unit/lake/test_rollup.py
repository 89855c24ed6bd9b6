"""Roll-ups are what the rows themselves give, whatever happened to the files."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from tests.unit.lake.observing import DAY_US, START, observe

from kaname.model.errors import UsageError
from kaname.model.marking import Tlp

MINUTE, HOUR = 60_000_000, 3_600_000_000


def flows_of(number: int) -> list[dict]:
    dice = random.Random(number)
    return [
        {"ts": START + dice.randrange(2 * HOUR), "src": f"10.0.0.{dice.randrange(5)}",
         "dst": f"10.0.1.{dice.randrange(3)}", "proto": 6, "packets": 2, "octets": 100,
         "dport": dice.choice((80, 8080, 50000)), "sampling": 10, "row_in_src": n}
        for n in range(400)
    ]  # fmt: skip


def expected(rows: list[dict]) -> Counter:
    """Flows by minute, destination and class of port, by a loop over the rows."""
    classes = {80: 80, 8080: 1024, 50000: 49152}
    return Counter((r["ts"] // MINUTE * MINUTE, r["dst"], classes[r["dport"]]) for r in rows)


def found(lake, **more) -> Counter:
    table = lake.rollup("flow_1m", START, START + DAY_US, **more).to_pylist()
    assert all(row["octets"] == 1000 * row["flows"] for row in table)
    assert all(row["packets"] == 20 * row["flows"] for row in table)
    assert all(1 <= row["sources"] <= row["flows"] for row in table)
    return Counter({
        (row["at"], f"10.0.1.{row['dst_lo'] & 255}", row["port"]): row["flows"] for row in table
    })  # fmt: skip


def test_flows_by_minute_after_all_that_happens_to_files(lake):
    one, two, three = flows_of(1), flows_of(2), flows_of(3)
    observe(lake, "flows", one, source="1")
    observe(lake, "flows", two, source="2", tlp=Tlp.RED)
    assert found(lake) == expected(one + two)
    assert found(lake, clearance=Tlp.GREEN) == expected(one)
    observe(lake, "flows", three, source="1", replace=True)
    assert found(lake) == expected(three + two)
    lake.compact()
    assert found(lake) == expected(three + two)
    for path in lake.root.rglob("*.roll"):
        path.write_bytes(path.read_bytes()[:50])
    assert found(lake) == expected(three + two)
    lake.retain(START + 9 * DAY_US, {"flows": 1})
    lake.sweep()
    assert found(lake) == Counter()
    assert not list(lake.root.rglob("*.roll"))


def test_distinct_sources_of_a_minute_are_counted_exactly(lake):
    rows = [{"ts": START + n, "src": f"10.0.0.{n % 7}", "dst": "10.0.1.1"} for n in range(50)]
    observe(lake, "flows", rows)
    assert lake.rollup("flow_1m", START, START + 1).column("sources").to_pylist() == [7]


def test_clients_by_hour(lake):
    def asked(minute: int, client: int, domain: str | None, rcode: int) -> dict:
        return {"ts": START + minute * MINUTE, "src": f"10.0.0.{client}", "regdom": domain,
                "qname": "x", "rcode": rcode}  # fmt: skip

    observe(lake, "dns", [asked(0, 1, "a.example", 0), asked(59, 1, "b.example", 3)], source="1")
    observe(lake, "dns", [asked(5, 1, "a.example", 3), asked(60, 1, None, 0)], source="2")
    rows = lake.rollup("dns_1h", START + MINUTE, START + 2 * HOUR).to_pylist()
    assert [(r["at"], r["n"], r["nx"], r["regdoms"]) for r in rows] == [
        (START, 3, 2, 2),
        (START + HOUR, 1, 0, 0),
    ]


def test_what_is_no_rollup(lake):
    with pytest.raises(UsageError):
        lake.rollup("nothing", START, START + 1)
