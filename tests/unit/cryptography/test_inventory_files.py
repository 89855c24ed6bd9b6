"""Files to items: the labelled set, every form of key, damage of every kind."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import struct
import time
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.inventory.contents import bytes_items
from kaname.cryptography.inventory.cose import cose_items
from kaname.cryptography.inventory.files import Limits, files_items
from kaname.cryptography.inventory.item import Item, classical_strength, family
from kaname.cryptography.inventory.pem import pem_items

SHARED = Path("../shared/data/hardware-crypto/inventory")
NOW = time.time_ns() // 1000
_PEM, _DER = serialization.Encoding.PEM, serialization.Encoding.DER
_PKCS8, _OLD = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
_OPEN = serialization.NoEncryption()


def made(key: object, *, before: int = 2026, after: int = 2030) -> x509.Certificate:
    """A self-signed certificate of ``key``."""
    name = x509.Name.from_rfc4514_string("CN=kaname test")
    hashed = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(77)
        .not_valid_before(dt.datetime(before, 1, 1))  # noqa: DTZ001
        .not_valid_after(dt.datetime(after, 1, 1))  # noqa: DTZ001
        .sign(key, hashed)
    )


def read(data: bytes, name: str = "x.pem", **more: object) -> list[Item]:
    """The items of a file's bytes."""
    return list(bytes_items(data, name, now=NOW, **more))


@pytest.mark.parametrize(
    ("algorithm", "parameter", "bits"),
    [
        ("RSA", "1024", 80), ("RSA", "2047", 80), ("RSA", "2048", 112), ("RSA", "3071", 112),
        ("RSA", "3072", 128), ("RSA", "4096", 128), ("RSA", "7680", 192), ("RSA", "15360", 256),
        ("RSA", None, None), ("ECDSA", "P-224", 112), ("ECDSA", "P-256", 128),
        ("ECDSA", "P-384", 192), ("ECDSA", "P-521", 256), ("ECDSA", "brainpoolP320r1", 128),
        ("Ed25519", "255", 128), ("ML-KEM-1024", None, 256), ("ML-DSA-44", None, 128),
        ("SLH-DSA-SHA2-192f", None, 192), ("AES-256-GCM", None, 256), ("SHA-256", None, 128),
    ],
)  # fmt: skip
def test_strength_is_the_class_below(algorithm: str, parameter: str | None, bits: int) -> None:
    # NIST SP 800-57 part 1 rev. 5, table 2; FIPS 203-205 categories.
    assert classical_strength(algorithm, parameter) == bits


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
def test_all_that_is_expected_of_the_labelled_set_is_found() -> None:
    items = list(files_items([SHARED], passwords=["changeit"], now=NOW))
    by_name: dict[str, list[Item]] = {}
    for item in items:
        by_name.setdefault(Path(item.location).name, []).append(item)
    for one in json.loads((SHARED / "expected.json").read_bytes()):
        found = by_name[one["file"]]
        kinds = [item.kind for item in found]
        if one["kind"] == "certificate":
            (item,) = found
            assert family(item.algorithm) == one["key_algorithm"].replace("ML-DSA-65", "ML-DSA")
            assert item.strength == one["classical_strength_bits"]
            assert item.quantum_vulnerable == one["quantum_vulnerable"]
            hashed = one["signature_hash"].replace("SHA1", "SHA-1")
            assert item.details["signature_hash"] == (
                None if "inside" in hashed or hashed == "-" else hashed
            )
            assert ("expired" in item.details["notes"]) == ("expired on" in one["note"])
            assert ("outlives-2035" in item.details["notes"]) == ("beyond 2035" in one["note"])
            if one["key_algorithm"] == "RSA":
                assert item.parameter == str(one["key_bits"])
        elif one["kind"] == "keystore":
            assert sorted(kinds) == ["certificate", "keystore", "private-key"]
            assert all(item.details.get("verified", True) for item in found)
            key = next(item for item in found if item.kind == "private-key")
            assert (key.algorithm, key.parameter) == (
                ("ECDSA", "P-256") if "EC P-256" in one["contains"] else ("RSA", "2048")
            )
        elif one["kind"] == "ssh-public-key":
            assert kinds == ["public-key"]
            assert found[0].algorithm.lower() == one["algorithm"]
        else:
            assert kinds == ["malformed"]
            assert found[0].details["reason"]


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
@pytest.mark.parametrize("name", ["store.p12", "store.jks"])
def test_a_store_without_its_password_is_opaque(name: str) -> None:
    kinds = {item.kind for item in read((SHARED / name).read_bytes(), name, passwords=["wrong"])}
    assert "opaque" in kinds


