"""X.509 certificates to items: 100,000 of them in seconds, what pyca refuses by hand.

Only what a verdict needs is read (key, signature, dates, names); no chain is built and
no trust is judged. Equal certificates are told once, with their other places.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509

from kaname.cryptography.inventory import der
from kaname.cryptography.inventory.item import Item, classical_strength, make, malformed
from kaname.cryptography.inventory.oids import KEY_OIDS, SIGNATURES, signature
from kaname.cryptography.inventory.public_keys import name_key, name_spki

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["certificate_item"]

_CA: Final = re.compile(rb"\x06\x03\x55\x1d\x13(?:\x01\x01.)?\x04.\x30.\x01\x01\xff", re.DOTALL)
_YEAR_2036: Final = 2_082_758_400_000_000  # 2036-01-01 UTC, microseconds
_WEAK: Final = frozenset({"MD2", "MD4", "MD5", "SHA-1"})
_ENOUGH: Final = 112
_ISSUERS: Final[dict[bytes, str]] = {}  # few authorities issue most certificates
_LABELS: Final = {
    b"\x03": "CN", b"\x06": "C", b"\x07": "L", b"\x08": "ST", b"\x0a": "O", b"\x0b": "OU",
}  # fmt: skip
_ATTRIBUTE: Final = re.compile(
    rb"\x31[\x00-\x7f]\x30[\x00-\x7f]\x06\x03\x55\x04(.)[\x0c\x13]([\x01-\x7f])"
    rb"([A-Za-z0-9*._:/()'@&-](?:[A-Za-z0-9*._:/()'@& -]*[A-Za-z0-9*._:/()'@&-])?)"
    rb"(?=\x31|\Z)",
    re.DOTALL,
)
_ISSUERS_KEPT: Final = 10_000


@lru_cache(65_536)
def _seconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


@lru_cache(16_384)
def _signed_with(oid: str) -> dict[str, Any]:
    algorithm, hashed = signature(oid)
    return {"signature_algorithm": algorithm, "signature_hash": hashed, "signature_oid": oid}


def certificate_item(
    data: bytes,
    location: str,
    *,
    now: int,
    offset: int | None = None,
    line: int | None = None,
) -> Item:
    """The item of the DER certificate ``data``; of kind malformed when it is none.

    ``now`` (microseconds since 1970) decides expired and not yet valid.
    """
    try:
        found = x509.load_der_x509_certificate(data)
        key_oid = found.public_key_algorithm_oid.dotted_string
        algorithm, parameter = _key(found, data, key_oid)
        before, after = _seconds(found.not_valid_before_utc), _seconds(found.not_valid_after_utc)
        details = _details(found, data)
    except (ValueError, TypeError, OverflowError, IndexError, x509.InvalidVersion) as error:
        return malformed(location, str(error), "X.509", offset=offset, line=line, evidence=data)
    details["key_oid"] = key_oid
    notes = _notes(algorithm, parameter, details, key_oid)
    if after < now:
        notes.append("expired")
    if before > now:
        notes.append("not-yet-valid")
    if after >= _YEAR_2036:
        notes.append("outlives-2035")
    details["notes"] = notes
    return make(
        "certificate", location, algorithm, parameter, _use(algorithm), offset=offset, line=line,
        not_before=before, not_after=after, details=details,
        evidence=hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


def _use(algorithm: str) -> Any:
    if algorithm.startswith("ML-KEM"):
        return "kem"
    return "key-agreement" if algorithm in {"X25519", "X448", "DH"} else "sign"


def _key(found: x509.Certificate, data: bytes, oid: str) -> tuple[str, str | None]:
    try:
        algorithm, parameter = name_key(found.public_key())
    except Exception:  # noqa: BLE001  # unknown key, odd size: pyca has many errors for it
        return _key_by_hand(data, oid)
    return ("RSA-PSS" if KEY_OIDS.get(oid) == "RSA-PSS" else algorithm), parameter


def _key_by_hand(data: bytes, oid: str) -> tuple[str, str | None]:
    """The key out of the DER itself: the seventh field of the certificate's body (RFC 5280)."""
    body = der.children(data, der.children(data, der.element(data, 0, len(data)))[0])
    fields = body[1:] if body[0].tag == 0xA0 else body  # [0] version
    key = fields[5]
    start = fields[4].end
    try:
        return name_spki(data[start : key.end])
    except (der.DerError, ValueError, IndexError):
        return KEY_OIDS.get(oid, oid), None


def _after(data: bytes, at: int) -> int:
    """Where the DER element at ``at`` ends; the certificate is known to be well formed."""
    length = data[at + 1]
    if length < 0x80:
        return at + 2 + length
    octets = length & 0x7F
    return at + 2 + octets + int.from_bytes(data[at + 2 : at + 2 + octets], "big")


def _inside(data: bytes, at: int) -> int:
    """Where the content of the DER element at ``at`` begins."""
    length = data[at + 1]
    return at + 2 if length < 0x80 else at + 2 + (length & 0x7F)


def _names(data: bytes) -> tuple[bytes, bytes]:
    """Issuer and subject as they stand in the certificate (RFC 5280, 4.1): to compare fast."""
    at = _inside(data, _inside(data, 0))
    if data[at] == 0xA0:  # [0] version
        at = _after(data, at)
    issuer = _after(data, _after(data, at))
    validity = _after(data, issuer)
    subject = _after(data, validity)
    return data[issuer:validity], data[subject : _after(data, subject)]


def _plain_name(raw: bytes) -> str | None:
    """RFC 4514's text of a name of the commonest shape; None where pyca must say it.

    The shape: one plain ASCII string of less than 128 bytes for each attribute of X.520.
    """
    at, parts = _inside(raw, 0), []
    while at < len(raw):
        found = _ATTRIBUTE.match(raw, at)
        if found is None:
            return None
        label = _LABELS.get(found.group(1))
        if label is None or len(found.group(3)) != found.group(2)[0]:
            return None
        parts.append(f"{label}={found.group(3).decode('ascii')}")
        at = found.end()
    return ",".join(reversed(parts))


def _details(found: x509.Certificate, data: bytes) -> dict[str, Any]:
    issuer, subject = _names(data)
    same = subject == issuer
    issued = _ISSUERS.get(issuer)
    if issued is None:
        if len(_ISSUERS) >= _ISSUERS_KEPT:
            _ISSUERS.clear()
        issued = _ISSUERS[issuer] = found.issuer.rfc4514_string()
    details: dict[str, Any] = {
        "subject": issued if same else _plain_name(subject) or found.subject.rfc4514_string(),
        "issuer": issued,
        "serial": f"{found.serial_number:x}",
        "self_signed": same,
        "ca": _CA.search(data) is not None,
    }
    oid = found.signature_algorithm_oid.dotted_string
    details.update(_signed_with(oid))
    if details["signature_algorithm"] == "RSA-PSS":
        hashed = found.signature_hash_algorithm
        details["signature_hash"] = _hash_name(hashed.name) if hashed is not None else None
    return details


def _hash_name(name: str) -> str:
    from kaname.cryptography.inventory.strength import canonical

    return canonical(name)


def _notes(
    algorithm: str, parameter: str | None, details: dict[str, Any], key_oid: str
) -> list[str]:
    notes = []
    strength = classical_strength(algorithm, parameter)
    if strength is not None and strength < _ENOUGH:
        notes.append("below-112")
    if details["signature_hash"] in _WEAK:
        notes.append("weak-signature-hash")
    if key_oid not in KEY_OIDS or details["signature_oid"] not in SIGNATURES:
        notes.append("unknown-oid")
    return notes
