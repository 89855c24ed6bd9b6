"""Every cell of the policy tables, against an independent transcription."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kaname.cryptography.policy.tables import Policy, load
from kaname.model.errors import InputError

DRAFT = Path("../shared/data/hardware-crypto/inventory/cryptrec_policy_draft.json")
TIERS = ("recommended", "candidate", "monitored")


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load()


@pytest.fixture(scope="module")
def draft() -> dict:
    if not DRAFT.exists():
        pytest.skip("the shared data is not here")
    return json.loads(DRAFT.read_text("utf-8"))


def test_every_technique_of_the_draft_has_its_tier_and_category(policy: Policy, draft: dict):
    expected = {
        (name, tier, category)
        for tier in TIERS
        for category, rows in draft[tier].items()
        for name, _ in rows
    }
    expected |= {(n, "pqc", "key_establishment") for n, _ in draft["pqc_list"]["key_establishment"]}
    expected |= {(n, "not-listed", "key_establishment") for n, _ in draft["pqc_list"]["not_listed"]}
    found = {(c.technique, c.tier, c.category) for c in policy.lists.cells if c.tier != "unseen"}
    assert found == expected


def test_cells_that_were_not_compared_with_the_official_list_say_so(policy: Policy, draft: dict):
    """S is a summary, M a memory: neither is the official PDF."""
    origin = {"S": "summary", "M": "memory"}
    for tier in TIERS:
        for rows in draft[tier].values():
            for name, basis in rows:
                cell = policy.technique(name)
                assert cell is not None
                assert (cell.source, cell.verified) == (origin[basis], False)
                assert cell.date


USES = {"new": "new_generation", "processing": "processing"}
YEARS = (2022, 2030, 2031, 2040, 2041, 2050, 2051, 2060, 2061, 2070)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("strength", [112, 128, 192, 256])
@pytest.mark.parametrize("year", YEARS)
def test_every_strength_cell(policy: Policy, draft: dict, use: str, strength: int, year: int):
    table = draft["key_strength_document"]
    at = next(
        n for n, span in enumerate(table["periods"]) if int(span[:4]) <= year <= int(span[5:])
    )
    expected = table[USES[use]][str(strength)][at]
    cells = [c for c in policy.course(strength, use) if c.first <= year <= c.last]
    assert [(c.state, c.verified) for c in cells] == [(expected, False)]


def test_every_equivalence(policy: Policy, draft: dict):
    expected = {}
    for strength, row in draft["key_strength_document"]["equivalence"].items():
        for name in ("RSA-PSS", "RSASSA-PKCS1-v1_5", "RSA-OAEP", "RSAES-PKCS1-v1_5", "DSA", "DH"):
            expected[name, int(strength)] = row["RSA/DH/DSA"]
        for name in ("ECDSA", "ECDH"):
            expected[name, int(strength)] = row["EC"]
    found = {(t, e.strength): e.bits for e in policy.strengths.equivalence for t in e.techniques}
    assert found == expected


def test_the_equivalence_is_what_the_inventory_counts_by(policy: Policy):
    from kaname.cryptography.inventory.strength import classical_strength

    for row in policy.strengths.equivalence:
        name = "RSA" if "RSA-PSS" in row.techniques else "ECDSA"
        if name == "RSA":
            assert classical_strength(name, str(row.bits)) == row.strength
            assert (classical_strength(name, str(row.bits - 1)) or 0) < row.strength


TLS = {
    # item: value: (high security, recommended security, security exception)
    "version": {
        "TLS 1.3": ("obligatory", "recommended", "recommended"),
        "TLS 1.2": ("allowed", "obligatory", "obligatory"),
        "TLS 1.1": ("forbidden", "forbidden", "allowed"),
        "TLS 1.0": ("forbidden", "forbidden", "allowed"),
        "SSL 3.0": ("forbidden", "forbidden", "forbidden"),
        "SSL 2.0": ("forbidden", "forbidden", "forbidden"),
    },
    "key-exchange": {
        "ECDHE": ("recommended", "recommended", "recommended"),
        "DHE": ("allowed", "allowed", "allowed"),
        "ECDH": ("forbidden", "forbidden", "allowed"),
        "RSA": ("forbidden", "forbidden", "allowed"),
        "anonymous": ("forbidden", "forbidden", "forbidden"),
    },
    "cipher": {
        "AES-256-AEAD": ("recommended", "recommended", "recommended"),
        "AES-128-AEAD": ("allowed", "recommended", "recommended"),
        "ChaCha20-Poly1305": ("recommended", "recommended", "recommended"),
        "CBC": ("forbidden", "allowed", "allowed"),
        "3DES": ("forbidden", "forbidden", "allowed"),
        "RC4": ("forbidden", "forbidden", "forbidden"),
        "NULL": ("forbidden", "forbidden", "forbidden"),
    },
    "group": {
        "strength >= 112": ("obligatory", "obligatory", "obligatory"),
        "group P-256 or stronger": ("obligatory", "recommended", "recommended"),
        "DH 2048 or more": ("allowed", "allowed", "allowed"),
        "group below 112": ("forbidden", "forbidden", "forbidden"),
    },
    "certificate": {
        "RSA 2048 or more": ("obligatory", "obligatory", "obligatory"),
        "ECDSA P-256 or stronger": ("obligatory", "obligatory", "obligatory"),
        "SHA-256 or stronger": ("recommended", "recommended", "recommended"),
        "SHA-1": ("forbidden", "forbidden", "forbidden"),
    },
}


def test_every_rule_of_the_three_tls_types(policy: Policy):
    """A second transcription by hand; neither was compared with the official tables."""
    expected = {
        (profile, item, value): level
        for item, rows in TLS.items()
        for value, levels in rows.items()
        for profile, level in zip(("high", "recommended", "exception"), levels, strict=True)
    }
    assert {(r.profile, r.item, r.value): r.level for r in policy.tls.rules} == expected
    assert not any(rule.verified for rule in policy.tls.rules)


def test_the_national_target(policy: Policy, draft: dict):
    assert draft["japan_pqc_target"]["source"] == policy.quantum.document
    assert "2035" in draft["japan_pqc_target"]["rule"]
    assert policy.target_year == 2035


CURVES = {
    True: "P-224 P-256 P-384 P-521 B-233 B-283 B-409 B-571 K-233 K-283 K-409 K-571 "
    "X25519 X448 Ed25519 Ed448",
    None: "brainpoolP256r1 brainpoolP320r1 brainpoolP384r1 brainpoolP512r1 secp256k1",
    False: "sm2p256v1",
}


def test_curves(policy: Policy):
    expected = {name: listed for listed, names in CURVES.items() for name in names.split()}
    assert {c.curve: c.listed for c in policy.strengths.curves} == expected


def test_a_newer_file_of_the_user_wins_and_an_older_does_not(tmp_path: Path):
    own = Path("python/kaname/cryptography/policy/data/cryptrec-ls-0001-2022r2.json")
    raw = json.loads(own.read_text("utf-8"))
    raw |= {"date": "2027-04-01", "document": "CRYPTREC LS-0001-2022R3"}
    for cell in raw["cells"]:
        if cell["technique"] == "ML-DSA-65":
            cell |= {"tier": "pqc", "verified": True}
    (tmp_path / "newer.json").write_text(json.dumps(raw), "utf-8")
    policy = load(tmp_path)
    assert policy.lists.document == "CRYPTREC LS-0001-2022R3"
    assert policy.technique("ML-DSA-65").tier == "pqc"
    raw["date"] = "2020-01-01"
    (tmp_path / "newer.json").write_text(json.dumps(raw), "utf-8")
    assert load(tmp_path).lists.document == "CRYPTREC LS-0001-2022R2"


def _broken_strengths(change: str) -> dict:
    own = Path("python/kaname/cryptography/policy/data/cryptrec-ls-0003-2022r1.json")
    raw = json.loads(own.read_text("utf-8"))
    if change == "gap":
        del raw["cells"][1]
    elif change == "source":
        raw["cells"][0]["source"] = "hearsay"
    elif change == "state":
        raw["cells"][0]["state"] = "fine"
    elif change == "verified":
        del raw["cells"][0]["verified"]
    return raw


@pytest.mark.parametrize("change", ["gap", "source", "state", "verified"])
def test_tables_that_contradict_themselves_are_refused(tmp_path: Path, change: str):
    (tmp_path / "mine.json").write_text(json.dumps(_broken_strengths(change)), "utf-8")
    with pytest.raises(InputError, match=r"mine\.json"):
        load(tmp_path)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"kind": "list"}', b"\xff\xfe", b"nul"])
def test_files_that_are_no_tables_are_refused(tmp_path: Path, data: bytes):
    (tmp_path / "mine.json").write_bytes(data)
    with pytest.raises(InputError):
        load(tmp_path)
