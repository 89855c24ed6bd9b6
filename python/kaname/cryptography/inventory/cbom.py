"""CycloneDX CBOMs, 1.6 and 1.7: write the inventory as one, read any, compare two.

A CBOM that is read keeps every field, known or not, so that writing it again loses
nothing. The fields are those of the schema's ``cryptoProperties`` (ECMA-424).
"""

from __future__ import annotations

import json
import os
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from kaname.cryptography.inventory.strength import bits_of
from kaname.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kaname.cryptography.inventory.item import Item

__all__ = ["cbom", "compare", "dump_cbom", "load_cbom"]

_LARGEST: Final = 512 << 20
_PRIMITIVES: Final = {
    "sign": "signature", "kem": "kem", "key-agreement": "key-agree", "aead": "ae",
    "cipher": "block-cipher", "hash": "hash", "mac": "mac", "kdf": "kdf",
}  # fmt: skip
_STREAMS: Final = ("RC4", "ChaCha20")
_MODES: Final = {"CBC": "cbc", "ECB": "ecb", "CCM": "ccm", "GCM": "gcm", "CFB": "cfb",
                 "OFB": "ofb", "CTR": "ctr"}  # fmt: skip
_LEVELS: Final = {
    "ML-KEM-512": 1, "ML-KEM-768": 3, "ML-KEM-1024": 5, "ML-DSA-44": 2, "ML-DSA-65": 3,
    "ML-DSA-87": 5, "AES-128": 1, "AES-192": 3, "AES-256": 5,
}  # fmt: skip
_MATERIAL: Final = {"private-key": "private-key", "public-key": "public-key"}


def cbom(
    items: Iterable[Item],
    *,
    version: str = "1.7",
    now: datetime | None = None,
    subject: str | None = None,
) -> dict[str, Any]:
    """The CBOM of ``items``: a component for each, with where it was found as evidence.

    Malformed and opaque items are no cryptographic assets: they are told as files' properties
    of the document. ``version`` is "1.6" or "1.7"; ``subject`` names what it is a CBOM of.
    """
    from importlib.metadata import version as version_of

    moment = now or datetime.now(UTC)
    components: dict[str, dict[str, Any]] = {}
    unread: list[dict[str, str]] = []
    known: list[dict[str, str]] = []
    algorithms: dict[str, dict[str, Any]] = {}
    for item in items:
        if item.kind in {"malformed", "opaque"}:
            reason = item.details.get("reason", "")
            unread.append({"name": f"kaname:{item.kind}", "value": f"{item.place}: {reason}"})
            known.append({"name": "kaname:unread", "value": _unread(item)})
            continue
        components[item.id] = _component(item, algorithms)
    document: dict[str, Any] = {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tools": {
                "components": [
                    {"type": "application", "name": "kaname", "version": version_of("kaname")}
                ]
            },
        },
        "components": [*components.values(), *algorithms.values()],
    }
    if subject:
        document["metadata"]["component"] = {"type": "application", "name": subject}
    if unread:
        document["properties"] = unread
        document["metadata"]["properties"] = known
    return document


def _unread(item: Item) -> str:
    """What is known of an item that could not be read, so that it is not lost either."""
    told = {"kind": item.kind, "location": item.location, "line": item.line,
            "offset": item.offset, "algorithm": item.algorithm, "evidence": item.evidence,
            "details": item.details}  # fmt: skip
    return json.dumps(told, sort_keys=True, default=str)


