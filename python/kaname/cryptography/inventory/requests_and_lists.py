"""Certificate requests (PKCS#10, RFC 2986) and revocation lists (RFC 5280, 5) to items."""

from __future__ import annotations

from cryptography import x509

from kaname.cryptography.inventory.der import children, element
from kaname.cryptography.inventory.item import Item, make, malformed
from kaname.cryptography.inventory.oids import signature
from kaname.cryptography.inventory.private_keys import key_use
from kaname.cryptography.inventory.public_keys import name_key, name_spki

__all__ = ["request_item", "revocation_item", "shape_of"]

_SEQUENCE, _INTEGER, _TIMES = 0x30, 0x02, (0x17, 0x18)


def request_item(der: bytes, location: str, line: int | None = None) -> Item:
    """The key that a certificate request asks to have certified."""
    try:
        request = x509.load_der_x509_csr(der)
        signed = signature(request.signature_algorithm_oid.dotted_string)
        subject = request.subject.rfc4514_string()
        algorithm, parameter = _key(request, der)
    except Exception as error:  # noqa: BLE001  # pyca has many errors for damage
        return malformed(location, f"PKCS#10: {error}", "PKCS#10", line=line, evidence=der)
    details = {
        "form": "PKCS#10", "subject": subject, "signature_algorithm": signed.algorithm,
        "signature_hash": signed.hash,
    }  # fmt: skip
    return make("public-key", location, algorithm, parameter, key_use(algorithm), line=line,
                details=details, evidence=der)  # fmt: skip


def _key(request: x509.CertificateSigningRequest, der: bytes) -> tuple[str, str | None]:
    try:
        return name_key(request.public_key())
    except Exception:  # noqa: BLE001  # unknown key, odd size: pyca has many errors for it
        body = children(der, children(der, element(der, 0, len(der)))[0])
        return name_spki(der[body[1].end : body[2].end])


def revocation_item(der: bytes, location: str, line: int | None = None) -> Item:
    """The signature of a revocation list, and when its next is due."""
    try:
        crl = x509.load_der_x509_crl(der)
        signed = signature(crl.signature_algorithm_oid.dotted_string)
        following = crl.next_update_utc
        details = {
            "form": "CRL", "issuer": crl.issuer.rfc4514_string(),
            "signature_algorithm": signed.algorithm, "signature_hash": signed.hash,
        }  # fmt: skip
    except Exception as error:  # noqa: BLE001  # pyca has many errors for damage
        return malformed(location, f"X509 CRL: {error}", "CRL", line=line, evidence=der)
    until = None if following is None else int(following.timestamp()) * 1_000_000
    return make("algorithm", location, signed.algorithm, None, "sign", line=line,
                not_after=until, details=details, evidence=der)  # fmt: skip


def shape_of(der: bytes) -> str:
    """What signed thing ``der`` is by its body's first fields.

    "certificate", "request" or "revocations"; DerError when it is no DER.
    """
    body = children(der, children(der, element(der, 0, len(der)))[0])
    tags = [one.tag for one in body[:6]]
    if tags[:3] == [_INTEGER, _SEQUENCE, _SEQUENCE] and tags[3:4] in ([], [0xA0]):
        return "request"
    rest = tags[1:] if tags[:1] == [_INTEGER] else tags
    if rest[:2] == [_SEQUENCE, _SEQUENCE] and rest[2:3] and rest[2] in _TIMES:
        return "revocations"
    return "certificate"
