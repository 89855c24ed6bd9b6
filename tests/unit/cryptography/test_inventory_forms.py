"""Forms beyond PEM and DER: BER, CMS, DNSSEC, small text keys, archives, container images.

``forms.json`` holds what OpenSSL, keytool and ssh-keygen made; the rest are vectors of RFCs
and archives that Python's standard library writes.
"""

from __future__ import annotations

import base64
import bz2
import contextlib
import gzip
import hashlib
import io
import json
import lzma
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.inventory.archives import ArchiveLimits, Opening, archive_items
from kaname.cryptography.inventory.ber import definite
from kaname.cryptography.inventory.contents import bytes_items
from kaname.cryptography.inventory.der import DerError
from kaname.cryptography.inventory.files import Limits, files_items
from kaname.cryptography.inventory.item import Item
from kaname.cryptography.inventory.tar import TarError, tar_members

NOW = 1_800_000_000_000_000
MADE = json.loads(Path(__file__).with_name("forms.json").read_bytes())
CERTIFICATE = base64.b64decode(MADE["c.pem"])
CODE = b"import hashlib\nhashlib.md5()\n"


def made(name: str) -> bytes:
    """The bytes of a file in forms.json."""
    return base64.b64decode(MADE[name])


def read(data: bytes, name: str = "x") -> list[Item]:
    """The items of a file's bytes."""
    return list(bytes_items(data, name, now=NOW, passwords=["changeit"]))


def told(items: list[Item]) -> set[tuple[str, str, str | None]]:
    """Kind, algorithm and parameter of each."""
    return {(one.kind, one.algorithm, one.parameter) for one in items}


# --- BER and CMS --------------------------------------------------------------------------


def test_a_certificate_in_ber_is_that_of_the_pem() -> None:
    # X.690, 8.1.3.6: the sender chose indefinite lengths (openssl cms -sign -stream).
    data = made("ber.p7m")
    assert data[:2] == b"\x30\x80"
    found = read(data, "mail.p7m")
    (certificate,) = [one for one in found if one.kind == "certificate"]
    (pem,) = read(CERTIFICATE, "c.pem")
    assert certificate.evidence == pem.evidence
    assert ("algorithm", "ECDSA", None) in told(found)
    signed = next(one for one in found if one.kind == "algorithm")
    assert signed.details["signature_hash"] == "SHA-256"
    store = next(one for one in found if one.kind == "keystore")
    assert (store.details["entries"], store.details["encoding"]) == (1, "BER")


def test_strings_in_pieces_are_put_together() -> None:
    # X.690, 8.7.3.2: an OCTET STRING in two segments, and an end-of-contents.
    assert definite(bytes.fromhex("24800401aa0402bbcc0000")) == bytes.fromhex("0403aabbcc")
    assert definite(bytes.fromhex("30800201050000")) == bytes.fromhex("3003020105")


def test_a_sealed_message_says_its_ciphers() -> None:
    found = told(read(made("env.p7m"), "x.p7m"))
    assert ("algorithm", "3DES", None) in found
    assert ("algorithm", "RSA", None) in found


@pytest.mark.parametrize("data", [b"\x30\x80" * 5000, b"\x30\x80" + b"\x02\x01\x05" * 300_000])
def test_deep_and_endless_ber_is_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        definite(data)


# --- stores -------------------------------------------------------------------------------


def test_what_follows_a_secret_key_in_jceks_is_found() -> None:
    found = read(made("a.jceks"), "a.jceks")
    certificates = [one for one in found if one.kind == "certificate"]
    assert len(certificates) == 2
    (pem,) = read(CERTIFICATE, "c.pem")
    assert pem.evidence in {one.evidence for one in certificates}
    sealed = next(one for one in found if one.kind == "opaque")
    assert "PBEWithMD5AndTripleDES" in sealed.details["reason"]


