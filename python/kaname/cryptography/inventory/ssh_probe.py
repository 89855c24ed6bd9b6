"""Asks an SSH server for its banner and KEXINIT lists (RFC 4253, 7.1), and goes away."""

from __future__ import annotations

import asyncio
import re
import struct
from functools import lru_cache
from typing import Final

import msgspec

from kaname.cryptography.inventory.item import Use

__all__ = ["LISTS", "SshReport", "parse_kexinit", "probe_ssh", "ssh_algorithm"]

LISTS: Final = (
    "key-exchange", "host-key", "cipher-to-server", "cipher-to-client", "mac-to-server",
    "mac-to-client",
)  # fmt: skip
_BANNER: Final = 16_384
_PACKET: Final = 35_000
_EXCHANGE: Final = {
    "mlkem768x25519-sha256": ("X25519MLKEM768", None),
    "mlkem768nistp256-sha256": ("SecP256r1MLKEM768", None),
    "mlkem1024nistp384-sha384": ("SecP384r1MLKEM1024", None),
    "sntrup761x25519-sha512": ("sntrup761x25519", None),
    "curve25519-sha256": ("X25519", "255"), "curve448-sha512": ("X448", "448"),
    "diffie-hellman-group1-sha1": ("DH", "1024"), "diffie-hellman-group14-sha1": ("DH", "2048"),
    "diffie-hellman-group14-sha256": ("DH", "2048"),
    "diffie-hellman-group15-sha512": ("DH", "3072"),
    "diffie-hellman-group16-sha512": ("DH", "4096"),
    "diffie-hellman-group17-sha512": ("DH", "6144"),
    "diffie-hellman-group18-sha512": ("DH", "8192"),
    "ecdh-sha2-nistp256": ("ECDH", "P-256"), "ecdh-sha2-nistp384": ("ECDH", "P-384"),
    "ecdh-sha2-nistp521": ("ECDH", "P-521"),
}  # fmt: skip
_KEYS: Final = {
    "ssh-rsa": "RSA", "rsa-sha2-256": "RSA", "rsa-sha2-512": "RSA", "ssh-dss": "DSA",
    "ssh-ed25519": "Ed25519", "ssh-ed448": "Ed448", "ssh-mldsa-65": "ML-DSA-65",
}  # fmt: skip


class SshReport(msgspec.Struct, kw_only=True):
    """An SSH server's banner and lists by the names of :data:`LISTS`."""

    banner: str = ""
    lists: dict[str, list[str]] = {}
    problems: list[str] = []


def parse_kexinit(payload: bytes) -> dict[str, list[str]]:
    """The lists of a KEXINIT ``payload``; ValueError when it is none."""
    if len(payload) < 17 or payload[0] != 20:
        raise ValueError("no KEXINIT")
    at, found = 17, {}
    for name in LISTS:
        if at + 4 > len(payload):
            raise ValueError("a KEXINIT that is cut off")
        (length,) = struct.unpack_from(">I", payload, at)
        end = at + 4 + length
        if end > len(payload):
            raise ValueError("a KEXINIT that is cut off")
        words = payload[at + 4 : end].decode("ascii", "replace").split(",")
        found[name] = [word[:64] for word in words if word][:200]
        at = end
    return found


async def probe_ssh(address: str, port: int, *, seconds: float = 6.0) -> SshReport:
    """What the server at ``address`` offers; a silent or odd one is told in ``problems``."""
    report = SshReport()
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address, port, limit=_BANNER)
            try:
                writer.write(b"SSH-2.0-kaname\r\n")
                report.banner = await _banner(reader)
                (length, padding) = struct.unpack(">IB", await reader.readexactly(5))
                if not 6 <= length <= _PACKET:
                    raise ValueError(f"a packet of {length} bytes")
                payload = await reader.readexactly(length - 1)
                report.lists = parse_kexinit(payload[: max(0, len(payload) - padding)])
            finally:
                writer.transport.abort()
    except TimeoutError:
        report.problems.append(f"no answer in {seconds:g} s")
    except (ValueError, asyncio.IncompleteReadError) as error:
        report.problems.append(f"no SSH: {error}")
    except OSError as error:
        report.problems.append(f"no connection: {error.strerror or error}")
    return report


async def _banner(reader: asyncio.StreamReader) -> str:
    """The identification, before which a server may send other lines (RFC 4253, 4.2)."""
    for _ in range(50):
        line = await reader.readline()
        if not line:
            raise ValueError("it ended before its banner")
        if line.startswith(b"SSH-"):
            return line[:255].decode("utf-8", "replace").strip()
    raise ValueError("fifty lines and no banner")


@lru_cache(4096)
def ssh_algorithm(name: str, of: str) -> tuple[str, str | None, Use]:
    """Algorithm, parameter and use of an SSH ``name`` in the list ``of`` (see :data:`LISTS`)."""
    bare = re.sub(r"@(openssh\.com|libssh\.org|lysator\.liu\.se|ssh\.com)$", "", name)
    if of == "key-exchange":
        known = _EXCHANGE.get(bare)
        if known is None:
            known = ("DH", None) if bare.startswith("diffie-hellman") else (name, None)
        hybrid = "mlkem" in bare or "sntrup" in bare
        return *known, "kem" if hybrid else "key-agreement"
    if of == "host-key":
        bare = bare.removeprefix("sk-").removesuffix("-cert-v01")
        if bare.startswith("ecdsa-sha2-nistp"):
            return "ECDSA", f"P-{bare[16:]}", "sign"
        return _KEYS.get(bare, name), {"Ed25519": "255"}.get(_KEYS.get(bare, "")), "sign"
    return _symmetric(bare, name, of)


def _symmetric(bare: str, name: str, of: str) -> tuple[str, str | None, Use]:
    if of.startswith("mac"):
        found = re.match(r"hmac-(sha2-256|sha2-512|sha1|md5)", bare)
        hashed = {"sha2-256": "SHA-256", "sha2-512": "SHA-512", "sha1": "SHA-1", "md5": "MD5"}
        return (f"HMAC-{hashed[found.group(1)]}" if found else name), None, "mac"
    if (found := re.match(r"aes(128|192|256)-(ctr|cbc|gcm)", bare)) is not None:
        mode = found.group(2).upper()
        return f"AES-{found.group(1)}-{mode}", None, "aead" if mode == "GCM" else "cipher"
    if bare == "chacha20-poly1305":
        return "ChaCha20-Poly1305", None, "aead"
    known = {"3des": "3DES", "arcf": "RC4", "blow": "Blowfish", "cast": "CAST5", "none": "NULL"}
    return known.get(bare[:4], name), None, "cipher"
