from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from kaname.knowledge import Knowledge
from kaname.model.errors import UsageError

Execute = Callable[..., None]
COPY_OF_THE_FIRST = (
    "INSERT INTO audit SELECT seq + 5, at, actor, action, subject, details, previous, hash"
    " FROM audit WHERE seq = 1"
)


@pytest.fixture
def execute(knowledge_url: str) -> Execute:
    """Runs SQL as somebody who got at the database, past kaname."""

    def run(*statements: str) -> None:
        engine = create_engine(knowledge_url)
        try:
            with engine.begin() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()

    return run


def drop_triggers(knowledge_url: str) -> list[str]:
    if knowledge_url.startswith("sqlite"):
        names = ("audit_no_update", "audit_no_delete", "audit_no_replace")
        return [f"DROP TRIGGER {name}" for name in names]
    return ["DROP FUNCTION audit_append_only CASCADE"]


@pytest.fixture
def log(knowledge: Knowledge) -> Knowledge:
    for number in range(5):
        knowledge.audit("admin", "token.create", f"token-{number}", {"n": number, "語": "日本"})
    return knowledge


def test_lines_come_newest_first_page_by_page(log: Knowledge) -> None:
    first = log.audit_log(limit=2)
    assert [(one.seq, one.subject) for one in first.items] == [(5, "token-4"), (4, "token-3")]
    log.audit("admin", "login", "console")
    second = log.audit_log(limit=10, cursor=first.next_cursor)
    assert [one.seq for one in second.items] == [3, 2, 1]
    assert second.next_cursor is None
    assert second.total == 6
    assert second.items[2].details == {"n": 0, "語": "日本"}
    with pytest.raises(UsageError):
        log.audit_log(cursor="x")


def test_each_line_carries_the_hash_of_the_one_before(log: Knowledge) -> None:
    lines = log.audit_log().items[::-1]
    previous = "0" * 64
    for line in lines:
        details = json.dumps(line.details, separators=(",", ":"), ensure_ascii=False)
        whole = [line.seq, line.at, line.actor, line.action, line.subject, details, previous]
        document = json.dumps(whole, separators=(",", ":"), ensure_ascii=False)
        assert line.previous == previous
        assert line.hash == hashlib.sha256(document.encode()).hexdigest()
        previous = line.hash
    assert log.verify_audit()


def test_an_empty_log_is_whole(knowledge: Knowledge) -> None:
    assert knowledge.verify_audit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 5",
        "DELETE FROM audit",
    ],
)
def test_the_database_refuses_to_change_a_line(
    log: Knowledge, execute: Execute, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        execute(statement)
    assert log.audit_log().total == 5
    assert log.verify_audit()


def test_the_database_refuses_the_ways_around(
    log: Knowledge, execute: Execute, knowledge_url: str
) -> None:
    around = (
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'nobody', action, subject, details,"
        " previous, hash FROM audit WHERE seq = 2"
    )
    statement = around if knowledge_url.startswith("sqlite") else "TRUNCATE audit"
    with pytest.raises(DBAPIError, match="append-only"):
        execute(statement)
    assert log.verify_audit()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET actor = 'nobody' WHERE seq = 2",
        "UPDATE audit SET at = at + 1 WHERE seq = 5",
        "UPDATE audit SET details = '{}' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 5",
        "DELETE FROM audit",
        COPY_OF_THE_FIRST,
    ],
)
def test_tampering_past_the_triggers_is_found(
    log: Knowledge, execute: Execute, knowledge_url: str, tampering: str
) -> None:
    assert log.verify_audit()
    execute(*drop_triggers(knowledge_url), tampering)
    assert not log.verify_audit()


def test_lines_of_many_threads_make_one_chain(knowledge: Knowledge, knowledge_url: str) -> None:
    with Knowledge.open(knowledge_url) as other:

        def write(store: Knowledge, actor: str) -> None:
            for number in range(10):
                store.audit(actor, "test", str(number))

        threads = [
            threading.Thread(target=write, args=(store, f"actor-{n}"))
            for n in range(3)
            for store in (knowledge, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    page = knowledge.audit_log(limit=1000)
    assert [one.seq for one in page.items] == list(range(60, 0, -1))
    assert knowledge.verify_audit()


def test_state_keeps_any_json(knowledge: Knowledge) -> None:
    assert knowledge.get_state("nexus.x") is None
    for value in ({"a": [1, 2.5, None, "日本 \x00"]}, [], 0, False, "x"):
        knowledge.set_state("nexus.x", value)
        assert knowledge.get_state("nexus.x") == value
