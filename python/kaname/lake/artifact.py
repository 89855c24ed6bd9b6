"""What somebody looks for, from the text as they have it."""

from __future__ import annotations

import ipaddress
import re

import msgspec

from kaname._native import canonical_url, text_key
from kaname.model.address import Prefix, prefix
from kaname.model.errors import UsageError

__all__ = ["Artifact", "artifact", "refanged"]

ADDRESS, TEXT, PARENT = 0, 1, 2  # sections of the index
_WORD = 1 << 64

_DEFANGED = (
    (re.compile(r"^h(?:xx|\*\*|__)p", re.IGNORECASE), "http"),
    (re.compile(r"[\[({]\s*(?:\.|dot)\s*[\])}]", re.IGNORECASE), "."),
    (re.compile(r"[\[({]\s*(?:@|at)\s*[\])}]", re.IGNORECASE), "@"),
    (re.compile(r"[\[({]\s*:(//)?\s*[\])}]"), r":\1"),
    (re.compile(r"\\\."), "."),
)
_SYSTEM = re.compile(r"as ?(\d{1,10})", re.IGNORECASE)
_HASH = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})", re.IGNORECASE)
_DOMAIN = re.compile(r"[^\s/@\\:]+\.[^\s/@\\:]+")
_LONGEST = 4096


class Artifact(msgspec.Struct, frozen=True):
    """A value, what it was taken for, and the keys of the index that stand for it.

    ``kind``: ip, net, domain, subdomains, url, email, hash, asn, or name (of a host, of
    a user, or any word). ``ranges`` are (section, first, last); with ``several`` keys in
    them, counts of the index are not yet counts of rows.
    """

    value: str
    kind: str
    ranges: tuple[tuple[int, int, int], ...]
    several: bool = False


def refanged(text: str) -> str:
    """``text`` without what keeps people from clicking on it (``hxxp``, ``[.]``)."""
    text = text.strip().strip("<>\"'` ")
    for pattern, plain in _DEFANGED:
        text = pattern.sub(plain, text)
    return text


def artifact(text: str, *, subdomains: bool = False) -> Artifact:
    """What ``text`` means; ``subdomains`` (or a dot in front) takes in all names below one.

    Raises:
        UsageError: it is empty, too long, or no prefix though it has a slash like one.
    """
    value = refanged(text)
    if not value or len(value) > _LONGEST:
        raise UsageError("lake.error.artifact", found=text[:80])
    return _system(value) or _network(value) or _text(value, subdomains=subdomains)


def _system(value: str) -> Artifact | None:
    found = _SYSTEM.fullmatch(value)
    return found and _of_text(f"as{int(found[1])}", "asn", f"AS{int(found[1])}")


def _network(value: str) -> Artifact | None:
    try:
        net = ipaddress.ip_network(value.strip("[]"), strict=False)
    except ValueError:
        if re.fullmatch(r"[0-9a-fA-F.:]+/\d+", value):
            raise UsageError("model.error.prefix", found=value) from None
        return None
    inside = prefix(str(net))
    single = inside.first == inside.last
    shown = str(net.network_address) if single else str(net)
    return Artifact(shown, "ip" if single else "net", (_range(inside),), several=not single)


def _range(inside: Prefix) -> tuple[int, int, int]:
    first, last = ((a.hi % _WORD) << 64 | a.lo % _WORD for a in (inside.first, inside.last))
    return (ADDRESS, first, last)


def _text(value: str, *, subdomains: bool) -> Artifact:
    if "://" in value:
        url = canonical_url(value)
        return _of_text(url, "url", url)
    if "@" in value:
        return _of_text(value.lower(), "email", value.lower())
    if _HASH.fullmatch(value):
        return _of_text(value.lower(), "hash", value.lower())
    below = subdomains or value.startswith((".", "*."))
    name = _ascii(value.removeprefix("*").strip(".").lower())
    if below and name:
        return Artifact(name, "subdomains", ((PARENT, text_key(name), text_key(name)),))
    return _of_text(name, "domain" if _DOMAIN.fullmatch(name) else "name", name)


def _of_text(key: str, kind: str, value: str) -> Artifact:
    return Artifact(value, kind, ((TEXT, text_key(key), text_key(key)),))


def _ascii(name: str) -> str:
    """An internationalised name as it is on the wire (RFC 3490); others as they are."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
