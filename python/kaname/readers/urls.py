"""URLs in texts, and the domains that they lead to. Defanged ones (``hxxp``) stay alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kaname.readers.domains import registered

__all__ = ["distinct", "domains", "host_of", "in_text"]

MOST = 10_000
LONGEST = 8192

_URL = re.compile(
    # not behind a letter, so that "xhttp://" is none; ends where a mail client ends a link
    r"(?<![A-Za-z0-9])(?:(?:https?|ftp)://|www\.(?=[\w-]+\.))"
    r"[^\s<>\"'`{}|\\^\u3000-\u303f\uff00-\uffef]+",
    re.IGNORECASE,
)
_TAIL = ".,;:!?*_~"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^/?#@\\]*@)?(\[[^\]]*\]|[^/?#:\\]*)", re.IGNORECASE)


def in_text(text: str) -> list[str]:
    """The URLs of a text, as they stand; a bare ``www.`` gets the scheme that clients add."""
    found = []
    for match in _URL.finditer(text):
        url = _trimmed(match.group()[:LONGEST])
        found.append(url if "://" in url else f"http://{url}")
        if len(found) == MOST:
            break
    return found


def _trimmed(url: str) -> str:
    """Without the punctuation of the sentence around it."""
    while url:
        last = url[-1]
        closing = last in _PAIRS and url.count(last) > url.count(_PAIRS[last])
        if last not in _TAIL and not closing:
            break
        url = url[:-1]
    return url


def distinct(urls: Iterable[str]) -> list[str]:
    """Each once, in the order of their first appearance."""
    return list(dict.fromkeys(urls))[:MOST]


def host_of(url: str) -> str:
    """The host of a URL, in lower case; empty when there is none."""
    found = _HOST.match(url)
    return found.group(1).lower() if found else ""


def domains(urls: Iterable[str]) -> list[str]:
    """The registered domains of the hosts, each once."""
    found = (registered(host) for host in dict.fromkeys(map(host_of, urls)) if host)
    return list(dict.fromkeys(name for name in found if name))
