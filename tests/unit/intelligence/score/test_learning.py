"""Learning: that it finds what the cases were made with, keeps signs, and tells how it did."""

import json
import math
import random

import pytest

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.score import derived, shipped, weights
from kaname.intelligence.score.calibration import isotonic
from kaname.intelligence.score.learning import Case, case_of, fit, learn, run
from kaname.intelligence.score.verdicts import Opinion, statement
from kaname.intelligence.service import Intelligence
from kaname.knowledge import Knowledge
from kaname.knowledge.assertions import Assertions
from kaname.model.errors import UsageError
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind

from .cases import HOST, NOON, basis, download, item, match, verdict


def drawn(n, factors, seed=5):
    """Cases whose truth is drawn with these factors."""
    rng = random.Random(seed)
    cases = []
    for number in range(n):
        families = {name: rng.choice((0.0, 0.5, 1.5, 2.5)) for name in factors}
        total = -2 + sum(families[name] * factor for name, factor in factors.items())
        hostile = rng.random() < 1 / (1 + math.exp(-total))
        cases.append(Case(f"ip:{number}", families, -2.0, hostile))
    return cases


def test_factors_are_found_again():
    factors, shift = fit(drawn(4_000, {"cluster": 2.0, "behaviour.payload": 0.5}))
    assert factors["cluster"] == pytest.approx(2.0, abs=0.2)
    assert factors["behaviour.payload"] == pytest.approx(0.5, abs=0.2)
    assert shift == pytest.approx(0.0, abs=0.2)


def test_no_factor_turns_evidence_round():
    factors, _ = fit(drawn(2_000, {"cluster": 1.0, "finding": -1.0}))
    assert factors["finding"] == 0.0


def test_few_cases_change_little():
    one = Case("ip:1", {"cluster": 1.0}, -2.0, hostile=True)
    factors, _ = fit([one], penalty=10.0)
    assert 1.0 < factors["cluster"] < 1.1


def test_what_is_learned_is_a_model_with_its_evaluation():
    learned = learn(drawn(500, {"cluster": 2.0, "behaviour.payload": 0.5}), "score-mine")
    assert learned.after.log_loss < learned.before.log_loss
    assert learned.after.auc > 0.7
    model = weights.loads(learned.model.encode())
    assert model.name == "score-mine"
    assert model.reliability["A"] == pytest.approx(1.6 * learned.factors["cluster"], abs=1e-3)
    assert model.behaviours["c2"] == shipped().behaviours["c2"]
    assert model.sha256 != shipped().sha256


@pytest.mark.parametrize("opinions", [[True] * 3 + [False] * 3, [True] * 50])
def test_too_few_verdicts_are_refused(opinions):
    with pytest.raises(UsageError):
        learn([Case(f"ip:{n}", {}, -2.0, h) for n, h in enumerate(opinions)], "x")


def test_a_case_is_what_was_known_before_the_verdict():
    items = [download(1), item(2, days=-1), verdict(3, "malicious")]
    case = case_of(HOST, items, basis(matches=(match(weight=0.5),)), shipped(), NOON, hostile=True)
    assert case.families == {
        "cluster": 0.410104, "behaviour.payload": 2.0, "suppressed": -0.5,
    }  # fmt: skip


def test_scores_are_those_of_a_learned_model():
    learned = learn(drawn(500, {"behaviour.payload": 0.5}), "score-mine")
    model = weights.loads(learned.model.encode())
    made = derived(HOST, [download(n) for n in range(9)], basis(), model, NOON)
    assert made.model == "score-mine"


def test_isotonic_steps_never_fall():
    """By hand: (10, 0) (20, 1) (30, 0) (40, 1): 20 and 30 are pooled to one half."""
    found = isotonic([(10, False), (20, True), (30, False), (40, True)])
    assert [(s.score, s.share, s.n) for s in found.steps] == [(10, 0, 1), (20, 0.5, 2), (40, 1, 1)]
    assert [found.share(x) for x in (5, 10, 35, 99)] == [None, 0, 0.5, 1]


def test_from_verdicts_in_a_store_to_a_file(tmp_path):
    fusion = Intelligence(tmp_path, Knowledge.open(f"sqlite:///{tmp_path / 'k.sqlite'}"))
    with fusion:
        for number in range(30):
            artifact = Artifact(ArtifactKind.IP, f"45.83.64.{number}")
            opinion = Opinion.MALICIOUS if number % 2 else Opinion.BENIGN
            kind = "download" if number % 2 else "scan"
            kept, evidence = statement(
                artifact, opinion, analyst="hanako", at=NOON, tlp=Tlp.GREEN, note=""
            )
            seen = Observation(
                id=f"obs-{number}", source="honeypot", kind=kind, at=NOON - DAY, received=NOON,
                mentions=(Mention(artifact.kind, artifact.value, "src"),), tlp=Tlp.GREEN,
            )  # fmt: skip
            fusion.knowledge.part(Assertions).record([kept])
            fusion.store.add([seen, evidence])
        learned = run(fusion, "score-mine", tmp_path / "out" / "mine.json")
    assert (learned.cases, learned.hostile) == (30, 15)
    assert learned.factors["behaviour.payload"] > 1
    assert weights.read(tmp_path / "out" / "mine.json").name == "score-mine"
    beside = json.loads((tmp_path / "out" / "mine.evaluation.json").read_text())
    assert beside["after"]["auc"] == 1.0
