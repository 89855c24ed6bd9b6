from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from kaname.bus import open_bus
from kaname.model.errors import IntegrityError, StoreAccessError, StoreError, UsageError


def url_of(path: Path) -> str:
    return f"journal://{path}"


@pytest.mark.parametrize(
    "url", ["", "x", "journal:", "journal://host/x", "redis://h", "journal:///"]
)
def test_a_url_of_no_bus_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        open_bus(url)


def test_the_journal_is_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bus.sqlite"
    with open_bus(url_of(path)) as bus:
        bus.publish("health", {})
        for made in path.parent.iterdir():
            assert stat.S_IMODE(made.stat().st_mode) == 0o600, made


def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bus.sqlite"
    path.write_bytes(b"not a journal" * 500)
    with pytest.raises(IntegrityError) as raised:
        open_bus(url_of(path))
    assert str(path) in raised.value.render("ja")
    assert path.read_bytes() == b"not a journal" * 500


def test_a_journal_of_a_newer_kaname_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bus.sqlite"
    open_bus(url_of(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError) as raised:
        open_bus(url_of(path))
    assert raised.value.key == "bus.error.newer"


def test_a_journal_that_another_process_holds_is_reported_after_the_patience(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bus.sqlite"
    with open_bus(url_of(path), patience=0.2) as bus:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as raised:
            bus.publish("health", {})
        assert raised.value.key == "bus.error.locked"
        other.execute("ROLLBACK")
        other.close()
        assert bus.publish("health", {}) == 1


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreAccessError):
        open_bus(url_of(tmp_path / "file" / "bus.sqlite"))


def test_a_closed_bus_says_so() -> None:
    bus = open_bus("memory:")
    bus.close()
    with pytest.raises(UsageError):
        bus.publish("health", {})
    bus.close()
