"""Running: whole windows, whatever changed, and what failure does."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from tests.unit.analysis.made import Count
from tests.unit.telescope.made import DAY, START, row

from kaname.analysis.runner import catch_up, pending, run
from kaname.bus import open_bus
from kaname.knowledge import FindingQuery, Knowledge
from kaname.lake import Lake
from kaname.model.errors import CancelledError, NotFoundError, SettingError
from kaname.model.marking import Tlp

pytestmark = pytest.mark.usefixtures("only_count")


def _rows(count: int, day: int = 0) -> list[dict[str, Any]]:
    return [row("192.0.2.1", f"198.18.0.{n + 1}", ts=START + day * DAY) for n in range(count)]


def _counts(knowledge: Knowledge) -> dict[int, int]:
    items = knowledge.findings(FindingQuery()).items
    return {(f.window_start - START) // DAY: f.values["n"] for f in items}


def test_every_window_with_rows_is_evaluated_once(
    lake: Lake, knowledge: Knowledge, store: Any, only_count: Count
) -> None:
    store("one", _rows(3) + _rows(4, day=2))
    (report,) = catch_up(lake, knowledge)
    assert (report.windows, report.findings, report.added) == (2, 2, 2)
    assert _counts(knowledge) == {0: 3, 2: 4}
    assert pending(lake, knowledge, only_count) == []
    assert catch_up(lake, knowledge)[0].windows == 0


def test_times_that_cannot_be_true_make_no_windows(
    lake: Lake, knowledge: Knowledge, store: Any
) -> None:
    """A damaged clock: the rows stay in the lake, but ten thousand days are not analysed."""
    wrong = [row("192.0.2.1", "198.18.0.1", ts=ts) for ts in (0, 29 * 365 * DAY)]
    store("one", _rows(3) + wrong)
    (report,) = catch_up(lake, knowledge)
    assert report.windows == 1
    assert _counts(knowledge) == {0: 3}
    assert next(t.rows for t in lake.tables() if t.name == "flowtuples") == 5


def test_new_rows_make_their_window_pending_and_no_other(
    lake: Lake, knowledge: Knowledge, store: Any, only_count: Count
) -> None:
    store("one", _rows(3) + _rows(4, day=2))
    catch_up(lake, knowledge)
    store("two", _rows(2, day=2))
    assert [w.start for w in pending(lake, knowledge, only_count)] == [START + 2 * DAY]
    (report,) = catch_up(lake, knowledge)
    assert (report.windows, report.changed) == (1, 1)
    assert _counts(knowledge) == {0: 3, 2: 6}


def test_other_parameters_make_all_pending(
    lake: Lake, knowledge: Knowledge, store: Any, only_count: Count
) -> None:
    store("one", _rows(3))
    catch_up(lake, knowledge)
    assert len(pending(lake, knowledge, only_count, {"most": 77})) == 1


def test_compaction_makes_nothing_pending(
    lake: Lake, knowledge: Knowledge, store: Any, only_count: Count
) -> None:
    store("one", _rows(3))
    store("two", _rows(2))
    catch_up(lake, knowledge)
    lake.compact()
    assert pending(lake, knowledge, only_count) == []


def test_sensors_are_judged_apart_and_keep_their_marking(
    lake: Lake, knowledge: Knowledge, store: Any
) -> None:
    store("one", _rows(3))
    store("two", _rows(2), sensor="other", tlp=Tlp.RED)
    catch_up(lake, knowledge)
    found = knowledge.findings(FindingQuery()).items
    assert {(f.sensor, f.values["n"]) for f in found} == {("darknet", 3), ("other", 2)}
    assert knowledge.findings(FindingQuery(clearance=Tlp.AMBER)).total == 1


def test_a_failing_analysis_is_reported_and_stays_pending(
    lake: Lake, knowledge: Knowledge, store: Any, only_count: Count
) -> None:
    store("one", _rows(3))
    (report,) = catch_up(lake, knowledge, params={"made.count": {"most": 2}})
    assert "too many" in report.failed
    assert len(pending(lake, knowledge, only_count, {"most": 2})) == 1
    (report,) = catch_up(lake, knowledge, params={"made.count": {"most": "x"}})
    assert "most = x does not fit" in report.failed


def test_cancelling_stops_between_windows(lake: Lake, knowledge: Knowledge, store: Any) -> None:
    store("one", [r for day in range(3) for r in _rows(1, day)])
    stop = threading.Event()
    told: list[tuple[str, int, int]] = []

    def progress(name: str, done: int, total: int) -> None:
        told.append((name, done, total))
        stop.set()

    with pytest.raises(CancelledError):
        catch_up(lake, knowledge, None, stop, progress=progress)
    assert told == [("made.count", 0, 3)]


def test_a_run_over_a_range_takes_whole_windows(
    lake: Lake, knowledge: Knowledge, store: Any
) -> None:
    store("one", _rows(3) + _rows(4, day=2))
    report = run(lake, knowledge, "made.count", since=START + DAY + 1)
    assert (report.windows, _counts(knowledge)) == (1, {2: 4})
    with pytest.raises(NotFoundError):
        run(lake, knowledge, "made.nothing")
    with pytest.raises(SettingError):
        run(lake, knowledge, "made.count", params={"most": 0})


def test_what_changed_is_told_on_the_bus(lake: Lake, knowledge: Knowledge, store: Any) -> None:
    store("one", _rows(3))
    with open_bus("memory:") as bus:
        heard = bus.subscribe("*.*", durable=None, cursor=0)
        catch_up(lake, knowledge, bus)
        bodies = {}
        while (message := heard.get(timeout=0.2)) is not None:
            bodies[message.topic] = message.body
    assert set(bodies) == {"findings.changed", "analysis.done"}
    assert len(bodies["findings.changed"]["added"]) == 1
