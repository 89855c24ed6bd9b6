"""Mail addresses in headers (RFC 5322, section 3.4), well-formed or as spam writes them."""

from __future__ import annotations

import re
from typing import NamedTuple

from kaname.readers.domains import canonical
from kaname.readers.mail.charsets import header_text

__all__ = ["Mailbox", "domain_of", "mailboxes"]

MOST = 1000

_SEPARATED = re.compile(r'((?:"(?:\\.|[^"\\])*"|<[^<>]*>|\([^()]*\)|[^,;"<(]|["<(])+)')
_ANGLE = re.compile(r"<\s*([^<>\s]*)\s*>")
_BARE = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")
_GROUP = re.compile(r'^[^<>"@,]*:')


class Mailbox(NamedTuple):
    """A display name, empty when there is none, and an address in lower case."""

    name: str
    address: str


def mailboxes(raw: str, charset: str | None = None) -> list[Mailbox]:
    """The mailboxes of a header; ``raw`` is as `email` gives it."""
    found = []
    for piece in _SEPARATED.findall(_GROUP.sub("", raw))[:MOST]:
        mailbox = _mailbox(piece.strip(), charset)
        if mailbox is not None:
            found.append(mailbox)
    return found


def _mailbox(piece: str, charset: str | None) -> Mailbox | None:
    # The address is what stands in the last brackets, whatever the name pretends to be.
    angles = list(_ANGLE.finditer(piece))
    if angles:
        name = piece[: angles[-1].start()].strip().strip('"').replace('\\"', '"')
        return Mailbox(header_text(name, charset), _plain(angles[-1].group(1), charset))
    bare = _BARE.search(piece)
    return Mailbox("", _plain(bare.group(), charset)) if bare else None


def _plain(address: str, charset: str | None) -> str:
    return header_text(address, charset).lower()


def domain_of(address: str) -> str:
    """The domain of an address as the lake spells it; empty when there is none."""
    return canonical(address.rpartition("@")[2].strip("[].")) if "@" in address else ""
