"""PKCS#12 stores (RFC 7292), in DER or BER, opened with the passwords that are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kaname.cryptography.inventory.ber import definite, is_indefinite
from kaname.cryptography.inventory.certificates import certificate_item
from kaname.cryptography.inventory.der import DerError, Element, children
from kaname.cryptography.inventory.item import Item, make, malformed, opaque
from kaname.cryptography.inventory.pkcs12_bags import Bag, key_bags
from kaname.cryptography.inventory.private_keys import key_use
from kaname.cryptography.inventory.protection import identifiers, protection, protection_items
from kaname.cryptography.inventory.public_keys import name_key
from kaname.cryptography.inventory.strength import classical_strength

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["is_pkcs12", "pkcs12_items"]

_ITERATIONS: Final = 10_000_000
_ENOUGH: Final = 128
_DEPTH: Final = 24
_SEQUENCE, _OCTETS, _INTEGER = 0x30, 0x04, 0x02


class _Opened(NamedTuple):
    """A store that was opened, and the password that did."""

    store: Any
    password: bytes | None


def is_pkcs12(data: bytes) -> bool:
    """Whether ``data`` begins like a PKCS#12 PFX of version 3."""
    return b"\x02\x01\x03\x30" in data[:12]


def pkcs12_items(
    data: bytes, location: str, *, now: int, passwords: Sequence[str] = ()
) -> Iterator[Item]:
    """What a PKCS#12 store holds when one of ``passwords`` (or none) opens it, else opaque.

    Its ciphers and the hash of its MAC stand in the clear: they are in the details, and the
    old ones (3DES, RC2, SHA-1) are items of their own, which a verdict needs. A store
    that asks for more than ten million iterations is not tried: it would hang.
    """
    try:
        der = definite(data) if is_indefinite(data) else data
        fields = children(der)
        worst = _iterations(der, fields)
        told = protection(identifiers(der, fields))
    except (DerError, RecursionError) as error:
        yield malformed(location, str(error), "PKCS#12", evidence=data)
        return
    yield from protection_items(_old(told), location, "PKCS#12", data)
    if worst > _ITERATIONS:
        yield opaque(location, f"{worst} iterations of its key function", "PKCS#12", evidence=data)
        return
    opened = _open(der, passwords)
    if opened is None:
        item = opaque(location, "no password given opens it", "PKCS#12", evidence=data)
        item.details.update(told)
        yield item
        return
    yield from _opened_items(opened, location, now, (der, told))


def _old(told: dict[str, Any]) -> dict[str, Any]:
    """Of what seals a store, what an older edition of PKCS#12 would write."""
    ciphers = [one for one in told.get("ciphers", ()) if (classical_strength(one) or 0) < _ENOUGH]
    hashes = [one for one in told.get("hashes", ()) if (classical_strength(one) or 0) < _ENOUGH]
    return {"ciphers": ciphers, "hashes": hashes}


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


def _open(data: bytes, passwords: Sequence[str]) -> _Opened | None:
    from cryptography.hazmat.primitives.serialization import pkcs12

    for one in (*(word.encode() for word in passwords), b"", None):
        try:
            return _Opened(pkcs12.load_pkcs12(data, one), one)
        except Exception:  # noqa: BLE001, S112  # wrong password and damage look alike
            continue
    return None


def _opened_items(
    opened: _Opened, location: str, now: int, store: tuple[bytes, dict[str, Any]]
) -> Iterator[Item]:
    from cryptography.hazmat.primitives.serialization import Encoding

    data, told = store
    keys = list(_keys(opened, location, store))
    entries = len(keys)
    yield from keys
    for one in (opened.store.cert, *opened.store.additional_certs):
        if one is not None:
            entries += 1
            der = one.certificate.public_bytes(Encoding.DER)
            yield certificate_item(der, location, now=now)
    details = {"form": "PKCS#12", "entries": entries, "verified": True}
    yield make("keystore", location, "PKCS#12", None, None, evidence=data,
               details=details | told)  # fmt: skip


def _keys(opened: _Opened, location: str, store: tuple[bytes, dict[str, Any]]) -> Iterator[Item]:
    """The keys of each bag; of a store whose keys are sealed as a whole the one that is given."""
    data, told = store
    details = {"form": "PKCS#12", "encrypted": bool(told.get("ciphers"))}
    bags = key_bags(data)
    if opened.store.key is not None and not any(bag.kind != "secret" for bag in bags):
        algorithm, parameter = name_key(opened.store.key)
        yield make("private-key", location, algorithm, parameter, key_use(algorithm),
                   details=details, evidence=data + b"\0key")  # fmt: skip
    for number, bag in enumerate(bags):
        evidence = data + b"\0key" + (b"" if number == 0 else bag.value)
        named = None if bag.kind == "secret" else _named(bag, opened.password)
        if named is None and bag.kind != "secret" and bags[0] is bag and opened.store.key:
            named = name_key(opened.store.key)  # an empty password opens stores, but no PKCS#8
        if named is None:
            what = "the secret key" if bag.kind == "secret" else "the key"
            yield opaque(location, f"{what} {bag.name!r} is sealed", "PKCS#12", evidence=evidence)
            continue
        told_of = details | ({"alias": bag.name} if bag.name else {})
        yield make("private-key", location, *named, key_use(named[0]), details=told_of,
                   evidence=evidence)  # fmt: skip


def _named(bag: Bag, password: bytes | None) -> tuple[str, str | None] | None:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        return name_key(load_der_private_key(bag.value, password if bag.kind == "sealed" else None))
    except Exception:  # noqa: BLE001  # another password, an unknown kind of key
        return None