def test_every_key_of_a_store_of_java_is_told() -> None:
    found = read(made("multi.p12"), "multi.p12")
    keys = [one for one in found if one.kind == "private-key"]
    assert [(one.details["alias"], one.parameter) for one in keys] == [
        ("k1", "P-256"), ("k2", "P-256"), ("k3", "P-256"),
    ]  # fmt: skip
    assert len({one.id for one in found}) == len(found)
    assert [one.kind for one in found].count("certificate") == 3
    sealed = next(one for one in found if one.kind == "opaque")
    assert sealed.details["reason"] == "the secret key 's' is sealed"
    shut = list(bytes_items(made("multi.p12"), "multi.p12", now=NOW))
    assert [one.kind for one in shut] == ["opaque"]


def test_bks_by_its_layout() -> None:
    # BcKeyStoreSpi of Bouncy Castle: version, salt, iterations, entries, end, HMAC-SHA-1.
    (pem,) = read(CERTIFICATE, "c.pem")
    der = base64.b64decode("".join(CERTIFICATE.decode().splitlines()[1:-1]))
    entry = (
        b"\x01\0\x01a" + bytes(8) + bytes(4) + b"\0\x05X.509" + struct.pack(">I", len(der)) + der
    )
    sealed = b"\x04\0\x01k" + bytes(8) + bytes(4) + struct.pack(">I", 3) + b"abc"
    data = struct.pack(">II", 2, 20) + bytes(20) + struct.pack(">I", 1024)
    data += entry + sealed + b"\0" + bytes(20)
    found = read(data, "a.bks")
    assert [one.kind for one in found] == ["certificate", "opaque", "keystore"]
    assert found[0].evidence == pem.evidence
    assert read(data[:90], "a.bks")[0].kind == "malformed"


# --- SSH, and other small keys ------------------------------------------------------------


def test_an_ssh_certificate_says_who_signed_it_and_until_when() -> None:
    key, authority, signed = read(made("u-cert.pub"), "u-cert.pub")
    assert (key.algorithm, key.parameter) == ("Ed25519", "255")
    # ssh-keygen -V 20260101:20270101, in UTC
    assert (key.not_before, key.not_after) == (1_767_225_600_000_000, 1_798_761_600_000_000)
    assert (authority.algorithm, authority.parameter) == ("ECDSA", "P-256")
    assert signed.details["ssh"] == "ecdsa-sha2-nistp256"


def test_words_in_the_options_of_authorized_keys_are_no_keys() -> None:
    line = made("rfc4716.pub").splitlines()[2]
    data = b'command="x ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",no-pty ssh-ed25519 ' + line
    data += b"\n# ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBk\n"
    assert told(read(data, "authorized_keys")) == {("public-key", "Ed25519", "255")}


def test_the_exchange_form_of_rfc_4716() -> None:
    assert told(read(made("rfc4716.pub"))) == {("public-key", "Ed25519", "255")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the keys of wg(8)'s and age's manuals
        (("[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n[Peer]\n"
         "PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\n"),
         {("private-key", "X25519", "255"), ("public-key", "X25519", "255")}),
        ("# public key: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n",
         {("public-key", "X25519", "255")}),
        (("PuTTY-User-Key-File-2: ssh-ed25519\nEncryption: none\nComment: a\nPublic-Lines: 2\n"
         "AAAAC3NzaC1lZDI1NTE5AAAAIBkm2ETGC7ClUptDA8wrxJDPhvaFChYR1KTm\nN5rtIoF3\n"
         "Private-Lines: 1\nAAAA\n"), {("private-key", "Ed25519", "255")}),
        ("PuTTY-User-Key-File-2: ssh-ed25519\nEncryption: none\n", {("malformed", "PuTTY", None)}),
        ("PublicKey = short\n", set()),
    ],
)  # fmt: skip
def test_keys_in_small_texts(text: str, expected: set[tuple[str, str, str | None]]) -> None:
    assert told(read(text.encode(), "key.txt")) == expected


