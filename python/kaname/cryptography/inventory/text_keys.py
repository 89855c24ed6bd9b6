"""Keys in texts of their own form: PuTTY, SSH2, age, WireGuard, and PEM inside base64.

The secret halves are neither read nor kept: a hash of the line is the evidence.
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Any, Final

from kaname.cryptography.inventory.item import Item, make, malformed
from kaname.cryptography.inventory.lines import Lines
from kaname.cryptography.inventory.ssh_keys import blob_items, name_blob

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["embedded_pem", "text_key_items"]

_LARGEST: Final = 4 << 20
_PPK: Final = re.compile(
    rb"^PuTTY-User-Key-File-([23]): (\S{3,60})\r?\nEncryption: (\S{1,40})\r?\n(?:Comment:[^\n]*\n)?"
    rb"Public-Lines: (\d{1,4})\r?\n"
)
_BEGIN, _END = b"---- BEGIN SSH2 PUBLIC KEY ----", b"---- END SSH2 PUBLIC KEY ----"
_BLOCK: Final = 40_000
_HEADERS: Final = re.compile(rb"^[^\n:]{1,64}:(?:[^\n]*\\\r?\n)*[^\n]*$", re.MULTILINE)
_AGE: Final = re.compile(
    rb"(?<![A-Za-z0-9])(age1[02-9ac-hj-np-z]{58}|AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58})(?![a-z0-9])"
)
_WIREGUARD: Final = re.compile(
    rb"^[ \t]*(PrivateKey|PublicKey|PresharedKey)[ \t]*=[ \t]*([A-Za-z0-9+/]{43}=)[ \t]*\r?$",
    re.MULTILINE | re.IGNORECASE,
)
_PEM_IN_BASE64: Final = re.compile(rb"LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,400000}={0,2}")
_FOUND: Final = 10_000


def text_key_items(data: bytes, location: str) -> Iterator[Item]:
    """The keys of a text in one of the forms above."""
    if len(data) > _LARGEST:
        return
    if data.startswith(b"PuTTY-User-Key-File-"):
        yield from _putty(data, location)
    if b"BEGIN SSH2 PUBLIC KEY" in data:
        yield from _ssh2(data, location)
    if b"age1" in data or b"AGE-SECRET-KEY-1" in data:
        yield from _age(data, location)
    if b"[Interface]" in data or b"[Peer]" in data or b"[WireGuard" in data:
        yield from _wireguard(data, location)


def _putty(data: bytes, location: str) -> Iterator[Item]:
    found = _PPK.match(data)
    if found is None:
        yield malformed(location, "a PuTTY key of no known form", "PuTTY", evidence=data[:4096])
        return
    lines = data[found.end() :].splitlines()[: int(found.group(4))]
    try:
        blob = binascii.a2b_base64(b"".join(lines), strict_mode=True)
        algorithm, parameter, name = name_blob(blob)
    except ValueError as error:
        yield malformed(location, str(error), "PuTTY", evidence=data[:4096])
        return
    cipher = found.group(3).decode("ascii", "replace")
    kdf = re.search(rb"^Key-Derivation: (\w{1,20})", data, re.MULTILINE)
    details = {
        "form": "PuTTY", "version": int(found.group(1)), "ssh_type": name,
        "encrypted": cipher != "none", "cipher": cipher,
    }  # fmt: skip
    if kdf is not None:
        details["kdf"] = kdf.group(1).decode("ascii")
    yield make("private-key", location, algorithm, parameter, "sign", line=1, details=details,
               evidence=blob)  # fmt: skip


def _ssh2(data: bytes, location: str) -> Iterator[Item]:
    """RFC 4716: header fields, which may go on behind a backslash, then base64."""
    at, lines = data.find(_BEGIN), Lines(data)
    while at >= 0:
        start = at + len(_BEGIN)
        following = data.find(_BEGIN, start)
        end = data.find(_END, start, following if following >= 0 else len(data))
        line = lines.of(at)
        at = following
        if end < 0 or end - start > _BLOCK:
            continue
        body = _HEADERS.sub(b"", data[start:end])
        try:
            blob = binascii.a2b_base64(b"".join(body.split()), strict_mode=True)
            named = name_blob(blob)
        except ValueError as error:
            yield malformed(location, str(error), "SSH2", line=line, evidence=body)
            continue
        yield from blob_items(blob, named, location, line)


def _age(data: bytes, location: str) -> Iterator[Item]:
    lines = Lines(data)
    for number, found in enumerate(_AGE.finditer(data)):
        if number >= _FOUND:
            return
        secret = found.group().startswith(b"AGE")
        yield make("private-key" if secret else "public-key", location, "X25519", "255",
                   "key-agreement", line=lines.of(found.start()), evidence=found.group(),
                   details=_told("age", secret=secret))  # fmt: skip


def _wireguard(data: bytes, location: str) -> Iterator[Item]:
    lines = Lines(data)
    for number, found in enumerate(_WIREGUARD.finditer(data)):
        if number >= _FOUND:
            return
        name, line = found.group(1).lower(), lines.of(found.start())
        if name == b"presharedkey":
            yield make("private-key", location, "symmetric", "256", "mac", line=line,
                       evidence=found.group(2), strength=256,
                       details=_told("WireGuard", secret=True))  # fmt: skip
            continue
        secret = name == b"privatekey"
        yield make("private-key" if secret else "public-key", location, "X25519", "255",
                   "key-agreement", line=line, evidence=found.group(2),
                   details=_told("WireGuard", secret=secret))  # fmt: skip


def _told(form: str, *, secret: bool) -> dict[str, Any]:
    return {"form": form, "encrypted": False} if secret else {"form": form}


def embedded_pem(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Line and bytes of PEM that stands in base64, as in secrets of Kubernetes and kubeconfig."""
    lines = Lines(data)
    for number, found in enumerate(_PEM_IN_BASE64.finditer(data)):
        if number >= _FOUND:
            return
        try:
            yield lines.of(found.start()), binascii.a2b_base64(found.group())
        except binascii.Error:
            continue
