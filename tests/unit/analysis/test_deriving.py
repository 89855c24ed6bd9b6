"""Derived tables: made once, made again when their rows change, and never half."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from tests.unit.telescope.made import DAY, START, row

from kaname.analysis.derivation import in_order, needed
from kaname.analysis.deriving import derive
from kaname.analysis.frame import Context, Parameter
from kaname.lake import Lake
from kaname.model.errors import SettingError
from kaname.model.marking import Tlp

US = "us"


class PacketsOfDay:
    """One row a day: how many packets came. ``port_days`` has the fewest columns."""

    name: ClassVar[str] = "count"
    version: int = 1
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    output: ClassVar[str] = "port_days"
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def run(self, context: Context) -> Iterable[pa.RecordBatch]:
        rows = context.tables["flowtuples"]
        rows = rows.filter(rows.ts >= _instant(context.window.start))
        count = rows.packets.sum().to_pyarrow().as_py()
        values = {
            "ts": pa.array([context.window.start], pa.timestamp(US, tz="UTC")),
            "ptype": pa.array(["tcp_syn"]).dictionary_encode(),
            "port": pa.array([23], pa.int32()),
        }
        numbers = ("packets", "hosts", "packets_rest", "hosts_rest")
        values |= {name: pa.array([count], pa.int64()) for name in numbers}
        yield pa.RecordBatch.from_pydict(values)


def _instant(us: int) -> Any:
    import ibis

    from kaname.model.instant import format_us

    return ibis.timestamp(format_us(us))


@pytest.fixture
def each(monkeypatch: pytest.MonkeyPatch) -> PacketsOfDay:
    made = PacketsOfDay()
    monkeypatch.setattr("kaname.analysis.deriving.derivations", lambda: {made.name: made})
    return made


def _rows(count: int, day: int = 0) -> list[dict[str, Any]]:
    return [row("192.0.2.1", f"198.18.0.{n + 1}", ts=START + day * DAY) for n in range(count)]


def _held(lake: Lake) -> dict[int, int]:
    sql = "SELECT epoch_us(ts) AS t, packets FROM port_days ORDER BY 1"
    return {(r["t"] - START) // DAY: r["packets"] for r in lake.query(sql).table.to_pylist()}


def test_each_window_is_made_once(lake: Lake, store: Any, each: PacketsOfDay) -> None:
    store("one", _rows(3) + _rows(4, day=2))
    (report,) = derive(lake)
    assert (report.windows, report.rows, report.failed) == (2, 2, "")
    assert _held(lake) == {0: 3, 2: 4}
    generation = lake.generation
    assert derive(lake)[0].windows == 0
    assert lake.generation == generation


def test_new_rows_replace_what_was_made_of_their_window(
    lake: Lake, store: Any, each: PacketsOfDay
) -> None:
    store("one", _rows(3) + _rows(4, day=2))
    derive(lake)
    lake.compact()
    store("two", _rows(5, day=2))
    assert derive(lake)[0].windows == 1
    assert _held(lake) == {0: 3, 2: 9}
    each.version = 2
    assert derive(lake)[0].windows == 2
    assert _held(lake) == {0: 3, 2: 9}


def test_compaction_of_what_is_read_makes_nothing_again(
    lake: Lake, store: Any, each: PacketsOfDay
) -> None:
    store("one", _rows(3))
    store("two", _rows(4))
    derive(lake)
    lake.compact("flowtuples")
    assert derive(lake)[0].windows == 0


def test_what_is_derived_is_as_secret_as_the_strictest_of_its_rows(
    lake: Lake, store: Any, each: PacketsOfDay
) -> None:
    store("one", _rows(3), tlp=Tlp.GREEN)
    store("two", _rows(4), tlp=Tlp.RED)
    derive(lake)
    assert [file.tlp for file in lake.files("port_days")] == [Tlp.RED]


def test_nobody_delivered_what_is_derived(lake: Lake, store: Any, each: PacketsOfDay) -> None:
    store("one", _rows(3))
    derive(lake)
    assert [source.path for source in lake.sources()] == ["/captures/one"]
    assert [health.sources for health in lake.health(START).sensors] == [1]


def test_a_failure_is_told_and_leaves_what_was_there(
    lake: Lake, store: Any, each: PacketsOfDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    store("one", _rows(3))
    derive(lake)
    store("two", _rows(4))

    def fail(_self: PacketsOfDay, _context: Context) -> Iterable[pa.RecordBatch]:
        raise ValueError("no")

    with monkeypatch.context() as patched:
        patched.setattr(PacketsOfDay, "run", fail)
        assert derive(lake)[0].failed == "ValueError: no"
    assert _held(lake) == {0: 3}
    assert derive(lake)[0].windows == 1
    assert _held(lake) == {0: 7}


class _Reads:
    version, period, lookback, parameters = 1, DAY, 0, ()

    def __init__(self, name: str, tables: tuple[str, ...], output: str) -> None:
        self.name, self.tables, self.output = name, tables, output

    def run(self, _context: Context) -> Iterable[pa.RecordBatch]:
        return ()


def test_what_is_read_comes_before_what_reads_it() -> None:
    first, second = _Reads("z", ("raw",), "middle"), _Reads("a", ("middle",), "end")
    other = _Reads("m", ("raw",), "other")
    ordered = in_order([second, other, first])  # type: ignore[list-item]
    assert [one.name for one in ordered] == ["m", "z", "a"]
    known = {one.name: one for one in ordered}
    assert needed({"end"}, known) == {"z", "a"}
    assert needed({"raw"}, known) == set()
    with pytest.raises(SettingError, match="each other"):
        in_order([first, _Reads("b", ("middle",), "raw")])  # type: ignore[list-item]
