"""Groups that begin, or act, together."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from tests.unit.telescope.made import DAY, START, picture, row

from kaname.telescope.campaigns import campaigns, members

BEGIN = START // 1_000_000


def _bot(number: int, bins: range, **columns: Any) -> list[dict[str, Any]]:
    """A Mirai-type bot of a network of its own, one packet in each ten minutes."""
    source = (20 + number % 100 << 24) + (number << 16) % (1 << 24) + 5
    return [
        row(source, f"198.18.0.{(number * 3 + b) % 254 + 1}", ts=START + b * 600_000_000, fp_all=1,
            **columns)
        for b in bins
    ]  # fmt: skip


def _everyday() -> list[dict[str, Any]]:
    return [r for n in range(40) for r in _bot(n, range(144), port=23)]


def test_a_group_that_begins_at_noon_is_a_campaign() -> None:
    new = [r for n in range(30) for r in _bot(n, range(72 + n % 5, 144), port=9530)]
    (found,) = campaigns(picture(_everyday() + new).rest, BEGIN, 15)
    assert (found.port, found.sources, found.synchronised) == (9530, 30, False)
    assert found.late == pytest.approx(0.5)
    assert len(members(picture(_everyday() + new).rest, found, BEGIN)) == 30


def test_common_bursts_are_a_campaign() -> None:
    new = [r for n in range(30) for b in (0, 60, 120) for r in _bot(n, range(b, b + 2), port=26)]
    (found,) = campaigns(picture(_everyday() + new).rest, BEGIN, 15)
    assert (found.port, found.bins, found.synchronised) == (26, 6, True)


def test_what_was_there_the_day_before_is_not_new() -> None:
    new = [r for n in range(30) for r in _bot(n, range(72, 144), port=9530)]
    before = [{**r, "ts": r["ts"] - DAY} for r in new + _everyday()]
    assert campaigns(picture(_everyday() + new + before).rest, BEGIN, 15) == []


def test_hosts_of_one_network_are_no_campaign() -> None:
    new = [r for n in range(30) for r in _bot(n, range(72, 144), port=9530)]
    for number, each in enumerate(new):
        each["src_lo"] = (0xFFFF << 32) + (99 << 24) + number % 30
    assert campaigns(picture(_everyday() + new).rest, BEGIN, 15) == []


def test_what_is_there_all_day_is_no_campaign() -> None:
    assert campaigns(picture(_everyday()).rest, BEGIN, 15) == []


def test_the_campaigns_of_the_shared_capture(radiation: pa.Table) -> None:
    found = campaigns(picture(radiation).rest, BEGIN, 15)
    # truth: A growth on 9530 with 150 bots, B bursts on 26 with 60, C slow on 8291 with 30
    assert {(c.port, c.sources, c.synchronised) for c in found} == {
        (9530, 150, False), (26, 60, True), (8291, 30, False),
    }  # fmt: skip
