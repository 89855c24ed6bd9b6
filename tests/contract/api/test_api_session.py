"""Tokens, sessions and accounts."""

from __future__ import annotations

import httpx
import pytest
from tests.contract.api.conftest import Running

from kaname.model.marking import Tlp

CONSOLE = {"X-Kaname-Console": "1"}


@pytest.fixture
def browser(running):
    """A client as the console is one: no token, cookies kept."""
    with httpx.Client(base_url=running.nexus.url) as client:
        yield client


def log_in(browser, running, role="viewer"):
    secret = running.token(role)
    return browser.post("/api/v1/session", json={"token": secret}), secret


def test_a_token_becomes_a_cookie_that_scripts_cannot_read(running, browser):
    answer, secret = log_in(browser, running)
    assert answer.status_code == 200
    assert answer.json()["name"] == "viewer-red"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert secret not in cookie
    assert secret not in answer.text
    assert browser.get("/api/v1/me").json()["role"] == "viewer"


def test_a_wrong_token_makes_no_session(browser):
    answer = browser.post("/api/v1/session", json={"token": "kn_wrong"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_with_the_cookie_changes_need_the_consoles_header(running, browser):
    log_in(browser, running)
    sql = {"sql": "SELECT 1 AS x"}
    refused = browser.post("/api/v1/lake/query", json=sql)
    assert refused.status_code == 403
    assert refused.json()["code"] == "api.error.console_header"
    assert browser.post("/api/v1/lake/query", json=sql, headers=CONSOLE).status_code == 200


def test_logging_out_ends_the_session_itself(running, browser):
    log_in(browser, running)
    cookie = browser.cookies["kaname_session"]
    assert browser.delete("/api/v1/session", headers=CONSOLE).status_code == 204
    assert "kaname_session" not in browser.cookies
    kept = httpx.get(f"{running.nexus.url}api/v1/me", cookies={"kaname_session": cookie})
    assert kept.status_code == 401


def test_revoking_a_token_ends_its_session_at_once(running, browser):
    log_in(browser, running)
    admin = running.client("admin")
    [token] = [t for t in admin.get("/api/v1/tokens").json() if t["account"] == "viewer-red"][:1]
    assert browser.get("/api/v1/me").status_code == 200
    for one in admin.get("/api/v1/tokens").json():
        if one["account"] == "viewer-red" and not one["revoked"]:
            assert admin.delete(f"/api/v1/tokens/{one['id']}").status_code == 204
    admin.close()
    assert browser.get("/api/v1/me").status_code == 401
    assert token["secret"] is None


def test_a_new_token_is_shown_once_and_works(running, client):
    made = client("viewer").post("/api/v1/tokens", json={"label": "script"})
    assert made.status_code == 201
    secret = made.json()["secret"]
    bearer = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{running.nexus.url}api/v1/me", headers=bearer).status_code == 200
    listed = client("viewer").get("/api/v1/tokens").text
    assert made.json()["id"] in listed
    assert secret not in listed


def test_one_sees_and_revokes_only_ones_own_tokens(client):
    other = client("analyst").post("/api/v1/tokens", json={"label": "theirs"}).json()
    viewer = client("viewer")
    assert other["id"] not in viewer.get("/api/v1/tokens").text
    assert viewer.delete(f"/api/v1/tokens/{other['id']}").status_code == 404
    asked = {"label": "x", "account": "analyst-red"}
    assert viewer.post("/api/v1/tokens", json=asked).status_code == 403


def test_an_administrator_makes_accounts_and_the_log_remembers(client):
    admin = client("admin")
    body = {"name": "mika", "role": "viewer", "clearance": "TLP:GREEN", "language": "ja"}
    assert admin.post("/api/v1/accounts", json=body).json()["clearance"] == "green"
    assert "mika" in admin.get("/api/v1/accounts").text
    [entry] = [e for e in admin.get("/api/v1/audit").json()["items"] if e["subject"] == "mika"]
    assert (entry["action"], entry["actor"]) == ("account.put", "admin-red")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"role": "emperor"}, "api.error.choice"),
        ({"clearance": "purple"}, "model.error.tlp"),
        ({"name": ""}, "knowledge.error.account_name"),
        ({"surprise": 1}, "api.error.invalid"),
    ],
)
def test_accounts_that_make_no_sense_are_refused(client, change, code):
    body = {"name": "x", "role": "viewer", "clearance": "green"} | change
    answer = client("admin").post("/api/v1/accounts", json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == code


def test_guessing_is_slowed_down_but_known_tokens_pass(tmp_path):
    with Running(tmp_path / "data") as running:
        known = running.client("viewer", Tlp.GREEN)
        assert known.get("/api/v1/me").status_code == 200
        url = f"{running.nexus.url}api/v1/me"
        answers = [
            httpx.get(url, headers={"Authorization": f"Bearer kn_{n}"}).status_code
            for n in range(12)
        ]
        assert answers == [401] * 10 + [429] * 2
        last = httpx.get(url, headers={"Authorization": "Bearer kn_x"})
        assert int(last.headers["retry-after"]) > 0
        assert known.get("/api/v1/me").status_code == 200
        known.close()


def test_the_first_start_makes_one_token_in_a_private_file(tmp_path):
    path = tmp_path / "data" / "admin.token"
    with Running(tmp_path / "data") as running:
        first = path.read_text().strip()
        assert path.stat().st_mode & 0o777 == 0o600
        bearer = {"Authorization": f"Bearer {first}"}
        me = httpx.get(f"{running.nexus.url}api/v1/me", headers=bearer).json()
        assert (me["role"], me["clearance"]) == ("admin", "red")
    with Running(tmp_path / "data") as running:
        assert path.read_text().strip() == first
        assert len(running.services.knowledge.tokens()) == 1
