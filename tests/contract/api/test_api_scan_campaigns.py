"""The campaign board over HTTP: what it shows, and to whom."""

from __future__ import annotations

import msgspec
from tests.unit.telescope.test_board import finding

from kaname.model.marking import Tlp

HERE = "/api/v1/telescope/campaigns"


def test_campaigns_are_shown_to_whom_they_may(client, running) -> None:
    open_one = finding(0, "9530/tcp", family="mirai", hosts=range(20))
    secret = msgspec.structs.replace(
        finding(0, "26/tcp", family="bare", hosts=range(30, 50)), tlp=Tlp.RED
    )
    running.services.knowledge.replace_window(
        open_one.analysis, open_one.window_start, open_one.window_end, [open_one, secret]
    )
    whole = client().get(HERE).json()
    assert {tuple(one["services"]) for one in whole["items"]} == {("9530/tcp",), ("26/tcp",)}
    assert all(one["members"] == [] for one in whole["items"])  # these come one at a time
    low = client("viewer", Tlp.GREEN).get(HERE).json()
    assert [one["services"] for one in low["items"]] == [["9530/tcp"]]

    by_service = {one["services"][0]: one["id"] for one in whole["items"]}
    shown = client("viewer", Tlp.GREEN).get(f"{HERE}/{by_service['9530/tcp']}").json()
    assert len(shown["campaign"]["members"]) == 20
    assert client("viewer", Tlp.GREEN).get(f"{HERE}/{by_service['26/tcp']}").status_code == 404


def test_a_state_narrows_the_board_and_must_be_one(client) -> None:
    states = {one["state"] for one in client().get(HERE, params={"state": "ended"}).json()["items"]}
    assert states <= {"ended"}
    assert client().get(HERE, params={"state": "asleep"}).status_code == 400
