"""Rules of TAXII 2.1 that the recorded exchanges do not show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from litestar.testing import TestClient
from tests.unit.intelligence.taxii.served import account, application

from kaname.intelligence.taxii.negotiation import MEDIA_TYPE
from kaname.knowledge import Knowledge
from kaname.knowledge.stix_objects import Collection, StixObjects
from kaname.model.marking import Tlp

MINE = "11111111-1111-4111-8111-111111111111"
HIDDEN = "22222222-2222-4222-8222-222222222222"
OWN = "33333333-3333-4333-8333-333333333333"
BASE = "/taxii2/kaname/collections"
OBJECTS = f"{BASE}/{MINE}/objects/"
POST = {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE}
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


class Served:
    def __init__(self, knowledge: Knowledge, client: Any) -> None:
        self.knowledge = knowledge
        self.client = client
        self.who = account(knowledge, "analyst-one")

    def get(self, path: str, who: Any = None, **params: Any) -> Any:
        return self.client.get(path, params=params, auth=who or self.who)

    def post(self, content: bytes, path: str = OBJECTS, **headers: str) -> Any:
        return self.client.post(path, content=content, headers=POST | headers, auth=self.who)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as knowledge:
        store = knowledge.part(StixObjects)
        store.put_collection(Collection(id=MINE, title="Mine", alias="mine", tlp=Tlp.GREEN))
        nobody = ("nobody",)
        store.put_collection(
            Collection(id=HIDDEN, title="H", readers=nobody, writers=nobody, concealed=True)
        )
        store.put_collection(Collection(id=OWN, title="Own", per_audience=True))
        with TestClient(application(knowledge)) as client:
            yield Served(knowledge, client)


def thing(number: int, **more: Any) -> dict[str, Any]:
    key = f"identity--00000000-0000-4000-8000-{number:012}"
    times = {"created": "2025-01-01T00:00:00.000Z", "modified": "2025-01-01T00:00:00.000Z"}
    return {"type": "identity", "spec_version": "2.1", "id": key, "name": "n"} | times | more


def envelope(*things: Any) -> bytes:
    return json.dumps({"objects": things}).encode()


def test_pages_lead_through_everything_once(served: Served) -> None:
    served.post(envelope(*map(thing, range(25))))
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 4}
    while True:
        page = served.get(OBJECTS, **params).json()
        seen += [one["id"] for one in page["objects"]]
        if not page["more"]:
            break
        params["next"] = page["next"]
    assert seen == [thing(n)["id"] for n in range(25)]


def test_next_is_refused_with_other_filters_or_by_others(served: Served) -> None:
    served.post(envelope(*map(thing, range(9))))
    following = served.get(OBJECTS, limit=2).json()["next"]
    assert served.get(OBJECTS, limit=3, next=following).status_code == 200
    other = {"match[type]": "malware"}
    assert served.get(OBJECTS, **other, next=following).status_code == 400
    assert served.get(f"{BASE}/{MINE}/manifest/", next=following).status_code == 400
    somebody = account(served.knowledge, "analyst-two")
    assert served.get(OBJECTS, somebody, next=following).status_code == 400
    assert served.get(OBJECTS, next=following[:-2] + "AA").status_code == 400


def test_added_after_goes_on_without_gap_or_overlap(served: Served) -> None:
    served.post(envelope(*map(thing, range(5))))
    first = served.get(OBJECTS, limit=3)
    rest = served.get(OBJECTS, added_after=first.headers["X-TAXII-Date-Added-Last"]).json()
    assert [one["id"] for one in rest["objects"]] == [thing(n)["id"] for n in (3, 4)]


def test_bytes_are_served_as_they_came(served: Served) -> None:
    text = json.dumps(thing(1) | {"x_number": 1}).replace(": 1}", ":  1.500}")
    served.post(b'{"objects":[' + text.encode() + b"]}")
    assert text in served.get(OBJECTS).text


def test_valid_objects_are_kept_and_others_told(served: Served) -> None:
    served.post(envelope(thing(1)))
    status = served.post(envelope(thing(2), thing(3, labels=[]), thing(1, name="other"))).json()
    assert (status["success_count"], status["failure_count"], status["total_count"]) == (1, 2, 3)
    assert [one["id"] for one in status["failures"]] == [thing(3)["id"], thing(1)["id"]]
    assert "/objects/1/labels" in status["failures"][0]["message"]
    kept = served.get(f"/taxii2/kaname/status/{status['id']}/")
    assert kept.json() == status
    other = account(served.knowledge, "analyst-two")
    assert served.get(f"/taxii2/kaname/status/{status['id']}/", other).status_code == 404


def test_clearance_is_applied_in_the_query(served: Served) -> None:
    served.post(envelope(thing(1), thing(2, object_marking_refs=[RED])))
    green = account(served.knowledge, "green", "viewer", Tlp.GREEN)
    assert [one["id"] for one in served.get(OBJECTS, green).json()["objects"]] == [thing(1)["id"]]
    assert served.get(OBJECTS + thing(2)["id"] + "/", green).status_code == 404
    assert served.get(OBJECTS + thing(2)["id"] + "/versions/", green).status_code == 404
    clear = account(served.knowledge, "clear", "viewer", Tlp.CLEAR)
    assert served.get(OBJECTS, clear).json() == {}
    assert served.get(f"{BASE}/{MINE}/manifest/", clear).json() == {}


def test_each_audience_reads_rows_of_its_own(served: Served) -> None:
    store = served.knowledge.part(StixObjects)
    own = store.collection(OWN)
    for level, name in ((Tlp.GREEN, "low"), (Tlp.RED, "high")):
        body = json.dumps(thing(1, name=name)).encode()
        from tests.unit.intelligence.taxii.served import version

        store.add(store.audience(own, level), [version(body)])
    green = account(served.knowledge, "green", "viewer", Tlp.GREEN)
    url = f"{BASE}/{OWN}/objects/"
    assert served.get(url, green).json()["objects"][0]["name"] == "low"
    assert served.get(url).json()["objects"][0]["name"] == "high"
    listed = served.get(f"{BASE}/").json()["collections"]
    assert [one["id"] for one in listed] == [MINE, OWN]


def test_a_concealed_collection_does_not_exist(served: Served) -> None:
    for path in ("", "objects/", "manifest/"):
        hidden = served.get(f"{BASE}/{HIDDEN}/{path}")
        missing = served.get(f"{BASE}/{HIDDEN[:-1]}3/{path}")
        assert hidden.status_code == missing.status_code == 404
        assert hidden.json()["title"] == missing.json()["title"]


def test_an_alias_names_a_collection(served: Served) -> None:
    assert served.get(f"{BASE}/mine/").json()["id"] == MINE


def test_who_only_reads_cannot_write(served: Served) -> None:
    reader = account(served.knowledge, "reader", "viewer")
    answer = served.client.post(OBJECTS, content=envelope(thing(1)), headers=POST, auth=reader)
    assert answer.status_code == 403
    assert served.client.delete(OBJECTS + thing(1)["id"] + "/", auth=reader).status_code == 403


def test_removal(served: Served) -> None:
    later = thing(1, modified="2025-02-01T00:00:00.000Z")
    served.post(envelope(thing(1), later, thing(2)))
    url = OBJECTS + thing(1)["id"] + "/"
    params = {"match[version]": "first"}
    assert served.client.delete(url, params=params, auth=served.who).status_code == 200
    assert served.get(url + "versions/").json()["versions"] == ["2025-02-01T00:00:00.000Z"]
    assert served.client.delete(url, auth=served.who).status_code == 200
    assert served.get(url).status_code == 404


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"\xff", {}, 400),
        (b"[1]", {}, 422),
        (b'{"objects":5}', {}, 422),
        (b'{"type":"indicator","id":"indicator--1"}', {}, 422),
        (b'{"objects":' + b"[" * 5000 + b"]" * 5000 + b"}", {}, 400),
        (b'{"objects":[]}', {"Content-Type": "application/json"}, 415),
        (b'{"objects":[]}', {"Content-Type": "application/taxii+json;version=2.0"}, 415),
        (b'{"objects":[]}', {"Accept": "text/html"}, 406),
        (b'{"objects":[]}', {"Content-Length": str(200 << 20)}, 413),
    ],
)
def test_refusals_are_error_objects(
    served: Served, content: bytes, headers: dict[str, str], status: int
) -> None:
    answer = served.post(content, **headers)
    assert answer.status_code == status
    assert answer.json()["http_status"] == str(status)
    assert answer.headers["content-type"] == MEDIA_TYPE


def test_a_bearer_token_is_enough(served: Served) -> None:
    headers = {"Authorization": f"Bearer {served.who[1]}"}
    assert served.client.get("/taxii2/", headers=headers).json()["api_roots"]
    assert served.client.get("/taxii2/", auth=("somebody", served.who[1])).status_code == 401


def test_guessing_tokens_is_slowed_down(served: Served) -> None:
    codes = {served.client.get("/taxii2/", auth=("a", f"wrong{n}")).status_code for n in range(15)}
    assert codes == {401, 429}


def test_refusals_come_in_the_readers_language(served: Served) -> None:
    answer = served.client.get(
        "/taxii2/nowhere/", auth=served.who, headers={"Accept-Language": "ja"}
    )
    assert answer.status_code == 404
    assert answer.json()["title"] == "見つかりません"


@pytest.mark.parametrize("path", ["kaname/nothing/", f"kaname/collections/{MINE}/x/", "a/b/c/d/e/"])
def test_unknown_places(served: Served, path: str) -> None:
    assert served.get(f"/taxii2/{path}").status_code == 404


def test_what_is_added_reaches_the_fusion(tmp_path: Path) -> None:
    absorbed: list[Any] = []
    fusion = SimpleNamespace(absorb=absorbed.extend, retract=lambda _: None)
    with Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as knowledge:
        knowledge.part(StixObjects).put_collection(Collection(id=MINE, title="Mine"))
        who = account(knowledge, "member")
        listed = thing(1) | {
            "type": "indicator",
            "id": thing(1)["id"].replace("identity", "indicator"),
        }
        listed |= {"pattern": "[url:value = 'http://a.example/']", "pattern_type": "stix"}
        listed |= {"valid_from": "2025-01-01T00:00:00Z"}
        with TestClient(application(knowledge, intelligence=fusion)) as client:
            client.post(OBJECTS, content=envelope(listed), headers=POST, auth=who)
    assert [(m.kind.value, m.value) for m in absorbed[0].mentions] == [("url", "http://a.example/")]
    assert absorbed[0].source == "Mine"
