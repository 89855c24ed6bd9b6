"""A window in memory answers as the lake does, to the byte, or says that it cannot."""

from __future__ import annotations

import random

import pytest
from tests.unit.lake.observing import DAY_US, START, observe

from kaname.analysis.evidence import gather
from kaname.analysis.selection import Selection, during, span
from kaname.lake.excerpt import UnfitError
from kaname.model.marking import Tlp

HOUR = DAY_US // 24


@pytest.fixture
def lake_of_days(lake):
    dice = random.Random(3)
    for number in range(3):
        rows = [
            {"ts": START + dice.randrange(3 * DAY_US), "src": f"10.0.0.{dice.randrange(9)}",
             "dst": f"10.0.1.{dice.randrange(9)}", "octets": dice.randrange(1000),
             "packets": 1, "row_in_src": n, "sampling": 1}
            for n in range(3000)
        ]  # fmt: skip
        observe(lake, "flows", rows, source=str(number), tlp=list(Tlp)[number])
    return lake


def selection(start: int, end: int, address: str = "10.0.0.3") -> Selection:
    condition = f"{during(start, end)} AND ip(src_hi, src_lo) = '{address}'"
    keys = (("date_trunc('minute', ts)", "minute"), ("ip(dst_hi, dst_lo)", "destination"))
    return Selection("flows", condition, keys, (("CAST(sum(octets) AS BIGINT)", "octets"),))


def test_digests_are_those_of_the_lake(lake_of_days):
    since, until = START + DAY_US, START + 2 * DAY_US
    with lake_of_days.within(since, until, ["flows"]) as near:
        for start, end in ((since, until), (since + HOUR, since + 5 * HOUR)):
            wanted = selection(start, end)
            assert near.digest(wanted.query, sample=5) == lake_of_days.digest(wanted.query)
            assert gather(lake_of_days, wanted, near) == gather(lake_of_days, wanted)
        # Another column than before, and all of them.
        by_marking = "SELECT tlp, count(*) FROM flows WHERE {} GROUP BY 1 ORDER BY 1"
        whole = "SELECT * FROM flows WHERE {} ORDER BY batch, row_in_src"
        for sql in (by_marking, whole):
            asked = sql.format(during(since, since + HOUR))
            assert near.digest(asked, sample=5) == lake_of_days.digest(asked)


def test_a_selection_that_reaches_beyond_is_answered_by_the_lake(lake_of_days):
    since, until = START + DAY_US, START + 2 * DAY_US
    wide = selection(since - HOUR, until)
    with lake_of_days.within(since, until, ["flows"]) as near:
        assert not near.covers("flows", span(wide.condition))
        assert not near.covers("dns", (since, until))
        assert gather(lake_of_days, wide, near) == gather(lake_of_days, wide)
        with pytest.raises(UnfitError):
            near.digest("SELECT nothing FROM flows", sample=5)


def test_reading_first_pays_only_for_many_queries(lake_of_days):
    with lake_of_days.within(START, START + 3 * DAY_US, ["flows"]) as near:
        assert not near.pays(0)
        assert near.pays(50)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (during(START, START + 1), (START, START + 1)),
        (f"port = 1 AND {during(START, START + 1)}", (START, START + 1)),
        (f"{during(START, START + 1)}\n  AND (a = 1 OR b = 2)", (START, START + 1)),
        (f"{during(START, START + 1)} AND name = 'this OR (that'", (START, START + 1)),
        (f"{during(START, START + 1)} OR a = 1", None),
        (f"({during(START, START + 1)} OR a = 1)", None),
        (f"NOT {during(START, START + 1)}", None),
        ("a = 1", None),
        (f"name = '{during(START, START + 1)}'", None),
    ],
)
def test_the_span_of_a_condition(condition, expected):
    assert span(condition) == expected
