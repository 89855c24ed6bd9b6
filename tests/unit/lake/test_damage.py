"""Damaged files: set aside, counted as missing, never fatal for the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaname.lake import Lake, MissingFile
from kaname.model.errors import IntegrityError
from kaname.model.marking import Tlp

DAY_US = 86_400_000_000
START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def delete(path: Path) -> None:
    path.unlink()


def flip_footer(path: Path) -> None:
    """Break the length of the footer: 8 bytes from the end (Parquet format)."""
    data = bytearray(path.read_bytes())
    data[-6] ^= 0x80
    path.write_bytes(data)


def flip_page(path: Path) -> None:
    """Flip one bit in the first page of data, which no engine would notice."""
    data = bytearray(path.read_bytes())
    data[60] ^= 0x01
    path.write_bytes(data)


def overwrite(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


LOUD = (truncate, empty, delete, flip_footer, overwrite)


@pytest.fixture
def two_days(lake, rows, ingest):
    ingest(lake, rows([START + i for i in range(100)], dport=[7] * 100), name="a")
    ingest(lake, rows([START + DAY_US], dport=[9]), name="b")
    return lake


def victim(lake: Lake) -> Path:
    return Path(lake.files("packets")[0].path)


@pytest.mark.parametrize("hurt", LOUD)
def test_a_query_goes_on_without_a_damaged_file_and_says_what_is_missing(two_days, hurt):
    hurt(victim(two_days))
    result = two_days.query("SELECT dport FROM packets")
    assert result.rows() == [[9]]
    assert result.missing == (MissingFile("packets", "2020-03-11", 100),)
    again = two_days.query("SELECT count(*) FROM packets")
    assert again.rows() == [[1]]
    assert again.missing == result.missing


@pytest.mark.parametrize("hurt", LOUD)
def test_damage_after_a_query_database_was_opened_is_met_as_well(two_days, hurt):
    assert two_days.query("SELECT sum(dport) FROM packets").rows() == [[709]]
    hurt(victim(two_days))
    assert two_days.query("SELECT sum(dport) FROM packets").rows() == [[9]]


@pytest.mark.parametrize("hurt", LOUD)
def test_expressions_open_without_a_damaged_file(two_days, hurt):
    hurt(victim(two_days))
    with two_days.expression(["packets"]) as tables:
        assert tables["packets"].count().to_pyarrow().as_py() == 1


@pytest.mark.parametrize("hurt", [*LOUD, flip_page])
def test_verify_finds_every_damage_and_moves_the_file(two_days, hurt):
    path = victim(two_days)
    hurt(path)
    report = two_days.verify()
    assert (report.files, report.rows) == (2, 101)
    (found,) = report.damaged
    assert (found.table, found.dt, found.rows) == ("packets", "2020-03-11", 100)
    assert report.missing == (MissingFile("packets", "2020-03-11", 100),)
    assert not path.exists()
    assert (two_days.root / "quarantine" / found.path).exists() == (hurt is not delete)
    assert two_days.query("SELECT count(*) FROM packets").rows() == [[1]]
    clean = two_days.verify()
    assert clean.damaged == ()
    assert clean.missing == report.missing


def test_compaction_does_not_carry_damage_into_new_files(two_days):
    flip_page(victim(two_days))
    report = two_days.compact()
    assert report.rows == 1
    assert two_days.verify().missing == (MissingFile("packets", "2020-03-11", 100),)


def test_reading_the_source_again_heals(two_days, rows, ingest):
    truncate(victim(two_days))
    two_days.verify()
    ingest(two_days, rows([START + i for i in range(100)]), name="a", replace=True)
    result = two_days.query("SELECT count(*) FROM packets")
    assert (result.rows(), result.missing) == ([[101]], ())


def test_missing_rows_are_told_to_those_who_may_know(lake, rows, ingest):
    ingest(lake, rows([START]), tlp=Tlp.RED)
    delete(victim(lake))
    lake.verify()
    assert lake.query("SELECT 1 FROM packets", clearance=Tlp.AMBER).missing == ()
    assert len(lake.query("SELECT 1 FROM packets", clearance=Tlp.RED).missing) == 1


def test_a_wrong_query_does_not_blame_the_files(two_days, monkeypatch):
    from kaname.model.errors import QueryError

    with pytest.raises(QueryError):
        two_days.query("SELECT error('mine') FROM packets")
    assert two_days.verify().missing == ()


def test_progress_of_verify_counts_files(two_days):
    seen: list[tuple[int, int]] = []
    two_days.verify(progress=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 2), (2, 2)]


def test_damage_met_while_an_expression_runs_is_told_and_gone_the_next_time(two_days):
    with (  # noqa: PT012 - the error comes out of the context, not of one call
        pytest.raises(IntegrityError, match="100 rows"),
        two_days.expression(["packets"]) as tables,
    ):
        overwrite(victim(two_days))
        tables["packets"].dport.sum().to_pyarrow()
    with two_days.expression(["packets"]) as tables:
        assert tables["packets"].dport.sum().to_pyarrow().as_py() == 9
