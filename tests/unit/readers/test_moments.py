"""Times and numbers as sources write them."""

from __future__ import annotations

import pytest

from kaname.readers.fields import account, hashes, number, protocol, take
from kaname.readers.moments import epoch_us, iso_us, plain_number

NOON = 1_704_110_400_000_000  # 2024-01-01 12:00:00 UTC


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("2024-01-01T12:00:00Z", NOON),
        ("2024-01-01 12:00:00", NOON),
        ("2024-01-01 12:00:00 UTC", NOON),
        ("2024-01-01T21:00:00.5+09:00", NOON + 500_000),
        ("2024-01-01T12:00:00.1234567Z", NOON + 123_456),
        ("2024-01-01T12:00:00.000+0000", NOON),
        ("2024-01-01", NOON - 12 * 3_600_000_000),
        ("never", None),
        ("", None),
        (None, None),
        (5, None),
        ("0001-01-01T00:00:00+14:00", -62_135_647_200_000_000),
    ],
)
def test_iso(text, us):
    assert iso_us(text) == us


@pytest.mark.parametrize(
    ("value", "us"),
    [
        (1_704_110_400, NOON),
        ("1704110400", NOON),
        (1_704_110_400.5, NOON + 500_000),
        (1_704_110_400_000, NOON),
        (1_704_110_400_000_000, NOON),
        (0, None),
        (-1, None),
        ("x", None),
        (True, None),
        (float("inf"), None),
    ],
)
def test_epoch(value, us):
    assert epoch_us(value) == us


def test_numbers():
    assert [number(t) for t in ("12", "0x1F", "1.0", "x", None, "9" * 40)] == [
        12,
        31,
        1,
        None,
        None,
        None,
    ]
    assert plain_number("1e400") is None


def test_fields():
    fields = {"a": "-", "b": " x ", "c": {"no": 1}, "d": "y"}
    assert take(fields, ("a", "b", "c", "d")) == "x"
    assert fields == {"c": {"no": 1}}
    assert (protocol("TCP"), protocol("17"), protocol("x"), protocol(None)) == (6, 17, 0, 0)
    assert (account("D", "n"), account(None, "n"), account("D", None)) == ("D\\n", "n", None)
    assert hashes("MD5=" + "A" * 32 + ",SHA256=" + "B" * 63) == {"md5": "a" * 32}
