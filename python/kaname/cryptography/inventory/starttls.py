"""The talk before TLS of protocols that begin in the clear: STARTTLS and its kin.

SMTP (RFC 3207), LMTP, IMAP and POP3 (2595, 3501), FTP (4217), LDAP (4511, 4.14), XMPP (6120,
5), NNTP (4642), ManageSieve (5804), PostgreSQL (SSLRequest) and MySQL (protocol 4.1).
"""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import Awaitable, Callable
from typing import Final

from kaname.cryptography.inventory.tls_hello import TlsError

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Awaitable[None]]
"""What a talk is given: the two streams, and the name of the server."""

__all__ = ["STARTTLS", "upgrade"]

_LINES: Final = 100
_LARGEST: Final = 16_384


async def _line(reader: asyncio.StreamReader) -> bytes:
    line = await reader.readline()
    if not line:
        raise TlsError("it hung up before TLS could begin")
    return line[:1000]


async def _until(reader: asyncio.StreamReader, last: re.Pattern[bytes]) -> bytes:
    """The first line that ``last`` matches."""
    for _ in range(_LINES):
        line = await _line(reader)
        if last.match(line) is not None:
            return line
    raise TlsError(f"{_LINES} lines and no answer")


def _lines(greeting: bytes, hello: bytes, ask: bytes, yes: bytes) -> Talk:
    """A talk by lines: wait for ``greeting``, say ``hello``, then ``ask``, and want ``yes``."""
    codes = re.compile(rb"(\d{3} |\+OK|-ERR|\* (?:OK|BYE|PREAUTH)|OK|NO|BYE)", re.IGNORECASE)
    done = re.compile(rb"(\d{3} |\+OK|-ERR|[aA]\d (?:OK|NO|BAD)|OK|NO|BYE)", re.IGNORECASE)
    wanted = re.compile(yes, re.IGNORECASE)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _host: str) -> None:
        said = await _until(reader, codes)
        if re.match(greeting, said, re.IGNORECASE) is None:
            raise TlsError(f"it greets with {said[:80].decode('ascii', 'replace').strip()!r}")
        if hello:
            writer.write(hello.replace(b"HOST", b"kaname.invalid"))
            await _until(reader, done)
        writer.write(ask)
        said = await _until(reader, done)
        if wanted.match(said) is None:
            raise TlsError(f"no TLS: {said[:80].decode('ascii', 'replace').strip()!r}")

    return talk


async def _ldap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _host: str) -> None:
    oid = b"1.3.6.1.4.1.1466.20037"
    request = b"\x80" + bytes([len(oid)]) + oid
    message = b"\x02\x01\x01\x77" + bytes([len(request)]) + request
    writer.write(b"\x30" + bytes([len(message)]) + message)
    head = await reader.readexactly(2)
    length = head[1]
    if length & 0x80:
        length = int.from_bytes(await reader.readexactly(length & 0x7F or 1), "big")
    if head[0] != 0x30 or length > _LARGEST:
        raise TlsError("no LDAP")
    body = await reader.readexactly(length)
    if b"\x0a\x01\x00" not in body[:16]:
        raise TlsError("LDAP refuses StartTLS")


def _xmpp(kind: str) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        name = re.sub(r"[^\w.:-]", "", host)
        writer.write(
            f"<?xml version='1.0'?><stream:stream xmlns='jabber:{kind}' version='1.0' to='{name}' "
            "xmlns:stream='http://etherx.jabber.org/streams'>".encode()
        )
        await _text(reader, b"</stream:features>")
        writer.write(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        if b"<proceed" not in await _text(reader, b">"):
            raise TlsError("XMPP refuses TLS")

    return talk


async def _text(reader: asyncio.StreamReader, end: bytes) -> bytes:
    said = b""
    while end not in said:
        piece = await reader.read(4096)
        said += piece
        if not piece or len(said) > _LARGEST:
            raise TlsError("no XMPP")
    return said


async def _postgres(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _host: str) -> None:
    writer.write(struct.pack(">II", 8, 80877103))
    if await reader.readexactly(1) != b"S":
        raise TlsError("PostgreSQL refuses TLS")


async def _mysql(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _host: str) -> None:
    head = await reader.readexactly(4)
    length = int.from_bytes(head[:3], "little")
    if length > _LARGEST:
        raise TlsError("no MySQL")
    body = await reader.readexactly(length)
    if body[:1] != b"\x0a" or (end := body.find(b"\0", 1)) < 0 or len(body) < end + 16:
        raise TlsError("MySQL of another protocol")
    flags = int.from_bytes(body[end + 14 : end + 16], "little")
    if not flags & 0x0800:
        raise TlsError("MySQL refuses TLS")
    asked = struct.pack("<IIB23x", 0x0000_8A00, 1 << 24, 33)
    writer.write(len(asked).to_bytes(3, "little") + b"\x01" + asked)


STARTTLS: Final[dict[str, Talk]] = {
    "smtp": _lines(rb"220", b"EHLO HOST\r\n", b"STARTTLS\r\n", rb"220"),
    "lmtp": _lines(rb"220", b"LHLO HOST\r\n", b"STARTTLS\r\n", rb"220"),
    "imap": _lines(rb"\* OK", b"", b"a1 STARTTLS\r\n", rb"a1 OK"),
    "pop3": _lines(rb"\+OK", b"", b"STLS\r\n", rb"\+OK"),
    "ftp": _lines(rb"220", b"", b"AUTH TLS\r\n", rb"234"),
    "nntp": _lines(rb"20[01]", b"", b"STARTTLS\r\n", rb"382"),
    "sieve": _lines(rb"OK", b"", b"STARTTLS\r\n", rb"OK"),
    "ldap": _ldap, "xmpp": _xmpp("client"), "xmpp-server": _xmpp("server"),
    "postgres": _postgres, "mysql": _mysql,
}  # fmt: skip
"""The talks by the word that a scope file says."""


async def upgrade(
    kind: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str
) -> None:
    """Talk as ``kind`` until TLS may begin; :class:`TlsError` when the server will not."""
    try:
        await STARTTLS[kind](reader, writer, host)
    except (asyncio.IncompleteReadError, ValueError) as error:
        if isinstance(error, TlsError):
            raise
        raise TlsError(f"no {kind}: {error}") from error
