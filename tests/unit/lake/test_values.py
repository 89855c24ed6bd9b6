from __future__ import annotations

import datetime as dt
import decimal
import json

import pytest

from kaname.lake.values import json_value

JST = dt.timezone(dt.timedelta(hours=9))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (2**53, 9007199254740992),
        (2**53 + 1, "9007199254740993"),  # the first integer a binary64 cannot hold
        (-(2**63), "-9223372036854775808"),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (decimal.Decimal(12), 12),
        (decimal.Decimal("12.50"), "12.50"),
        (b"\x00\xff", "00ff"),
        (dt.datetime(2020, 3, 11, 9, tzinfo=JST), "2020-03-11T00:00:00.000000Z"),
        (dt.datetime(2020, 3, 11, 0, 0, 0, 5), "2020-03-11T00:00:00.000005Z"),  # noqa: DTZ001
        (dt.date(2020, 3, 11), "2020-03-11"),
        (dt.time(1, 2, 3), "01:02:03"),
        ([1, [2**60]], [1, ["1152921504606846976"]]),
        ({"a": b"\x01"}, {"a": "01"}),
        ([("key", 1)], [["key", 1]]),
    ],
)
def test_values_for_json(value, expected):
    found = json_value(value)
    assert found == expected
    assert type(found) is type(expected)
    json.dumps(found, allow_nan=False)
