"""Records: what their values say by themselves."""

from __future__ import annotations

from kaname.model.records import Severity


def test_severities_are_ordered():
    assert [s.rank for s in Severity] == [0, 1, 2, 3, 4]
