"""Inventories over the API: the list, one with verdicts, plan, changes, reports, clearance."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from tests.contract.api.conftest import Running
from tests.unit.cryptography.inventoried import (
    LATER,
    MAIL,
    MD5_CODE,
    SHOP,
    START,
    bring,
    inventories,
    shop,
)

from kaname.analysis.runner import run
from kaname.cli.main import root
from kaname.cryptography.inventory.cbom import cbom
from kaname.cryptography.policy.from_cbom import items_of
from kaname.knowledge import Knowledge
from kaname.lake import Lake
from kaname.model.instant import DAY
from kaname.model.marking import Tlp

WORDS = {"allowed", "allowed-until", "unknown", "finish-migration", "monitored", "not-listed",
         "not-usable"}  # fmt: skip


@pytest.fixture(scope="module")
def nexus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("cryptography")
    with (
        Lake.open(root / "data") as lake,
        Knowledge.open(f"sqlite:///{root}/data/knowledge.sqlite") as knowledge,
    ):
        inventories(lake, root)
        bring(lake, root, shop()[:3], LATER + DAY, subject="secret", tlp=Tlp.RED)
        run(lake, knowledge, "cryptography.policy", since=START, until=LATER + DAY)
    with Running(root / "data") as started:
        yield started


def client_of(nexus: Running, clearance: Tlp) -> httpx.Client:
    bearer = {"Authorization": f"Bearer {nexus.token('viewer', clearance)}"}
    return httpx.Client(base_url=f"{nexus.nexus.url}/api/v1/crypto", headers=bearer, timeout=60)


@pytest.fixture(scope="module")
def client(nexus: Running) -> Iterator[httpx.Client]:
    with client_of(nexus, Tlp.GREEN) as made:
        yield made


def newest(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/inventories", params={"year": 2026}).json()
    return found["items"][0]  # type: ignore[no-any-return]


def test_inventories_are_listed_with_their_verdicts(client: httpx.Client) -> None:
    page = client.get("/inventories", params={"year": 2026, "limit": 1}).json()
    assert (page["total"], page["year"], page["use"]) == (2, 2026, "processing")
    (one,) = page["items"]
    assert set(one["counts"]) == WORDS
    assert sum(one["counts"].values()) == one["items"] == 12
    assert (one["latest"], one["unread"], one["expired"], one["outlives"]) == (True, 1, 1, 1)
    second = client.get("/inventories", params={"limit": 1, "after": page["next"]}).json()
    assert second["items"][0]["id"] == one["before"]
    assert second["next"] is None
    assert client.get("/inventories", params={"q": "no such"}).json()["items"] == []


def test_items_come_the_worst_first_with_what_they_stand_on(client: httpx.Client) -> None:
    one = newest(client)
    found = client.get(f"/inventories/{one['id'][:8]}", params={"year": 2026}).json()
    assert found["total"] == one["items"] == len(found["items"])
    words = [item["verdict"]["word"] for item in found["items"]]
    order = ["not-usable", "not-listed", "monitored", "finish-migration", "unknown",
             "allowed-until", "allowed"]  # fmt: skip
    assert words == sorted(words, key=order.index)
    by_place = {(item["kind"], item["location"]): item for item in found["items"]}
    due = by_place["certificate", SHOP]
    assert due["verdict"]["until"] == 2030
    assert due["verdict"]["text"]["ja"] != due["verdict"]["text"]["en"]
    (cell,) = (
        cell for cell in due["cells"] if cell["table"] == "strength" and "112" in cell["cell"]
    )
    assert (cell["says"], cell["verified"]) == ("finish-migration", False)
    assert cell["document"] == "CRYPTREC LS-0003-2022R1"
    assert by_place["group", MAIL]["at_risk"]
    assert {(lists["document"], lists["dated"]) for lists in found["lists"]} >= {
        ("CRYPTREC LS-0003-2022R1", False)
    }
    assert sum(found["facets"]["kind"].values()) == one["items"]
    assert found["places"][0]["worst"] == "not-usable"
    assert {len(course["words"]) for course in found["timeline"]} == {2070 - 2026 + 1}
    assert sum(course["items"] for course in found["timeline"]) == one["items"] - one["unread"]
    assert {finding["label"] for finding in found["findings"]} >= {"harvest_now", "weak_setting"}


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"kind": "code-use"}, [MD5_CODE]),
        ({"q": "dsa"}, ["old/id_dsa", MAIL]),  # MAIL has ECDSA
        ({"place": "ca/root.pem"}, ["ca/root.pem"]),
        ({"verdict": "unknown"}, ["broken.pem"]),
        ({"standing": "verified", "quantum": True}, []),
        ({"kind": "no such"}, []),
    ],
)
def test_items_are_chosen(client: httpx.Client, asked: dict[str, Any], places: list[str]) -> None:
    found = client.get(
        f"/inventories/{newest(client)['id']}", params={"year": 2026, **asked}
    ).json()
    assert [item["location"] for item in found["items"]] == places
    assert found["total"] == len(places)


def test_the_year_and_the_use_decide(client: httpx.Client) -> None:
    path = f"/inventories/{newest(client)['id']}"
    asked = {"year": 2031, "use": "new", "kind": "certificate", "place": SHOP}
    (item,) = client.get(path, params=asked).json()["items"]
    assert item["verdict"]["word"] == "not-usable"  # RSA 2048, newly, after 2030
    short = client.get(path, params={"year": 2026, "confidential_until": 2027}).json()
    assert not any(item["at_risk"] for item in short["items"])
    for bad in ({"year": 1999}, {"year": "x"}, {"use": "both"}, {"after": "-1"}, {"limit": 0}):
        assert client.get(path, params=bad).status_code == 400


def test_the_plan_says_why_and_what_to_paste(client: httpx.Client) -> None:
    path = f"/inventories/{newest(client)['id']}/plan"
    plan = client.get(path, params={"year": 2026, "confidential_until": 2040}).json()
    assert plan["assumptions"]["confidentiality"] == 14
    steps = plan["steps"]
    assert [step["priority"] for step in steps] == sorted(
        (step["priority"] for step in steps), reverse=True
    )
    (tls,) = (step for step in steps if step["target"] == "tls-1.3")
    assert tls["config"]["nginx"] == ["ssl_protocols TLSv1.2 TLSv1.3;"]
    assert all(step["why"] and step["target_text"]["ja"] for step in steps)


def test_changes_and_the_trend(client: httpx.Client) -> None:
    one = newest(client)
    changes = client.get(f"/inventories/{one['id']}/changes", params={"year": 2026}).json()
    assert changes["before"] == one["before"]
    assert changes["totals"]["worse"] == len(changes["worse"]) == 1
    assert changes["worse"][0]["algorithm"] == "TLSv1.0"
    assert {change["algorithm"] for change in changes["removed"]} == {"X25519MLKEM768"}
    first = client.get(f"/inventories/{one['before']}/changes", params={"year": 2026}).json()
    assert (first["before"], first["totals"]["removed"]) == (None, 0)
    (series,) = client.get("/trend", params={"year": 2026}).json()["series"]
    assert [point["id"] for point in series["points"]] == [one["before"], one["id"]]


def test_reports_and_the_document_are_files(client: httpx.Client) -> None:
    path = f"/inventories/{newest(client)['id']}"
    for form, start in (("html", b"<!"), ("pdf", b"%PDF")):
        asked = {"format": form, "language": "ja", "year": 2026}
        told = client.get(f"{path}/report", params=asked)
        assert told.status_code == 200
        assert told.content.lower().startswith(start.lower())
        assert "attachment" in told.headers["content-disposition"]
    document = client.get(f"{path}/cbom", params={"version": "1.6"})
    assert document.content == client.get(f"{path}/cbom", params={"version": "1.6"}).content
    assert {one.id for one in items_of(document.json())} == {one.id for one in shop(later=True)}


def test_what_an_account_may_not_see_is_not_there(nexus: Running, client: httpx.Client) -> None:
    with client_of(nexus, Tlp.RED) as all_of_it:
        secret = next(
            one for one in all_of_it.get("/inventories").json()["items"] if one["name"] == "secret"
        )
        assert all_of_it.get(f"/inventories/{secret['id']}").status_code == 200
        assert len(all_of_it.get("/trend").json()["series"]) == 2
    for part in ("", "/plan", "/changes", "/report", "/cbom"):
        assert client.get(f"/inventories/{secret['id']}{part}").status_code == 404
    listed = client.get("/inventories").json()
    assert secret["id"] not in {one["id"] for one in listed["items"]}
    for none in ("0" * 64, "..", "' OR 1=1", "abc"):
        assert client.get(f"/inventories/{none}").status_code in {404, 400}


def test_an_inventory_is_delivered_from_another_machine(nexus: Running, tmp_path: Path) -> None:
    path, token = tmp_path / "far.cdx.json", tmp_path / "token"
    path.write_text(json.dumps(cbom(shop()[:2], subject="far")))
    token.write_text(nexus.token("analyst", Tlp.AMBER))

    def deliver(url: str) -> Result:
        told = ["--data", str(tmp_path / "none"), "crypto", "deliver", str(path), "--to", url,
                "--token-file", str(token), "--sensor", "branch", "--tlp", "green"]  # fmt: skip
        return CliRunner().invoke(root, told, standalone_mode=False)

    assert deliver(nexus.nexus.url).exit_code == 0
    with client_of(nexus, Tlp.GREEN) as client:
        for _ in range(200):
            found = client.get("/inventories", params={"sensor": "branch"}).json()["items"]
            if found:
                break
            time.sleep(0.1)
    assert [(one["name"], one["items"], one["tlp"]) for one in found] == [("far", 2, "green")]
    token.write_text("wrong")
    assert "401" in str(deliver(nexus.nexus.url).exception)
    assert "TLS" in str(deliver("http://nexus.example").exception)
    assert "reached" in str(deliver("http://127.0.0.1:1").exception)
