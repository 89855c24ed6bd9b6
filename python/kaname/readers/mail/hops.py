"""The way of a mail by its ``Received`` headers (RFC 5321, section 4.4), newest first.

A receiver knows only what its own servers wrote: the first hop whose address is not one of
theirs is where the mail came from; whatever stands below may be forged by the sender.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz

from kaname.model.address import Address, Prefix, prefix
from kaname.readers.columns import address_words

__all__ = ["Hop", "first_untrusted", "hops", "instant", "trusted_prefixes"]

MOST = 100
LONGEST = 4096
MOST_NESTED = 4

# Own networks of every receiver: loopback, private, link-local, unique local.
_INSIDE = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fe80::/10",
    "fc00::/7",
)
_FOLD = re.compile(r"\s+")
_COMMENT = re.compile(r"\([^()]*\)")
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]+)", re.IGNORECASE)
_FROM = re.compile(r"^from\s+(\S+)", re.IGNORECASE)
_HELO = re.compile(r"\b(?:helo|ehlo)[=\s]+([^\s)]+)", re.IGNORECASE)
_WITH = re.compile(r"\swith\s+([A-Za-z0-9]+)", re.IGNORECASE)
_BRACKETED = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]", re.IGNORECASE)
_BARE = re.compile(r"[\s(@]([0-9A-Fa-f]*[:.][0-9A-Fa-f:.]+)(?=[\s):]|$)")
_REVERSE = re.compile(r"\(([A-Za-z0-9](?:[\w.-]*[\w])?)\.?\s+\[")
_NO_NAME = {"unknown", "localhost", "may", "helo", "ehlo"}


@dataclass(frozen=True, slots=True)
class Hop:
    """One ``Received`` header. ``address`` is the sender's as the receiver saw it."""

    by: str | None
    helo: str | None
    rdns: str | None
    ip: str | None
    protocol: str | None
    ts: int | None  # microseconds UTC

    @property
    def address(self) -> Address | None:
        """The address as two words."""
        words = address_words(self.ip) if self.ip else None
        return Address(*words) if words else None


def hops(headers: Iterable[str]) -> list[Hop]:
    """The hops of ``Received`` headers in the order in which they stand."""
    return [_hop(_FOLD.sub(" ", text[:LONGEST]).strip()) for text in list(headers)[:MOST]]


def _hop(text: str) -> Hop:
    trace, _, date = text.rpartition(";")
    trace = trace or text
    by = _BY.search(_outside(trace))
    sender = trace[: by.start()] if by else trace
    first = _FROM.match(sender)
    helo, rdns = _names(sender, first.group(1) if first else None)
    protocol = _WITH.search(trace)
    return Hop(
        by=by.group(1).lower() if by else None,
        helo=helo,
        rdns=rdns,
        ip=_address(sender) if first else None,
        protocol=protocol.group(1).upper() if protocol else None,
        ts=instant(date),
    )


def _outside(trace: str) -> str:
    """The trace with its comments blanked, so that words in them are not taken for clauses."""
    for _ in range(MOST_NESTED):
        blanked = _COMMENT.sub(lambda found: " " * len(found.group()), trace)
        if blanked == trace:
            break
        trace = blanked
    return trace


def _names(sender: str, first: str | None) -> tuple[str | None, str | None]:
    """(name said in HELO, reverse name).

    Postfix and sendmail write the name of HELO first; Exim and qmail write the reverse name
    first when they write HELO by word.
    """
    said = _HELO.search(sender)
    if said:
        return _name(said.group(1)), _reverse(first)
    reverse = _REVERSE.search(sender)
    return _name(first), _name(reverse.group(1)) if reverse else None


def _name(text: str | None) -> str | None:
    plain = (text or "").strip("[]().").lower()
    return plain if plain and plain not in _NO_NAME else None


def _reverse(text: str | None) -> str | None:
    """Where there is no reverse name, Exim writes the address."""
    plain = _name(text)
    return None if plain and address_words(plain.removeprefix("ipv6:")) else plain


def _address(sender: str) -> str | None:
    for pattern in (_BRACKETED, _BARE):
        for found in pattern.findall(sender):
            plain = found.rstrip(".")
            if address_words(plain) is not None:
                return str(plain)
    return None


def instant(date: str) -> int | None:
    """A date (RFC 5322, section 3.3) in microseconds UTC; None when it is none."""
    try:
        parsed = parsedate_tz(date)
        return mktime_tz(parsed) * 1_000_000 if parsed else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def trusted_prefixes(option: str) -> tuple[Prefix, ...]:
    """The receiver's own networks: the private ones and those of ``option`` (commas between).

    Raises:
        UsageError: one of them is no prefix.
    """
    given = [text for text in re.split(r"[,\s]+", option) if text]
    return tuple(prefix(text) for text in (*_INSIDE, *given))


def first_untrusted(way: Sequence[Hop], trusted: Sequence[Prefix]) -> int | None:
    """Index of the first hop whose address is not the receiver's own, if there is one."""
    for place, hop in enumerate(way):
        address = hop.address
        if address is not None and not any(net.contains(address) for net in trusted):
            return place
    return None
