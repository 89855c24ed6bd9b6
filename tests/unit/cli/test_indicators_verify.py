"""`kaname indicators verify`: what people and scripts are told of a bundle."""

import json

import pytest
from click.testing import CliRunner
from tests.unit.intelligence.score.cases import HOST, NOON, download

from kaname.cli.main import root
from kaname.intelligence.score import Context
from kaname.intelligence.score.desk import told
from kaname.intelligence.score.signing import key_of, public_of
from kaname.model.marking import Tlp


@pytest.fixture
def key(tmp_path):
    return key_of(tmp_path)


@pytest.fixture
def bundle(tmp_path, key):
    found = told(HOST, [download(1), download(2)], Context(), NOON, Tlp.RED)
    evidence = found.evidence(NOON, key)
    path = tmp_path / "bundle.jsonl"
    path.write_text(json.dumps({"type": "indicator", "explanation": evidence}))
    return path


def run(*args):
    return CliRunner().invoke(root, ["indicators", "verify", *map(str, args)])


def test_a_good_bundle_holds(bundle, key):
    answer = run(bundle, "--json", "--key", public_of(key))
    assert answer.return_value in {0, None}
    told_of = json.loads(answer.stdout)
    assert (told_of["good"], told_of["of"]) == (1, 1)
    assert told_of["verdicts"][0]["outcome"] == "holds"


def test_a_changed_one_does_not(bundle):
    bundle.write_text(bundle.read_text().replace('"download"', '"scan"', 1))
    answer = run(bundle, "--json")
    assert json.loads(answer.stdout)["verdicts"][0]["outcome"] == "other_score"


def test_the_key_is_made_once_and_for_its_owner(tmp_path):
    first = key_of(tmp_path)
    assert public_of(key_of(tmp_path)) == public_of(first)
    assert (tmp_path / "keys" / "score.ed25519").stat().st_mode & 0o777 == 0o600
