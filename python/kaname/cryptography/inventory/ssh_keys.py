"""SSH public keys: .pub, authorized_keys, known_hosts, OpenSSH certificates (RFC 4253, 5656)."""

from __future__ import annotations

import binascii
import re
import struct
from typing import TYPE_CHECKING, Final

from kaname.cryptography.inventory.item import Item, make, malformed
from kaname.cryptography.inventory.strength import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SSH_LINE", "name_blob", "ssh_items"]

SSH_LINE: Final = re.compile(
    rb"(?:^|(?<=[ \t]))((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]{3,60})[ \t]+([A-Za-z0-9+/=]{8,})",
    re.MULTILINE,
)
_CERTIFICATE: Final = "-cert-v01@openssh.com"


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
        try:
            blob = binascii.a2b_base64(found.group(2), strict_mode=True)
            algorithm, parameter, name = _agreeing(blob, found.group(1).decode())
        except ValueError as error:
            yield malformed(location, str(error), "SSH", line=line, evidence=found.group())
            continue
        before = data[data.rfind(b"\n", 0, found.start()) + 1 : found.start()].strip()
        details = {"form": "SSH", "ssh_type": name}
        if before:
            details["before"] = before[:200].decode("utf-8", "replace")
        yield make("public-key", location, algorithm, parameter, "sign", line=line,
                   details=details, evidence=blob)  # fmt: skip