def _component(item: Item, algorithms: dict[str, dict[str, Any]]) -> dict[str, Any]:
    details = item.details
    name = details.get("subject") or details.get("suite") or _title(item.algorithm, item.parameter)
    properties = _crypto(item, algorithms)
    occurrence: dict[str, Any] = {"location": item.location}
    if item.line is not None:
        occurrence["line"] = item.line
    if item.offset is not None:
        occurrence["offset"] = item.offset
    told = {"kind": item.kind, "algorithm": item.algorithm, "parameter": item.parameter,
            "use": item.use, "strength": item.strength, "evidence": item.evidence,
            "quantum-vulnerable": str(item.quantum_vulnerable).lower()}  # fmt: skip
    told |= {name: details[name] for name in ("confidence", "library", "setting", "server")
             if name in details}  # fmt: skip
    if details:  # whole, so that who reads it again judges what was found
        told["details"] = json.dumps(details, sort_keys=True, default=str)
    return {
        "type": "cryptographic-asset",
        "bom-ref": item.id,
        "name": str(name) or item.algorithm,
        "cryptoProperties": properties,
        "evidence": {"occurrences": [occurrence]},
        "properties": [
            {"name": f"kaname:{key}", "value": str(value)}
            for key, value in told.items()
            if value not in {None, ""}
        ],
    }


def _title(algorithm: str, parameter: str | None) -> str:
    return algorithm if not parameter else f"{algorithm} {parameter}"


def _crypto(item: Item, algorithms: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if item.kind == "certificate":
        return _certificate(item, algorithms)
    if item.kind in _MATERIAL:
        material: dict[str, Any] = {
            "type": _MATERIAL[item.kind],
            "algorithmRef": _algorithm(item.algorithm, item.parameter, item.use, algorithms),
        }
        if (bits := bits_of(item.parameter)) is not None:
            material["size"] = bits
        return {"assetType": "related-crypto-material", "relatedCryptoMaterialProperties": material}
    if item.kind == "protocol" and item.algorithm.startswith(("TLS", "SSL", "SSH")):
        kind = "ssh" if item.algorithm.startswith("SSH") else "tls"
        number = item.algorithm.removeprefix("TLSv").removeprefix("SSLv").removeprefix("SSH-")
        return {"assetType": "protocol",
                "protocolProperties": {"type": kind, "version": number}}  # fmt: skip
    if item.kind == "protocol" and item.algorithm.startswith("IKE"):
        number = item.algorithm.removeprefix("IKEv")
        return {"assetType": "protocol", "protocolProperties": {"type": "ike", "version": number}}
    if item.kind == "keystore":
        return {"assetType": "related-crypto-material",
                "relatedCryptoMaterialProperties": {"type": "other"}}  # fmt: skip
    return {
        "assetType": "algorithm",
        "algorithmProperties": _properties(item.algorithm, item.parameter, item.use),
    }


def _certificate(item: Item, algorithms: dict[str, dict[str, Any]]) -> dict[str, Any]:
    details = item.details
    signed = details.get("signature_algorithm", "unknown")
    if details.get("signature_hash"):
        signed = f"{details['signature_hash']}with{signed}"
    properties: dict[str, Any] = {
        "subjectName": details.get("subject", ""),
        "issuerName": details.get("issuer", ""),
        "certificateFormat": "X.509",
        "signatureAlgorithmRef": _algorithm(signed, None, "sign", algorithms),
        "subjectPublicKeyRef": _algorithm(item.algorithm, item.parameter, item.use, algorithms),
    }
    for name, moment in (("notValidBefore", item.not_before), ("notValidAfter", item.not_after)):
        if moment is not None:
            when = datetime.fromtimestamp(moment / 1e6, UTC)
            properties[name] = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"assetType": "certificate", "certificateProperties": properties}


def _algorithm(
    algorithm: str, parameter: str | None, use: str | None, algorithms: dict[str, dict[str, Any]]
) -> str:
    """The reference of the algorithm's own component, which is made at its first use."""
    reference = f"crypto/algorithm/{_title(algorithm, parameter)}".replace(" ", "-").lower()
    if reference not in algorithms:
        algorithms[reference] = {
            "type": "cryptographic-asset",
            "bom-ref": reference,
            "name": _title(algorithm, parameter),
            "cryptoProperties": {
                "assetType": "algorithm",
                "algorithmProperties": _properties(algorithm, parameter, use),
            },
        }
    return reference


