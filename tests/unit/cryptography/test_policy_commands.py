"""`kaname crypto judge`, `report` and `plan` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from kaname.cli.main import root
from kaname.cryptography.inventory.item import make


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    items = [
        make("certificate", "a.pem", "RSA", "2048", "sign", details={"signature_hash": "SHA-256"}),
        make("group", "shop:443", "X25519", None, "key-agreement"),
        make("code-use", "a.py", "AES-256-GCM", None, "aead", line=3),
    ]
    place = tmp_path / "inventory.json"
    place.write_bytes(msgspec.json.encode({"items": items}))
    return place


def call(*arguments: object):
    return CliRunner().invoke(root, ["crypto", *map(str, arguments)], standalone_mode=False)


def test_judge_says_it_as_json_and_fails_on_what_was_asked(inventory: Path):
    found = call("judge", inventory, "--year", 2031, "--use", "new", "--fail-on", "not-usable",
                 "--json")  # fmt: skip
    assert found.return_value == 3
    told = json.loads(found.stdout)
    assert [one["word"] for one in told["verdicts"]] == ["not-usable", "allowed-until", "allowed"]
    assert told["lists"][0]["digest"]
    assert [step["target"] for step in told["plan"]]
    assert call("judge", inventory, "--year", 2026, "--fail-on", "not-usable").return_value == 0


def test_judge_compares_with_the_inventory_before(inventory: Path):
    told = json.loads(call("judge", inventory, "--before", inventory, "--json").stdout)
    assert len(told["trend"]) == 2
    assert told["difference"] == {"added": [], "removed": [], "changed": []}


def test_report_writes_both_forms(inventory: Path, tmp_path: Path):
    html, pdf = tmp_path / "r.html", tmp_path / "r.pdf"
    found = call("report", inventory, "--year", 2026, "--html", html, "--pdf", pdf, "--json")
    assert found.exception is None
    assert pdf.read_bytes().startswith(b"%PDF")
    page = html.read_text("utf-8")
    assert "ssl_ecdh_curve X25519MLKEM768" in page
    assert sorted(one.name for one in tmp_path.iterdir()) == ["inventory.json", "r.html", "r.pdf"]


def test_plan_answers_and_refuses():
    told = json.loads(call("plan", "embb", "--year", 2026, "--json").stdout)
    assert told["ranked"][0]["kem"] == "X25519MLKEM768"
    assert type(call("plan", "nothing", "--json").exception).__name__ == "UsageError"
