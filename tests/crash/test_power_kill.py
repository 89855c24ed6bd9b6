"""An edge that watches a device and its nexus are killed: every segment arrives once."""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.crash.test_sensor_kill import Site

from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest

FS = 200.0
SECONDS = 240
SEGMENTS = "SELECT ts, mode, duration_us, energy_uj FROM power_segments ORDER BY ALL"
POWERS = "SELECT ts, low_mw, mean_mw, high_mw, samples FROM power_envelopes ORDER BY ALL"


class Edge(Site):
    """The sensor watches a file that a meter writes."""

    def watching(self, *more: str) -> list[str]:
        return ["hardware", "power", "watch", str(self.folder / "meter.csv"), "--sensor",
                "rotated", "--device", "dut", "--every", "1", "--to", self.url, "--token-file",
                str(self.token), *more]  # fmt: skip


def readings(chance: random.Random) -> list[str]:
    rng = np.random.default_rng(chance.randrange(1 << 32))
    power = 1.8 + rng.normal(0, 0.03, round(SECONDS * FS))
    at = 2.0
    while at < SECONDS - 2:
        long = rng.uniform(0.4, 1.2)
        power[round(at * FS) : round((at + long) * FS)] += rng.uniform(0.8, 2.0)
        at += long + rng.uniform(1.0, 3.0)
    return [f"{1_767_225_600 + n / FS:.3f},{value:.4f}\n" for n, value in enumerate(power)]


@pytest.mark.timeout(300)
def test_every_segment_arrives_once_whoever_is_killed(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    sys.stdout.write(f"seed {seed}\n")
    chance = random.Random(seed)
    site = Edge(tmp_path)
    lines = readings(chance)
    meter = tmp_path / "meter.csv"
    meter.write_text("time_s,power_w\n")
    edges = sorted(chance.sample(range(1000, len(lines) - 1000), 2))
    parts = zip([0, *edges], [*edges, len(lines)], strict=True)
    for number, (first, last) in enumerate(parts):
        with meter.open("a") as out:
            out.writelines(lines[first:last])
        if number == 1:  # the nexus is away: the spool keeps what there is
            with site.process("sensor", *site.watching("--follow")):
                time.sleep(chance.uniform(3.0, 5.0))
            continue
        with site.nexus() as nexus:
            site.wait_for_nexus()
            with site.process("sensor", *site.watching("--follow")):
                time.sleep(chance.uniform(2.5, 5.0))
                if chance.random() < 0.5:
                    nexus.kill()
                    time.sleep(chance.uniform(0.0, 1.0))
    with site.nexus():
        site.wait_for_nexus()
        told: dict[str, Any] = json.loads(
            site.run("sensor", *site.watching("--json")).rpartition("\n{")[2].join(("{", ""))
        )
        assert (told["undelivered"], told["refused"], told["error"]) == (0, 0, None)
    with Lake.open(tmp_path / "nexus") as lake, Lake.open(tmp_path / "whole") as whole:
        ingest(whole, meter, sensor="rotated", tlp=Tlp.GREEN, options={"device": "dut"})
        for query in (SEGMENTS, POWERS):
            expected = whole.query(query).rows()
            assert len(expected) > 100
            assert lake.query(query).rows() == expected
