from __future__ import annotations

import hashlib
import re
import threading

import pytest
from sqlalchemy import create_engine, text

from kaname.knowledge import Account, AccountRole, Knowledge
from kaname.model.errors import ConflictError, NotFoundError, UsageError
from kaname.model.instant import SECOND, now_us
from kaname.model.marking import Tlp

ANALYST = Account("花子", AccountRole.ANALYST, Tlp.AMBER, "ja")


@pytest.fixture
def store(knowledge: Knowledge) -> Knowledge:
    knowledge.bootstrap()
    knowledge.put_account(ANALYST)
    return knowledge


def test_the_first_start_makes_one_admin_and_shows_the_secret_once(knowledge: Knowledge) -> None:
    secret = knowledge.bootstrap()
    assert secret is not None
    assert re.fullmatch(r"kn_[A-Za-z0-9_-]{43}", secret)  # 256 bits in base64url
    assert knowledge.authenticate(secret) == Account("admin", AccountRole.ADMIN, Tlp.RED)
    assert knowledge.bootstrap() is None


def test_of_many_first_starts_one_gets_the_secret(knowledge: Knowledge) -> None:
    found: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(knowledge.bootstrap())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(secret is not None for secret in found) == 1
    assert len(knowledge.tokens()) == 1


def test_a_token_opens_its_account_and_nothing_else_does(store: Knowledge) -> None:
    token, secret = store.create_token("花子", "laptop")
    assert store.authenticate(secret) == ANALYST
    for wrong in ("", "kn_", secret[:-1], secret + "x", secret.swapcase(), token.id, "\x00", "é"):
        assert store.authenticate(wrong) is None


def test_the_secret_is_not_kept(store: Knowledge, knowledge_url: str) -> None:
    _, secret = store.create_token("花子", "laptop")
    engine = create_engine(knowledge_url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM token")).all()
    engine.dispose()
    assert secret not in repr(rows)
    assert secret.removeprefix("kn_") not in repr(rows)
    assert hashlib.sha256(secret.encode()).hexdigest() in repr(rows)


def test_a_revoked_token_is_refused_at_once_everywhere(
    store: Knowledge, knowledge_url: str
) -> None:
    token, secret = store.create_token("花子", "laptop")
    with Knowledge.open(knowledge_url) as other:
        assert other.authenticate(secret) == ANALYST
        store.revoke_token(token.id)
        assert store.authenticate(secret) is None
        assert other.authenticate(secret) is None
    first = next(item for item in store.tokens() if item.id == token.id).revoked
    store.revoke_token(token.id)
    assert next(item for item in store.tokens() if item.id == token.id).revoked == first


def test_an_expired_token_is_refused(store: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    expires = now_us() + 60 * SECOND
    _, secret = store.create_token("花子", "visit", expires)
    assert store.authenticate(secret) == ANALYST
    monkeypatch.setattr("kaname.knowledge.accounts.now_us", lambda: expires)
    assert store.authenticate(secret) is None
    with pytest.raises(UsageError):
        store.create_token("花子", "visit", expires)


def test_a_disabled_account_cannot_come_in_until_it_is_enabled(store: Knowledge) -> None:
    _, secret = store.create_token("花子", "laptop")
    store.put_account(Account("花子", AccountRole.ANALYST, Tlp.AMBER, "ja", disabled=True))
    assert store.authenticate(secret) is None
    store.put_account(ANALYST)
    assert store.authenticate(secret) == ANALYST


def test_a_lower_role_or_clearance_holds_from_the_next_request_on(store: Knowledge) -> None:
    _, secret = store.create_token("花子", "laptop")
    lower = Account("花子", AccountRole.VIEWER, Tlp.CLEAR, "ja")
    store.put_account(lower)
    assert store.authenticate(secret) == lower
    assert store.account("花子") == lower


def test_the_last_admin_stays(store: Knowledge) -> None:
    for worse in (
        Account("admin", AccountRole.PUBLISHER, Tlp.RED),
        Account("admin", AccountRole.ADMIN, Tlp.RED, disabled=True),
    ):
        with pytest.raises(ConflictError):
            store.put_account(worse)
        assert store.account("admin").role is AccountRole.ADMIN
        assert not store.account("admin").disabled
    store.put_account(Account("second", AccountRole.ADMIN, Tlp.RED))
    store.put_account(Account("admin", AccountRole.VIEWER, Tlp.CLEAR))
    assert [account.name for account in store.accounts()] == ["admin", "second", "花子"]


def test_use_is_noted(store: Knowledge) -> None:
    token, secret = store.create_token("花子", "laptop")
    before = now_us()
    store.authenticate(secret)
    (used,) = store.tokens("花子")
    assert (used.id, used.label, used.expires, used.revoked) == (token.id, "laptop", None, None)
    assert used.last_used is not None
    assert used.last_used >= before


def test_names_that_nobody_has_are_not_found(store: Knowledge) -> None:
    with pytest.raises(NotFoundError):
        store.account("nobody")
    with pytest.raises(NotFoundError):
        store.create_token("nobody", "x")
    with pytest.raises(NotFoundError):
        store.revoke_token("token-0")


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a\x00", "x" * 65])
def test_names_that_could_deceive_are_refused(store: Knowledge, name: str) -> None:
    with pytest.raises(UsageError):
        store.put_account(Account(name, AccountRole.VIEWER, Tlp.CLEAR))
