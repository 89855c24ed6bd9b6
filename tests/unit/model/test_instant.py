"""Instants: datetime is the oracle."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.model.errors import UsageError
from kaname.model.instant import DAY, day_of, floor, format_us, parse_us

NOON = int(datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    "text",
    ["2026-01-31T12:00:00Z", "2026-01-31T12:00Z", "2026-01-31 12:00", "2026-01-31T21:00:00+09:00",
     "1769860800"],
)  # fmt: skip
def test_every_usual_spelling_is_read(text):
    assert parse_us(text) == NOON


@pytest.mark.parametrize(
    ("text", "ago"), [("now", 0), ("30s", 30), ("5m", 300), ("2h", 7200), ("7d", 604_800)]
)
def test_how_long_ago(text, ago):
    assert parse_us(text, now=NOON) == NOON - ago * 1_000_000


def test_fractions_of_unix_seconds_are_microseconds():
    assert parse_us("1769860800.000001") == NOON + 1


@pytest.mark.parametrize("wrong", ["", "yesterday", "2026-13-01", "25:00", "-1h"])
def test_what_is_no_time_is_refused(wrong):
    with pytest.raises(UsageError):
        parse_us(wrong)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)))  # noqa: DTZ001
def test_written_instants_are_read_back(moment):
    aware = moment.replace(tzinfo=UTC)
    written = format_us(parse_us(aware.isoformat()))
    assert datetime.fromisoformat(written) == aware
    assert day_of(parse_us(written)) == aware.strftime("%Y-%m-%d")


def test_the_zone_is_always_shown():
    assert format_us(NOON) == "2026-01-31T12:00:00.000000Z"
    assert format_us(NOON, zone="JST") == "2026-01-31T21:00:00.000000+09:00"


def test_a_period_starts_at_the_epoch_aligned_mark():
    assert floor(NOON, DAY) == parse_us("2026-01-31")
