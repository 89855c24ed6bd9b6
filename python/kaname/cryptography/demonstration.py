"""Material of a small shop for the demonstration: certificates, configurations, code.

Everything is made on the spot: keys are drawn, certificates signed and the keys forgotten, so
that nothing secret lies anywhere. Two inventories are taken of it as of any other folder, one
as the shop was a month ago and one as it is: since then somebody turned old TLS on for an old
client and lost the post-quantum group on the way. A simulated sensor saw a day of handshakes
with the shop's servers, which name the same certificates.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.cryptography.inventory.cbom import cbom, dump_cbom
from kaname.cryptography.inventory.files import files_items

if TYPE_CHECKING:
    from kaname.cryptography.inventory.item import Item

__all__ = ["NAME", "write"]

NAME = "shop.example"
_MONTH = dt.timedelta(days=30)
_GOOD = "ssl_protocols TLSv1.2 TLSv1.3;\nssl_ecdh_curve X25519MLKEM768:X25519:prime256v1;\n"
_OLD = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;\nssl_ecdh_curve X25519:prime256v1;\n"
_SUITES = "ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384{more};\n"
_SSHD = """Port 22
KexAlgorithms {kex}curve25519-sha256,diffie-hellman-group14-sha1
Ciphers aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,3des-cbc
MACs hmac-sha2-256,hmac-md5
"""
_LOGIN = '''"""Who may enter the shop."""

import hashlib


def digest(password: str) -> str:
    return hashlib.md5(password.encode()).hexdigest()
'''
_PAYMENT = """import javax.crypto.Cipher;

class Payment {
    Cipher card() throws Exception {
        return Cipher.getInstance("DESede/CBC/PKCS5Padding");
    }

    Cipher receipt() throws Exception {
        return Cipher.getInstance("AES/GCM/NoPadding");
    }
}
"""


# Which certificate a server shows, its address, and what is agreed on with it, how often.
_SERVERS = (
    ("web/shop.pem", "192.0.2.80", NAME,
     (("TLSv13", "TLS_AES_128_GCM_SHA256", 240),
      ("TLSv12", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 55))),
    ("web/old-api.pem", "192.0.2.81", f"api.{NAME}",
     (("TLSv12", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 30),
      ("TLSv10", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 12))),
)  # fmt: skip


def write(folder: Path, *, now: int, seed: int) -> list[Path]:
    """Two CBOMs in ``folder``, a month before ``now`` (microseconds) and then, and a log.

    The log is Zeek's ``ssl.log`` of the day before. The material itself is not kept.
    """
    moment = dt.datetime.fromtimestamp(now // 1_000_000, dt.UTC)
    folder.mkdir(parents=True, exist_ok=True)
    certificates = _certificates(moment)
    written = []
    for taken, later in ((moment - _MONTH, False), (moment, True)):
        items = _inventory(_material(certificates, later=later))
        path = folder / f"{NAME}-{taken:%Y-%m-%d}.cdx.json"
        dump_cbom(cbom(items, now=taken, subject=NAME), path)
        written.append(path)
    log = folder / "ssl.log"
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(days=1)
    log.write_text("".join(_handshakes(certificates, day, seed)))
    return [*written, log]


def _handshakes(certificates: Mapping[str, bytes], day: dt.datetime, seed: int) -> Iterator[str]:
    """Lines of Zeek's log of TLS as JSON, in order of time."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    chance = random.Random(seed)  # noqa: S311 - a simulation
    rows: list[dict[str, Any]] = []
    for name, address, server, agreed in _SERVERS:
        found = x509.load_pem_x509_certificate(certificates[name])
        shown = hashlib.sha256(found.public_bytes(serialization.Encoding.DER)).hexdigest()
        rows += [
            {
                "ts": round(day.timestamp() + chance.uniform(0, 86_399), 6),
                "id.orig_h": f"198.51.100.{chance.randint(1, 254)}",
                "id.orig_p": chance.randint(32_768, 60_999), "id.resp_h": address,
                "id.resp_p": 443, "version": version, "cipher": suite, "server_name": server,
                "established": True, "cert_chain_fps": [shown],
            }
            for version, suite, count in agreed
            for _ in range(count)
        ]  # fmt: skip
    rows.sort(key=lambda row: row["ts"])
    for number, row in enumerate(rows):
        yield json.dumps({"_path": "ssl", "uid": f"C{number:05}", **row}) + "\n"


def _inventory(material: Mapping[str, bytes]) -> list[Item]:
    """What is in the files of ``material``, at their names."""
    import msgspec

    with tempfile.TemporaryDirectory(prefix="kaname-shop-") as name:
        root = Path(name)
        for place, data in material.items():
            path = root / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        found = list(files_items([root]))
        above = f"{root}/"
        return [
            msgspec.structs.replace(one, location=one.location.removeprefix(above)) for one in found
        ]


def _material(certificates: Mapping[str, bytes], *, later: bool) -> dict[str, bytes]:
    suites = _SUITES.format(more=":DES-CBC3-SHA" if later else "")
    kex = "" if later else "mlkem768x25519-sha256,"
    texts = {
        "web/nginx.conf": (_OLD if later else _GOOD) + suites,
        "gateway/sshd_config": _SSHD.format(kex=kex),
        "src/login.py": _LOGIN,
        "src/Payment.java": _PAYMENT,
    }
    found = {name: text.encode() for name, text in texts.items()} | dict(certificates)
    if not later:
        found.pop("ca/partner.pem")  # came this month
    return found


def _certificates(now: dt.datetime) -> dict[str, bytes]:
    """Certificates of a small authority: good, old, long-lived, expired and post-quantum."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

    def years(number: float) -> dt.timedelta:
        return dt.timedelta(days=365 * number)

    root = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what the demonstration finds
    p256 = ec.generate_private_key(ec.SECP256R1())
    made = (
        ("ca/root.pem", root, years(-3), years(12)),
        ("web/shop.pem", p256, years(-0.2), years(0.8)),
        ("web/old-api.pem", rsa.generate_private_key(65537, 2048), years(-2), years(1)),
        ("mail/mail.pem", ed25519.Ed25519PrivateKey.generate(), years(-1.1), years(-0.02)),
        ("vpn/gateway.pem", rsa.generate_private_key(65537, 2048), years(-0.9), years(0.05)),
        ("ca/partner.pem", weak, years(-5), years(5)),
        ("lab/signer.pem", mldsa.MLDSA65PrivateKey.generate(), years(-0.1), years(2)),
    )
    return {
        name: _certificate(name, key, root, (now + start, now + end))
        for name, key, start, end in made
    }


def _certificate(name: str, key: Any, root: Any, valid: tuple[dt.datetime, dt.datetime]) -> bytes:
    """A certificate for ``key`` as PEM; the root signs itself, others are signed by it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    own = key is root
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{Path(name).stem}.{NAME}")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"root.{NAME}")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(issuer if own else called)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
    )
    signed = builder.sign(root, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)