def test_dates_are_judged_by_the_moment_given() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    for before, after, note in ((2020, 2021, "expired"), (2050, 2060, "not-yet-valid")):
        (item,) = read(made(key, before=before, after=after).public_bytes(_PEM))
        assert note in item.details["notes"]
    assert read(made(key).public_bytes(_DER), "a.der")[0].details["self_signed"]


_TEXT = st.text(st.sampled_from('aZ0 19,+=#\\*.-é漢"'), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["CN", "O", "OU", "L", "ST"]), _TEXT), max_size=4))
def test_names_are_spelt_as_the_library_spells_them(parts: list[tuple[str, str]]) -> None:
    oids = {"CN": "2.5.4.3", "O": "2.5.4.10", "OU": "2.5.4.11", "L": "2.5.4.7", "ST": "2.5.4.8"}
    name = x509.Name(
        [x509.NameAttribute(x509.ObjectIdentifier(oids[one]), text) for one, text in parts]
    )
    key = _NAMED_KEY
    other = x509.Name([x509.NameAttribute(x509.ObjectIdentifier("2.5.4.3"), "issuer")])
    der = (
        x509.CertificateBuilder(other, name, key.public_key(), 1)
        .not_valid_before(dt.datetime(2026, 1, 1))  # noqa: DTZ001
        .not_valid_after(dt.datetime(2030, 1, 1))  # noqa: DTZ001
        .sign(key, hashes.SHA256())
        .public_bytes(_DER)
    )
    (item,) = read(der, "a.der")
    assert item.details["subject"] == name.rfc4514_string()


_NAMED_KEY = ec.generate_private_key(ec.SECP256R1())


def test_every_form_of_private_key_is_told_without_opening_it() -> None:
    r, e = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())
    d = ed25519.Ed25519PrivateKey.generate()
    shut = serialization.BestAvailableEncryption(b"secret")
    for key, form, name, size in (
        (r, _PKCS8, "RSA", "2048"), (r, _OLD, "RSA", "2048"), (e, _PKCS8, "ECDSA", "P-384"),
        (e, _OLD, "ECDSA", "P-384"), (d, _PKCS8, "Ed25519", "255"),
        (d, serialization.PrivateFormat.OpenSSH, "Ed25519", "255"),
    ):  # fmt: skip
        (item,) = read(key.private_bytes(_PEM, form, _OPEN), "key")
        assert (item.kind, item.algorithm, item.parameter) == ("private-key", name, size)
        if form != serialization.PrivateFormat.OpenSSH:
            (same,) = read(key.private_bytes(_DER, form, _OPEN), "key.der")
            assert (same.algorithm, same.parameter) == (name, size)
    for form in (_PKCS8, _OLD):
        (item,) = read(r.private_bytes(_PEM, form, shut), "key")
        assert item.kind == "opaque"
    public = r.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert read(public)[0].parameter == "2048"


def test_equal_certificates_are_told_once_with_their_places(tmp_path: Path) -> None:
    pem = made(ec.generate_private_key(ec.SECP256R1())).public_bytes(_PEM)
    (tmp_path / "a.pem").write_bytes(pem * 3)
    (tmp_path / "b.pem").write_bytes(pem)
    (item,) = files_items([tmp_path], now=NOW)
    assert item.details["copies_total"] == 3


def test_damage_between_good_blocks_is_told_and_passed() -> None:
    pem = made(ec.generate_private_key(ec.SECP256R1())).public_bytes(_PEM)
    open_block = b"-----BEGIN CERTIFICATE-----\nMIIB\n"
    items = read(open_block + pem + pem.replace(b"M", b"A", 40), "bundle.pem")
    assert [one.kind for one in items] == ["malformed", "certificate", "malformed"]
    assert [one.line for one in items][:2] == [1, 3]


def test_an_unknown_key_is_named_by_its_oid() -> None:
    spki = bytes.fromhex("3012300906072a8648ce3d0c63") + bytes.fromhex("0305") + b"\0" * 5
    (item,) = read(spki, "a.der")
    assert item.algorithm == "1.2.840.10045.12.99"


def test_a_limit_of_size_depth_and_count_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "big.pem").write_bytes(b"x" * 100)
    small = list(files_items([tmp_path], limits=Limits(file_bytes=10), now=NOW))
    deep = list(files_items([tmp_path], limits=Limits(depth=1), now=NOW))
    assert [one.kind for one in small + deep] == ["opaque", "opaque"]


