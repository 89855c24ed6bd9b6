"""Code, binaries, configuration; the CBOM that is made of them; the command."""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cli.commands.crypto_inventory import inventory
from kaname.cryptography.inventory.binaries import binary_items, elf_symbols
from kaname.cryptography.inventory.cbom import cbom, compare, dump_cbom, load_cbom
from kaname.cryptography.inventory.code import code_items
from kaname.cryptography.inventory.configuration import configuration_items
from kaname.cryptography.inventory.item import make, malformed
from kaname.model.errors import InputError

EXAMPLES = Path("../shared/data/hardware-crypto/inventory/cbom_examples")


def uses(text: str, name: str) -> set[tuple[int, str, str | None]]:
    """Line, algorithm and parameter of each use in a source."""
    return {(one.line, one.algorithm, one.parameter) for one in code_items(text.encode(), name)}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "a.py",
            ("import hashlib as h\nfrom Crypto.Cipher import AES as A\n"
            "from cryptography.hazmat.primitives.asymmetric import rsa, ec\n"
            "# hashlib.md5()\nh.md5(b'hashlib.sha1()')\nA.new(k, A.MODE_ECB)\n"
            "rsa.generate_private_key(public_exponent=65537, key_size=1024)\n"
            "ec.generate_private_key(ec.SECP384R1())\nmd5 = len\nmd5([])\n"),
            {(5, "MD5", None), (6, "AES-ECB", None), (7, "RSA", "1024"), (8, "ECDSA", "P-384")},
        ),
        (
            "A.java",
            ('/* Cipher.getInstance("DES") */\nCipher.getInstance("AES/GCM/NoPadding");\n'
            'Signature.getInstance("SHA1withRSA");\n'
            'KeyPairGenerator g = KeyPairGenerator.getInstance("RSA");\ng.initialize(1024);\n'
            'Cipher.getInstance("DESede/CBC/PKCS5Padding"); // Cipher.getInstance("RC4")\n'),
            {(2, "AES-GCM", None), (3, "RSA", None), (4, "RSA", "1024"), (6, "3DES", None)},
        ),
        (
            "a.c",
            ("// EVP_md5()\nEVP_DigestInit(c, EVP_sha1());\nEVP_CipherInit(c, EVP_aes_256_gcm());\n"
            "RSA_generate_key_ex(r, 2048, e, 0);\nMD5_Init(&m);\nDES_ecb_encrypt(a, b, c, 1);\n"),
            {(2, "SHA-1", None), (3, "AES-256-GCM", None), (4, "RSA", "2048"), (5, "MD5", None),
             (6, "DES", None)},
        ),
        (
            "a.go",
            "h := md5.New()\nk, _ := rsa.GenerateKey(rand.Reader, 3072)\nmlkem.GenerateKey768()\n",
            {(1, "MD5", None), (2, "RSA", "3072"), (3, "ML-KEM-768", None)},
        ),
        (
            "a.ts",
            "crypto.createHash('sha1');\ncreateCipheriv('aes-128-cbc', k);\n// createHash('md5')\n",
            {(1, "SHA-1", None), (2, "AES-128-CBC", None)},
        ),
        (
            "a.rs",
            "let h = Md5::new();\nlet c = Aes256Gcm::new(&k);\nlet k = MlKem768::generate();\n",
            {(1, "MD5", None), (2, "AES-256-GCM", None), (3, "ML-KEM-768", None)},
        ),
        (
            "a.cs",
            "var a = MD5.Create();\nvar r = RSA.Create(1024);\nnew DESCryptoServiceProvider();\n",
            {(1, "MD5", None), (2, "RSA", "1024"), (3, "DES", None)},
        ),
    ],
)  # fmt: skip
def test_uses_in_code_stand_at_their_lines(
    name: str, text: str, expected: set[tuple[int, str, str | None]]
) -> None:
    assert uses(text, name) == expected


