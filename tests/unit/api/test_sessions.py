from __future__ import annotations

from kaname.api.sessions import LIFETIME_S, SESSIONS, Sessions


def test_a_session_stands_for_its_token_until_it_ends():
    sessions = Sessions()
    session = sessions.begin("kn_secret")
    assert "kn_secret" not in session
    assert sessions.token(session) == "kn_secret"
    sessions.end(session)
    assert sessions.token(session) is None


def test_a_session_ends_by_itself():
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    session = sessions.begin("kn_secret")
    now[0] = LIFETIME_S - 1
    assert sessions.token(session) == "kn_secret"
    now[0] = LIFETIME_S
    assert sessions.token(session) is None


def test_an_unknown_session_stands_for_nothing():
    sessions = Sessions()
    assert sessions.token("made up") is None
    sessions.end("made up")


def test_the_oldest_sessions_go_when_there_are_too_many():
    sessions = Sessions()
    first = sessions.begin("first")
    others = [sessions.begin("other") for _ in range(SESSIONS)]
    assert sessions.token(first) is None
    assert all(sessions.token(other) == "other" for other in others)
