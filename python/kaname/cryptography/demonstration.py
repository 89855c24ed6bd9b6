"""Material of a small shop for the demonstration: certificates, configurations, code.

Everything is made on the spot: keys are drawn, certificates signed and the keys forgotten, so
that nothing secret lies anywhere. Two inventories are taken of it as of any other folder, one
as the shop was a month ago and one as it is: since then somebody turned old TLS on for an old
client and lost the post-quantum group on the way.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
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


def write(folder: Path, *, now: int) -> list[Path]:
    """Two CBOMs in ``folder``, a month before ``now`` (microseconds) and then.

    The material itself is not kept.
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
    return written


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
