"""What a registered sensor monitors decides which rows count, and how large it is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from tests.unit.telescope.made import expression, low, row
from tests.unit.telescope.made import table as rows_as_table

from kaname.analysis.frame import Window
from kaname.model.errors import SettingError
from kaname.model.instant import HOUR
from kaname.model.sensors import Monitored, Registry
from kaname.telescope.prefixes import (
    addresses,
    inside,
    monitored,
    read_registry,
    sql,
)

AT = 1_767_225_600_000_000  # the minute of the rows that are made here
WINDOW = Window(AT, AT + 24 * HOUR)


def registry(*prefixes: Monitored) -> Registry:
    return Registry({"darknet": prefixes})


def seen(given: Registry, rows: list[dict[str, object]]) -> tuple[list[int], list[int]]:
    """Low words of the destinations that count: by the expression, and by the SQL."""
    prefixes = monitored(given, "darknet", WINDOW)
    assert prefixes is not None
    table = expression(rows)
    kept = table.filter(inside(table, prefixes)).to_pyarrow().to_pylist()
    connection = duckdb.connect()
    connection.register("flowtuples", rows_as_table(rows))
    query = f"SELECT dst_lo FROM flowtuples WHERE {sql(prefixes, WINDOW)}"  # noqa: S608
    by_sql = connection.execute(query).fetchall()
    return sorted(one["dst_lo"] for one in kept), sorted(one[0] for one in by_sql)


def test_rows_outside_the_prefixes_do_not_count() -> None:
    rows = [row("192.0.2.1", dst) for dst in ("198.18.0.1", "198.18.255.9", "198.19.0.1")]
    wanted = sorted([low("198.18.0.1"), low("198.18.255.9")])
    assert seen(registry(Monitored("198.18.0.0/16")), rows) == (wanted, wanted)


def test_a_prefix_longer_than_a_block_counts_by_its_block() -> None:
    rows = [row("192.0.2.1", dst) for dst in ("198.18.0.1", "198.18.1.1")]
    given = registry(Monitored("198.18.0.128/28"))
    assert seen(given, rows) == ([low("198.18.0.1")],) * 2
    assert addresses(monitored(given, "darknet", WINDOW) or ()) == 16


def test_a_prefix_counts_while_it_is_valid() -> None:
    rows = [row("192.0.2.1", "198.18.0.1")]
    for since, until, count in [
        (AT - HOUR, AT, 0),  # ended before
        (AT - HOUR, AT + 1, 1),
        (AT, None, 1),
        (AT + HOUR, None, 0),  # begins later in the same window
    ]:
        given = registry(Monitored("198.18.0.0/16", since, until))
        by_expression, by_sql = seen(given, rows)
        assert len(by_expression) == len(by_sql) == count


def test_nothing_is_left_out_of_a_sensor_without_prefixes() -> None:
    assert monitored(Registry(), "darknet", WINDOW) is None
    assert monitored(Registry({"darknet": ()}), "darknet", WINDOW) is None


def test_ipv6_prefixes_have_rows_and_no_ipv4_size() -> None:
    given = registry(Monitored("2001:db8:1::/48"), Monitored("198.18.0.0/24"))
    inner = {**row("192.0.2.1", "0.0.0.1"), "dst_hi": 0x20010DB800010000, "dst_lo": 5}
    outer = {**inner, "dst_hi": 0x20010DB800020000, "dst_lo": 6}
    assert seen(given, [inner, outer]) == ([5], [5])
    assert addresses(monitored(given, "darknet", WINDOW) or ()) == 256


def test_overlapping_prefixes_count_once() -> None:
    given = registry(
        Monitored("198.18.0.0/20"), Monitored("198.18.4.0/24"), Monitored("198.19.128.0/24")
    )
    assert addresses(monitored(given, "darknet", WINDOW) or ()) == 4_352  # of the shared set


def test_a_broken_file_is_an_error_of_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "sensors.json"
    path.write_text('{"sensors": {"a": [{"prefix": 4}]}}')
    with pytest.raises(SettingError):
        read_registry(str(path))
    with pytest.raises(SettingError):
        read_registry(str(tmp_path / "missing.json"))
    assert read_registry("") == Registry()
