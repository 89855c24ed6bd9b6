"""Handing a message to somebody else's server by POST, signed, once."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

__all__ = ["FAILURES", "SIGNATURE", "post", "signature"]

SIGNATURE = "X-Kaname-Signature"
FAILURES = (OSError, http.client.HTTPException, ValueError)
"""What `post` raises when it did not work and may work later."""

_PATIENCE = 10.0


def signature(secret: str, body: bytes) -> str:
    """The HMAC-SHA256 (RFC 2104) of ``body``, as the header `SIGNATURE` says it."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    secret: str = "",
    timeout: float = _PATIENCE,
) -> None:
    """POST JSON once; redirections are not followed, and the answer is not read.

    Raises:
        http.client.HTTPException: the answer is no success.
        OSError: nobody answers within ``timeout`` seconds.
        ValueError: the URL cannot be asked.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    link = kind(parts.hostname or "", parts.port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Content-Type": "application/json", **(headers or {})}
    if secret:
        sent[SIGNATURE] = signature(secret, body)
    with contextlib.closing(link):
        link.request("POST", target, body, sent)
        answer = link.getresponse()
    if not 200 <= answer.status < 300:
        raise http.client.HTTPException(f"HTTP {answer.status}")
