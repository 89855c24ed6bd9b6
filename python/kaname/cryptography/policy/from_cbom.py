"""Items of a CBOM, kaname's own or another tool's, so that it can be judged.

Own components carry what the item said as ``kaname:`` properties; of others the fields of
``cryptoProperties`` (ECMA-424) say what they can, and what they leave out stays unknown.
Components that only describe the algorithm of another are left out when something refers to
them, unless nothing says where they are used.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, get_args

from kaname.cryptography.inventory.item import Item, Kind, Use, canonical, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["items_of"]

_USES = {
    "signature": "sign", "kem": "kem", "key-agree": "key-agreement", "ae": "aead",
    "block-cipher": "cipher", "stream-cipher": "cipher", "hash": "hash", "mac": "mac",
    "kdf": "kdf", "pke": "kem",
}  # fmt: skip
_HASH_WITH = re.compile(r"(?i)(sha-?\d*(?:[-/]\d+)?|md5)[-_ ]?with[-_ ]?(\w[\w-]*)")
_SIZED = re.compile(r"^(RSA|DSA|DH)[- ]?(\d{3,5})$")


_BROKEN = (AttributeError, TypeError, ValueError, KeyError, IndexError, OverflowError)


def items_of(document: dict[str, Any], bad: Callable[[int, str], None] | None = None) -> list[Item]:
    """The items of a CycloneDX ``document``; components that are no cryptography are skipped.

    ``bad`` is told of components that cannot be read (place in the document, reason) and the
    others are kept; without it the first such component raises what is wrong with it.
    """
    components = list(_all(document.get("components") or ()))
    named = {str(one.get("bom-ref")): one for one in components}
    referred = set(_each(components, _references, bad))
    items = []
    for place, one in enumerate(components):
        try:
            if not (_bare(one) and str(one.get("bom-ref")) in referred):
                item = _item(one, named)
                items += [] if item is None else [item]
        except _BROKEN as error:
            if bad is None:
                raise
            bad(place, str(error) or type(error).__name__)
    return [*items, *_unread(document)]


def _each(
    components: list[dict[str, Any]],
    look: Callable[[dict[str, Any]], Iterator[str]],
    bad: Callable[[int, str], None] | None,
) -> Iterator[str]:
    """What ``look`` finds; a component that it cannot read is told when its turn comes."""
    for one in components:
        try:
            yield from look(one)
        except _BROKEN:
            if bad is None:
                raise


def _unread(document: dict[str, Any]) -> Iterator[Item]:
    """What kaname saw and could not read, which is no component but a property."""
    for one in (document.get("metadata") or {}).get("properties") or ():
        if not isinstance(one, dict) or one.get("name") != "kaname:unread":
            continue
        told = json.loads(str(one.get("value")))
        details = told.get("details")
        yield make(
            "opaque" if told.get("kind") == "opaque" else "malformed",
            str(told["location"]), str(told.get("algorithm", "?")),
            line=told.get("line"), offset=told.get("offset"),
            details=details if isinstance(details, dict) else {},
            evidence=str(told.get("evidence", "")),
        )  # fmt: skip


def _all(components: Any) -> Iterator[dict[str, Any]]:
    for one in components:
        if isinstance(one, dict):
            yield one
            yield from _all(one.get("components") or ())


def _bare(component: dict[str, Any]) -> bool:
    return not (component.get("evidence") or {}).get("occurrences")


def _references(component: dict[str, Any]) -> Iterator[str]:
    crypto = component.get("cryptoProperties") or {}
    certificate = crypto.get("certificateProperties") or {}
    material = crypto.get("relatedCryptoMaterialProperties") or {}
    for value in (
        certificate.get("signatureAlgorithmRef"),
        certificate.get("subjectPublicKeyRef"),
        material.get("algorithmRef"),
    ):
        if value:
            yield str(value)


def _item(component: dict[str, Any], named: dict[str, dict[str, Any]]) -> Item | None:
    crypto = component.get("cryptoProperties")
    if not isinstance(crypto, dict):
        return None
    own = {
        str(one.get("name", "")).removeprefix("kaname:"): str(one.get("value", ""))
        for one in component.get("properties") or ()
        if str(one.get("name", "")).startswith("kaname:")
    }
    reading = {
        "certificate": _certificate, "related-crypto-material": _material,
        "protocol": _protocol, "algorithm": _algorithm,
    }.get(str(crypto.get("assetType")))  # fmt: skip
    if reading is None:
        return None
    said = reading(component, crypto, named)
    if "algorithm" in own:
        said |= {"algorithm": own["algorithm"], "parameter": own.get("parameter")}
    kind = own.get("kind")
    said["kind"] = kind if kind in get_args(Kind) else said["kind"]
    said["use"] = own.get("use") if own.get("use") in get_args(Use) else said.get("use")
    if kind in get_args(Kind):  # made by kaname: what the item said stands there whole
        said |= _told(own, said)
    return make(**said, **_place(component), evidence=own.get("evidence", ""))


def _told(own: dict[str, str], said: dict[str, Any]) -> dict[str, Any]:
    """What kaname's own properties say besides the names."""
    found: dict[str, Any] = {}
    if own.get("strength", "").isdigit():
        found["strength"] = int(own["strength"])
    if own.get("quantum-vulnerable") in {"true", "false"}:
        found["quantum_vulnerable"] = own["quantum-vulnerable"] == "true"
    details = json.loads(own["details"]) if "details" in own else None
    if isinstance(details, dict):
        found["details"] = (said.get("details") or {}) | details
    return found


