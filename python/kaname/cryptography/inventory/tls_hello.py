"""Makes a ClientHello and reads what a server answers (RFC 5246, 8446), nothing more.

Every length is checked against what is there; an answer has limits, and bytes that are no
TLS give a reason, never an exception of another kind than :class:`TlsError`.
"""

from __future__ import annotations

import ipaddress
import os
import struct
from typing import Final, NamedTuple

import msgspec

__all__ = ["Hello", "Messages", "ServerHello", "TlsError", "client_hello", "messages",
           "server_hello"]  # fmt: skip

_RETRY: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that is a HelloRetryRequest (RFC 8446, 4.1.3)."""
_RECORD: Final = (1 << 14) + 2048
_HANDSHAKE, _ALERT, _CIPHERTEXT, _CHANGE = 22, 21, 23, 20
_TLS13: Final = 0x0304


class TlsError(ValueError):
    """The server's answer is no TLS, or is beyond the limits."""


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """What a ClientHello offers. ``shares`` are (group, public key) pairs, may be empty."""

    version: int
    suites: tuple[int, ...]
    host: str = ""
    groups: tuple[int, ...] = ()
    schemes: tuple[int, ...] = ()
    shares: tuple[tuple[int, bytes], ...] = ()


class ServerHello(NamedTuple):
    """What a server chose. ``group`` is None before TLS 1.3."""

    version: int
    suite: int
    retry: bool
    group: int | None
    share: bytes


class Messages(NamedTuple):
    """What an answer holds so far: handshake messages (type, whole bytes), alert, cipher text."""

    handshakes: list[tuple[int, bytes]]
    alert: int | None
    sealed: list[bytes]


def _list16(values: bytes) -> bytes:
    return struct.pack(">H", len(values)) + values


def _words(values: tuple[int, ...]) -> bytes:
    return b"".join(struct.pack(">H", one) for one in values)


def _extension(number: int, body: bytes) -> bytes:
    return struct.pack(">H", number) + _list16(body)


def client_hello(hello: Hello) -> bytes:
    """The record of the ClientHello that ``hello`` describes."""
    legacy = min(hello.version, 0x0303)
    body = struct.pack(">H", legacy) + os.urandom(32)
    body += b"\x20" + os.urandom(32) if hello.version == _TLS13 else b"\0"
    body += _list16(_words(hello.suites)) + b"\x01\0"
    if hello.version > 0x0300:  # SSL 3.0 knows no extensions
        body += _list16(_extensions(hello))
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return struct.pack(">BH", _HANDSHAKE, min(legacy, 0x0301)) + _list16(message)


def _extensions(hello: Hello) -> bytes:
    out = b""
    if hello.host and not _is_address(hello.host):
        name = hello.host.encode("idna")
        out += _extension(0, _list16(b"\0" + _list16(name)))
    if hello.groups:
        out += _extension(10, _list16(_words(hello.groups)))
        out += _extension(11, b"\x01\0")
    if hello.schemes and hello.version >= 0x0303:
        out += _extension(13, _list16(_words(hello.schemes)))
    if hello.version < _TLS13:
        return out + _extension(0xFF01, b"\0")
    out += _extension(43, b"\x02" + struct.pack(">H", _TLS13))
    shares = b"".join(struct.pack(">H", group) + _list16(key) for group, key in hello.shares)
    return out + _extension(51, _list16(shares))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def messages(data: bytes) -> Messages:
    """The whole records and handshake messages at the head of ``data``.

    What is still cut off is left out. Raises :class:`TlsError` when no TLS record is there.
    """
    at, stream, alert = 0, b"", None
    sealed: list[bytes] = []
    while at + 5 <= len(data):
        kind, major, _, length = struct.unpack_from(">BBBH", data, at)
        if kind not in {_HANDSHAKE, _ALERT, _CIPHERTEXT, _CHANGE} or major != 3:
            raise TlsError(f"no TLS record: it begins with {data[at : at + 8].hex()}")
        if length > _RECORD:
            raise TlsError(f"a record of {length} bytes; TLS allows {_RECORD}")
        if at + 5 + length > len(data):
            break
        body = data[at + 5 : at + 5 + length]
        if kind == _HANDSHAKE:
            stream += body
        elif kind == _ALERT and length >= 2:
            alert = body[1]
        elif kind == _CIPHERTEXT:
            sealed.append(data[at : at + 5 + length])
        at += 5 + length
    return Messages(split(stream), alert, sealed)


def split(stream: bytes) -> list[tuple[int, bytes]]:
    """The whole handshake messages at the head of ``stream``: (type, bytes with the head)."""
    found, at = [], 0
    while at + 4 <= len(stream):
        end = at + 4 + int.from_bytes(stream[at + 1 : at + 4], "big")
        if end > len(stream):
            break
        found.append((stream[at], stream[at:end]))
        at = end
    return found


def server_hello(message: bytes) -> ServerHello:
    """A ServerHello or HelloRetryRequest out of its handshake ``message`` (with the head)."""
    try:
        version = int.from_bytes(message[4:6], "big")
        retry = message[6:38] == _RETRY
        at = 39 + message[38]
        (suite,) = struct.unpack_from(">H", message, at)
        at += 3
        group, share = None, b""
        for number, body in _server_extensions(message, at):
            if number == 43 and len(body) == 2:
                version = int.from_bytes(body, "big")
            elif number == 51 and len(body) >= 2:
                group, share = int.from_bytes(body[:2], "big"), body[4:]
    except (IndexError, struct.error) as error:
        raise TlsError("a ServerHello that is cut off") from error
    return ServerHello(version, suite, retry, group, share)


def _server_extensions(message: bytes, at: int) -> list[tuple[int, bytes]]:
    if at + 2 > len(message):
        return []
    at += 2
    found = []
    while at + 4 <= len(message):
        number, length = struct.unpack_from(">HH", message, at)
        found.append((number, message[at + 4 : at + 4 + length]))
        at += 4 + length
    return found
