"""Captures whose truth is known, decoded by the oracle once."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.telescope import oracle

DATA = Path(__file__).parents[4] / "shared" / "data" / "telescope"

# The words of the data set, and ours.
NAMES = {
    "tool_unknown": "tool_unnamed",
    "bot_other": "bot_unnamed",
    "worm445": "worm_scan",
    "os_scan": "host_scan",
    "icmp_echo": "ping_scan",
}


@pytest.fixture(scope="session")
def data() -> Path:
    if not DATA.is_dir():
        pytest.skip("needs ../shared/data/telescope")
    return DATA


@pytest.fixture(scope="session")
def radiation(data: Path) -> pa.Table:
    """Six hours of labelled background radiation, as flowtuples."""
    return oracle.flowtuples(data / "ibr_shared.pcap.gz")


@pytest.fixture(scope="session")
def radiation_truth(data: Path) -> dict[str, set[str]]:
    """Source -> labels."""
    truth: dict[str, set[str]] = defaultdict(set)
    with gzip.open(data / "ibr_shared.source_truth.csv.gz", "rt") as lines:
        for line in csv.DictReader(lines):
            truth[line["src"]].add(NAMES.get(line["label"], line["label"]))
    return dict(truth)
