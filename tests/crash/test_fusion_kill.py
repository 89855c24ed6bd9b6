"""Killed at any moment, the fusion store holds what it said that it holds.

``KANAME_CRASH_RUNS`` sets how many stores are tormented.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.crash.fusion_adding import BATCH, observation

from kaname.intelligence.store import FusionStore
from kaname.model.records import ArtifactKind

RUNS = int(os.environ.get("KANAME_CRASH_RUNS", "6"))


def add_and_kill(folder: Path, first: int, dice: random.Random) -> int:
    """Add from ``first`` on in a process that is killed; what was acknowledged last."""
    argv = [sys.executable, "-m", "tests.crash.fusion_adding", str(folder), str(first)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = int(process.stdout.readline())
        timer = threading.Timer(dice.uniform(0, 0.3), process.send_signal, [signal.SIGKILL])
        timer.start()
        for line in process.stdout:  # to the end: what was printed before the blow counts
            if line.endswith("\n"):
                acknowledged = int(line)
        process.wait()
        timer.join()
    assert process.returncode == -signal.SIGKILL
    return acknowledged


def held(folder: Path) -> int:
    """How many observations there are; they are those of the first numbers, whole."""
    with FusionStore.open(folder) as store:
        artifacts, count = store.counts
        assert artifacts == count + min(count, 200)
        for number in {0, count // 2, count - 1}:
            assert store.observation(f"o{number}") == observation(number)
        assert store.observation(f"o{count}") is None
        facts = store.known(ArtifactKind.IP, "192.0.2.0")
        assert facts is not None
        assert facts.observations == len(range(0, count, 200))
    return count


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(RUNS))
def test_killed_at_any_moment_it_holds_what_was_acknowledged(tmp_path, seed):
    dice = random.Random(seed)
    count = 0
    for _ in range(3):
        acknowledged = add_and_kill(tmp_path, count, dice)
        count = held(tmp_path)
        # A batch that was durable but not yet acknowledged may be there, whole or in part:
        # records are cut off behind the last whole one.
        assert acknowledged <= count <= acknowledged + BATCH
    with FusionStore.open(tmp_path) as store:
        again = store.add([observation(number) for number in range(count + 1)])
    assert (again.new, again.duplicates, again.conflicts) == (1, count, 0)
