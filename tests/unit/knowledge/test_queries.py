from __future__ import annotations

import msgspec
import pytest

from kaname.bus.message import MAX_BODY
from kaname.knowledge import AccountRole, Change, FindingQuery, IndicatorQuery
from kaname.model.errors import UsageError


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_bounds(limit: int) -> None:
    for query in (FindingQuery, IndicatorQuery):
        with pytest.raises(UsageError):
            query(limit=limit)


@pytest.mark.parametrize(
    "wrong", [{"sort": "last_seen"}, {"sort": "-id; --"}, {"time": "updated"}, {"status": "gone"}]
)
def test_a_word_that_is_none_of_the_known_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError) as raised:
        FindingQuery(**wrong)  # type: ignore[arg-type]
    assert next(iter(wrong.values())) in raised.value.render("ja")


def test_the_summary_of_the_largest_change_fits_in_a_message() -> None:
    ids = [f"finding-{number:024x}" for number in range(100_000)]
    change = Change(ids, ids, ids)
    assert len(msgspec.json.encode(change)) > MAX_BODY
    summary = change.summary()
    assert len(msgspec.json.encode(summary)) < MAX_BODY
    assert summary["counts"] == {"added": 100_000, "changed": 100_000, "withdrawn": 100_000}
    assert summary["added"] == ids[:200]


def test_each_role_includes_the_ones_before_it() -> None:
    allowed = {
        (role.value, other.value)
        for role in AccountRole
        for other in AccountRole
        if role.includes(other)
    }
    order = ["viewer", "analyst", "publisher", "admin"]
    assert allowed == {(order[a], order[b]) for a in range(4) for b in range(a + 1)}
