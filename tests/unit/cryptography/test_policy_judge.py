"""Verdicts: what a user would be hurt by if it were wrong."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.inventory.item import Item, make, malformed
from kaname.cryptography.policy.inventories import read_items
from kaname.cryptography.policy.judge import ORDER, Judge, judge
from kaname.cryptography.policy.migration import Assumptions, Context, late, plan
from kaname.cryptography.policy.report import report
from kaname.cryptography.policy.tables import load
from kaname.cryptography.policy.timeline import timeline
from kaname.cryptography.policy.tls_types import types_of
from kaname.cryptography.policy.told import reasons_told
from kaname.cryptography.policy.trend import compare
from kaname.model.errors import InputError, UsageError

POLICY = load()
CERTIFICATES = Path("../shared/data/hardware-crypto/inventory")


def us(year: int) -> int:
    return int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000


def of(item: Item, year: int = 2026, use: str = "processing"):
    return Judge(POLICY, year, use).verdict(item)


def keys(verdict) -> set[str]:
    return {reason.key for reason in verdict.reasons}


def signed(algorithm: str, parameter: str | None, hashed: str | None = "SHA-256", **more) -> Item:
    return make("certificate", "a.pem", algorithm, parameter, "sign",
                details={"signature_hash": hashed, **more})  # fmt: skip


# algorithm, parameter, year, use -> verdict, until (LS-0003: 112 to 2030, 128 to 2040 and
# migration to 2050, 192 and 256 to the end of the table)
CELLS = [
    ("RSA", "2048", 2026, "new", "finish-migration", 2030),
    ("RSA", "2048", 2030, "processing", "finish-migration", 2030),
    ("RSA", "2048", 2031, "new", "not-usable", None),
    ("RSA", "2048", 2031, "processing", "allowed-until", 2040),  # tolerated
    ("RSA", "2048", 2041, "processing", "not-usable", None),
    ("RSA", "2047", 2026, "new", "not-usable", None),
    ("RSA", "2047", 2026, "processing", "not-usable", None),
    ("RSA", "1024", 2026, "processing", "not-usable", None),
    ("RSA", "3072", 2026, "new", "allowed-until", 2040),
    ("RSA", "4096", 2026, "new", "allowed-until", 2040),
    ("RSA", "4096", 2041, "new", "finish-migration", 2050),
    ("RSA", "4096", 2051, "new", "not-usable", None),
    ("RSA", "4096", 2051, "processing", "allowed-until", 2070),
    ("RSA", "7680", 2026, "new", "allowed-until", 2040),  # signed with SHA-256: 128
    ("ECDSA", "P-224", 2026, "new", "finish-migration", 2030),
    ("ECDSA", "P-256", 2040, "new", "allowed-until", 2040),
    ("Ed25519", None, 2026, "new", "allowed-until", 2040),
]


@pytest.mark.parametrize(("algorithm", "parameter", "year", "use", "word", "until"), CELLS)
def test_key_lengths_by_year_and_use(algorithm, parameter, year, use, word, until):
    verdict = of(signed(algorithm, parameter), year, use)
    assert (verdict.word, verdict.until) == (word, until)
    assert verdict.quantum.vulnerable
    assert verdict.quantum.target == 2035


PLAIN = [
    ("AES-256-GCM", "aead", "allowed", 2070),
    ("AES-128-GCM", "aead", "allowed-until", 2040),
    ("AES-128-ECB", "cipher", "not-listed", None),
    ("ChaCha20-Poly1305", "aead", "allowed", 2070),
    ("Rocca-S", "aead", "not-listed", None),
    ("AEGIS-256", "aead", "not-listed", None),
    ("3DES", "cipher", "monitored", None),
    ("DES", "cipher", "not-usable", None),
    ("RC4", "cipher", "not-usable", None),
    ("MD5", "hash", "not-usable", None),
    ("SHA-1", "hash", "monitored", None),
    ("SHA-256", "hash", "allowed-until", 2040),
    ("SHA-384", "hash", "allowed", 2070),
    ("SHA3-256", "hash", "allowed-until", 2040),
    ("ML-KEM-512", "kem", "not-listed", None),
    ("ML-KEM-768", "kem", "allowed", 2070),
    ("ML-KEM-1024", "kem", "allowed", 2070),
    ("HMAC-SHA-256", "mac", "allowed", 2070),
    ("HMAC-MD5", "mac", "not-listed", None),
    ("X25519MLKEM768", "kem", "allowed", 2070),
    ("ARIA-128-GCM", "aead", "not-listed", None),
]


@pytest.mark.parametrize(("algorithm", "use", "word", "until"), PLAIN)
def test_techniques(algorithm, use, word, until):
    verdict = of(make("code-use", "a.py", algorithm, None, use))
    assert (verdict.word, verdict.until) == (word, until)


def test_experimental_ciphers_are_named_so():
    assert "experimental" in keys(of(make("code-use", "a.py", "Rocca-S", None, "aead")))


def test_weak_hashes_of_certificates():
    assert of(signed("RSA", "2048", "SHA-1")).word == "monitored"
    assert of(signed("RSA", "2048", "SHA-1"), use="new").word == "not-usable"
    assert of(signed("RSA", "2048", "MD5")).word == "not-usable"


def test_ssh_rsa_is_rsa_with_sha_1():
    """RFC 4253 section 6.6; the newer rsa-sha2-512 is not (RFC 8332)."""
    old, new = (
        make("algorithm", "h:22", "RSA", None, "sign", details={"ssh": name})
        for name in ("ssh-rsa", "rsa-sha2-512")
    )
    assert of(old).word == "monitored"
    assert of(new).word == "allowed"


def test_a_mode_that_is_not_listed():
    assert of(make("code-use", "a.py", "mode ECB", None, "cipher")).word == "not-listed"
    assert of(make("code-use", "a.py", "mode GCM", None, "cipher")).word == "allowed"


def test_nobody_relies_on_the_signature_of_a_root():
    root = signed("RSA", "4096", "SHA-1", self_signed=True, ca=True)
    assert of(root).word == "allowed-until"
    leaf = signed("RSA", "4096", "SHA-1", self_signed=True, ca=False)
    assert of(leaf).word == "monitored"


def test_the_signature_rows_that_were_not_seen_decide_nothing():
    verdict = of(signed("ML-DSA-65", None, None))
    assert verdict.word == "unknown"
    assert "tier-unseen" in keys(verdict)
    assert not verdict.quantum.vulnerable


def test_brainpool_is_told_to_be_unverified():
    assert "curve-unverified" in keys(of(signed("ECDSA", "brainpoolP256r1")))


def test_a_certificate_that_outlives_the_target():
    late_one = msgspec.structs.replace(signed("RSA", "3072"), not_after=us(2036))
    in_time = msgspec.structs.replace(signed("RSA", "3072"), not_after=us(2036) - 1)
    assert of(late_one).quantum.outlives
    assert not of(in_time).quantum.outlives


TLS = [
    ("SSLv3", "not-usable", ()),
    ("TLSv1.0", "monitored", ("exception",)),
    ("TLSv1.1", "monitored", ("exception",)),
    ("TLSv1.2", "allowed", ("high", "recommended", "exception")),
    ("TLSv1.3", "allowed", ("high", "recommended", "exception")),
    ("SSH-2.0", "unknown", ()),
]


@pytest.mark.parametrize(("version", "word", "types"), TLS)
def test_versions_by_the_types_of_the_guideline(version, word, types):
    verdict = of(make("protocol", "h:443", version, None, "tls", details={"version": version}))
    assert (verdict.word, verdict.tls_types) == (word, types)


SUITES = [
    ("TLS_AES_256_GCM_SHA384", "allowed", "high recommended exception"),
    ("TLS_AES_128_GCM_SHA256", "allowed-until", "high recommended exception"),
    ("TLS_CHACHA20_POLY1305_SHA256", "allowed", "high recommended exception"),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "allowed", "high recommended exception"),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "allowed-until", "recommended exception"),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", "monitored", "exception"),
    ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "monitored", "exception"),
    ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "not-usable", ""),
    ("TLS_RSA_WITH_RC4_128_SHA", "not-usable", ""),
    ("TLS_RSA_WITH_NULL_SHA", "not-usable", ""),
]


@pytest.mark.parametrize(("suite", "word", "types"), SUITES)
def test_suites(suite, word, types):
    by_name = make("cipher-suite", "h:443", suite)
    by_detail = make("cipher-suite", "h:443", "AES-256-GCM", "TLSv1.2", details={"suite": suite})
    for item in (by_name, by_detail):
        assert of(item).word == word
        assert types_of(POLICY, item) == tuple(types.split())


def test_a_keyword_of_a_configuration_is_no_technique():
    assert of(make("cipher-suite", "nginx.conf", "HIGH", None, "cipher")).word == "unknown"


def test_damaged_and_locked_things_are_not_judged():
    verdict = of(malformed("a.pem", "cut off", "X.509"))
    assert (verdict.word, keys(verdict)) == ("unknown", {"malformed"})


def test_a_verdict_names_its_lists_and_that_they_are_unverified():
    judged = judge([signed("RSA", "2048")], POLICY, 2026, "new")
    assert {"CRYPTREC LS-0001-2022R2", "CRYPTREC LS-0003-2022R1"} <= {
        one.document for one in judged.lists
    }
    assert all(len(one.digest) == 64 for one in judged.lists)
    assert not judged.verdicts[0].verified
    assert "unverified" in keys(judged.verdicts[0])


@pytest.mark.parametrize("year", [2021, 2071, 0, -5])
def test_years_no_table_speaks_of_are_refused(year):
    with pytest.raises(UsageError, match="2022"):
        Judge(POLICY, year)


@given(
    st.text(max_size=20), st.one_of(st.none(), st.text(max_size=8)),
    st.sampled_from(["code-use", "certificate", "cipher-suite", "group", "protocol", "algorithm"]),
    st.integers(2022, 2070), st.sampled_from(["new", "processing"]),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_any_item_gets_a_verdict_with_reasons_in_both_languages(name, parameter, kind, year, use):
    item = make(kind, "x", name, parameter, details={"signature_hash": name})
    verdict = of(item, year, use)
    assert verdict.word in ORDER
    assert all(reasons_told(verdict, "en"))
    assert all(reasons_told(verdict, "ja"))


@given(st.sampled_from([cell[:2] for cell in CELLS]), st.sampled_from(["new", "processing"]))
def test_a_verdict_on_a_key_never_improves_but_for_toleration(key, use):
    """Later years are not kinder, except that what exists is tolerated after a migration."""
    order = {"allowed": 0, "allowed-until": 0, "finish-migration": 1, "not-usable": 2}
    words = [order[of(signed(*key), year, use).word] for year in range(2022, 2071)]
    if use == "new":
        assert words == sorted(words)


def expected() -> list[dict]:
    if not CERTIFICATES.exists():
        return []
    rows = json.loads((CERTIFICATES / "expected.json").read_text("utf-8"))
    return [row for row in rows if row["kind"] == "certificate"]


@pytest.mark.parametrize("row", expected(), ids=lambda row: row["file"])
def test_the_labelled_certificates_get_their_verdicts(row):
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from kaname.cryptography.inventory.certificates import certificate_item

    pem = (CERTIFICATES / row["file"]).read_bytes()
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    item = certificate_item(der, row["file"], now=us(2026))
    verdict = of(item, use="new")
    assert verdict.quantum.vulnerable == row["quantum_vulnerable"]
    if "signature" in row["note"]:  # these are roots: nobody relies on what they say of themselves
        assert "root-signature" in keys(verdict)
        assert of(signed("RSA", "2048", row["signature_hash"]), use="new").word == "not-usable"
    elif row["classical_strength_bits"] < 112:
        assert verdict.word == "not-usable"
    elif row["key_algorithm"] != "ML-DSA-65":
        by = {112: "finish-migration", 128: "allowed-until", 192: "allowed"}
        assert verdict.word == by[row["classical_strength_bits"]]


def test_mosca():
    """10 years of secrecy and 3 of migration against 9 until 2035: late; 5 and 3: not."""
    assert late(2026, 10, 3, 2035)
    assert not late(2026, 5, 3, 2035)
    assert not late(2026, 6, 3, 2035)


def test_the_plan_puts_the_exposed_and_long_lived_first():
    group = make("group", "shop.example:443", "X25519", None, "key-agreement")
    inner = make("group", "db.example", "X25519", None, "key-agreement")
    fine = make("group", "shop.example:443", "X25519MLKEM768", None, "kem")
    items = [inner, fine, group]
    known = (Context(location="db.*", exposure="internal", confidentiality=1),)
    steps = plan(items, judge(items, POLICY, 2026), Assumptions(), known)
    assert [step.places for step in steps] == [("shop.example:443",), ("db.example",)]
    assert [step.harvest_now for step in steps] == [True, False]
    assert all(step.target == "hybrid-group" for step in steps)
    assert "X25519MLKEM768" in steps[0].config["nginx"][0]
    assert steps[0].by == 2035


def test_items_alike_make_one_step():
    items = [make("certificate", f"{n}.pem", "RSA", "2048", "sign") for n in range(5)]
    steps = plan(items, judge(items, POLICY, 2026))
    assert [(len(step.items), len(step.places)) for step in steps] == [(5, 5)]


def test_the_difference_of_two_inventories():
    kept, gone, new = (make("code-use", f"{n}.c", "RSA", "2048") for n in "abc")
    before = ([kept, gone], judge([kept, gone], POLICY, 2030))
    after = ([kept, new], judge([kept, new], POLICY, 2041))
    found = compare(before, after)
    assert [one.place for one in found.added] == ["c.c"]
    assert [one.place for one in found.removed] == ["b.c"]
    assert [(one.before, one.after) for one in found.changed] == [
        ("finish-migration", "not-usable")
    ]


def test_the_time_line_turns_where_the_table_turns():
    (course,) = timeline([signed("RSA", "2048")], POLICY, "new", range(2026, 2071))
    assert course.words == ("finish-migration",) * 5 + ("not-usable",) * 40


def test_inventories_are_read_in_every_form(tmp_path: Path):
    items = [signed("RSA", "2048"), make("code-use", "a.py", "MD5", None, "hash")]
    lines = b"\n".join(map(msgspec.json.encode, items))
    forms = {
        "a.json": msgspec.json.encode(items), "b.json": msgspec.json.encode({"items": items}),
        "c.jsonl": lines,
    }  # fmt: skip
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
        assert read_items(tmp_path / name) == items


BAD = [b"", b"{}", b"[1]", b"{", b'{"bomFormat": "CycloneDX", "components": 5}', b"\xff",
       b'{"items": 3}']  # fmt: skip


@pytest.mark.parametrize("data", BAD[1:])
def test_what_is_no_inventory_is_refused(tmp_path: Path, data: bytes):
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(InputError, match=r"x\.json"):
        read_items(tmp_path / "x.json")


EXAMPLES = {
    # what the CycloneDX example files say of themselves
    "Certificate.json": [("certificate", "RSA", "2048")],
    "Key.json": [("public-key", "RSA", "2048"), ("algorithm", "AES-128-GCM", "128")],
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_cboms_of_others_are_judged(name: str):
    if not CERTIFICATES.exists():
        pytest.skip("the shared data is not here")
    items = read_items(CERTIFICATES / "cbom_examples" / name)
    assert [(item.kind, item.algorithm, item.parameter) for item in items] == EXAMPLES[name]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_report_is_whole_in_both_languages(language):
    from kaname.writers.report.writing import write

    items = [signed("RSA", "2048"), make("group", "h:443", "X25519", None, "key-agreement")]
    judged = judge(items, POLICY, 2026)
    sets = [("old", items[:1], judge(items[:1], POLICY, 2026)), ("new", items, judged)]
    document = report(sets, POLICY, plan(items, judged), Assumptions(), language, "shop")
    page = write(document, "html").decode("utf-8")
    assert "X25519MLKEM768" in page
    assert "CRYPTREC LS-0001-2022R2" in page
    assert [chapter.key for chapter in document.chapters] == [
        "overview", "timeline", "plan", "items", "sources",
    ]  # fmt: skip
