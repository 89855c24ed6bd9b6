"""What the receiver found of SPF, DKIM and DMARC (RFC 8601; RFC 7208, section 9.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["results"]

_METHOD = re.compile(r"(?:^|[;\s])(spf|dkim|dmarc|arc|bimi)\s*=\s*([A-Za-z]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"\s*(pass|fail|softfail|neutral|none|temperror|permerror)\b", re.IGNORECASE)


def results(authentication: Sequence[str], received_spf: Sequence[str]) -> str | None:
    """``spf=pass dkim=fail dmarc=none`` of the newest header: older ones may be forged."""
    for header in authentication[:1]:
        plain = _COMMENT.sub(" ", header)
        found = [f"{name.lower()}={value.lower()}" for name, value in _METHOD.findall(plain)]
        if found:
            return " ".join(dict.fromkeys(found))
    for header in received_spf[:1]:
        word = _WORD.match(header)
        if word:
            return f"spf={word.group(1).lower()}"
    return None
