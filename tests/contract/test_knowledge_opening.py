from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from tests.contract.records import HOUR, finding
from tests.contract.servers import Postgres

from kaname.knowledge import FindingQuery, Knowledge
from kaname.knowledge.migrations import HEAD
from kaname.model.errors import StoreError, UnavailableError

FIRST_START = """
import sys
from kaname.knowledge import Knowledge
with Knowledge.open(sys.argv[1]) as store:
    print(store.bootstrap() or "", end="")
    for number in range(10):
        store.audit(sys.argv[2], "start", str(number))
"""
REPLACE = """
import sys
from kaname.knowledge import Knowledge
sys.path.insert(0, sys.argv[3])
from tests.contract.records import HOUR, finding
mine = [finding(n, label=sys.argv[2]) for n in range(40)]
with Knowledge.open(sys.argv[1]) as store:
    for _ in range(15):
        store.replace_window("darknet.sources", 0, HOUR, mine)
"""


def together(program: str, url: str, *names: str) -> list[str]:
    """What processes print that start at the same time, one for each of ``names``."""
    command = [sys.executable, "-W", "error", "-c", program, url]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [
        subprocess.Popen([*command, name, "."], **options)  # type: ignore[call-overload]
        for name in names
    ]
    said = [process.communicate(timeout=120) for process in started]
    for process, (_, err) in zip(started, said, strict=True):
        assert process.returncode == 0, err
    return [out for out, _ in said]


@pytest.fixture
def connection(knowledge: Knowledge, knowledge_url: str) -> Iterator[Connection]:
    engine = create_engine(knowledge_url)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def test_processes_that_start_at_once_make_one_store(knowledge_url: str) -> None:
    secrets = together(FIRST_START, knowledge_url, "a", "b", "c", "d")
    assert sum(bool(secret) for secret in secrets) == 1
    with Knowledge.open(knowledge_url) as store:
        assert store.audit_log(limit=1000).total == 40
        assert store.verify_audit()
        assert len(store.tokens()) == 1


def test_two_processes_that_replace_one_window_leave_the_list_of_one(knowledge_url: str) -> None:
    together(REPLACE, knowledge_url, "north", "south")
    with Knowledge.open(knowledge_url) as store:
        page = store.findings(FindingQuery(limit=1000))
        assert len(page.items) == 40
        assert len({item.label for item in page.items}) == 1


def test_a_store_is_found_again_as_it_was_left(knowledge_url: str) -> None:
    with Knowledge.open(knowledge_url) as store:
        store.replace_window("darknet.sources", 0, HOUR, [finding(1)])
    with Knowledge.open(knowledge_url) as store:
        assert store.finding(finding(1).id).label == "scan"


def test_a_store_of_a_newer_kaname_is_refused_and_left_alone(knowledge_url: str) -> None:
    with Knowledge.open(knowledge_url) as store:
        store.replace_window("darknet.sources", 0, HOUR, [finding(1)])
    engine = create_engine(knowledge_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as raised:
        Knowledge.open(knowledge_url)
    assert raised.value.key == "knowledge.error.newer"
    assert "9999" in raised.value.render("ja")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
    engine.dispose()
    with Knowledge.open(knowledge_url) as store:
        assert store.findings().total == 1


def test_the_migrations_make_what_the_models_say(connection: Connection) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from kaname.knowledge.fusion_schema import Base

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata) == []


def test_the_newest_migration_is_the_one_the_program_asks_for(connection: Connection) -> None:
    from alembic.script import ScriptDirectory

    from kaname.knowledge.migrate import configuration

    scripts = ScriptDirectory.from_config(configuration(connection))
    assert scripts.get_heads() == [HEAD]


def test_every_foreign_key_and_filter_has_its_index(connection: Connection) -> None:
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        keys = [inspector.get_pk_constraint(table)["constrained_columns"]]
        keys += [index["column_names"] for index in inspector.get_indexes(table)]
        for foreign in inspector.get_foreign_keys(table):
            column = foreign["constrained_columns"][0]
            assert any(key[:1] == [column] for key in keys), (table, column)


@pytest.mark.server
def test_a_server_that_stops_and_comes_back(postgres: Postgres) -> None:
    postgres.execute("CREATE DATABASE stopping")
    url = postgres.url("stopping")
    with Knowledge.open(url, patience=2) as store:
        store.replace_window("darknet.sources", 0, HOUR, [finding(1)])
        postgres.halt()
        try:
            with pytest.raises(UnavailableError) as raised:
                store.findings()
            assert raised.value.key == "knowledge.error.server"
            with pytest.raises(UnavailableError):
                Knowledge.open(url, patience=2)
        finally:
            postgres.start()
        assert store.findings().total == 1


@pytest.mark.server
def test_a_wrong_database_is_named_and_the_password_is_not(postgres: Postgres) -> None:
    url = postgres.url("nowhere").replace("kaname@", "kaname:hunter2@")
    with pytest.raises(UnavailableError) as raised:
        Knowledge.open(url, patience=2)
    for language in ("en", "ja"):
        assert "nowhere" in raised.value.render(language)
        assert "hunter2" not in raised.value.render(language)
