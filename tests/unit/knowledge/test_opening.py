from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from kaname.knowledge import Knowledge
from kaname.knowledge.faults import faults_of
from kaname.model.errors import (
    IntegrityError,
    KanameError,
    StoreAccessError,
    StoreError,
    StoreFullError,
    UsageError,
)


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def test_importing_the_package_loads_no_database_library() -> None:
    program = "import sys, kaname.knowledge; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


def test_a_store_that_is_up_to_date_opens_without_the_migration_tool(tmp_path: Path) -> None:
    url = url_of(tmp_path / "k.sqlite")
    Knowledge.open(url).close()
    program = (
        "import sys; from kaname.knowledge import Knowledge; Knowledge.open(sys.argv[1]);"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, url], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://host/db",
        "oracle:///x",
        "a b://c",
    ],
)
def test_a_url_of_no_store_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        Knowledge.open(url)


def test_the_file_and_its_folder_are_made_and_are_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "k.sqlite"
    with Knowledge.open(url_of(path)) as store:
        store.set_state("x", 1)
        for made in path.parent.iterdir():
            assert stat.S_IMODE(made.stat().st_mode) == 0o600, made


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite"
    path.write_bytes(b"not a database, surely" * 100)
    with pytest.raises(IntegrityError) as raised:
        Knowledge.open(url_of(path))
    assert str(path) in str(raised.value)
    assert path.read_bytes() == b"not a database, surely" * 100


def test_a_damaged_database_is_told_apart_from_other_faults(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite"
    with Knowledge.open(url_of(path)) as store:
        store.bootstrap()
        for number in range(300):
            store.set_state(f"key-{number}", "x" * 500)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with pytest.raises(IntegrityError), Knowledge.open(url_of(path)) as store:
        store.accounts()


def test_a_store_that_another_process_holds_is_reported_after_the_patience(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite"
    with Knowledge.open(url_of(path), patience=0.2) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as raised:
            store.set_state("x", 1)
        assert raised.value.key == "knowledge.error.locked"
        other.execute("ROLLBACK")
        other.close()
        store.set_state("x", 1)
        assert store.get_state("x") == 1


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreAccessError):
        Knowledge.open(url_of(tmp_path / "file" / "k.sqlite"))
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(StoreAccessError):
        Knowledge.open(url_of(tmp_path / "folder.sqlite"))


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="needs setpriv")
def test_a_store_that_may_not_be_written_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite"
    Knowledge.open(url_of(path)).close()
    program = (
        "import sys; from kaname.knowledge import Knowledge; from kaname.model.errors import *\n"
        "try: Knowledge.open(sys.argv[1]).set_state('x', 1)\n"
        "except StoreAccessError as error: print(error.key)"
    )
    command = [sys.executable, "-c", program, url_of(path)]
    if os.geteuid() == 0:  # root may write anything, unless it gives that up
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        done = subprocess.run(command, capture_output=True, check=True, text=True)
    finally:
        tmp_path.chmod(0o755)
    assert done.stdout.strip() == "knowledge.error.access"


def test_no_space_left_is_told_apart_from_other_faults(tmp_path: Path) -> None:
    url = make_url(url_of(tmp_path / "k.sqlite"))
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("PRAGMA max_page_count = 2")
        with pytest.raises(StoreFullError), faults_of(url):
            connection.exec_driver_sql("INSERT INTO t VALUES (zeroblob(100000))")
    engine.dispose()


def test_every_fault_says_where_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(KanameError) as raised:
        Knowledge.open(url_of(path))
    assert str(path) in raised.value.render("en")
    assert str(path) in raised.value.render("ja")
    assert raised.value.render("en") != raised.value.render("ja")
