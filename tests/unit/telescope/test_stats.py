"""Statistics against counts made by hand, and every number against its own query."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.telescope.made import DAY, MINUTE, START, row, table

from kaname.analysis.deriving import derive
from kaname.lake import Lake
from kaname.lake.network_build import gather, write
from kaname.lake.networks import Networks
from kaname.model.errors import LimitError, UsageError
from kaname.model.marking import Tlp
from kaname.model.sensors import Monitored, Registry
from kaname.telescope.stats import BINS, BY, Answer, Asked, stats

CSV = "198.51.100.0,198.51.100.255,JP\n203.0.113.0,203.0.113.255,US\n"
ORIGINS = "198.51.100.0,198.51.100.255,64496,Example Net\n"


class _Account:
    records, first_us, last_us = 0, START, START
    counters: dict[str, int] = {}  # noqa: RUF012
    notes: dict[str, int] = {}  # noqa: RUF012
    problems: tuple[object, ...] = ()
    damaged, bad_records = False, 0


def _put(lake: Lake, sensor: str, rows: list[dict[str, Any]], tlp: Tlp = Tlp.CLEAR) -> None:
    with lake.writer(
        identity=f"{sensor}{tlp}".encode().hex().ljust(64, "0"), path=sensor, size=0,
        sensor=sensor, tlp=tlp, reader="made", reader_version=1, replace=True,
    ) as writer:  # fmt: skip
        writer.write("flowtuples", table(rows).combine_chunks().to_batches()[0])
        writer.commit(_Account())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days at one sensor; 198.51.100.1 comes on both, a survey on the first."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "c.csv").write_text(CSV, encoding="utf-8")
    (folder / "o.csv").write_text(ORIGINS, encoding="utf-8")
    tables = gather([folder / "c.csv", folder / "o.csv"]).encode()
    write(folder / "networks" / "networks.bin", tables)
    opened = Lake.open(folder)
    survey = [
        row("203.0.113.9", f"192.0.2.{at}", port=1000 + at, packets=40, fp_all=8, first_s=at)
        for at in range(40)
    ]
    one = [row("198.51.100.1", f"192.0.2.{at}", port=23, packets=2, first_s=at) for at in (1, 2)]
    later = {"ts": START + DAY + 7 * MINUTE}
    two = [
        row("198.51.100.1", "192.0.2.3", port=23, packets=5, **later),
        row("198.51.100.2", "192.0.2.3", port=53, proto=17, ptype="udp", packets=3, **later),
        row("8.8.8.8", "192.0.2.4", port=23, packets=1, **later),
    ]
    _put(opened, "darknet", survey + one + two)
    derive(opened)
    opened.close()
    return folder


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Iterator[Lake]:
    """A copy of it, for each test to change."""
    opened = Lake.open(shutil.copytree(made, tmp_path / "data"))
    yield opened
    opened.close()


def _asked(lake: Lake, **more: Any) -> Answer:
    given = {"since": START, "until": START + 2 * DAY, "bin": DAY, "by": BY} | more
    return stats(lake, Networks.open(lake_folder(lake)), Asked(**given))


def lake_folder(lake: Lake) -> Path:
    path = Path(lake.files("flowtuples")[0].path)
    return next(folder for folder in path.parents if folder.name == "lake").parent


def _top(answer: Answer, by: str) -> dict[str, tuple[int, int]]:
    (ranking,) = [one for one in answer.rankings if one.by == by]
    return {cell.key: (cell.packets, cell.hosts) for cell in ranking.by_hosts}


def test_a_host_that_comes_on_two_days_is_one_host_of_both(lake: Lake) -> None:
    answer = _asked(lake)
    assert [(one.packets, one.hosts) for one in answer.bins] == [(1604, 2), (9, 3)]
    assert (answer.packets, answer.hosts) == (1613, 4)
    assert answer.pending == ()


def test_rankings_by_hand(lake: Lake) -> None:
    answer = _asked(lake)
    assert _top(answer, "country") == {"JP": (12, 2), "US": (1600, 1), "": (1, 1)}
    assert _top(answer, "asn") == {"64496": (12, 2), "": (1601, 2)}
    assert _top(answer, "udp") == {"53": (3, 1)}  # half a host a day, rounded up
    assert _top(answer, "ptype") == {"tcp_syn": (1610, 3), "udp": (3, 1)}
    (asn,) = [one for one in answer.rankings if one.by == "asn"]
    assert {cell.name for cell in asn.by_hosts} == {"", "Example Net"}


def test_the_switch_leaves_surveys_out_everywhere(lake: Lake) -> None:
    answer = _asked(lake, survey=False)
    assert [(one.packets, one.hosts) for one in answer.bins] == [(4, 1), (9, 3)]
    assert _top(answer, "country") == {"JP": (12, 2), "": (1, 1)}
    assert "survey" not in _top(answer, "label")
    assert set(_top(answer, "tcp")) == {"23"}


@pytest.mark.parametrize("survey", [True, False])
def test_short_times_are_counted_as_days_are(lake: Lake, *, survey: bool) -> None:
    short = _asked(lake, bin=BINS["1h"], until=START + DAY, survey=survey)
    whole = _asked(lake, until=START + DAY, survey=survey)
    assert (short.packets, short.hosts) == (whole.packets, whole.hosts)
    for by in BY:
        assert _top(short, by) == _top(whole, by), by


def test_where_nothing_was_observed_is_a_gap_and_not_zero(lake: Lake) -> None:
    answer = _asked(lake, bin=BINS["5m"], since=START + DAY, until=START + DAY + 20 * MINUTE)
    assert [one.hosts for one in answer.bins] == [None, 3, None, None]
    days = _asked(lake, until=START + 3 * DAY)
    assert days.bins[2].packets is None


@pytest.mark.parametrize("step", ["1h", "1d"])
@pytest.mark.parametrize("survey", [True, False])
def test_every_number_leads_to_its_rows(lake: Lake, step: str, *, survey: bool) -> None:
    answer = _asked(lake, bin=BINS[step], until=START + 2 * DAY, survey=survey)
    for ranking in answer.rankings:
        for cell in ranking.by_packets:
            found = lake.query(cell.where).rows()
            packets = sum(one[found_column(lake, cell.where, "packets")] for one in found)
            assert packets == cell.packets, (ranking.by, cell)
            if ranking.exact:
                assert len({one[0] for one in found}) == cell.hosts, (ranking.by, cell)
    assert len({one[0] for one in lake.query(answer.where).rows()}) == answer.hosts


def found_column(lake: Lake, sql: str, name: str) -> int:
    return lake.query(sql).table.column_names.index(name)


def test_what_a_registered_sensor_does_not_monitor_counts_for_nothing(lake: Lake) -> None:
    registry = Registry(sensors={"darknet": (Monitored("192.0.2.0/24", START, None),)})
    _put(lake, "darknet2", [row("203.0.113.50", "198.18.0.1", packets=7)])
    both = Registry(sensors=registry.sensors | {"darknet2": (Monitored("192.0.2.0/24", 0, None),)})
    hour = {"bin": BINS["1h"], "until": START + DAY, "by": ("tcp",)}
    assert _asked(lake, **hour).packets == 1611
    answer = _asked(lake, **hour, registry=both)
    assert answer.packets == 1604
    found = lake.query(answer.where).rows()
    packets = found_column(lake, answer.where, "packets")
    assert sum(one[packets] for one in found) == 1604


def test_a_survey_that_is_also_something_else_is_left_out_as_a_survey_only(lake: Lake) -> None:
    _put(lake, "mixed", [row("203.0.113.9", "192.0.2.9", ptype="tcp_synack", port=80)])
    derive(lake)
    answer = _asked(lake, bin=BINS["1h"], until=START + DAY, survey=False, by=("ptype",))
    assert _top(answer, "ptype")["tcp_synack"] == (1, 1)
    (cell,) = [one for one in answer.rankings[0].by_hosts if one.key == "tcp_synack"]
    assert len(lake.query(cell.where).rows()) == 1


def test_sensors_that_see_the_same_host_do_not_make_two_of_it(lake: Lake) -> None:
    _put(lake, "second", [row("198.51.100.1", "192.0.2.200", port=80, packets=10)])
    derive(lake)
    assert [one.hosts for one in _asked(lake).bins] == [2, 3]
    alone = _asked(lake, sensor="second")
    assert (alone.packets, alone.hosts) == (10, 1)
    assert alone.sensors == ("darknet", "second")


def test_what_is_marked_higher_is_not_counted_for_a_lower_clearance(lake: Lake) -> None:
    _put(lake, "secret", [row("203.0.113.77", "192.0.2.1", packets=99)], Tlp.RED)
    derive(lake)
    assert _asked(lake, clearance=Tlp.AMBER).packets == 1613
    assert "secret" not in _asked(lake, clearance=Tlp.AMBER).sensors
    assert _asked(lake, clearance=Tlp.RED).packets == 1712


def test_days_that_nobody_labelled_are_named(lake: Lake) -> None:
    _put(lake, "new", [row("203.0.113.77", "192.0.2.1", ts=START + 5 * DAY)])
    assert _asked(lake, until=START + 6 * DAY).pending == ("2026-01-06",)


def test_too_long_and_empty_times_are_refused(lake: Lake) -> None:
    with pytest.raises(UsageError, match="longer step"):
        _asked(lake, bin=BINS["5m"], until=START + 30 * DAY)
    with pytest.raises(UsageError, match="empty"):
        _asked(lake, until=START - DAY)


def test_more_rows_than_memory_holds_are_refused_before_they_are_read(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kaname.telescope.stats.asking.MOST_ROWS", 3)
    with pytest.raises(LimitError, match="shorter time"):
        _asked(lake)


def test_a_lake_without_packets_answers_with_nothing(tmp_path: Path) -> None:
    empty = Lake.open(tmp_path)
    answer = stats(empty, Networks.open(tmp_path), Asked(START, START + DAY, DAY, by=BY))
    assert (answer.packets, answer.hosts, [one.packets for one in answer.bins]) == (0, 0, [None])
    empty.close()


def test_addresses_are_counted_once_each_in_both_families() -> None:
    from kaname.telescope.stats.rows import Rows

    columns = pa.table({"src_hi": [0, 0, 5, 5], "src_lo": [7, 7, 7, 8], "packets": [1, 2, 3, 4]})
    rows = Rows({n: columns[n].to_numpy() for n in columns.column_names}, Networks.open(Path("/")))
    assert (rows.hosts, rows.packets) == (3, 10)
