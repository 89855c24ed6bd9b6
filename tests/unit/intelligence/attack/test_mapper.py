"""The mapper: sentences that say a technique plainly, and files that are no model.

The sentences are written by hand after the definitions of the techniques in ATT&CK.
"""

from __future__ import annotations

import io
from importlib import resources

import numpy as np
import pytest

from kaname.intelligence.attack import Mapper, techniques
from kaname.intelligence.attack.decision import Decision, features
from kaname.model.errors import InputError

PLAIN = {
    "T1003.001": "The operators dumped credentials from LSASS memory with Mimikatz.",
    "T1053.005": "Persistence is kept by a scheduled task created with schtasks.exe.",
    "T1566.001": "The victim received a spearphishing email with a malicious Word attachment.",
    "T1055": "The loader injects its code into a running process with CreateRemoteThread.",
    "T1082": "It collects system information such as the computer name and OS version.",
    "T1071.001": "The implant talks to its command and control server over HTTPS POST requests.",
}


def test_what_is_said_plainly_is_found_with_its_sentence_and_reasons() -> None:
    known = set(Mapper.shipped().card.labels)
    said = {label: text for label, text in PLAIN.items() if label in known}
    assert len(said) >= 5
    sentences = ["This report was written in spring.", *said.values()]
    found = {claim.id: claim for claim in techniques(sentences)}
    for label, text in said.items():
        assert label in found, label
        assert sentences[found[label].sentence] == text
        assert found[label].reasons
        assert all(word.split()[0] in text.lower() for word in found[label].reasons)


def test_lines_in_a_sentence_are_judged_one_by_one_as_in_training() -> None:
    lines = [PLAIN["T1053.005"], PLAIN["T1003.001"]]
    apart = techniques(["Spring came.", *lines])
    joined = techniques(["Spring came.", "\n".join(lines)])
    assert [(one.id, one.score) for one in joined] == [(one.id, one.score) for one in apart]
    assert {one.sentence for one in joined} == {1}


def test_everyday_text_shows_nothing() -> None:
    sentences = [
        "The committee met on Tuesday to discuss the budget of the library.",
        "Rain is expected in the north, with sunshine later in the week.",
        "Our new office has a large kitchen and a view of the river.",
    ]
    assert techniques(sentences) == []
    assert techniques([]) == []
    assert techniques(["攻撃者は認証情報を窃取した。"], "ja") == []  # it reads English


def test_a_file_that_is_no_model_is_refused() -> None:
    folder = resources.files("kaname.intelligence.attack") / "models"
    whole = (folder / "techniques-1.npz").read_bytes()
    empty = io.BytesIO()
    np.savez(empty, card=np.frombuffer(b"{}", np.uint8))
    for data in (b"", b"PK", whole[: len(whole) // 2], empty.getvalue()):
        with pytest.raises(InputError):
            Mapper(data)


def test_features_by_hand() -> None:
    # Two sentences, two classes: best, second best, what lies between the bounds.
    found = features(np.array([[1.0, -9.0], [0.5, -0.4]], np.float32))
    assert found.shape == (2, 11)
    best, second, third = found[0, :3]
    assert (best, second, third) == (1.0, 0.5, -2.5)
    assert found[0, 3] == pytest.approx((1.0 + 0.5 - 3 * 2.5) / 5)
    assert found[1, 0] == pytest.approx(-0.4)
    assert found[1, 4] == pytest.approx(1 / np.sqrt(2))
    assert list(found[:, 5]) == [2, 0]  # sentences above 0


def test_no_sentence_gives_no_probability() -> None:
    decision = Decision((0.0,) * 11, (1.0,) * 11, (0.0,) * 11, (0.0, 1.0), 0.5)
    assert list(decision.probabilities(np.zeros((0, 2), np.float32))) == [0, 0]