def test_a_name_that_is_no_utf_8_and_a_link_do_not_stop_the_walk(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    Path(os.fsdecode(folder + b"/\xff.pem")).write_bytes(b"-----BEGIN CERTIFICATE-----\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    (item,) = files_items([tmp_path], now=NOW)
    assert item.kind == "malformed"
    assert json.loads(msgspec.json.encode(item))["location"].endswith("\ufffd.pem")


def test_a_flood_of_open_blocks_is_cut_off() -> None:
    items = read(b"-----BEGIN CERTIFICATE-----\n" * 50_000)
    assert len(items) == 1001
    assert items[-1].kind == "opaque"


def test_ssh_lines_of_all_files() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    text = b"# hosts\nexample.org,192.0.2.1 " + line + b"\nx ssh-rsa AAAAB3NzaC1yc2EAAAAD\n"
    first, second = read(text, "known_hosts")
    assert (first.algorithm, first.parameter, first.line) == ("ECDSA", "P-256", 2)
    assert first.details["before"].startswith("example.org")
    assert (second.kind, second.line) == ("malformed", 3)


def test_jose_keys_and_heads() -> None:
    modulus = base64.urlsafe_b64encode(b"\xff" * 256).decode().rstrip("=")
    keys = {"keys": [{"kty": "RSA", "n": modulus, "e": "AQAB"}, {"kty": "EC", "crv": "P-521"},
                     {"kty": "OKP", "crv": "Ed25519", "d": "x"}, {"kty": "RSA"}]}  # fmt: skip
    items = read(json.dumps(keys).encode(), "jwks.json")
    assert [(one.kind, one.algorithm, one.parameter) for one in items] == [
        ("public-key", "RSA", "2048"), ("public-key", "ECDSA", "P-521"),
        ("private-key", "Ed25519", "255"), ("malformed", "JWK", None),
    ]  # fmt: skip
    # RFC 7515, A.1: {"typ":"JWT",\r\n "alg":"HS256"}
    token = b"token = eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UifQ.dBjft"
    (item,) = read(token, "a.txt")
    assert (item.algorithm, item.use) == ("HMAC-SHA-256", "mac")


def test_cose_keys_and_heads() -> None:
    # RFC 9052, C.7.1: {1: 2, -1: 1, -2: h'65eda5..', -3: h'1e52ed..'}; C.2.1: alg ES256.
    key = bytes.fromhex("a401022001215820" + "65" * 32 + "225820" + "1e" * 32)
    sign1 = (
        bytes.fromhex("d28443a10126a10442313154546869732069732074686520636f6e74656e742e5840")
        + b"\0" * 64
    )
    (one,), (two,) = read(key, "a.cbor"), read(sign1, "b.cose")
    assert (one.kind, one.algorithm, one.parameter) == ("public-key", "ECDSA", "P-256")
    assert (two.kind, two.algorithm) == ("algorithm", "ECDSA")
    (deep,) = cose_items(b"\x81" * 100, "c.cbor")
    assert deep.kind == "malformed"
    (huge,) = cose_items(b"\x9b" + b"\xff" * 8, "d.cbor")
    assert huge.kind == "malformed"


def test_openpgp_packets() -> None:
    body = b"\x04" + struct.pack(">I", 0) + b"\x01" + struct.pack(">H", 3072) + b"\xff" * 384
    packet = b"\x99" + struct.pack(">H", len(body)) + body
    (item,) = read(packet, "key.gpg")
    assert (item.algorithm, item.parameter) == ("RSA", "3072")
    (cut,) = read(packet[:50], "key.gpg")
    assert cut.kind == "malformed"


_SEEDS = (
    made(ec.generate_private_key(ec.SECP256R1())).public_bytes(_DER),
    b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01\0\0\0\x02\0\x01a" + b"\0" * 60,
    b"-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAA==\n-----END RSA PRIVATE KEY-----\n",
    b'{"kty": "RSA", "n": "AQAB"}', b"\xd2\x84\x43\xa1\x01\x26\xa0\x40\x40",
    b"\x99\x00\x0a\x04\0\0\0\0\x01\x0c\0\0\0", b"\x7fELF\x02\x01" + b"\0" * 80,
    b"openssh-key-v1\0\0\0\0\x04none", b"0\x82\x01\x00\x02\x01\x030\x10",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(_SEEDS), st.integers(0, 400), st.binary(max_size=12),
    st.sampled_from(["a.pem", "a.der", "a.p12", "a.cbor", "a.gpg", "a.json", "a", "a.py"]),
)  # fmt: skip
def test_damaged_bytes_never_raise(seed: bytes, at: int, noise: bytes, name: str) -> None:
    at %= len(seed)
    for data in (seed[:at] + noise + seed[at + len(noise) :], seed[:at], noise):
        for item in read(data, name):
            assert item.kind
            assert item.id
    block = b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(seed[:at] + noise)
    list(pem_items(block + b"\n-----END CERTIFICATE-----\n", "x", now=NOW))