def test_pem_inside_base64_and_utf_16() -> None:
    secret = b"data:\n  tls.crt: " + base64.b64encode(CERTIFICATE) + b"\n"
    (one,) = read(secret, "secret.yaml")
    assert (one.kind, one.line) == ("certificate", 2)
    assert one.evidence == read(CERTIFICATE, "c.pem")[0].evidence
    assert told(read(CERTIFICATE.decode().encode("utf-16"), "c.txt")) == told([one])


# --- DNSSEC -------------------------------------------------------------------------------


ZONE = """\
$ORIGIN example.
; RFC 4034, 5.4 (RSA/SHA-1, 1024 bits) and its DS
dskey.example.com. 86400 IN DNSKEY 256 3 5 ( AQOeiiR0GOMYkDshWoSKz9Xz
      fwJr1AYtsmx3TGkJaNXVbfi/
      2pHm822aJ5iI9BMzNXxeYCmZ
      DRD99WYwYqUSdjMmmAphXdvx
      egXd/M5+X7OrzKBaMbCVdFLU
      Uh6DhweJBjEVv5f2wwjM9Xzc
      nOf+EPbtG9DMBmADjFDc2w/r
      ljwvFw==
      ) ;  key id = 60485
dskey.example.com. 86400 IN DS 60485 5 1 ( 2BB183AF5F22588179A53B0A
      98631FAD1A292118 )
; RFC 6605, 6.1 (P-256) and its DS
example.net. 3600 IN DNSKEY 257 3 13 (
      GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edb
      krSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA== )
example.net. 3600 IN DS 55648 13 2 (
      b4c8c1fe2e7477127b27115656ad6256f424625bf5c1
      e2770ce6d6e37df61d17 )
; RFC 8080, 6.1 (Ed25519)
example.com. 3600 IN DNSKEY 257 3 15 (
      l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4= )
text TXT "DS 1 2 3; DNSKEY 256 3 5 AAAA"
www IN A 192.0.2.1
broken IN DNSKEY 256 3 8 !!!
"""


def test_the_zone_of_the_rfcs() -> None:
    found = [one for one in read(ZONE.encode(), "example.zone") if one.kind != "malformed"]
    assert [(one.line, one.algorithm, one.parameter) for one in found] == [
        (3, "RSA", "1024"), (12, "SHA-1", None), (15, "ECDSA", "P-256"), (18, "SHA-256", None),
        (22, "Ed25519", "255"),
    ]  # fmt: skip
    assert found[0].details["signature_hash"] == "SHA-1"
    assert found[2].details["role"] == "KSK"
    (bad,) = [one for one in read(ZONE.encode(), "example.zone") if one.kind == "malformed"]
    assert bad.line == 26


def test_bind_says_its_keys_and_macs() -> None:
    text = (
        'key "k" {\n algorithm hmac-md5;\n secret "AAAA"; };\n'
        'dnssec-policy "p" { keys { ksk lifetime unlimited algorithm rsasha1 1024; }; };\n'
    )
    assert told(read(text.encode(), "named.conf")) == {
        ("algorithm", "HMAC-MD5", None), ("algorithm", "RSA", "1024"),
    }  # fmt: skip


# --- archives -----------------------------------------------------------------------------


