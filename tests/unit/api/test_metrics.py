from __future__ import annotations

from kaname.api.metrics import Counters, Metric, exposition, resident_bytes


def test_the_exposition_is_what_the_format_asks_for():
    # Prometheus text format 0.0.4: escaping of \, newline and " in label values.
    metric = Metric("m", "gauge", "Help.", [({"a": 'x"y\\z\n'}, 1.5), ({}, 3.0)])
    assert exposition([metric]) == (
        b'# HELP m Help.\n# TYPE m gauge\nm{a="x\\"y\\\\z\\n"} 1.5\nm 3\n'
    )


def test_large_values_keep_all_their_digits():
    for value, written in ((123456789012.0, b"123456789012"), (1764087253.125, b"1764087253.125")):
        assert b"m " + written in exposition([Metric("m", "counter", "H", [({}, value)])])


def test_requests_are_counted_by_route_and_status():
    counters = Counters()
    counters.request("GET", "/findings/{finding}", 200, 0.1)
    counters.request("GET", "/findings/{finding}", 200, 0.1)
    counters.request("GET", "/findings/{finding}", 404, 0.1)
    requests = counters.metrics()[0]
    assert [(labels["status"], value) for labels, value in requests.samples] == [
        ("200", 2.0),
        ("404", 1.0),
    ]


def test_resident_memory_is_of_this_process():
    resident = resident_bytes()
    assert resident is None or 5_000_000 < resident < 50_000_000_000
