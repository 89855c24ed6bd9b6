"""Which of the TLS guideline's three types admit a version or a cipher suite."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from kaname.cryptography.policy.techniques import parts_of, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.tables import Policy

__all__ = ["TYPES", "asked_of", "types_of"]

TYPES = ("high", "recommended", "exception")


def types_of(policy: Policy, item: Item) -> tuple[str, ...]:
    """The types, strictest first, none of whose rules forbids ``item``; empty: none does.

    What no rule of the guideline names is not admitted.
    """
    asked = asked_of(item)
    return _admitting(policy, asked) if asked else ()


def asked_of(item: Item) -> tuple[tuple[str, str], ...]:
    """What the guideline is asked about a version or a cipher suite, in its words."""
    if item.kind == "protocol":
        version = version_of(item)
        return () if version is None else (("version", version),)
    return tuple(_asked(item))


@lru_cache(1024)
def _admitting(policy: Policy, asked: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    admitting = []
    for name in TYPES:
        rules = [policy.rule(name, item, value) for item, value in asked]
        if rules and all(rule is not None and rule.level != "forbidden" for rule in rules):
            admitting.append(name)
    return tuple(admitting)


def _asked(item: Item) -> Iterator[tuple[str, str]]:
    """The guideline's words for the parts of a cipher suite."""
    name = str(item.details.get("suite") or item.algorithm)
    if "_WITH_" in name:
        yield "key-exchange", _exchange(name)
    techniques = [part.technique for part in parts_of(item)]
    if "ChaCha20-Poly1305" in techniques:
        yield "cipher", "ChaCha20-Poly1305"
    elif {"GCM", "CCM"} & set(techniques) and {"AES", "Camellia"} & set(techniques):
        long = re.search(r"(?:AES|Camellia)[-_]256", name, re.IGNORECASE) is not None
        yield "cipher", "AES-256-AEAD" if long else "AES-128-AEAD"
    elif "3-key Triple DES" in techniques:
        yield "cipher", "3DES"
    elif "CBC" in techniques and {"AES", "Camellia"} & set(techniques):
        yield "cipher", "CBC"
    else:
        yield "cipher", next((word for word in ("RC4", "NULL") if word in techniques), name)


def _exchange(name: str) -> str:
    exchange = name.partition("_WITH_")[0].removeprefix("TLS_").removeprefix("SSL_")
    if "anon" in exchange.lower():
        return "anonymous"
    first = exchange.split("_")[0]
    return first if first in {"ECDHE", "DHE", "ECDH", "RSA"} else exchange
