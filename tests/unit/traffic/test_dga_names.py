"""The look of a name: n-grams of many labels at once, and the model over them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.model.errors import IntegrityError
from kaname.traffic.dga.fitting import Effort, fit
from kaname.traffic.dga.names import NameModel, shipped
from kaname.traffic.dga.ngrams import BUCKETS, bucket, grams, pieces

LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=63)


def test_pieces_are_the_runs_of_one_to_four_between_the_marks() -> None:
    expected = {"^", "^a", "^ab", "^ab$", "a", "ab", "ab$", "b", "b$", "$"}
    assert Counter(pieces("ab")) == Counter(expected)


@given(st.lists(LABELS, min_size=1, max_size=6))
def test_all_labels_at_once_give_what_each_gives_alone(labels: list[str]) -> None:
    found = grams(labels)
    for place, label in enumerate(labels):
        own = found.buckets[found.starts[place] : found.starts[place + 1]]
        assert sorted(own.tolist()) == sorted(bucket(piece) for piece in pieces(label))


def test_a_score_is_the_sum_of_what_explains_it() -> None:
    weights = np.zeros(BUCKETS, np.float32)
    weights[bucket("qx")] = 3.0
    model = NameModel(weights, np.zeros(64, np.float32), {})
    # "aqxb" has 6 + 5 + 4 + 3 n-grams with its marks
    assert model.score(["aqxb"])[0] == pytest.approx(3.0 / 18**0.5)
    assert model.explain("aqxb", 1) == [("qx", round(3.0 / 18**0.5, 3))]


def test_the_score_of_a_label_does_not_depend_on_its_neighbours() -> None:
    model = shipped()
    alone = model.score(["google"])[0]
    assert model.score(["xkqzjvwpqh", "google", "", "a"])[1] == pytest.approx(alone)


def test_random_letters_look_generated_and_known_names_do_not() -> None:
    model = shipped()
    # newgoz of the shared list, which the model has not learnt; and household names
    generated = model.score(["1g374o7e5krqshglwjsszk01", "10dwrbc1vubfk71gjxop4mqapby"])
    known = model.score(["google", "wikipedia", "rakuten", "nintendo"])
    assert generated.min() > 2 > known.max()


def test_a_fit_tells_apart_what_it_has_not_seen(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    consonants = {f"f{n}": ["".join(random.choice(list("bcdfghjklm"), 10)) for _ in range(80)]
                  for n in range(3)}  # fmt: skip
    vowels = ["".join(random.choice(list("aeiou"), 10)) for _ in range(300)]
    model = fit(consonants, vowels[:250], {}, Effort(epochs=3))
    unseen = model.score(["".join(random.choice(list("bcdfghjklm"), 10)) for _ in range(20)])
    assert unseen.min() > model.score(vowels[250:]).max()
    model.write(tmp_path / "model.npz")
    again = NameModel.read((tmp_path / "model.npz").read_bytes(), "model.npz")
    assert again.score(vowels) == pytest.approx(model.score(vowels), abs=0.15)  # a byte a weight


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_what_is_no_model_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        NameModel.read(data, "model.npz")
