from __future__ import annotations

from urllib.parse import unquote

import pytest

from kaname.api.changes import Observed, changes, counts_differ, levels_differ
from kaname.api.shapes import Count, SensorOut, TimePoint
from kaname.api.traffic import Traffic
from kaname.model.instant import DAY, HOUR
from kaname.model.records import Severity

DAY_OF_TEST = 18_300 * DAY


def bars(packets, *, start=DAY_OF_TEST):
    return [
        TimePoint(at=start + hour * HOUR, packets=count, hosts=count // 10)
        for hour, count in enumerate(packets)
    ]


def observed(**more):
    given = {
        "since": DAY_OF_TEST,
        "until": DAY_OF_TEST + DAY,
        "traffic": Traffic(packets=1, packets_before=1),
        "labels": [],
        "severity_of": lambda _: Severity.HIGH,
        "sensors": [],
        "damaged": 0,
    }
    return Observed(**given | more)


# Expected values: two Poisson counts a, b differ at z = |2*sqrt(a+3/8) - 2*sqrt(b+3/8)| / sqrt(2)
# (Anscombe 1948), worked by hand: (100, 50) z = 4.13, (30, 15) z = 2.26, (0, 12) z = 4.11,
# (0, 11) z = 3.90, (1000, 800) z = 4.72 but only a factor of 1.25.
@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (100, 50, False),  # 101/51 is below two
        (103, 50, True),
        (30, 15, False),
        (12, 0, True),
        (0, 12, True),
        (11, 0, False),
        (1000, 800, False),
        (0, 0, False),
        (5, 5, False),
    ],
)
def test_counts_differ_only_beyond_chance_and_by_a_factor(now, before, expected):
    assert counts_differ(now, before) is expected


def test_a_steady_level_with_one_outlier_is_no_surge():
    steady = [100.0] * 24
    assert levels_differ([*steady[:-1], 100_000.0], steady) is None


def test_a_level_that_trebled_is_a_surge_and_one_that_fell_a_drop():
    steady = [95.0, 100.0, 105.0] * 8
    assert levels_differ([3 * v for v in steady], steady) == pytest.approx(301 / 101)
    assert levels_differ([v / 4 for v in steady], steady) == pytest.approx(26 / 101)


def test_a_level_that_always_varied_as_much_is_no_surge():
    wild = [10.0, 1000.0] * 12
    assert levels_differ([1000.0] * 24, wild) is None


def test_short_or_mostly_empty_periods_tell_nothing():
    assert levels_differ([100.0] * 5, [1.0] * 5) is None
    assert levels_differ([100.0] * 24, [0.0] * 18 + [1.0] * 6) is None


def test_first_data_is_said_once_instead_of_calling_everything_new():
    found = changes(
        observed(
            traffic=Traffic(packets=500, hosts=20, ports=[Count("tcp/23", 20, 0)]),
            labels=[Count("mirai", 20, 0)],
        )
    )
    assert [change.kind for change in found] == ["first_data"]
    assert "500" in found[0].text.en
    assert "500" in found[0].text.ja


def test_a_surge_of_packets_names_the_factor():
    series = Traffic(
        packets=1, packets_before=1, bars=bars([500] * 24), bars_before=bars([100] * 24)
    )
    found = changes(observed(traffic=series))
    assert {change.kind for change in found} == {"surge"}
    assert "5.0" in found[0].text.en  # 501/101 = 4.96


def test_new_and_grown_ports_lead_to_their_rows():
    ports = [Count("tcp/23", 900, 900), Count("udp/1900", 40, 0), Count("tcp/445", 60, 10)]
    found = changes(observed(traffic=Traffic(packets=9, packets_before=9, ports=ports)))
    assert [(change.kind, "udp/1900" in change.text.en) for change in found] == [
        ("new_port", True),
        ("surge", False),
    ]
    query = unquote(found[0].link)
    assert query.startswith("#/lake?sql=SELECT")
    assert "proto = 17 AND port = 1900" in query
    assert "TIMESTAMPTZ '2020-02-08T00:00:00.000000Z'" in query


def test_few_hosts_do_not_make_a_new_port():
    ports = [Count("tcp/1", 9, 0)]
    assert changes(observed(traffic=Traffic(packets=9, packets_before=9, ports=ports))) == []


def test_a_label_is_told_in_words():
    [change] = changes(observed(labels=[Count("mirai", 3, 0)]))
    assert "Mirai-type scan" in change.text.en  # the words of the catalogue
    assert "Mirai 系マルウェアのスキャン" in change.text.ja
    assert "label=mirai&" in change.link


def test_labels_new_grown_and_fallen():
    labels = [Count("new/one", 1, 0), Count("grown", 200, 20), Count("fallen", 0, 50)]
    labels.append(Count("same", 7, 7))
    found = {change.text.en.split(":")[0]: change for change in changes(observed(labels=labels))}
    kinds = sorted(change.kind for change in found.values())
    assert kinds == ["drop", "new_label", "surge"]
    links = [change.link for change in found.values()]
    assert any("label=new/one&since=" in link for link in links)


def test_the_severest_comes_first():
    sensor = SensorOut("s", 9, 9, DAY_OF_TEST, DAY_OF_TEST, 0.0, "late")
    found = changes(observed(labels=[Count("x", 3, 0)], sensors=[sensor], damaged=2))
    assert [change.kind for change in found] == ["new_label", "source_late", "damaged"]
    assert "2020-02-08T00:00Z" in found[1].text.ja
