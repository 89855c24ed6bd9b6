"""The small benchmark makes up what it says, and measures all that it names."""

from __future__ import annotations

import msgspec

from kaname.intelligence.bench.store import artifact, observations, run
from kaname.model.artifact import canonical


def test_what_is_made_up_is_canonical_and_never_twice_the_same():
    made = [artifact(number) for number in range(4_000)]
    assert len(set(made)) == len(made)
    assert all(canonical(kind, value) == value for kind, value in made)
    batches = list(observations(7_000))
    assert [len(batch) for batch in batches] == [5_000, 2_000]
    assert batches == list(observations(7_000))


def test_everything_is_measured(tmp_path):
    found = run(2_000, tmp_path)
    assert (found.observations, found.artifacts) == (1_000, 2_001)
    assert all(value > 0 for value in msgspec.structs.astuple(found))
    assert list(tmp_path.iterdir()) == []
