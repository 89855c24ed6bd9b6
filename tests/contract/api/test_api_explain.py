"""Explanations and verdicts over HTTP, with a real nexus and a real store of evidence."""

import pytest

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.score.signing import is_signed, public_of
from kaname.model.instant import DAY, now_us
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

ADDRESS = "45.83.64.1"  # on no list that is built in


def download(number, tlp=Tlp.GREEN):
    at = now_us() - DAY
    mentions = (Mention(ArtifactKind.IP, ADDRESS, "src"),)
    return Observation(
        id=f"explained-{number}", source="honeypot", kind="download", at=at, received=at,
        mentions=mentions, tlp=tlp, org="isac",
    )  # fmt: skip


@pytest.fixture(scope="module")
def explained(running):
    """The id of an indicator with evidence at GREEN and more at AMBER."""
    fusion = running.services.part("intelligence")
    fusion.absorb([download(1), download(2, Tlp.AMBER)])
    with running.client() as client:
        (found,) = client.get("/api/v1/indicators", params={"q": ADDRESS}).json()["items"]
    return found["id"]


def test_each_audience_gets_an_explanation_of_its_own(running, explained):
    answers = {}
    for clearance in (Tlp.GREEN, Tlp.AMBER):
        with running.client(clearance=clearance) as client:
            answer = client.get(f"/api/v1/indicators/{explained}/explanation?lang=ja")
        assert answer.status_code == 200
        answers[clearance] = answer.json()
    green, amber = answers[Tlp.GREEN], answers[Tlp.AMBER]
    assert (green["terms"][0]["count"], amber["terms"][0]["count"]) == (1, 2)
    assert "explained-2" not in str(green)
    assert green["marking_basis"] == {"effective": "green", "groups": [], "dropped": {"clear": [
        "intelligence.term.behaviour.payload", "intelligence.term.cluster"]}}  # fmt: skip
    assert "観測" in green["text"]
    assert green["minimal_evidence"] == ["explained-1"]


def test_an_explanation_is_signed(running, explained):
    with running.client() as client:
        told = client.get(f"/api/v1/indicators/{explained}/explanation").json()
    signature = told["signature"]
    key = running.services.part("intelligence").signing_key
    assert is_signed(told | {"signature": ""}, signature, public_of(key))


def test_below_the_marking_there_is_none(running, explained):
    with running.client(clearance=Tlp.CLEAR) as client:
        answer = client.get(f"/api/v1/indicators/{explained}/explanation")
    assert answer.status_code == 404


def test_a_verdict_moves_the_score_and_names_nobody(running, explained):
    path = f"/api/v1/indicators/{explained}"
    with running.client("analyst") as client:
        before = client.get(path).json()["score"]
        given = client.post(f"{path}/verdict", json={"verdict": "malicious", "note": "seen it"})
        assert given.status_code == 201
        after = client.get(path).json()
        told = client.get(f"{path}/explanation").json()
        (kept,) = client.get(f"{path}/verdicts").json()["items"]
    assert after["score"] > before
    assert (kept["verdict"], kept["note"], kept["analyst"]) == ("malicious", "seen it",
                                                               "analyst-red")  # fmt: skip
    assert "analyst-red" not in str(told)
    with running.client("analyst") as client:
        refused = client.post(f"{path}/verdict", json={"verdict": "perhaps"})
    assert refused.status_code == 400
