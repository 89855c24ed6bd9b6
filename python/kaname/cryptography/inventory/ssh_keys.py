"""SSH public keys: .pub, authorized_keys, known_hosts, OpenSSH certificates (RFC 4253, 5656)."""

from __future__ import annotations

import binascii
import re
import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kaname.cryptography.inventory.item import Item, make, malformed
from kaname.cryptography.inventory.ssh_probe import ssh_algorithm
from kaname.cryptography.inventory.strength import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SSH_LINE", "blob_items", "name_blob", "ssh_items"]

SSH_LINE: Final = re.compile(
    rb"(?:^|(?<=[ \t]))((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]{3,60})[ \t]+([A-Za-z0-9+/=]{8,})",
    re.MULTILINE,
)
_CERTIFICATE: Final = "-cert-v01@openssh.com"
_FIELDS: Final = (("ssh-rsa", 2), ("ssh-dss", 4), ("ecdsa-", 2), ("sk-ecdsa-", 3),
                  ("sk-ssh-ed25519", 2), ("ssh-ed25519", 1))  # fmt: skip
"""How many fields a key of each kind has."""
_OPTIONS: Final = 8192  # bytes before a key on its line
_LAST: Final = 253_402_300_799  # 9999-12-31, seconds: later is for ever


def _field(blob: bytes, offset: int) -> tuple[bytes, int]:
    if offset + 4 > len(blob):
        raise ValueError("the key is cut off")
    (length,) = struct.unpack_from(">I", blob, offset)
    end = offset + 4 + length
    if end > len(blob):
        raise ValueError(f"a field says {length} bytes, {len(blob) - offset - 4} are there")
    return blob[offset + 4 : end], end


def name_blob(blob: bytes) -> tuple[str, str | None, str]:
    """Algorithm, parameter and SSH's own name of the key in ``blob``; ValueError when damaged."""
    kind, offset = _field(blob, 0)
    name = kind.decode("ascii")
    if name.endswith(_CERTIFICATE):
        _, offset = _field(blob, offset)  # the nonce
    bare = name.removesuffix(_CERTIFICATE).removesuffix("@openssh.com").removeprefix("sk-")
    if bare == "ssh-rsa":
        _, offset = _field(blob, offset)
        modulus, _ = _field(blob, offset)
        return "RSA", str(int.from_bytes(modulus, "big").bit_length()), name
    if bare == "ssh-dss":
        prime, _ = _field(blob, offset)
        return "DSA", str(int.from_bytes(prime, "big").bit_length()), name
    if bare.startswith("ecdsa-sha2-"):
        curve, _ = _field(blob, offset)
        return "ECDSA", canonical(curve.decode("ascii")), name
    known = {"ssh-ed25519": ("Ed25519", "255"), "ssh-ed448": ("Ed448", "448")}
    algorithm, parameter = known.get(bare, (name, None))
    _field(blob, offset)
    return algorithm, parameter, name


def _agreeing(blob: bytes, said: str) -> tuple[str, str | None, str]:
    """The key's names; ValueError when the line before it ``said`` another kind."""
    algorithm, parameter, name = name_blob(blob)
    if name != said:
        raise ValueError(f"the line says {said}, the key {name}")
    return algorithm, parameter, name


def ssh_items(data: bytes, location: str) -> Iterator[Item]:
    """An item for each key of a file with SSH public keys, one a line."""
    line, counted = 1, 0
    for found in SSH_LINE.finditer(data):
        line += data.count(b"\n", counted, found.start())
        counted = found.start()
        first = max(0, found.start() - _OPTIONS)
        before = data[max(first, data.rfind(b"\n", first, found.start()) + 1) : found.start()]
        before = before.strip()
        if before.startswith(b"#") or before.count(b'"') % 2:
            continue  # a comment; a word inside the quotes of an option
        try:
            blob = binascii.a2b_base64(found.group(2), strict_mode=True)
            named = _agreeing(blob, found.group(1).decode())
        except ValueError as error:
            yield malformed(location, str(error), "SSH", line=line, evidence=found.group())
            continue
        yield from blob_items(blob, named, location, line, before)


def blob_items(
    blob: bytes, named: tuple[str, str | None, str], location: str, line: int, before: bytes = b""
) -> Iterator[Item]:
    """The item of a key, and of an OpenSSH certificate who signed it, and how."""
    algorithm, parameter, name = named
    details: dict[str, Any] = {"form": "SSH", "ssh_type": name}
    if before:
        details["before"] = before[:200].decode("utf-8", "replace")
    signed = None
    if name.endswith(_CERTIFICATE):
        try:
            signed = _certified(blob, name)
        except (ValueError, struct.error) as error:
            yield malformed(location, f"{name}: {error}", "SSH", line=line, evidence=blob)
            return
    yield make("public-key", location, algorithm, parameter, "sign", line=line, details=details,
               not_before=signed.after if signed else None,
               not_after=signed.before if signed else None, evidence=blob)  # fmt: skip
    if signed is not None:
        role = {"form": "SSH", "role": "authority", "ssh_type": signed.authority[2]}
        yield make("public-key", location, signed.authority[0], signed.authority[1], "sign",
                   line=line, details=role, evidence=blob + b"\0authority")  # fmt: skip
        how, size, use = ssh_algorithm(signed.scheme, "host-key")
        yield make("algorithm", location, how, size, use, line=line, evidence=blob + b"\0signed",
                   details={"form": "SSH", "ssh": signed.scheme})  # fmt: skip


class _Signed(NamedTuple):
    """What stands behind the key of an OpenSSH certificate (PROTOCOL.certkeys)."""

    after: int | None
    before: int | None
    authority: tuple[str, str | None, str]
    scheme: str


def _certified(blob: bytes, name: str) -> _Signed:
    bare = name.removesuffix(_CERTIFICATE)
    count = next((n for start, n in _FIELDS if bare.startswith(start)), 1)
    offset = 0
    for _ in range(2 + count):  # its name, the nonce, the key's own fields
        _, offset = _field(blob, offset)
    offset += 8 + 4  # serial number, kind
    for _ in range(2):  # key id, principals
        _, offset = _field(blob, offset)
    after, before = struct.unpack_from(">QQ", blob, offset)
    offset += 16
    for _ in range(3):  # critical options, extensions, reserved
        _, offset = _field(blob, offset)
    authority, offset = _field(blob, offset)
    signature, _ = _field(blob, offset)
    scheme, _ = _field(signature, 0)
    last = None if before > _LAST else before * 1_000_000
    return _Signed(min(after, _LAST) * 1_000_000, last, name_blob(authority),
                   scheme[:64].decode("ascii"))  # fmt: skip
