"""Every exchange that was recorded with the OASIS reference server, defects of it apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from tests.unit.intelligence.taxii.served import DATA, account, application, seed_oasis

from kaname.knowledge import Knowledge

TRANSCRIPT = DATA / "oracles" / "taxii21_transcript.jsonl"
CHANGING = ("next", "id", "request_timestamp")  # made anew by every server


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, tuple[str, str]]]:
    path: Path = tmp_path_factory.mktemp("taxii") / "knowledge.sqlite"
    with Knowledge.open(f"sqlite:///{path}") as knowledge:
        seed_oasis(knowledge)
        who = account(knowledge, "user")
        with TestClient(application(knowledge)) as made:
            yield made, who


def exchanges() -> list[Any]:
    if not TRANSCRIPT.is_file():
        return []
    return [json.loads(line) for line in TRANSCRIPT.read_text().splitlines()]


def expected_status(recorded: dict[str, Any]) -> int:
    """The recorded status; its 500 are defects, and ``*/*`` may be taken (RFC 9110)."""
    if recorded["status"] == 500:
        return 400
    if recorded["headers"]["Accept"] in {"*/*", "application/taxii+json"}:
        return 200
    return int(recorded["status"])


def settled(value: Any) -> Any:
    """A body without what differs between any two servers."""
    if isinstance(value, dict):
        kept = {k: settled(v) for k, v in value.items()}
        if "status" in kept or "more" in kept:
            kept = {k: v for k, v in kept.items() if k not in CHANGING}
        # rows of one date_added are a microsecond apart here
        if "date_added" in kept:
            kept["date_added"] = kept["date_added"][:23]
        return kept
    return [settled(item) for item in value] if isinstance(value, list) else value


@pytest.mark.skipif(not TRANSCRIPT.is_file(), reason="the shared data are not here")
@pytest.mark.parametrize("number", range(len(exchanges())))
def test_recorded_exchange_is_answered_in_the_same_way(number: int, client: Any) -> None:
    # In order: those that add come last in the recording and look at what they added.
    recorded = exchanges()[number]
    http, who = client
    answer = http.request(
        recorded["method"],
        "/taxii2" + recorded["path"],
        params=recorded["params"],
        headers=recorded["headers"],
        content=recorded["body"],
        auth=who if recorded["auth"] else None,
    )
    wanted = expected_status(recorded)
    assert answer.status_code == wanted, answer.text
    assert answer.headers["content-type"] == "application/taxii+json;version=2.1"
    if wanted != recorded["status"]:
        return
    if wanted >= 400:
        assert answer.json()["http_status"] == str(wanted)
        assert answer.json()["title"]
        if wanted == 401:
            assert "Basic" in answer.headers["www-authenticate"]
        return
    body = answer.json()
    recent = "request_timestamp" in recorded["resp"] or "after add" in recorded["note"]
    if recorded["path"] == "/trustgroup1/":
        body["max_content_length"] = recorded["resp"]["max_content_length"]
    if recent:
        assert shape(settled(body)) == shape(settled(recorded["resp"]))
        return
    assert settled(body) == settled(recorded["resp"])
    assert bool(body.get("next")) == bool(recorded["resp"].get("next"))
    for end in ("First", "Last"):
        name = f"X-TAXII-Date-Added-{end}"
        assert answer.headers.get(name, "")[:23] == recorded["resp_headers"].get(name, "")[:23]


def shape(value: Any) -> Any:
    """A body whose instants were those of the recording: all but them."""
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items() if k != "date_added"}
    return [shape(item) for item in value] if isinstance(value, list) else value
