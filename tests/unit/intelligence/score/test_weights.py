"""Models of weights: the shipped one, and files that are none."""

import hashlib
import json

import pytest

from kaname.intelligence.score.weights import in_use, loads, read, shipped, shipped_bytes
from kaname.model.errors import UsageError


def changed(**parts):
    return json.dumps(json.loads(shipped_bytes()) | parts).encode()


def test_the_shipped_model_follows_the_published_table():
    """E5 of the design: reliability by grade; tau and delta by kind of artifact."""
    model = shipped()
    assert model.reliability == {"A": 1.6, "B": 1.3, "C": 1.0, "D": 0.6, "E": 0.3, "F": 0.0}
    decays = {kind: model.decay_of(kind) for kind in ("ip", "url", "domain", "mail", "hash")}
    assert {kind: (d.days, d.delta) for kind, d in decays.items()} == {
        "ip": (30, 0.5), "url": (30, 1), "domain": (90, 1), "mail": (90, 1), "hash": (365, 3),
    }  # fmt: skip
    assert model.sha256 == hashlib.sha256(shipped_bytes()).hexdigest()


def test_signs_are_what_they_should_be():
    model = shipped()
    hopeful = [model.behaviours, model.findings, model.ties, model.reliability]
    assert all(value >= 0 for table in hopeful for value in table.values())
    assert model.popular.value < 0 < model.suppression
    assert model.verdicts["benign"] < 0 < model.verdicts["malicious"]


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", changed(bias={}), changed(decay={"ip": {"days": 1, "delta": 1}}),
     changed(decay={"*": {"days": 1, "delta": 0}}), changed(saturation=0), changed(colour="red"),
     changed(popular={"kinds": [], "from": 9, "full": 9, "value": -1})],
)  # fmt: skip
def test_what_is_no_model_is_refused(data):
    with pytest.raises(UsageError):
        loads(data)


def test_a_data_folder_may_have_a_model_of_its_own(tmp_path):
    assert in_use(tmp_path) is shipped()
    path = tmp_path / "models" / "score.json"
    path.parent.mkdir()
    path.write_bytes(changed(name="mine"))
    assert in_use(tmp_path) == read(path)
    assert (in_use(tmp_path).name, in_use(tmp_path).file) == ("mine", path.read_text())
