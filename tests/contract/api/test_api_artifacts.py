"""Look-ups, the page of an artifact, pivots and the two layers over HTTP."""

from __future__ import annotations

import json
import struct

import pytest

from kaname.intelligence.records import Mention, Observation
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

DAY = 86_400_000_000
HUB = "198.18.40.1"


def observed(number: int, *, tlp: Tlp = Tlp.GREEN, groups: tuple[str, ...] = ()) -> Observation:
    return Observation(
        id=f"artifacts-{number}",
        source=f"source-{number % 2}",
        kind="download",
        at=number * DAY,
        received=number * DAY,
        mentions=(
            Mention(ArtifactKind.IP, HUB, "dst"),
            Mention(ArtifactKind.DOMAIN, f"drop{number}.example.org", "query"),
        ),
        tlp=tlp,
        groups=groups,
        body={"number": number},
    )


@pytest.fixture(scope="module", autouse=True)
def stored(running) -> None:
    said = [observed(number) for number in range(1, 6)]
    said += [observed(6, tlp=Tlp.RED), observed(7, groups=("bank",))]
    running.services.part("intelligence").store.add(said)


def test_any_spelling_is_looked_up(client):
    found = client().get("/api/v1/lookup", params={"q": "drop3[.]example[.]org"}).json()
    assert (found["kind"], found["value"]) == ("domain", "drop3.example.org")
    assert (found["known"], found["observations"], found["sources"]) == (True, 1, 1)
    assert (found["first_seen"], found["last_seen"]) == (3 * DAY, 3 * DAY)
    nothing = client().get("/api/v1/lookup", params={"q": "no artifact at all"}).json()
    assert (nothing["kind"], nothing["known"], nothing["first_seen"]) == (None, False, None)


def test_many_are_answered_by_column_in_their_order(client):
    values = ["drop1.example.org", "???", "198[.]18[.]40[.]1", "drop99.example.org"]
    found = client().post("/api/v1/lookup", json={"values": values}).json()
    assert found["kind"] == ["domain", None, "ip", "domain"]
    assert found["value"] == ["drop1.example.org", "???", HUB, "drop99.example.org"]
    assert found["known"] == [True, False, True, False]
    assert found["observations"] == [1, 0, 7, 0]
    assert found["first_seen"] == [DAY, None, DAY, None]
    assert found["indicator"] == [None] * 4
    many = client().post("/api/v1/lookup", json={"values": ["x"] * 100_001})
    assert many.status_code == 400


def test_what_may_not_be_seen_is_not_counted(client):
    asked = {"kind": "ip", "value": HUB}
    for clearance, count, days in ((Tlp.RED, 7, 7), (Tlp.AMBER, 5, 5), (Tlp.CLEAR, 0, 0)):
        page = client("viewer", clearance).get("/api/v1/artifact", params=asked).json()
        assert (page["known"], page["observations"], page["days"]) == (count > 0, count, days)
        assert len(page["relations"]) == count
        rows = client("viewer", clearance).get("/api/v1/artifact/observations", params=asked)
        assert rows.json()["total"] == count
        params = {"seed": f"ip:{HUB}"}
        near = client("viewer", clearance).get("/api/v1/artifacts/pivot", params=params).json()
        assert near["total"] == (count + 1 if count else 0)


def test_the_page_of_an_artifact_says_who_saw_it_when_and_where(client):
    page = client().get("/api/v1/artifact", params={"kind": "ip", "value": HUB}).json()
    assert {s["source"]: s["count"] for s in page["sources"]} == {"source-0": 3, "source-1": 4}
    assert page["roles"] == [{"role": "dst", "count": 7}]
    assert page["timeline"][0] == {"at": DAY, "count": 1}
    relation = next(r for r in page["relations"] if r["value"] == "drop1.example.org")
    assert (relation["how"], relation["observations"], relation["df"]) == ("query", 1, 1)
    assert page["lists_checked"] > 0
    wrong = client().get("/api/v1/artifact", params={"kind": "ip", "value": "010.1.1.1"})
    assert wrong.status_code == 400


def test_observations_come_in_pages_the_latest_first(client):
    asked = {"kind": "ip", "value": HUB, "limit": 3}
    numbers, cursor = [], None
    for _ in range(3):
        params = asked | ({"cursor": cursor} if cursor else {})
        page = client().get("/api/v1/artifact/observations", params=params).json()
        numbers += [item["body"]["number"] for item in page["items"]]
        cursor = page["next"]
    assert numbers == [7, 6, 5, 4, 3, 2, 1]
    assert cursor is None
    broken = client().get("/api/v1/artifact/observations", params=asked | {"cursor": "x"})
    assert broken.status_code == 400


def test_a_hub_is_named_with_what_it_withholds(client):
    params = {"seed": "domain:drop1.example.org", "hops": 2, "gate": 3}
    near = client().get("/api/v1/artifacts/pivot", params=params).json()
    assert near["gated"] == [{"kind": "ip", "value": HUB, "neighbours": 7}]
    assert [node["value"] for node in near["nodes"]] == ["drop1.example.org", HUB]
    assert near["edges"] == [[0, 1, 1]]
    through = client().get("/api/v1/artifacts/pivot", params=params | {"gate": 7}).json()
    assert (through["total"], through["gated"], through["truncated"]) == (8, [], False)


def test_layers_are_arrays_with_labels_in_their_order(client):
    params = {"seed": f"ip:{HUB}"}
    data = client().get("/api/v1/layers", params=params).content
    assert data[:4] == b"KNL1"
    (length,) = struct.unpack("<I", data[4:8])
    header = json.loads(data[8 : 8 + length])
    assert (header["nodes"], header["edges"], header["total_nodes"]) == (8, 7, 8)
    start = (8 + length + 3) // 4 * 4
    xs = struct.unpack(f"<{8}f", data[start : start + 32])
    assert len(set(xs)) > 1
    links = (start + 10 * 8 + 3) // 4 * 4
    assert len(data) == links + 8 * header["edges"]
    assert struct.unpack("<7I", data[links : links + 28]) == (0,) * 7
    kinds = data[start + 9 * 8 : start + 10 * 8]
    labels = client().get("/api/v1/layers/labels", params=params).json()["labels"]
    assert [header["kinds"][code] for code in kinds] == [text.partition(":")[0] for text in labels]
    part = client().get("/api/v1/layers/labels", params=params | {"from": 1, "to": 3}).json()
    assert part["labels"] == labels[1:3]
    whole = client().get("/api/v1/layers", params={"cap": 4}).content
    assert b'"nodes":4' in whole
