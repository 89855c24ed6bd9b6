from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.unit.intelligence.sharing.conftest import strong

from kaname.cli.commands.share import share
from kaname.intelligence.service import deliver
from kaname.knowledge import Knowledge
from kaname.model.errors import ConflictError, UsageError
from kaname.model.settings import Settings


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in which three sources saw an address."""
    folder = tmp_path / "data"
    with Knowledge.open(Settings.load({"data": folder}).knowledge_url) as knowledge:
        knowledge.bootstrap()
        deliver(folder, knowledge, strong("45.33.32.1"))
    return folder


def run(data: Path, *words: str) -> Any:
    found = CliRunner().invoke(
        share, [*words, "--data", str(data), "--json"], standalone_mode=False
    )
    if found.exception:
        raise found.exception
    return json.loads(found.stdout)


def test_from_the_queue_to_the_devices(data: Path, tmp_path: Path) -> None:
    (asked,) = run(data, "queue")["items"]
    assert (asked["subject"], asked["state"]) == ("ip:45.33.32.1", "review")
    rules = tmp_path / "rules"
    assert run(data, "push", "edl-ip", str(rules))["count"] == 0
    (decided,) = run(data, "approve", asked["id"], "--note", "確認")
    assert decided["state"] == "approved"
    assert run(data, "push", "edl-ip", str(rules))["count"] == 1
    assert (rules / "kaname-edl-ip.txt").read_text() == "45.33.32.1\n"
    assert run(data, "push", "edl-ip", str(rules), "--tlp", "clear")["count"] == 0
    assert run(data, "feed", str(tmp_path / "feed"))["count"] == 1
    assert len(json.loads((tmp_path / "feed" / "manifest.json").read_bytes())) == 1
    counts = run(data, "publish")
    assert (counts["clear"], counts["green"], counts["first"]) == (0, 1, 1)
    assert run(data, "queue", "--state", "published")["total"] == 1
    run(data, "withdraw", asked["id"])
    assert run(data, "push", "edl-ip", str(rules))["count"] == 0
    with pytest.raises(ConflictError):
        run(data, "approve", asked["id"])


def test_the_policy_is_set_from_a_file(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"groups":[{"name":"isac","title":"金融","members":["admin"]}]}')
    assert run(data, "groups", "--policy", str(file))["groups"][0]["title"] == "金融"
    assert run(data, "groups")["groups"][0]["members"] == ["admin"]
    file.write_text('{"group":[]}')
    with pytest.raises(UsageError):
        run(data, "groups", "--policy", str(file))
    file.write_text("{")
    with pytest.raises(UsageError):
        run(data, "groups", "--policy", str(file))
