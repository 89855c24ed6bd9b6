"""TAXII in a nexus that runs: where its clients look for it, behind every other layer."""

from __future__ import annotations

import json

from tests.contract.api.conftest import Running

from kaname.knowledge.stix_objects import Collection, StixObjects

KEY = "77777777-7777-4777-8777-777777777777"


def test_taxii2_client_works_with_the_whole_product(running: Running) -> None:
    from taxii2client.v21 import Server

    knowledge = running.services.knowledge
    knowledge.part(StixObjects).put_collection(Collection(id=KEY, title="In the nexus"))
    secret = running.token("analyst")
    theirs = Server(f"{running.nexus.url}/taxii2/", user="analyst-red", password=secret)
    mine = {one.id: one for root in theirs.api_roots for one in root.collections}[KEY]
    times = {"created": "2025-01-01T00:00:00.000Z", "modified": "2025-01-01T00:00:00.000Z"}
    said = {"pattern": "[domain-name:value = 'taxii.example.org']", "pattern_type": "stix"}
    listed = {"type": "indicator", "spec_version": "2.1", "valid_from": times["created"]}
    listed |= {"id": f"indicator--{KEY}"} | times | said
    assert mine.add_objects(json.loads(json.dumps({"objects": [listed]}))).success_count == 1
    assert mine.get_objects(unknown="1")["objects"] == [listed]
    theirs.close()
    with running.client("viewer") as client:
        # what came by TAXII is evidence at once
        answer = client.get("/api/v1/lookup", params={"q": "taxii.example.org"})
        assert answer.status_code == 200
        assert answer.json()["known"] is True


def test_others_are_refused_in_the_words_of_taxii(running: Running) -> None:
    import httpx

    answer = httpx.get(f"{running.nexus.url}/taxii2/")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/taxii+json;version=2.1"
    assert answer.json()["http_status"] == "401"
