from __future__ import annotations

import io
import json

import flor
import pytest

from kaname.intelligence.privacy.filters import build, read
from kaname.model.errors import InputError, UsageError

KEYS = [f"domain:host{n}.example" for n in range(3_000)]


def test_nothing_that_is_in_it_is_missed_and_the_stated_rate_holds() -> None:
    found = read(build(KEYS, rate=0.01, about={"tlp": "green"}))
    assert all(found.may_hold(KEYS))
    others = [f"domain:other{n}.example" for n in range(50_000)]
    wrong = sum(found.may_hold(others)) / len(others)
    # 500 are expected; six standard deviations are 134.
    assert abs(wrong - found.false_positives) < 0.0027
    assert found.false_positives < 0.011
    said = json.loads(found.data)
    assert (said["tlp"], said["values"]) == ("green", 3_000)


def test_the_program_of_others_reads_it() -> None:
    theirs = flor.BloomFilter()
    theirs.read(io.BytesIO(build(KEYS, rate=0.001)))
    assert all(key.encode() in theirs for key in KEYS)
    assert sum(f"ip:{n}".encode() in theirs for n in range(2_000)) < 15


def test_a_filter_of_others_is_read() -> None:
    theirs = flor.BloomFilter(n=500, p=0.001, data=b"note")
    for key in KEYS[:400]:
        theirs.add(key.encode())
    out = io.BytesIO()
    theirs.write(out)
    ours = read(out.getvalue())
    assert all(ours.may_hold(KEYS[:400]))
    assert [key in ours for key in KEYS] == [key.encode() in theirs for key in KEYS]
    assert (ours.count, ours.data) == (theirs.N, b"note")


def test_damage_and_wrong_rates_are_refused() -> None:
    whole = build(KEYS[:10])
    with pytest.raises(InputError):
        read(whole[:50])
    with pytest.raises(UsageError):
        build(KEYS, rate=1.5)
    assert "domain:host1.example" not in read(build([]))