def _properties(algorithm: str, parameter: str | None, use: str | None) -> dict[str, Any]:
    from kaname.cryptography.inventory.strength import classical_strength, quantum_vulnerable

    primitive = _PRIMITIVES.get(use or "", "unknown")
    if use == "cipher" and algorithm.startswith(_STREAMS):
        primitive = "stream-cipher"
    found: dict[str, Any] = {"primitive": primitive, **_variant(algorithm, parameter, use)}
    strength = classical_strength(algorithm, parameter)
    if strength is not None:
        found["classicalSecurityLevel"] = strength
    level = next((one for name, one in _LEVELS.items() if algorithm.startswith(name)), None)
    if level is None and quantum_vulnerable(algorithm):
        level = 0
    if level is not None:
        found["nistQuantumSecurityLevel"] = level
    return found


def _variant(algorithm: str, parameter: str | None, use: str | None) -> dict[str, str]:
    """Mode, padding, curve or parameter set."""
    from kaname.cryptography.inventory.strength import CURVES

    found: dict[str, str] = {}
    last = algorithm.rpartition("-")[2]
    if last in _MODES and use in {"aead", "cipher"}:
        found["mode"] = _MODES[last]
    if parameter and parameter.startswith("OAEP"):
        found["padding"] = "oaep"
    elif parameter:
        found["curve" if parameter in CURVES else "parameterSetIdentifier"] = parameter
    else:
        size = algorithm.removesuffix(f"-{last}") if last in _MODES else algorithm
        if (number := size.rpartition("-")[2]).isdigit():
            found["parameterSetIdentifier"] = number
    return found


def load_cbom(path: Path) -> dict[str, Any]:
    """The CycloneDX JSON at ``path``, whole; :class:`InputError` when it is none."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"more than {_LARGEST} bytes")  # noqa: TRY301
        document = json.loads(path.read_bytes())
        if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
            raise ValueError("bomFormat is not CycloneDX")  # noqa: TRY301
        if not isinstance(document.get("components", []), list):
            raise ValueError("components is no list")  # noqa: TRY004, TRY301
    except (OSError, ValueError, RecursionError) as error:
        raise InputError("cryptography.error.bad_cbom", path=path, reason=error) from error
    return document


def dump_cbom(document: dict[str, Any], path: Path) -> None:
    """Write ``document`` to ``path``, whole or not at all."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        text = json.dumps(document, indent=2)  # halves of pairs, which UTF-8 cannot carry
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text + "\n", "utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def compare(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What ``new`` has more ("added"), less ("removed") and other ("changed") than ``old``.

    Components are the same when they bear the same bom-ref, or without one the same name and
    properties; changed are those whose crypto properties differ.
    """
    before, after = _by_reference(old), _by_reference(new)
    return {
        "added": [_brief(one) for key, one in after.items() if key not in before],
        "removed": [_brief(one) for key, one in before.items() if key not in after],
        "changed": [
            {**_brief(one), "before": before[key].get("cryptoProperties"),
             "after": one.get("cryptoProperties")}
            for key, one in after.items()
            if key in before and before[key].get("cryptoProperties") != one.get("cryptoProperties")
        ],
    }  # fmt: skip


def _by_reference(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        str(one.get("bom-ref") or json.dumps(one, sort_keys=True)): one
        for one in document.get("components", [])
        if isinstance(one, dict) and one.get("type") == "cryptographic-asset"
    }


def _brief(component: dict[str, Any]) -> dict[str, Any]:
    evidence = component.get("evidence")
    occurrences = evidence.get("occurrences") if isinstance(evidence, dict) else None
    places = [
        str(one.get("location", "")) + (f":{one['line']}" if "line" in one else "")
        for one in (occurrences if isinstance(occurrences, list) else [])
        if isinstance(one, dict)
    ]
    return {"ref": component.get("bom-ref"), "name": component.get("name"), "places": places}
