"""Look-ups, filters and counts over HTTP."""

from __future__ import annotations

from tests.contract.records import indicator

from kaname.intelligence.privacy.buckets import Parameters
from kaname.intelligence.privacy.filters import read
from kaname.intelligence.privacy.lookup import private_lookup
from kaname.model.marking import Tlp

OPEN = indicator(1, tlp=Tlp.CLEAR).artifact.value
CLOSED = indicator(5, tlp=Tlp.RED).artifact.value


def asked(client, values):
    parameters = Parameters(**client.get("/api/v1/private/parameters").json())

    def bucket(prefix):
        return client.get(f"/api/v1/private/buckets/{prefix}").json()["digests"]

    return [known for _, known in private_lookup(values, parameters, bucket)]


def test_each_audience_finds_what_it_may_see(client) -> None:
    assert asked(client(), [OPEN, CLOSED, "192.0.2.250"]) == [True, True, False]
    assert asked(client("viewer", Tlp.GREEN), [OPEN, CLOSED]) == [True, False]


def test_a_filter_holds_what_its_audience_may_see(client) -> None:
    key, closed = f"ip:{OPEN}", f"ip:{CLOSED}"
    whole = read(client().get("/api/v1/private/filter").content)
    part = read(client("viewer", Tlp.GREEN).get("/api/v1/private/filter").content)
    assert (key in whole, closed in whole) == (True, True)
    assert (key in part, closed in part) == (True, False)


def test_more_bits_or_a_day_that_goes_on_are_refused(client) -> None:
    viewer = client()
    assert viewer.get("/api/v1/private/buckets/abcdef0").status_code == 400
    body = {"indicators": ["ip:192.0.2.1"], "day": 99_999}
    assert viewer.post("/api/v1/private/counts", json=body).status_code == 400
    assert viewer.post("/api/v1/private/counts", json=body | {"day": 1}).json()["left"] == 49.5
    wrong = {"indicators": ["nothing"], "day": 1}
    assert viewer.post("/api/v1/private/counts", json=wrong).status_code == 400


def test_a_spent_budget_is_refused_and_known_counts_are_free(client) -> None:
    analyst = client("analyst")
    many = {"indicators": [f"ip:10.0.0.{n}" for n in range(100)], "day": 2}
    assert analyst.post("/api/v1/private/counts", json=many).json()["left"] == 0
    more = {"indicators": ["ip:10.0.1.1"], "day": 2}
    assert analyst.post("/api/v1/private/counts", json=more).status_code == 413
    assert analyst.post("/api/v1/private/counts", json=many).json()["left"] == 0
