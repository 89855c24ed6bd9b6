"""Sensors of the telescope over HTTP."""

from __future__ import annotations

from kaname.model.marking import Tlp

HERE = "/api/v1/telescope/sensors"


def names(answer) -> list[str]:
    return [one["name"] for one in answer.json()["items"]]


def test_a_sensor_is_registered_given_a_prefix_and_forgotten(client) -> None:
    admin = client("admin")
    made = admin.post(HERE, json={"name": "attic", "description": "a /24", "tlp": "green"})
    assert made.status_code == 200
    assert (made.json()["registered"], made.json()["addresses"]) == (True, 0)
    prefix = {"prefix": "198.18.0.0/24", "since": 5}
    found = admin.post(f"{HERE}/attic/prefixes", json=prefix).json()
    assert found["prefixes"] == [{"prefix": "198.18.0.0/24", "since": 5}]
    assert admin.post(f"{HERE}/attic/prefixes", json=prefix).status_code == 409
    wrong = {"prefix": "198.18.0.1/24"}
    assert admin.post(f"{HERE}/attic/prefixes", json=wrong).status_code == 400
    assert "attic" in names(client().get(HERE))
    assert client().get(f"{HERE}/attic/gaps").json() == {"items": [], "total": 0}
    assert admin.delete(f"{HERE}/attic").status_code == 204
    assert admin.delete(f"{HERE}/attic").status_code == 404


def test_analysts_look_and_do_not_touch(client) -> None:
    assert client("analyst").post(HERE, json={"name": "attic"}).status_code == 403


def test_sensors_above_a_clearance_are_not_there(client) -> None:
    admin = client("admin")
    admin.post(HERE, json={"name": "vault", "tlp": "red"})
    low = client("viewer", Tlp.GREEN)
    assert "vault" not in names(low.get(HERE))
    assert low.get(f"{HERE}/vault/gaps").status_code == 404
    assert admin.delete(f"{HERE}/vault").status_code == 204


def test_who_has_no_token_of_the_sensor_delivers_nothing(client) -> None:
    admin = client("admin")
    admin.post(HERE, json={"name": "attic"})
    # an account's token is none of the sensor's, not even the administrator's
    assert admin.post(f"{HERE}/attic/minutes", content=b"x").status_code == 401
    admin.delete(f"{HERE}/attic")