def settings_of(text: str, name: str = "x.conf") -> set[tuple[str, str, str | None]]:
    """Kind, algorithm and parameter of each setting."""
    found = configuration_items(text.encode(), name)
    return {(one.kind, one.algorithm, one.parameter) for one in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ssl_protocols TLSv1 TLSv1.3;\n# ssl_protocols SSLv3;\n",
         {("protocol", "TLSv1.0", None), ("protocol", "TLSv1.3", None)}),
        ("ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:DES-CBC3-SHA:AES128-SHA:!RC4;\n",
         {("cipher-suite", "AES-256-GCM", None), ("cipher-suite", "3DES", None),
          ("cipher-suite", "AES-128-CBC", None)}),
        ("ssl_ecdh_curve X25519MLKEM768:prime256v1;\n",
         {("group", "X25519MLKEM768", None), ("group", "P-256", None)}),
        ("SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\n",
         {("protocol", "TLSv1.2", None), ("protocol", "TLSv1.3", None)}),
        ("ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets\n",
         {("protocol", "TLSv1.2", None), ("protocol", "TLSv1.3", None)}),
        ("smtpd_tls_mandatory_protocols = >=TLSv1.3\n", {("protocol", "TLSv1.3", None)}),
        ("smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1\n",
         {("protocol", "TLSv1.1", None), ("protocol", "TLSv1.2", None),
          ("protocol", "TLSv1.3", None)}),
        ("MinProtocol = TLSv1.3\ndefault_md = sha1\ndefault_bits = 1024\n",
         {("protocol", "TLSv1.3", None), ("algorithm", "SHA-1", None),
          ("algorithm", "RSA", "1024")}),
        (("KexAlgorithms mlkem768x25519-sha256,diffie-hellman-group14-sha1\n"
         "Ciphers 3des-cbc,aes128-ctr\nMACs hmac-md5\nHostKeyAlgorithms ssh-dss\n"),
         {("group", "X25519MLKEM768", None), ("group", "DH", "2048"), ("algorithm", "3DES", None),
          ("algorithm", "AES-128-CTR", None), ("algorithm", "HMAC-MD5", None),
          ("algorithm", "DSA", None)}),
        ("conn a\n  ike=aes256gcm16-sha384-modp1024!\n  esp=3des-md5\n",
         {("algorithm", "AES-256-GCM", None), ("algorithm", "HMAC-SHA-384", None),
          ("group", "DH", "1024"), ("algorithm", "3DES", None), ("algorithm", "HMAC-MD5", None)}),
        ("jdk.tls.disabledAlgorithms=SSLv3, \\\n  RC4\n",
         {("configuration", "jdk.tls.disabledAlgorithms", None)}),
        ("nothing = here\n", set()),
    ],
)  # fmt: skip
def test_settings_of_servers(text: str, expected: set[tuple[str, str, str | None]]) -> None:
    assert settings_of(text) == expected


def test_constants_show_in_binaries() -> None:
    # FIPS 197 figure 7 (first row), FIPS 180-4 4.2.2, RFC 8439 2.3.
    data = b"MZ" + b"\0" * 62 + bytes.fromhex("637c777bf26b6fc53001672bfed7ab76ca82c97d")
    data += struct.pack(">4I", 0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5)
    data += b"expand 32-byte k"
    found = {(one.algorithm, one.offset) for one in binary_items(data, "a.exe")}
    assert found == {("AES", 64), ("SHA-256", 84), ("ChaCha20", 100)}


def test_imported_symbols_of_an_elf() -> None:
    names = b"\0MD5_Init\0EVP_aes_256_gcm\0printf\0"
    symbols = b"\0" * 24
    for at in (1, 10, 26):
        symbols += struct.pack("<IBBHQQ", at, 0x12, 0, 0, 0, 0)
    body = b"\x7fELF\x02\x01\x01" + b"\0" * 57
    strings_at, symbols_at = len(body), len(body) + len(names)
    table = symbols_at + len(symbols)
    form = "<IIQQQQIIQQ"
    sections = struct.pack(form, *[0] * 10)
    sections += struct.pack(form, 0, 11, 0, 0, symbols_at, len(symbols), 2, 0, 8, 24)
    sections += struct.pack(form, 0, 3, 0, 0, strings_at, len(names), 0, 0, 1, 0)
    data = bytearray(body + names + symbols + sections)
    struct.pack_into("<Q", data, 0x28, table)
    struct.pack_into("<HH", data, 0x3A, 64, 3)
    assert elf_symbols(bytes(data)) == ["MD5_Init", "EVP_aes_256_gcm", "printf"]
    found = {one.algorithm for one in binary_items(bytes(data), "a")}
    assert found == {"MD5", "AES-256-GCM"}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.py", "a.java", "a.c", "a.cs", "a.rs"]))
def test_noise_in_sources_never_raises(noise: bytes, name: str) -> None:
    list(code_items(b'Cipher.getInstance("' + noise + b'")\nEVP_md5(' + noise, name))
    list(configuration_items(b"ssl_protocols " + noise + b";\nike=" + noise, "x"))
    list(binary_items(b"\x7fELF\x02\x01" + noise, "x"))