def _place(component: dict[str, Any]) -> dict[str, Any]:
    places = (component.get("evidence") or {}).get("occurrences") or [{}]
    first = places[0]
    return {
        "location": str(first.get("location") or component.get("name") or "?"),
        "line": first.get("line"),
        "offset": first.get("offset"),
    }


def _algorithm(
    component: dict[str, Any], crypto: dict[str, Any], _named: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    properties = crypto.get("algorithmProperties") or {}
    use = _USES.get(str(properties.get("primitive")))
    name = canonical(str(component.get("name", "")))
    if (sized := _SIZED.match(name)) is not None:
        return {"kind": "algorithm", "algorithm": sized[1], "parameter": sized[2], "use": use}
    if (signed := _HASH_WITH.search(name)) is not None:
        scheme = canonical(signed[2].removesuffix("Encryption"))
        details = {"signature_hash": canonical(signed[1]), "signature_algorithm": scheme}
        return {"kind": "algorithm", "algorithm": scheme, "parameter": None, "use": "sign",
                "details": details}  # fmt: skip
    parameter = properties.get("curve") or properties.get("parameterSetIdentifier")
    if parameter is not None and name in {"AES", "Camellia", "SHA", "SHA3", "ML-KEM", "ML-DSA"}:
        name, parameter = f"{name}-{parameter}", None
    mode = str(properties.get("mode") or "").upper()
    if mode and name.startswith(("AES-", "Camellia-")) and mode not in name:
        name = f"{name}-{mode}"
    said = None if parameter is None else canonical(str(parameter))
    return {"kind": "algorithm", "algorithm": name, "parameter": said, "use": use}


def _referred(reference: Any, named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    component = named.get(str(reference))
    if component is None:
        return {"kind": "algorithm", "algorithm": "?", "parameter": None, "use": None}
    return _algorithm(component, component.get("cryptoProperties") or {}, named)


def _material(
    _component: dict[str, Any], crypto: dict[str, Any], named: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    material = crypto.get("relatedCryptoMaterialProperties") or {}
    said = _referred(material.get("algorithmRef"), named)
    kind = material.get("type")
    said["kind"] = kind if kind in {"private-key", "public-key"} else "keystore"
    if said["parameter"] is None and material.get("size") and said["algorithm"] in {"RSA", "DSA"}:
        said["parameter"] = str(material["size"])
    return said


def _certificate(
    _component: dict[str, Any], crypto: dict[str, Any], named: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    properties = crypto.get("certificateProperties") or {}
    said = _referred(properties.get("subjectPublicKeyRef"), named)
    signer = named.get(str(properties.get("signatureAlgorithmRef")), {}).get("name", "")
    found = _HASH_WITH.search(str(signer))
    subject, issuer = properties.get("subjectName"), properties.get("issuerName")
    details: dict[str, Any] = {"subject": subject, "issuer": issuer}
    if found is not None:
        details |= {
            "signature_hash": canonical(found[1]),
            "signature_algorithm": canonical(found[2].removesuffix("Encryption")),
        }
    return said | {
        "kind": "certificate",
        "details": details,
        "not_before": _moment(properties.get("notValidBefore")),
        "not_after": _moment(properties.get("notValidAfter")),
    }


def _protocol(
    component: dict[str, Any], crypto: dict[str, Any], _named: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    properties = crypto.get("protocolProperties") or {}
    kind = str(properties.get("type") or component.get("name") or "?").upper()
    version = properties.get("version")
    if kind == "TLS" and str(version).startswith(("2", "3")):
        kind = "SSL"
    return {"kind": "protocol", "algorithm": kind, "parameter": version, "use": "tls"}


def _moment(said: Any) -> int | None:
    """Microseconds since 1970 of an ISO date; None for what is none."""
    try:
        found = dt.datetime.fromisoformat(str(said))
    except ValueError:
        return None
    found = found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)
    return int(found.timestamp() * 1_000_000)
