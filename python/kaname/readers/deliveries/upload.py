"""Brings one document to a nexus on another machine, as the ingest page of its console does.

For what is made once and not all the time: the sender waits for the answer, and nothing is
kept for later. The token is that of an account that may ingest.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from kaname.model.errors import UnavailableError, UsageError
from kaname.model.marking import Tlp
from kaname.readers.deliveries.courier import is_loopback, tls_context

__all__ = ["upload"]

_TIMEOUT_S = 120.0
_MOST_ANSWER = 1 << 16


def upload(
    url: str, token: str, data: bytes, *, name: str, sensor: str, tlp: Tlp, reader: str,
    ca: Path | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Bring ``data`` to the nexus at ``url`` as a file called ``name``; gives the job it became.

    Raises:
        UsageError: the URL makes no sense, or would show the token to the network.
        UnavailableError: the nexus cannot be reached, or does not take it.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError("readers.error.nexus_url", found=url)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UsageError("readers.error.plain_http", found=url)
    asked = urlencode({"name": name, "sensor": sensor, "tlp": tlp.value, "reader": reader})
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        f"{url.rstrip('/')}/api/v1/ingest?{asked}",
        data=data,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"},
        method="POST",
    )
    context = tls_context(ca) if parts.scheme == "https" else None
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S, context=context) as answer:  # noqa: S310
            job = json.loads(answer.read(_MOST_ANSWER))
    except urllib.error.HTTPError as error:
        reason = error.read(_MOST_ANSWER).decode("utf-8", "replace")
        raise UnavailableError(
            "readers.error.not_taken", url=url, status=error.code, reason=_told(reason)
        ) from None
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "reason", error))
        raise UnavailableError("readers.error.no_nexus", url=url, reason=reason) from None
    return job if isinstance(job, dict) else {}


def _told(answer: str) -> str:
    """What a problem document (RFC 9457) says."""
    try:
        problem = json.loads(answer)
    except ValueError:
        return answer[:200]
    return (
        str(problem.get("detail") or problem)[:500] if isinstance(problem, dict) else answer[:200]
    )
