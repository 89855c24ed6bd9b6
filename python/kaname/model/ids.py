"""Identifiers that say what they name and are the same wherever they are made.

An id is derived from what makes the thing itself (the analysis, the subject, the
window...), so that saying something twice gives one thing, not two.
"""

from __future__ import annotations

import hashlib
import uuid

import msgspec

__all__ = ["NAMESPACE", "batch_id", "digest", "stable_id", "stix_id"]

# Fixed once for kaname: the root of all UUIDv5 that leave in STIX.
NAMESPACE = uuid.UUID("b7c0f1a2-3d4e-5f60-8a91-6b616e616d65")


def digest(*parts: object) -> str:
    """SHA-256 (hex) over ``parts`` in canonical JSON; order and types count."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


def stable_id(kind: str, *parts: object) -> str:
    """``kind-`` and 24 hex digits derived from ``parts`` (96 bits: no clash expected)."""
    return f"{kind}-{digest(kind, *parts)[:24]}"


def stix_id(kind: str, *parts: object) -> str:
    """A STIX 2.1 identifier (``indicator--<UUIDv5>``) derived from ``parts``."""
    name = msgspec.json.encode((kind, *parts), order="deterministic").decode()
    return f"{kind}--{uuid.uuid5(NAMESPACE, name)}"


def batch_id(identity: str) -> int:
    """A positive 63-bit integer for the source whose SHA-256 is ``identity`` (hex)."""
    return int(identity[:16], 16) >> 1
