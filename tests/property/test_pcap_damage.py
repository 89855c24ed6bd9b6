"""Damaged captures: nothing crashes, the counters add up, every whole packet is kept.

KANAME_DAMAGED=10000 reads that many.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any


def _damage() -> Any:
    spec = importlib.util.spec_from_file_location(
        "capture_damage", Path(__file__).with_name("capture_damage.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_whole_packet_outside_the_damage_is_kept(tmp_path: Path) -> None:
    count = int(os.environ.get("KANAME_DAMAGED", "400"))
    lost = {trial: packets for trial, packets in _damage().trials(count, 2, tmp_path) if packets}
    assert lost == {}
