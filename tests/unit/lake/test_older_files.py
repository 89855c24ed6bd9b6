"""Files that are older than a column of their table: what they lack is null, everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.contract.api.observations import flowtuple, observe

from kaname.lake import Lake
from kaname.lake.tables import table, tables
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
NEW = "inv_all"
ASKED = "SELECT port, inv_all FROM flowtuples ORDER BY port"


@contextmanager
def before_the_column(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table as it was when it had no ``inv_all``."""
    now = table("flowtuples")
    then = replace(now, version=1, columns=tuple(c for c in now.columns if c.name != NEW))
    with monkeypatch.context() as patch:
        patch.setitem(tables(), "flowtuples", then)
        yield


def row(port: int, **more: Any) -> dict[str, Any]:
    return flowtuple(START, src="192.0.2.1", dst="198.18.0.1", port=port, **more)


@pytest.fixture
def aged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    with Lake.open(tmp_path / "data") as lake:
        with before_the_column(monkeypatch):
            observe(lake, [row(22), row(23)])
            observe(lake, [row(24)])
        yield lake


def stored(lake: Lake) -> list[list[str]]:
    return [pq.read_schema(file.path).names for file in lake.files("flowtuples")]


def test_they_are_read_alone(aged: Lake) -> None:
    assert not any(NEW in names for names in stored(aged))
    assert aged.query(ASKED).rows() == [[22, None], [23, None], [24, None]]


def test_they_are_read_beside_newer_ones(aged: Lake) -> None:
    observe(aged, [row(25, inv_all=3)])
    assert aged.query(ASKED).rows() == [[22, None], [23, None], [24, None], [25, 3]]


def test_they_are_compacted(aged: Lake) -> None:
    aged.compact()
    assert [NEW in names for names in stored(aged)] == [True]
    assert aged.query(ASKED).rows() == [[22, None], [23, None], [24, None]]


def test_they_are_compacted_with_newer_ones(aged: Lake) -> None:
    observe(aged, [row(25, inv_all=3)])
    aged.compact()
    assert len(stored(aged)) == 1
    assert aged.query(ASKED).rows() == [[22, None], [23, None], [24, None], [25, 3]]


def test_a_source_is_taken_out_of_them(aged: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with before_the_column(monkeypatch):
        aged.compact()
    assert len(stored(aged)) == 1
    assert NEW not in stored(aged)[0]
    first, _ = aged.sources()
    with aged.writer(
        identity=first.identity, path=first.path, size=1, sensor=first.sensor, tlp=Tlp.GREEN,
        reader="pcap", reader_version=1, replace=True,
    ) as writer:  # fmt: skip
        writer.commit(ReadReport())
    assert aged.query(ASKED).rows() in ([[24, None]], [[22, None], [23, None]])