def items() -> list[object]:
    """An item of each shape."""
    return [
        make("certificate", "a.pem", "RSA", "2048", "sign", not_before=0, not_after=10**15,
             line=1, evidence=b"a", details={
                 "subject": "CN=a", "issuer": "CN=b", "signature_algorithm": "RSA",
                 "signature_hash": "SHA-256"}),
        make("private-key", "b.key", "ECDSA", "P-256", "sign", evidence=b"b"),
        make("public-key", "c.pub", "ML-DSA-65", None, "sign", evidence=b"c"),
        make("keystore", "d.p12", "PKCS#12", None, None, evidence=b"d"),
        make("protocol", "h:443", "TLSv1.3", None, "tls", evidence=b"e"),
        make("protocol", "h:22", "SSH-2.0", None, None, evidence=b"f"),
        make("protocol", "h:500", "IKEv2", None, None, evidence=b"o"),
        make("algorithm", "m.p7m", "RSA", "OAEP", "kem", evidence=b"p"),
        make("cipher-suite", "h:443", "AES-256-GCM", "TLSv1.3", "aead", evidence=b"g"),
        make("group", "h:443", "X25519MLKEM768", "TLSv1.3", "kem", evidence=b"h"),
        make("code-use", "a.py", "MD5", None, "hash", line=3, evidence=b"i"),
        make("code-use", "b", "RC4", None, "cipher", offset=64, evidence=b"j"),
        make("configuration", "j", "jdk.tls.disabledAlgorithms", None, None, evidence=b"k"),
        malformed("x.pem", "it is cut off", "PEM"),
    ]  # fmt: skip


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_our_cbom_is_valid_by_the_schema(version: str) -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema").SchemaVersion
    document = cbom(items(), version=version)
    checker = validation.JsonStrictValidator(schema[f"V{version.replace('.', '_')}"])
    assert checker.validate_str(json.dumps(document)) is None
    crypto = [one["cryptoProperties"] for one in document["components"]]
    signed = next(one for one in crypto if one["assetType"] == "certificate")
    references = {one["bom-ref"] for one in document["components"]}
    assert signed["certificateProperties"]["signatureAlgorithmRef"] in references
    assert document["properties"] == [{"name": "kaname:malformed", "value": "x.pem: it is cut off"}]


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the shared data are not here")
def test_examples_go_round_without_loss(tmp_path: Path) -> None:
    for path in EXAMPLES.glob("*.json"):
        dump_cbom(load_cbom(path), tmp_path / path.name)
        assert json.loads((tmp_path / path.name).read_bytes()) == json.loads(path.read_bytes())
        same = compare(load_cbom(path), load_cbom(tmp_path / path.name))
        assert same == {"added": [], "removed": [], "changed": []}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside,
                                                                  max_size=3),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=8), _JSON, max_size=4), st.lists(_JSON, max_size=3))
def test_no_field_of_a_cbom_is_lost(fields: dict[str, object], components: list[object]) -> None:
    document = {**fields, "bomFormat": "CycloneDX", "components": components, "x": "\ud800"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_text(json.dumps(document), "utf-8")
        dump_cbom(load_cbom(path), path)
        assert json.loads(path.read_bytes()) == json.loads(json.dumps(document))


def test_two_cboms_differ_by_what_came_and_went() -> None:
    all_items = items()
    found = compare(cbom(all_items[1:5]), cbom(all_items[2:6]))
    assert [one["places"] for one in found["added"]] == [["h:22"]]
    assert ["b.key"] in [one["places"] for one in found["removed"]]


@pytest.mark.parametrize("evidence", [3, {"occurrences": 3}, {"occurrences": [{"location": 3}, 4]}])
def test_odd_evidence_of_other_tools_is_compared(evidence: object) -> None:
    one = {"type": "cryptographic-asset", "name": "a", "evidence": evidence}
    found = compare({"components": []}, {"components": [one]})
    assert [entry["name"] for entry in found["added"]] == ["a"]


def test_what_is_no_cbom_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for text in ("", "{}", "[]", '{"bomFormat": "CycloneDX", "components": 3}', "[" * 100_000):
        path.write_text(text)
        with pytest.raises(InputError):
            load_cbom(path)


def test_the_command_takes_stock_and_compares(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("import hashlib\nhashlib.md5()\n")
    run = CliRunner().invoke
    out = tmp_path / "a.cbom.json"
    one = run(inventory, [str(tmp_path / "code"), "--cbom", str(out), "--json"])
    assert one.exit_code == 0, one.output
    assert json.loads(one.stdout)["counts"] == {"code-use": 1}
    (tmp_path / "code" / "b.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB")
    (tmp_path / "code" / "c.go").write_text("sha1.New()")
    two = run(
        inventory, [str(tmp_path / "code"), "--diff", str(out), "--json"], standalone_mode=False
    )
    assert two.return_value == 3
    added = json.loads(two.stdout)["difference"]["added"]
    assert [entry["name"] for entry in added] == ["SHA-1"]
