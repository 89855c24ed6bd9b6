"""The bags of keys in a PKCS#12 store (RFC 7292, 4.2) that stand outside its sealed parts.

Libraries give one key of a store, but Java keeps many in one. Each key is sealed by itself,
and opened only to be named; secret keys are told as sealed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from kaname.cryptography.inventory.der import (
    DerError,
    Element,
    children,
    element,
    object_identifier,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Bag", "key_bags"]

_DATA: Final = "1.2.840.113549.1.7.1"
_BAGS: Final = {
    "1.2.840.113549.1.12.10.1.1": "key", "1.2.840.113549.1.12.10.1.2": "sealed",
    "1.2.840.113549.1.12.10.1.5": "secret",
}  # fmt: skip
_NAME: Final = "1.2.840.113549.1.9.20"
_OID, _SET = 0x06, 0x31
_MOST: Final = 10_000


class Bag(NamedTuple):
    """A bag: "key" (PKCS#8), "sealed" (encrypted PKCS#8) or "secret", its DER and its name."""

    kind: str
    value: bytes
    name: str


def key_bags(der: bytes) -> list[Bag]:
    """The bags of keys in the parts of the store ``der`` that are not sealed as a whole."""
    try:
        return list(_bags(der))[:_MOST]
    except (DerError, IndexError):
        return []


def _bags(der: bytes) -> Iterator[Bag]:
    store = children(der, element(der, 0, len(der)))
    for info in children(der, _content(der, store[1])):
        kind = children(der, info)[0]
        if _oid(der, kind) != _DATA:
            continue
        for bag in children(der, _content(der, info)):
            fields = children(der, bag)
            name = _BAGS.get(_oid(der, fields[0]))
            if name is not None:
                value = der[fields[1].start : fields[1].end]
                yield Bag(name, value, _friendly(der, fields))


def _content(der: bytes, info: Element) -> Element:
    """The SEQUENCE in the OCTET STRING of a ContentInfo of kind data."""
    octets = children(der, children(der, info)[1])[0]
    return element(der, octets.start, octets.end)


def _oid(der: bytes, one: Element) -> str:
    return object_identifier(der[one.start : one.end]) if one.tag == _OID else ""


def _friendly(der: bytes, fields: list[Element]) -> str:
    """The bag's friendlyName, a BMPString; "" without one."""
    for attribute in children(der, fields[2]) if len(fields) > 2 and fields[2].tag == _SET else []:
        kind, values = children(der, attribute)[:2]
        if _oid(der, kind) == _NAME:
            text = children(der, values)[0]
            return der[text.start : text.end][:400].decode("utf-16-be", "replace")
    return ""
