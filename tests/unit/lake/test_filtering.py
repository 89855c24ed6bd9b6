"""Filters as SQL, run over rows of which every one is known."""

from __future__ import annotations

import pytest
from tests.unit.lake.observing import START, observe

from kaname.lake.filtering import Filters, conditions
from kaname.lake.tables import table
from kaname.model.errors import UsageError


def places(lake, name: str, wanted: Filters) -> list[int]:
    where = " AND ".join(conditions(table(name), wanted)) or "true"
    sql = f"SELECT row_in_src FROM {name} WHERE {where} ORDER BY 1"  # noqa: S608
    found = lake.query(sql)
    return [row[0] for row in found.rows()]


@pytest.fixture
def seen(lake):
    observe(
        lake,
        "dns",
        [
            {
                "ts": START,
                "row_in_src": 0,
                "src": "192.0.2.1",
                "dst": "10.0.0.53",
                "dport": 53,
                "qname": "www.evil.example",
                "regdom": "evil.example",
            },
            {
                "ts": START + 1,
                "row_in_src": 1,
                "src": "192.0.2.2",
                "dst": "10.0.0.53",
                "dport": 853,
                "qname": "notevil.example",
                "regdom": "notevil.example",
                "answers": ["a.evil.example"],
            },
        ],
    )
    observe(
        lake,
        "mail",
        [
            {
                "ts": START,
                "row_in_src": 0,
                "src": "192.0.2.1",
                "from_addr": "x@mail.evil.example",
                "urls": ["https://u:p@WWW.evil.example:8443/x", "http://good.example/"],
            },
            {
                "ts": START,
                "row_in_src": 1,
                "src": "192.0.2.9",
                "urls": ["http://good.example/?q=http://www.evil.example/"],
            },
        ],
    )
    observe(
        lake,
        "flows",
        [
            {
                "ts": START + n,
                "row_in_src": n,
                "src": f"2001:db8::{n}",
                "dst": "10.0.0.1",
                "proto": (1, 6, 17)[n],
                "sport": 5000 + n,
                "dport": (0, 443, 53)[n],
            }
            for n in range(3)
        ],
    )
    return lake  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        ("dns", Filters(), [0, 1]),
        ("dns", Filters(fqdn="WWW.evil[.]example."), [0]),
        ("dns", Filters(fqdn="evil.example"), [0]),  # the registered domain of the first
        ("dns", Filters(fqdn_sub="evil.example"), [0, 1]),
        ("dns", Filters(fqdn_sub="notevil.example"), [1]),
        ("mail", Filters(fqdn="www.evil.example"), [0]),
        ("mail", Filters(fqdn_sub="evil.example"), [0]),
        ("mail", Filters(fqdn="mail.evil.example"), [0]),
        ("dns", Filters(net="192.0.2.2"), [1]),
        ("dns", Filters(net="192.0.2.0/24", since=START + 1), [1]),
        ("dns", Filters(until=START + 1), [0]),
        ("dns", Filters(dport=853), [1]),
        ("flows", Filters(net="2001:db8::2/127"), [2]),
        ("flows", Filters(proto="icmp"), [0]),
        ("flows", Filters(proto="17"), [2]),
        ("flows", Filters(port=5001), [1]),
        ("flows", Filters(dport=5001), []),
    ],
)
def test_filters_pick(seen, name, wanted, expected):
    assert places(seen, name, wanted) == expected


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("flows", Filters(fqdn="a.example")),
        ("mail", Filters(proto="tcp")),
        ("flows", Filters(proto="x")),
        ("flows", Filters(proto="256")),
        ("flows", Filters(net="10.0.0.1/8")),
        ("crawl", Filters(dport=1)),
    ],
)
def test_filters_that_make_no_sense(name, wanted):
    with pytest.raises(UsageError):
        conditions(table(name), wanted)
