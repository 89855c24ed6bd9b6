"""`kaname crypto judge`, `report` and `plan` as a user calls them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from kaname.cli.main import root
from kaname.cryptography.inventory.configuration import configuration_items
from kaname.cryptography.inventory.item import make, malformed
from kaname.cryptography.policy.tables import load
from kaname.cryptography.policy.tls_types import types_of


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
    assert found.return_value == 1
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


def test_a_report_on_long_places_fits_its_pages(tmp_path: Path):
    place, pdf = tmp_path / "i.json", tmp_path / "r.pdf"
    folder = "/srv/" + "a-long-folder/" * 20
    items = [make("public-key", f"{folder}{number}.pem", "RSA", size, "sign", line=7)
             for number, size in enumerate(("1024", "2048"))]  # fmt: skip
    place.write_bytes(msgspec.json.encode({"items": items}))
    found = call("report", place, "--year", 2031, "--pdf", pdf, "--json")
    assert found.exception is None
    assert pdf.read_bytes().startswith(b"%PDF")


def test_plan_answers_and_refuses():
    told = json.loads(call("plan", "embb", "--year", 2026, "--json").stdout)
    assert told["ranked"][0]["kem"] == "X25519MLKEM768"
    assert type(call("plan", "nothing", "--json").exception).__name__ == "UsageError"


def test_a_gate_tells_bad_verdicts_from_what_could_not_be_read(inventory: Path, tmp_path: Path):
    gate = ("--year", 2026, "--fail-on", "not-usable")
    assert call("judge", inventory, *gate).return_value == 0
    assert call("judge", inventory, "--year", 2031, "--use", "new",
                "--fail-on", "not-usable").return_value == 1  # fmt: skip
    damaged = tmp_path / "damaged.json"
    items = [malformed("b.pem", "it is cut off", "PEM")]
    damaged.write_bytes(msgspec.json.encode({"items": items}))
    assert call("judge", damaged, *gate).return_value == 3
    assert call("judge", damaged).return_value == 0


def test_tables_for_spreadsheets_hold_every_item_and_no_formula(tmp_path: Path):
    place, items, plan = tmp_path / "i.json", tmp_path / "i.csv", tmp_path / "p.csv"
    place.write_bytes(
        msgspec.json.encode({"items": [make("public-key", "=cmd|x", "RSA", "1024", "sign")]})
    )
    call("judge", place, "--year", 2026, "--csv", items, "--plan-csv", plan)
    data = items.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")  # Excel takes UTF-8 by its byte order mark
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert (row["algorithm"], row["parameter"], row["Place"]) == ("RSA", "1024", "'=cmd|x")
    (step,) = csv.DictReader(io.StringIO(plan.read_text("utf-8-sig")))
    assert step["algorithm"] == "RSA"


@pytest.mark.parametrize("kind", ["high", "recommended", "exception"])
def test_lines_for_servers_are_admitted_by_their_own_type(kind: str):
    # Read back by the inventory and judged: nothing that is told to be set is forbidden.
    told = json.loads(call("lines", kind, "--json").stdout)
    policy = load()
    for server, lines in told["lines"].items():
        items = list(configuration_items("\n".join(lines).encode(), f"{server}.conf"))
        suites = [one for one in items if one.kind == "cipher-suite"]
        assert len(suites) >= 6
        assert all(one.details.get("suite") for one in suites)
        assert all(kind in types_of(policy, one) for one in suites)
        assert all(kind in types_of(policy, one) for one in items if one.kind == "protocol")
    assert told["lines"]["nginx"][0] == {
        "high": "ssl_protocols TLSv1.2 TLSv1.3;", "recommended": "ssl_protocols TLSv1.2 TLSv1.3;",
        "exception": "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;",
    }[kind]  # fmt: skip
    assert ("AES128-SHA" in told["lines"]["openssl"][1]) == (kind != "high")
