"""X.509 certificates to items: 100,000 of them in seconds, what pyca refuses by hand.

Only what a verdict needs is read (key, signature, dates, names); no chain is built and
no trust is judged. Equal certificates are told once, with their other places.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from typing import Any, Final, NamedTuple

from cryptography import x509

from kaname.cryptography.inventory import der
from kaname.cryptography.inventory.item import Item, classical_strength, make, malformed
from kaname.cryptography.inventory.oids import KEY_OIDS, SIGNATURES, signature
from kaname.cryptography.inventory.public_keys import name_key, name_spki

__all__ = ["certificate_item"]

# What pyca warns of in odd certificates is for their makers; the item says what it is.
warnings.filterwarnings("ignore", module=r"kaname\.cryptography\.inventory")

_CA: Final = re.compile(rb"\x06\x03\x55\x1d\x13(?:\x01\x01.)?\x04.\x30.\x01\x01\xff", re.DOTALL)
_YEAR_2036: Final = 2_082_758_400_000_000  # 2036-01-01 UTC, microseconds
_WEAK: Final = frozenset({"MD2", "MD4", "MD5", "SHA-1"})
_ENOUGH: Final = 112
_KEPT: Final = 10_000
_ISSUERS: Final[dict[bytes, str]] = {}  # few authorities issue most certificates
_SIGNED: Final[dict[bytes, dict[str, Any]]] = {}
_VALIDITIES: Final[dict[bytes, tuple[int, int]]] = {}
_KINDS: Final[dict[bytes, _Kind]] = {}
_LABELS: Final = {
    b"\x03": "CN", b"\x06": "C", b"\x07": "L", b"\x08": "ST", b"\x0a": "O", b"\x0b": "OU",
}  # fmt: skip
_ATTRIBUTE: Final = re.compile(
    rb"\x31[\x00-\x7f]\x30[\x00-\x7f]\x06\x03\x55\x04(.)[\x0c\x13]([\x01-\x7f])"
    rb"([A-Za-z0-9*._:/()'@&-](?:[A-Za-z0-9*._:/()'@& -]*[A-Za-z0-9*._:/()'@&-])?)"
    rb"(?=\x31|\Z)",
    re.DOTALL,
)


class _Fields(NamedTuple):
    """The fields of a certificate's body as they stand in it (RFC 5280, 4.1): to look up fast."""

    serial: bytes
    signature: bytes
    issuer: bytes
    validity: bytes
    subject: bytes
    key: bytes


class _Kind(NamedTuple):
    """What a key's AlgorithmIdentifier says; ``parameter`` None where the key itself says it."""

    oid: str
    algorithm: str
    parameter: str | None
    plain: bool


def _fields(data: bytes) -> _Fields:
    """The fields of a certificate that is known to be well formed."""
    at = _inside(data, _inside(data, 0))
    if data[at] == 0xA0:  # [0] version
        at = _after(data, at)
    serial = _after(data, at)
    signature = _after(data, serial)
    issuer = _after(data, signature)
    validity = _after(data, issuer)
    subject = _after(data, validity)
    key = _after(data, subject)
    return _Fields(
        data[at:serial], data[serial:signature], data[signature:issuer], data[issuer:validity],
        data[validity:subject], data[subject:key],
    )  # fmt: skip


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
        fields = _fields(data)
        kind, algorithm, parameter = _key(found, fields.key)
        before, after = _dates(found, fields.validity)
        details = _details(found, data, fields)
    except (ValueError, TypeError, OverflowError, IndexError, x509.InvalidVersion) as error:
        return malformed(location, str(error), "X.509", offset=offset, line=line, evidence=data)
    details["key_oid"] = kind.oid
    notes = _notes(algorithm, parameter, details, kind.oid)
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


def _remember(kept: dict[Any, Any], key: bytes, value: Any) -> Any:
    """Keep ``value`` in a cache of bounded size; few values serve most certificates."""
    if len(kept) >= _KEPT:
        kept.clear()
    kept[key] = value
    return value


def _dates(found: x509.Certificate, validity: bytes) -> tuple[int, int]:
    known = _VALIDITIES.get(validity)
    if known is None:
        before, after = found.not_valid_before_utc, found.not_valid_after_utc
        said = (int(before.timestamp()) * 1_000_000, int(after.timestamp()) * 1_000_000)
        known = _remember(_VALIDITIES, validity, said)
    return known


def _key(found: x509.Certificate, key: bytes) -> tuple[_Kind, str, str | None]:
    """What the key is, and its parameter: RSA's modulus is measured where it stands."""
    inner = _inside(key, 0)
    bits = _after(key, inner)
    kind = _KINDS.get(key[inner:bits]) or _remember(_KINDS, key[inner:bits], _kind(found, key))
    if not kind.plain:
        return kind, kind.algorithm, kind.parameter
    return kind, kind.algorithm, _modulus(key, bits)


def _modulus(key: bytes, bits: int) -> str | None:
    """The bits of RSA's modulus in the BIT STRING at ``bits``; None where none stands there."""
    try:
        start = _inside(key, bits) + 1  # behind the count of unused bits
        at = _inside(key, start)
        content = key[_inside(key, at) : _after(key, at)]
        number = key[start] == 0x30 and key[at] == 0x02
    except IndexError:
        return None
    return str(int.from_bytes(content, "big").bit_length()) if number else None


def _kind(found: x509.Certificate, key: bytes) -> _Kind:
    oid = found.public_key_algorithm_oid.dotted_string
    algorithm, parameter = _named(found, key, oid)
    rsa = algorithm in {"RSA", "RSA-PSS"}
    return _Kind(oid, algorithm, None if rsa else parameter, plain=rsa)


def _named(found: x509.Certificate, key: bytes, oid: str) -> tuple[str, str | None]:
    try:
        algorithm, parameter = name_key(found.public_key())
    except Exception:  # noqa: BLE001  # unknown key, odd size: pyca has many errors for it
        try:
            return name_spki(key)
        except (der.DerError, ValueError, IndexError):
            return KEY_OIDS.get(oid, oid), None
    return ("RSA-PSS" if KEY_OIDS.get(oid) == "RSA-PSS" else algorithm), parameter


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


def _details(found: x509.Certificate, data: bytes, fields: _Fields) -> dict[str, Any]:
    issuer, subject = fields.issuer, fields.subject
    same = subject == issuer
    issued = _ISSUERS.get(issuer) or _remember(_ISSUERS, issuer, found.issuer.rfc4514_string())
    signed = _SIGNED.get(fields.signature)
    if signed is None:
        signed = _remember(_SIGNED, fields.signature, _signed_with(found))
    serial = int.from_bytes(fields.serial[_inside(fields.serial, 0) :], "big", signed=True)
    return {
        "subject": issued if same else _plain_name(subject) or found.subject.rfc4514_string(),
        "issuer": issued,
        "serial": f"{serial:x}",
        "self_signed": same,
        "ca": _CA.search(data) is not None,
        **signed,
    }


def _signed_with(found: x509.Certificate) -> dict[str, Any]:
    oid = found.signature_algorithm_oid.dotted_string
    algorithm, hashed = signature(oid)
    if algorithm == "RSA-PSS":
        named = found.signature_hash_algorithm
        hashed = hashed if named is None else _hash_name(named.name)
    return {"signature_algorithm": algorithm, "signature_hash": hashed, "signature_oid": oid}


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
