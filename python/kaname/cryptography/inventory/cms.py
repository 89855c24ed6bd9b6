"""PKCS#7 and CMS (RFC 2315, 5652, 5083): certificates, who signed how, how it is sealed.

DER and BER with indefinite lengths; nothing is verified or decrypted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kaname.cryptography.inventory.ber import definite, is_indefinite
from kaname.cryptography.inventory.certificates import certificate_item
from kaname.cryptography.inventory.der import (
    DerError,
    Element,
    children,
    element,
    object_identifier,
)
from kaname.cryptography.inventory.item import Item, make, malformed, opaque
from kaname.cryptography.inventory.oids import HASH_OIDS, KEY_OIDS, SIGNATURES
from kaname.cryptography.inventory.private_keys import key_use
from kaname.cryptography.inventory.protection import identifiers, protection, protection_items

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_pkcs7", "pkcs7_items"]

_PKCS7: Final = bytes.fromhex("06092a864886f70d0107")
_SMIME: Final = bytes.fromhex("060b2a864886f70d010910")
_CONTENTS: Final = {
    "1.2.840.113549.1.7.1": "Data", "1.2.840.113549.1.7.2": "SignedData",
    "1.2.840.113549.1.7.3": "EnvelopedData", "1.2.840.113549.1.7.5": "DigestedData",
    "1.2.840.113549.1.7.6": "EncryptedData", "1.2.840.113549.1.9.16.1.2": "AuthenticatedData",
    "1.2.840.113549.1.9.16.1.23": "AuthEnvelopedData",
}  # fmt: skip
_WRAPS: Final = {
    "1.2.840.113549.1.1.1": ("RSA", None), "1.2.840.113549.1.1.7": ("RSA", "OAEP"),
    "1.2.840.113549.1.9.16.3.28": ("RSA", None),
}  # fmt: skip
_ECDH: Final = ("1.3.133.16.840.63.0.", "1.3.132.1.", "1.2.840.113549.1.9.16.3.19",
                "1.2.840.113549.1.9.16.3.20", "1.2.840.113549.1.9.16.3.21")  # fmt: skip
_SIGNERS: Final = 1000
_SEQUENCE, _SET, _OID, _CERTIFICATES = 0x30, 0x31, 0x06, 0xA0


def is_pkcs7(data: bytes) -> bool:
    """Whether ``data`` begins like a PKCS#7 or CMS ContentInfo, in DER or BER."""
    return data[:1] == b"\x30" and (_PKCS7 in data[:20] or _SMIME in data[:20])


def pkcs7_items(data: bytes, location: str, *, now: int, line: int | None = None) -> Iterator[Item]:
    """The certificates, signatures and ciphers of a PKCS#7 or CMS message.

    Offsets are those of the DER, which differ from the file's where that is BER.
    """
    try:
        der = definite(data) if is_indefinite(data) else data
        info = children(der, element(der, 0, len(der)))
        kind = object_identifier(der[info[0].start : info[0].end])
        fields = children(der, children(der, info[1])[0]) if len(info) > 1 else []
        found = list(_content(der, kind, fields, (location, line, now)))
    except (DerError, ValueError, IndexError) as error:
        reason = str(error) or "fields are missing"
        yield malformed(location, reason, "PKCS#7", line=line, evidence=data)
        return
    if kind not in _CONTENTS:
        yield opaque(location, f"content of kind {kind}", "PKCS#7", line=line, evidence=data)
        return
    yield from found
    entries = sum(one.kind == "certificate" for one in found)
    yield make("keystore", location, "PKCS#7", None, None, line=line, evidence=data, details={
        "form": "PKCS#7", "content": _CONTENTS[kind], "entries": entries,
        "encoding": "DER" if der is data else "BER"})  # fmt: skip


def _content(
    data: bytes, kind: str, fields: list[Element], place: tuple[str, int | None, int]
) -> Iterator[Item]:
    name = _CONTENTS.get(kind, "")
    location, line, now = place
    if name == "SignedData":
        for start, end in _certificates(data, fields):
            yield certificate_item(data[start:end], location, now=now, offset=start, line=line)
        yield from _signers(data, fields, location, line)
        return
    sealed = [one for one in fields if one.tag == _SEQUENCE]
    told = protection(identifiers(data, sealed))
    told.pop("hashes", None)
    yield from protection_items(told, location, "CMS", data[:4096], line)
    if name != "EncryptedData":
        yield from _recipients(data, fields, location, line)


def _certificates(data: bytes, fields: list[Element]) -> Iterator[tuple[int, int]]:
    """Where the certificates stand: [0] of SignedData."""
    for field in fields:
        if field.tag == _CERTIFICATES:
            start = field.start
            for one in children(data, field):
                if one.tag == _SEQUENCE:
                    yield start, one.end
                start = one.end


def _oid(data: bytes, algorithm: Element) -> str:
    first = children(data, algorithm)[0]
    return object_identifier(data[first.start : first.end]) if first.tag == _OID else ""


def _signers(data: bytes, fields: list[Element], location: str, line: int | None) -> Iterator[Item]:
    """How each SignerInfo signed, alike ones once: the set at the end of SignedData."""
    told: set[tuple[str, str]] = set()
    if not fields or fields[-1].tag != _SET or len(fields) < 4:
        return
    for info in children(data, fields[-1])[:_SIGNERS]:
        algorithms = [_oid(data, one) for one in children(data, info)[2:] if one.tag == _SEQUENCE]
        if len(algorithms) < 2 or (algorithms[0], algorithms[-1]) in told:
            continue
        told.add((algorithms[0], algorithms[-1]))
        digest = HASH_OIDS.get(algorithms[0], algorithms[0])
        signed = SIGNATURES.get(algorithms[-1])
        algorithm = signed.algorithm if signed else KEY_OIDS.get(algorithms[-1], algorithms[-1])
        yield make("algorithm", location, algorithm, None, "sign", line=line,
                   evidence=data[info.start : info.end],
                   details={"form": "CMS", "signature_hash": digest,
                            "signature_algorithm": algorithm})  # fmt: skip


def _recipients(
    data: bytes, fields: list[Element], location: str, line: int | None
) -> Iterator[Item]:
    """How the content's key is wrapped for each recipient, alike ones once."""
    told: set[str] = set()
    recipients = next((one for one in fields if one.tag == _SET), None)
    for info in children(data, recipients)[:_SIGNERS] if recipients is not None else []:
        for one in identifiers(data, [info, *children(data, info)]):
            named = _wrapping(one.oid)
            if named is None or one.oid in told:
                continue
            told.add(one.oid)
            algorithm, parameter = named
            use = "kem" if algorithm == "RSA" else key_use(algorithm)
            yield make("algorithm", location, algorithm, parameter, use, line=line,
                       evidence=data[info.start : info.start + 4096] + one.oid.encode(),
                       details={"form": "CMS", "wraps": True})  # fmt: skip


def _wrapping(oid: str) -> tuple[str, str | None] | None:
    if oid in _WRAPS:
        return _WRAPS[oid]
    if oid.startswith(_ECDH):
        return "ECDH", None
    kem = KEY_OIDS.get(oid, "")
    return (kem, None) if kem.startswith("ML-KEM") else None
