"""Names of victims' hosts as tokens: the same host stays the same, and nobody reads it.

HMAC-SHA256 under a key that never leaves the member. Without the key no guess can be
tested; with another member's key the same host has another token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

import msgspec

from kaname.intelligence.records import Mention, Observation
from kaname.model.errors import UsageError

__all__ = ["VICTIMS", "token", "without_victims"]

VICTIMS: Final = frozenset({"host", "victim", "target"})
"""Roles of artifacts that are somebody's own."""

_SHORTEST_KEY = 16


def token(key: bytes, value: str) -> str:
    """The token of a value: "tok-" and 26 letters (128 bits).

    Raises:
        UsageError: the key is shorter than 16 bytes.
    """
    if len(key) < _SHORTEST_KEY:
        raise UsageError("intelligence.error.token_key", least=_SHORTEST_KEY)
    found = hmac.new(key, value.encode(), hashlib.sha256).digest()[:16]
    return "tok-" + base64.b32encode(found).decode().rstrip("=").lower()


def without_victims(observation: Observation, key: bytes) -> Observation:
    """The observation with tokens in place of hosts that are somebody's own.

    Its body is dropped, because nobody knows what names stand in it; tokens are mentions
    of the kind that the host was, and meet no canonical form.
    """
    mentions = tuple(
        Mention(one.kind, token(key, f"{one.kind}:{one.value}"), one.role)
        if one.role in VICTIMS
        else one
        for one in observation.mentions
    )
    return msgspec.structs.replace(observation, mentions=mentions, body={})
