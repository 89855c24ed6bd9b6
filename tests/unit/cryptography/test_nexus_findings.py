"""Inventories become findings: what has to change, what got worse, what is spoken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.cryptography.inventoried import (
    LATER,
    MAIL,
    MD5_CODE,
    SENSOR,
    SHOP,
    START,
    bring,
    handshakes,
    inventories,
    shop,
)

from kaname.analysis.evaluate import evaluate
from kaname.analysis.evidence import rerun
from kaname.analysis.frame import Window, analyses, settle
from kaname.cryptography.analyses.handshakes import protocol_of
from kaname.cryptography.inventory.item import make
from kaname.lake import Lake
from kaname.model.instant import DAY
from kaname.model.records import Finding, Role


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    root = tmp_path_factory.mktemp("inventories")
    with Lake.open(root / "data") as opened:
        inventories(opened, root)
        handshakes(opened)
        yield opened


def said(lake: Lake, name: str, start: int, **given: int | str) -> dict[tuple[str, str], Finding]:
    """Findings by label and place."""
    each = analyses()[name]
    params = settle(each.name, each.parameters, given)
    found = evaluate(lake, each, Window(start, start + DAY), (SENSOR,), params)
    for one in found:
        assert rerun(lake, one).status == "holds"
        assert one.evidence.rows > 0
        assert one.title("en") != one.title("ja")
        assert "{" not in one.explain("ja") + one.explain("en") + "".join(one.because("en"))
        assert all(artifact.role is not Role.ATTACKER for artifact in one.artifacts)
    return {(one.label, one.values.get("place", one.values.get("server"))): one for one in found}


def test_each_concern_of_each_place_is_a_finding(lake: Lake) -> None:
    found = said(lake, "cryptography.policy", START)
    assert set(found) == {
        ("migration_due", SHOP), ("expired_certificate", MAIL), ("long_lived_key", "ca/root.pem"),
        ("harvest_now", MAIL), ("weak_cryptography", MD5_CODE),
        ("unread_cryptography", "broken.pem"),
    }  # fmt: skip
    due = found["migration_due", SHOP]
    assert due.values["until"] == 2030
    assert due.values["what"] == "RSA 2048 (SHA-256)"
    assert {artifact.value for artifact in due.artifacts} >= {"shop.example"}
    assert found["expired_certificate", MAIL].values["day"] == "2025-12-31"
    # code that names MD5 is of medium severity, a matched line is as sure as the match
    weak = found["weak_cryptography", MD5_CODE]
    assert (weak.severity.value, weak.confidence) == ("medium", 0.7)
    assert any("2023-06-30?" in line for line in weak.because("en"))  # a date nobody verified


def test_a_hybrid_group_beside_keeps_traffic_from_being_harvested(lake: Lake) -> None:
    assert ("harvest_now", SHOP) not in said(lake, "cryptography.policy", START)
    later = said(lake, "cryptography.policy", LATER)
    assert ("harvest_now", SHOP) in later
    assert ("expiring_certificate", SHOP) in later
    # by Mosca's rule 1 + 3 years end before 2035
    short = said(lake, "cryptography.policy", LATER, confidentiality=1)
    assert not any(label == "harvest_now" for label, _ in short)


def test_another_year_and_use_give_other_findings(lake: Lake) -> None:
    found = said(lake, "cryptography.policy", START, year=2031, use="new")
    assert ("weak_cryptography", SHOP) in found  # RSA 2048 newly used after 2030
    assert found["weak_cryptography", SHOP].severity.value == "high"


def test_many_places_are_one_finding(lake: Lake, tmp_path: Path) -> None:
    with Lake.open(tmp_path / "data") as opened:
        certificates = [
            make("private-key", f"key{n}.pem", "RSA", "1024", "sign") for n in range(30)
        ]
        bring(opened, tmp_path, certificates, START)
        found = said(opened, "cryptography.policy", START)
        (one,) = found.values()
        assert (one.values["places"], one.evidence.rows) == (30, 30)
        assert len(said(opened, "cryptography.policy", START, places=30)) == 30


def test_what_came_and_what_got_worse_is_told_once(lake: Lake) -> None:
    found = said(lake, "cryptography.change", LATER)
    assert set(found) == {
        ("weakened", SHOP), ("weak_appeared", "old/id_dsa"), ("hybrid_lost", SHOP),
    }  # fmt: skip
    assert found["weakened", SHOP].values["what"] == "TLSv1.0"
    assert found["hybrid_lost", SHOP].values["what"] == "X25519MLKEM768"
    assert not said(lake, "cryptography.change", START)  # nothing before


def test_a_renewed_certificate_and_moved_lines_are_no_change(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "data") as opened:
        bring(opened, tmp_path, shop(), START)
        moved = [
            make("code-use", MD5_CODE, "MD5", None, "hash", line=99)
            if one.location == MD5_CODE
            else one
            for one in shop()
        ]
        bring(opened, tmp_path, moved, LATER)
        assert not said(opened, "cryptography.change", LATER)


def test_handshakes_that_no_type_admits_are_told(lake: Lake) -> None:
    found = said(lake, "cryptography.handshakes", START)
    assert {(label, server): one.values["what"] for (label, server), one in found.items()} == {
        ("old_tls", "192.0.2.1"): "TLSv10",
        ("old_tls", "192.0.2.3"): "TLS 1.1",
        ("weak_suite", "192.0.2.1"): "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    }
    assert found["old_tls", "192.0.2.1"].values["handshakes"] == 2
    together = said(lake, "cryptography.handshakes", START, servers=1)
    assert sorted(one.values["servers"] for one in together.values()) == [1, 2]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("TLSv12", "TLSv1.2"), ("TLS 1.2", "TLSv1.2"), ("TLSv1", "TLSv1.0"), ("SSLv3", "SSLv3"),
     ("TLS13", "TLSv1.3"), ("QUIC", None), ("", None), ("TLSv9", None)],
)  # fmt: skip
def test_versions_are_told_however_sensors_write_them(written: str, meant: str | None) -> None:
    assert protocol_of(written) == meant
