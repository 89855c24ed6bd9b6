"""`kaname telescope dos` on captures and on a lake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kaname.cli.commands.telescope_dos import dos
from kaname.lake import Lake
from kaname.model.errors import InputError, UsageError
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest

IBR = Path("../shared/data/telescope/ibr_shared.pcap.gz")


def run(data: Path, *words: str) -> Result:
    found = CliRunner().invoke(dos, [*words, "--data", str(data)], standalone_mode=False)
    if found.exception:
        raise found.exception
    return found


def test_a_capture_is_judged_without_a_lake(tmp_path: Path) -> None:
    said = json.loads(run(tmp_path / "data", str(IBR), "--json").stdout)
    assert said["mode"] == "corsaro"
    assert len(said["attacks"]) == 10
    strongest = max(said["attacks"], key=lambda attack: attack["packets"])
    # the truth beside the capture: dos-2, 22/tcp, 8,787 packets
    assert (strongest["victim"], strongest["services"]) == ("147.58.137.233", ["22/tcp"])
    assert (strongest["packets"], strongest["rate"]) == (8787, None)
    assert not (tmp_path / "data").exists()


def test_a_lake_is_asked_for_both_classes(tmp_path: Path) -> None:
    with Lake.open(tmp_path) as lake:
        ingest(lake, IBR, sensor="darknet", tlp=Tlp.AMBER)
    said = json.loads(run(tmp_path, "--json", "--rate", "100000").stdout)
    kinds = {attack["victim"]: attack["kind"] for attack in said["attacks"]}
    assert kinds["147.58.137.233"] == "corsaro"
    assert kinds["213.24.224.70"] == "extended"  # dos-1: 159 packets in a quarter of an hour
    assert all(attack["rate_low"] >= 100_000 for attack in said["attacks"])
    assert "147.58.137.233" in run(tmp_path, "--mode", "corsaro").stdout


def test_what_does_not_go_together_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        run(tmp_path, str(IBR), "--mode", "extended")
    with pytest.raises(UsageError):
        run(tmp_path, str(IBR), "--since", "2026-01-01T00:00Z")
    other = tmp_path / "notes.txt"
    other.write_text("no capture at all")
    with pytest.raises(InputError):
        run(tmp_path, str(other))