def tar(entries: list[tuple[str, bytes | None]], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar by Python's tarfile; None makes a folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            if data is None:
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
                continue
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(entries: list[tuple[str, bytes]], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip by Python's zipfile."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def opened(data: bytes, name: str = "a", **limits: int) -> list[Item]:
    """The items of an archive."""
    opening = Opening(now=NOW, limits=ArchiveLimits(**limits))
    return list(archive_items(cast("BinaryIO", io.BytesIO(data)), name, opening))


LONG = "deep/" * 30 + "ナ" * 60 + ".py"


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize(
    "shut", [bytes, gzip.compress, bz2.compress, lzma.compress], ids=lambda f: f.__name__
)
def test_members_of_tars_are_read_whatever_wrote_them(form: int, shut: object) -> None:
    data = tar([("etc", None), ("etc/c.pem", CERTIFICATE), (LONG, CODE)], form)
    found = {one.location: one for one in opened(shut(data), "a")}  # type: ignore[operator]
    assert found["a!/etc/c.pem"].evidence == read(CERTIFICATE, "c.pem")[0].evidence
    assert found[f"a!/{LONG}"].algorithm == "MD5"
    assert len(found) == 2


def test_zips_in_zips_and_single_files(tmp_path: Path) -> None:
    jar = zipped([("META-INF/c.pem", CERTIFICATE), ("a.py", CODE)])
    (tmp_path / "app.war").write_bytes(zipped([("lib/a.jar", jar)]))
    (tmp_path / "b.py.gz").write_bytes(gzip.compress(CODE))
    found = [one.location.removeprefix(str(tmp_path)) for one in files_items([tmp_path])]
    assert found == ["/app.war!/lib/a.jar!/META-INF/c.pem", "/app.war!/lib/a.jar!/a.py",
                     "/b.py.gz!/b.py"]  # fmt: skip


def test_ar_with_long_names() -> None:
    def member(name: str, data: bytes) -> bytes:
        return (
            f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(data):<10}`\n".encode()
            + data
            + b"\n" * (len(data) % 2)
        )

    data = b"!<arch>\n" + member("//", b"averyveryverylongname.py/\n") + member("/0", CODE)
    assert [one.location for one in opened(data)] == ["a!/averyveryverylongname.py"]


def test_bombs_stop_at_the_limits() -> None:
    bomb = zipped([(f"{n}", bytes(1 << 20)) for n in range(40)])
    (one,) = opened(bomb, least_bytes=1 << 20, ratio=10)
    assert (one.kind, "unpacked" in one.details["reason"]) == ("opaque", True)
    nested = CERTIFICATE
    for _ in range(8):
        nested = zipped([("a.zip", nested)])
    assert "nested deeper" in opened(nested, depth=3)[0].details["reason"]
    assert (
        "longer" in opened(gzip.compress(bytes(1 << 24)), member_bytes=1 << 20)[0].details["reason"]
    )
    assert "members" in opened(tar([("a", b"")] * 20), members=10)[0].details["reason"]


def test_damage_inside_an_archive_is_told_and_the_rest_read() -> None:
    data = zipped([("a.py", CODE), ("b.py", CODE)], zipfile.ZIP_STORED)
    at = data.find(b"hashlib")
    found = opened(data[:at] + b"X" + data[at + 1 :])
    assert [(one.kind, one.location) for one in found] == [
        ("malformed", "a!/a.py"), ("code-use", "a!/b.py"),
    ]  # fmt: skip


def test_a_member_without_a_name_is_damage_not_a_crash() -> None:
    data = zipped([("a", CODE), ("b.py", CODE)])
    at = data.find(b"PK\x01\x02")
    nameless = data[: at + 28] + b"\0\0" + data[at + 30 :]  # the length of its name
    assert all(one.kind in {"malformed", "code-use"} for one in opened(nameless))


def test_a_tar_header_that_asks_for_too_much_is_refused() -> None:
    head = bytearray(tar([("a", b"")])[:512])
    head[156:157] = b"x"
    head[124:136] = b"77777777777\0"
    head[148:156] = b" " * 8
    head[148:156] = f"{sum(head):06o}\0 ".encode()
    with pytest.raises(TarError):
        list(tar_members(cast("BinaryIO", io.BytesIO(bytes(head) + bytes(1024)))))


# --- container images ---------------------------------------------------------------------


LOWER = tar([("etc", None), ("etc/a.pem", CERTIFICATE), ("etc/gone.py", CODE),
             ("opt/keys/k.py", CODE), ("srv/over.py", CODE)])  # fmt: skip
UPPER = tar([("etc", None), ("etc/.wh.gone.py", b""), ("opt/keys/.wh..wh..opq", b""),
             ("srv/over.py", CODE)])  # fmt: skip


def docker() -> bytes:
    """As `docker save` lays it out: the layers of manifest.json, not in their order."""
    manifest = json.dumps([{"Config": "c", "Layers": ["l1/layer.tar", "l2/layer.tar"]}]).encode()
    return tar([("l2/layer.tar", UPPER), ("manifest.json", manifest), ("l1/layer.tar", LOWER)])


def oci() -> bytes:
    """As the OCI image layout 1.1 says: blobs by their digests, layers compressed."""

    def blob(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()

    one, two = gzip.compress(LOWER), gzip.compress(UPPER)
    manifest = json.dumps(
        {"layers": [{"digest": f"sha256:{blob(x)}"} for x in (one, two)]}
    ).encode()
    index = json.dumps({"manifests": [{"digest": f"sha256:{blob(manifest)}"}]}).encode()
    blobs = [(f"blobs/sha256/{blob(data)}", data) for data in (two, one, manifest)]
    return tar([("oci-layout", b"{}"), ("index.json", index), *blobs])


@pytest.mark.parametrize(
    "image", [docker(), oci(), gzip.compress(oci())], ids=["docker", "oci", "gz"]
)
def test_layers_of_an_image_and_what_they_hide(image: bytes) -> None:
    found = {
        one.location: (one.details["layer"], one.details.get("hidden", False))
        for one in opened(image, "i")
    }
    assert found == {
        "i!layer1!/etc/a.pem": (1, False), "i!layer1!/etc/gone.py": (1, True),
        "i!layer1!/opt/keys/k.py": (1, True), "i!layer1!/srv/over.py": (1, True),
        "i!layer2!/srv/over.py": (2, False),
    }  # fmt: skip


def test_a_damaged_layer_does_not_end_the_image() -> None:
    image = docker().replace(LOWER[:600], b"\xff" * 600)
    found = opened(image, "i")
    assert any(one.kind == "malformed" for one in found)
    assert any(one.location == "i!layer2!/srv/over.py" for one in found)


# --- nothing raises -----------------------------------------------------------------------


SEEDS = {
    "a.p7m": made("ber.p7m"), "b.p7m": made("env.p7m"), "a.jceks": made("a.jceks"),
    "u-cert.pub": made("u-cert.pub"), "s.pub": made("rfc4716.pub"), "z.zone": ZONE.encode(),
    "a.tar": tar([("a.py", CODE), (LONG, CODE)]), "a.zip": zipped([("a.py", CODE)]),
    "a.tgz": gzip.compress(tar([("a.py", CODE)])), "d.tar": docker(), "o.tar": oci(),
    "w.conf": b"[Peer]\nPublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\n",
    "n.conf": b"ssl_protocols TLSv1;\nssl_ciphers A+B:!C@D:+E;\nike=aes-sha!;\nCiphers a,b\n",
}  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(SEEDS)), st.integers(0, 1 << 16), st.binary(max_size=16),
       st.integers(0, 2))  # fmt: skip
def test_damage_is_told_and_never_raises(name: str, at: int, noise: bytes, how: int) -> None:
    seed = SEEDS[name]
    at %= len(seed)
    data = (seed[:at] + noise + seed[at + len(noise) :], seed[:at], seed[:at] + noise + seed[at:])[
        how
    ]
    items = [*opened(data, name), *bytes_items(data, name, now=NOW)]
    assert len(items) < 1000
    assert all(one.id and one.kind for one in items)
    assert not [one for one in items if "the reader failed" in str(one.details.get("reason"))]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.p7m", "a.bks", "k.key", "a.zone", "x.conf"]))
def test_noise_is_nothing_or_malformed(noise: bytes, name: str) -> None:
    for head in (
        b"",
        b"\x30\x80",
        b"\0\0\0\2\0\0\0\x14",
        b"example. IN DNSKEY 256 3 8 ",
        b"PK\x03\x04",
    ):
        list(bytes_items(head + noise, name, now=NOW))
        opened(head + noise, name)
    with contextlib.suppress(DerError):
        definite(noise)


@pytest.mark.parametrize(
    "data",
    [b"\x7fELF\x02\x01" + b"\xff" * 100, b"\x7fELF\x01\x02" + b"\xff" * 100,
     b"Private-key-format: v1.3\nAlgorithm: 8 (a)\nModulus: \xc3\xa9AAAAAAAAAAA\n",
     b"MZ" + b"\xff" * 100, b"\xca\xfe\xba\xbe\0\0\0\x41\xff\xff" + b"\x01\0\0" * 65_535,
     b"---- BEGIN SSH2 PUBLIC KEY ----\n" * 20_000, b"-----BEGIN AAAA-----\n" * 20_000,
     b'a "' * 500 + b" ssh-rsa AAAAB3Nz" * 10_000, b"LS0tLS1CRUdJTi" * 40_000,
     b"conn tls ssl auth cipher Protocol\n" * 20_000, b"key hmac-md5; algorithm hmac-md5;" * 10_000,
     b"a. IN DNSKEY ( 1 2 3\n" + b"x y z\n" * 40_000, b'{"kty":' * 40_000,
     b"\xff\xfe" + b"s\0s\0l\0" * 40_000, b"jdk.tls.disabledAlgorithms=\\\n" * 20_000],
    ids=lambda data: str(data[:12]),
)  # fmt: skip
def test_huge_and_odd_files_are_read_to_their_end(data: bytes) -> None:
    # Each took minutes with a reader that counts lines from the front for every find.
    found = read(data, "x")
    assert not [one for one in found if "the reader failed" in str(one.details.get("reason"))]


def test_a_folder_ends_at_its_limits(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.py").write_bytes(CODE)
    found = list(files_items([tmp_path], limits=Limits(files=3)))
    assert [one.kind for one in found] == ["code-use"] * 3 + ["opaque"]


def test_class_files_name_what_they_ask_the_jca_for() -> None:
    # The constant pool by JVMS 4.4: texts, strings that refer to them, a long that takes two.
    texts = [b"java/security/MessageDigest", b"MD5", b"javax/crypto/Cipher",
             b"DESede/CBC/NoPadding", b"a note on RSA", b"AES"]  # fmt: skip
    pool = b"".join(b"\x01" + struct.pack(">H", len(one)) + one for one in texts)
    pool += b"\x05" + bytes(8) + b"".join(b"\x08" + struct.pack(">H", at) for at in (2, 4, 5))
    data = b"\xca\xfe\xba\xbe\0\0\0\x41" + struct.pack(">H", 1 + 6 + 2 + 3) + pool
    assert told(read(data, "A.class")) == {("code-use", "MD5", None), ("code-use", "3DES", None)}
    assert read(data[:60], "A.class")[0].kind == "malformed"
    jar = zipped([("A.class", data)])
    assert {one.location for one in opened(jar, "a.jar")} == {"a.jar!/A.class"}


def test_the_signature_of_a_windows_program() -> None:
    # PE/COFF: e_lfanew at 0x3C, the certificate table is the fifth data directory (PE32+).
    signed = made("ber.p7m")
    head = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(20) + b"\x0b\x02"
    directory = 64 + 24 + 112 + 32
    body = head + bytes(directory - len(head)) + struct.pack("<II", 512, 8 + len(signed))
    body += bytes(512 - len(body)) + struct.pack("<IHH", 8 + len(signed), 0x200, 2) + signed
    assert ("certificate", "ECDSA", "P-256") in told(read(body, "a.exe"))


def test_pem_in_strings_of_sources_and_json() -> None:
    (pem,) = read(CERTIFICATE, "c.pem")
    lines = CERTIFICATE.decode().splitlines()
    java = "String c = " + " +\n  ".join(f'"{line}\\n"' for line in lines) + ";\n"
    assert [one.evidence for one in read(java.encode(), "A.java")] == [pem.evidence]
    document = json.dumps({"cert": CERTIFICATE.decode()}).encode()
    assert [one.evidence for one in read(document, "account.json")] == [pem.evidence]
    example = b"// -----BEGIN CERTIFICATE-----\n// base64 here\n// -----END CERTIFICATE-----\n"
    assert read(example, "A.java") == []
    assert read(example, "a.txt")[0].kind == "malformed"
