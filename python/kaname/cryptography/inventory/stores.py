"""PKCS#7 bundles and PKCS#12 stores (RFC 2315, 7292)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kaname.cryptography.inventory.certificates import certificate_item
from kaname.cryptography.inventory.der import DerError, Element, children, element
from kaname.cryptography.inventory.item import Item, make, malformed, opaque
from kaname.cryptography.inventory.private_keys import key_use
from kaname.cryptography.inventory.public_keys import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["is_pkcs7", "is_pkcs12", "pkcs7_items", "pkcs12_items"]

_SIGNED: Final = bytes.fromhex("06092a864886f70d010702")
_PKCS7: Final = bytes.fromhex("06092a864886f70d0107")
_ITERATIONS: Final = 10_000_000
_DEPTH: Final = 24
_SEQUENCE, _OCTETS, _INTEGER, _CONTEXT = 0x30, 0x04, 0x02, 0xA0


def is_pkcs7(data: bytes) -> bool:
    """Whether ``data`` begins like a PKCS#7 or CMS ContentInfo."""
    return _PKCS7 in data[:24] and not is_pkcs12(data)


def is_pkcs12(data: bytes) -> bool:
    """Whether ``data`` begins like a PKCS#12 PFX of version 3."""
    return b"\x02\x01\x03\x30" in data[:12]


def pkcs7_items(data: bytes, location: str, *, now: int, line: int | None = None) -> Iterator[Item]:
    """The certificates of a PKCS#7 SignedData; other content is opaque."""
    if _SIGNED not in data[:24]:
        yield opaque(location, "no SignedData", "PKCS#7", line=line, evidence=data)
        return
    try:
        found = list(_pkcs7_certificates(data))
    except (DerError, ValueError, IndexError) as error:
        reason = str(error) or "fields are missing"
        yield malformed(location, reason, "PKCS#7", line=line, evidence=data)
        return
    for start, end in found:
        yield certificate_item(data[start:end], location, now=now, offset=start, line=line)
    yield make("keystore", location, "PKCS#7", None, None, line=line, evidence=data,
               details={"form": "PKCS#7", "entries": len(found)})  # fmt: skip


def _pkcs7_certificates(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the certificates stand: [0] of SignedData (DER; BER of indefinite length is not)."""
    info = children(data, element(data, 0, len(data)))
    signed = children(data, children(data, info[1])[0])
    for field in signed:
        if field.tag == _CONTEXT:
            start = field.start
            for one in children(data, field):
                if one.tag == _SEQUENCE:
                    yield start, one.end
                start = one.end


def pkcs12_items(
    data: bytes, location: str, *, now: int, passwords: Sequence[str] = ()
) -> Iterator[Item]:
    """What a PKCS#12 store holds when one of ``passwords`` (or none) opens it, else opaque.

    A store that asks for more than ten million iterations is not tried: it would hang.
    """
    try:
        worst = _iterations(data, children(data))
    except (DerError, RecursionError) as error:
        yield malformed(location, str(error), "PKCS#12", evidence=data)
        return
    if worst > _ITERATIONS:
        yield opaque(location, f"{worst} iterations of its key function", "PKCS#12", evidence=data)
        return
    opened = _open(data, passwords)
    if opened is None:
        yield opaque(location, "no password given opens it", "PKCS#12", evidence=data)
        return
    yield from _opened_items(opened, location, now, data)


def _iterations(data: bytes, elements: list[Element], depth: int = 0) -> int:
    """The largest count of a salt-and-count pair (OCTET STRING, INTEGER) anywhere in it."""
    worst = 0
    for before, one in zip([None, *elements], elements, strict=False):
        if one.tag == _INTEGER and before is not None and before.tag in {_OCTETS, _SEQUENCE}:
            worst = max(worst, int.from_bytes(data[one.start : one.end], "big"))
        elif depth < _DEPTH and one.tag & 0x20:
            worst = max(worst, _iterations(data, children(data, one), depth + 1))
        elif depth < _DEPTH and one.tag == _OCTETS and data[one.start : one.start + 1] == b"\x30":
            try:
                worst = max(worst, _iterations(data, children(data, one), depth + 1))
            except DerError:
                continue  # cipher text that begins with 0x30 by chance
    return worst


def _open(data: bytes, passwords: Sequence[str]) -> Any:
    from cryptography.hazmat.primitives.serialization import pkcs12

    for one in (*(word.encode() for word in passwords), b"", None):
        try:
            return pkcs12.load_pkcs12(data, one)
        except Exception:  # noqa: BLE001, S112  # wrong password and damage look alike
            continue
    return None


def _opened_items(opened: Any, location: str, now: int, data: bytes) -> Iterator[Item]:
    from cryptography.hazmat.primitives.serialization import Encoding

    entries = 0
    if opened.key is not None:
        entries += 1
        algorithm, parameter = name_key(opened.key)
        yield make(
            "private-key", location, algorithm, parameter, key_use(algorithm),
            details={"form": "PKCS#12", "encrypted": True}, evidence=data + b"\0key",
        )  # fmt: skip
    for one in (opened.cert, *opened.additional_certs):
        if one is not None:
            entries += 1
            der = one.certificate.public_bytes(Encoding.DER)
            yield certificate_item(der, location, now=now)
    yield make("keystore", location, "PKCS#12", None, None, evidence=data,
               details={"form": "PKCS#12", "entries": entries, "verified": True})  # fmt: skip
