"""One thing of cryptography that was found somewhere: what the inventory is made of.

The collectors make :class:`Item` s, the policy judges them, the CBOM writes them.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, Literal

import msgspec

from kaname.cryptography.inventory.strength import (
    canonical,
    classical_strength,
    family,
    quantum_vulnerable,
)

__all__ = [
    "Item",
    "Kind",
    "Use",
    "add_place",
    "canonical",
    "classical_strength",
    "family",
    "make",
    "malformed",
    "opaque",
    "quantum_vulnerable",
]  # fmt: skip

_COPIES: Final = 100
Kind = Literal[
    "certificate", "private-key", "public-key", "keystore", "protocol", "cipher-suite", "group",
    "code-use", "configuration", "algorithm", "malformed", "opaque",
]  # fmt: skip
Use = Literal["sign", "kem", "key-agreement", "aead", "cipher", "hash", "mac", "kdf", "tls"]


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One finding of the inventory.

    ``location`` is the file's path or the endpoint ("host:443"), with the ``line`` (from 1) or
    the byte ``offset`` where it stands. ``parameter`` is what the strength hangs on: bits
    ("2048") or a curve ("P-256"). ``strength`` is the classical class in bits (None: not
    known). ``not_before`` and ``not_after`` are microseconds since 1970 (UTC).
    ``evidence`` is the SHA-256 of the bytes that say it (DER of a certificate, the line of
    code). ``id`` is the hash of what the item says, so that two scans give the same.

    Details by kind. certificate: subject, issuer, serial, signature_algorithm ("RSA"),
    signature_hash ("SHA-256"; None inside Ed25519, ML-DSA), signature_oid, self_signed, ca,
    key_oid, notes (["below-112", "weak-signature-hash", "outlives-2035", "expired",
    "not-yet-valid", "unknown-oid"]), copies (other places of the same bytes).
    malformed and opaque: reason. code-use: confidence (0..1), library, language.
    protocol: version. configuration: setting, value, server.
    """

    id: str
    kind: Kind
    location: str
    line: int | None = None
    offset: int | None = None
    algorithm: str
    parameter: str | None = None
    use: Use | None = None
    strength: int | None = None
    quantum_vulnerable: bool = False
    not_before: int | None = None
    not_after: int | None = None
    details: dict[str, Any] = {}
    evidence: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as one text: ``path:12`` or ``path+0x40``."""
        if self.line is not None:
            return f"{self.location}:{self.line}"
        return f"{self.location}+{self.offset:#x}" if self.offset else self.location


def make(
    kind: Kind,
    location: str,
    algorithm: str,
    parameter: str | None = None,
    use: Use | None = None,
    **more: Any,  # the fields of Item
) -> Item:
    """An item with its strength, its quantum verdict and its id filled in.

    ``more`` may give any other field of :class:`Item`; ``evidence`` may be the bytes.
    """
    evidence = more.pop("evidence", "")
    if isinstance(evidence, bytes):
        evidence = hashlib.sha256(evidence).hexdigest()
    if "strength" not in more:
        more["strength"] = classical_strength(algorithm, parameter)
    if "quantum_vulnerable" not in more:
        more["quantum_vulnerable"] = quantum_vulnerable(algorithm)
    said = (
        f"{kind}\0{location}\0{more.get('line')}\0{more.get('offset')}\0{algorithm}\0{parameter}"
        f"\0{use}\0{evidence}"
    )
    return Item(
        id=hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:32],
        kind=kind,
        location=location,
        algorithm=algorithm,
        parameter=parameter,
        use=use,
        evidence=evidence,
        **more,
    )


def add_place(item: Item, place: str) -> None:
    """Note another ``place`` of the same bytes in the details of ``item``, the first hundred."""
    copies = item.details.setdefault("copies", [])
    if len(copies) < _COPIES:
        copies.append(place)
    item.details["copies_total"] = item.details.get("copies_total", 0) + 1


def malformed(location: str, reason: str, form: str, **more: Any) -> Item:
    """The item of input that looks like ``form`` and cannot be read, and why."""
    return make("malformed", location, form, details={"reason": reason[:500]}, **more)


def opaque(location: str, reason: str, form: str, **more: Any) -> Item:
    """The item of input that is shut (a password, a proprietary form): seen, not read."""
    return make("opaque", location, form, details={"reason": reason[:500]}, **more)
