"""Asks an IKEv2 responder what it accepts, by IKE_SA_INIT requests of our own (RFC 7296).

Each request proposes one transform with all of the other types, and a key exchange payload
of another group than the one proposed: who accepts the proposal must answer
INVALID_KE_PAYLOAD naming the group (RFC 7296, 1.2), and who does not NO_PROPOSAL_CHOSEN. No
half-open association is left behind and no key is agreed on. ML-KEM is asked for as a
first additional key exchange (RFC 9370), and by itself.
"""

from __future__ import annotations

import asyncio
import os
import struct
import time
from typing import TYPE_CHECKING, Final

import msgspec

from kaname.cryptography.inventory.ike_codes import CIPHERS, EXCHANGES, INTEGRITY, PRFS
from kaname.cryptography.inventory.ike_v1 import Chosen, chosen, main_mode

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["IkeError", "IkeReport", "Proposal", "notification", "probe_ike", "sa_init"]

_SA_INIT, _REQUEST = 34, 0x08
_SA, _KE, _NONCE, _NOTIFY = 33, 34, 40, 41
_INVALID_KE, _COOKIE, _INTERMEDIATE = 17, 16390, 16438
_ENCR, _PRF, _INTEG, _GROUP, _EXTRA = 1, 2, 3, 4, 6
_STATUS: Final = 16384  # notifications from here on tell a state, no error
_AEAD: Final = frozenset({14, 15, 16, 18, 19, 20, 28})
_PAYLOADS: Final = 64
_LARGEST: Final = 65_535
_LATER: Final = 1024
"""A group number of private use for the payload that matches no proposal."""


class IkeError(ValueError):
    """The answer is no IKE, or is cut off."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """The transforms of a proposal, by their IANA numbers; a cipher is (number, key length)."""

    ciphers: tuple[tuple[int, int], ...] = tuple(CIPHERS)
    prfs: tuple[int, ...] = tuple(PRFS)
    integrity: tuple[int, ...] = tuple(INTEGRITY)
    groups: tuple[int, ...] = ()
    extra: tuple[int, ...] = ()


class IkeReport(msgspec.Struct, kw_only=True):
    """What a responder accepts: transforms by number; ``extra`` as additional exchange."""

    answered: bool = False
    ciphers: list[tuple[int, int]] = []
    prfs: list[int] = []
    integrity: list[int] = []
    groups: list[int] = []
    extra: list[int] = []
    version_1: Chosen | None = None
    problems: list[str] = []
    seconds: float = 0.0


def _transform(kind: int, number: int, bits: int = 0, *, last: bool) -> bytes:
    attribute = struct.pack(">HH", 0x800E, bits) if bits else b""
    head = struct.pack(">BBHBBH", 0 if last else 3, 0, 8 + len(attribute), kind, 0, number)
    return head + attribute


def _proposal(one: Proposal, number: int, *, aead: bool, last: bool) -> bytes:
    wanted = [(_ENCR, *cipher) for cipher in one.ciphers if (cipher[0] in _AEAD) == aead]
    if not wanted:
        return b""
    wanted += [(_PRF, prf, 0) for prf in one.prfs]
    wanted += [] if aead else [(_INTEG, integrity, 0) for integrity in one.integrity]
    wanted += [(_GROUP, group, 0) for group in one.groups]
    wanted += [(_EXTRA, extra, 0) for extra in one.extra]
    body = b"".join(
        _transform(kind, code, bits, last=at == len(wanted) - 1)
        for at, (kind, code, bits) in enumerate(wanted)
    )
    head = struct.pack(">BBHBBBB", 0 if last else 2, 0, 8 + len(body), number, 1, 0, len(wanted))
    return head + body


def _payload(following: int, body: bytes) -> bytes:
    return struct.pack(">BBH", following, 0, 4 + len(body)) + body


def sa_init(one: Proposal, spi: bytes, cookie: bytes = b"") -> bytes:
    """The IKE_SA_INIT request that proposes ``one``; ``spi`` are the initiator's 8 bytes."""
    sealed = _proposal(one, 1, aead=True, last=True)
    plain = _proposal(one, 2 if sealed else 1, aead=False, last=True)
    if sealed and plain:
        sealed = b"\x02" + sealed[1:]
    parts = [
        (_SA, sealed + plain),
        (_KE, struct.pack(">HH", _LATER, 0) + os.urandom(32)),
        (_NONCE, os.urandom(32)),
    ]
    if one.extra:
        parts.append((_NOTIFY, struct.pack(">BBH", 0, 0, _INTERMEDIATE)))
    if cookie:
        parts.insert(0, (_NOTIFY, struct.pack(">BBH", 0, 0, _COOKIE) + cookie))
    kinds = [kind for kind, _ in parts]
    body = b"".join(
        _payload(following, content)
        for (_, content), following in zip(parts, [*kinds[1:], 0], strict=True)
    )
    head = spi + bytes(8) + struct.pack(">BBBBII", kinds[0], 0x20, _SA_INIT, _REQUEST, 0,
                                        28 + len(body))  # fmt: skip
    return head + body


def notification(data: bytes) -> tuple[int, bytes]:
    """The first notification of an IKE_SA_INIT answer: its type and data; (0, b"") without one.

    Raises :class:`IkeError`.
    """
    if len(data) < 28 or len(data) > _LARGEST:
        raise IkeError(f"an answer of {len(data)} bytes")
    following, version, exchange = data[16], data[17], data[18]
    if version >> 4 != 2 or exchange != _SA_INIT:
        raise IkeError(f"an answer of version {version >> 4}, exchange {exchange}")
    for kind, body in _payloads(data, following):
        if kind == _NOTIFY and len(body) >= 4:
            number = int.from_bytes(body[2:4], "big")
            if number == _COOKIE or number < _STATUS:
                return number, body[4 + body[1] :]
    return 0, b""


def _payloads(data: bytes, following: int) -> Iterator[tuple[int, bytes]]:
    at = 28
    for _ in range(_PAYLOADS):
        if following == 0:
            return
        if at + 4 > len(data):
            raise IkeError("an answer that is cut off")
        kind, following = following, data[at]
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 4 or at + length > len(data):
            raise IkeError(f"a payload of {length} bytes, fewer are there")
        yield kind, data[at + 4 : at + length]
        at += length
    raise IkeError("too many payloads")


class _Protocol(asyncio.DatagramProtocol):
    """Hands each answer to who asked with its SPI."""

    def __init__(self) -> None:
        self.waiting: dict[bytes, asyncio.Future[bytes]] = {}
        self.problem = ""

    def datagram_received(self, data: bytes, _addr: object) -> None:
        waiting = self.waiting.get(data[:8])
        if waiting is not None and not waiting.done():
            waiting.set_result(data)

    def error_received(self, exc: Exception) -> None:
        self.problem = f"no answer: {getattr(exc, 'strerror', None) or exc}"


class _Probe:
    """One responder."""

    def __init__(self, transport: asyncio.DatagramTransport, protocol: _Protocol, *,
                 marker: bytes, seconds: float) -> None:  # fmt: skip
        self.transport, self.protocol, self.marker = transport, protocol, marker
        self.seconds = seconds
        self.report = IkeReport()
        self.gate = asyncio.Semaphore(4)

    def _problem(self, reason: str) -> None:
        if reason not in self.report.problems and len(self.report.problems) < 20:
            self.report.problems.append(reason)

    async def _exchange(self, one: Proposal, cookie: bytes = b"") -> tuple[int, bytes] | None:
        """The notification in answer to ``one``; None when nothing came, twice."""
        spi = os.urandom(8)
        key = (self.marker + spi)[:8]
        for _ in range(2):
            future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            self.protocol.waiting[key] = future
            self.transport.sendto(self.marker + sa_init(one, spi, cookie))
            try:
                async with asyncio.timeout(self.seconds):
                    data = await future
            except TimeoutError:
                continue
            finally:
                self.protocol.waiting.pop(key, None)
            self.report.answered = True
            return notification(data[len(self.marker) :])
        return None

    async def old(self) -> None:
        """Ask once whether IKEv1 is spoken too."""
        spi = os.urandom(8)
        key = (self.marker + spi)[:8]
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.protocol.waiting[key] = future
        self.transport.sendto(self.marker + main_mode(spi))
        try:
            async with asyncio.timeout(self.seconds):
                self.report.version_1 = chosen((await future)[len(self.marker) :])
        except TimeoutError:
            pass
        finally:
            self.protocol.waiting.pop(key, None)

    async def accepts(self, one: Proposal) -> bool:
        """Whether ``one`` is accepted."""
        async with self.gate:
            try:
                found = await self._exchange(one)
                if found is not None and found[0] == _COOKIE:
                    found = await self._exchange(one, found[1][:64])
            except IkeError as error:
                self._problem(str(error))
                return False
        if found is None:
            return False
        return found[0] == _INVALID_KE or (found[0] == 0 and bool(one.groups))

    async def run(self) -> None:
        """Groups first; with one that is accepted the other types."""
        first = await self.accepts(Proposal(groups=tuple(EXCHANGES)))
        if not first:
            if self.report.answered:
                self._problem("no proposal is accepted")
            return
        groups = [g for g in EXCHANGES if g]
        found = await asyncio.gather(*(self.accepts(Proposal(groups=(g,))) for g in groups))
        self.report.groups = [g for g, yes in zip(groups, found, strict=True) if yes]
        if not self.report.groups:
            return
        with_ = (self.report.groups[0],)
        asked = (
            [("ciphers", c, Proposal(groups=with_, ciphers=(c,))) for c in CIPHERS]
            + [("prfs", p, Proposal(groups=with_, prfs=(p,))) for p in PRFS]
            + [("integrity", i, Proposal(groups=with_, integrity=(i,),
                                         ciphers=tuple(c for c in CIPHERS if c[0] not in _AEAD)))
               for i in INTEGRITY]
            + [("extra", e, Proposal(groups=with_, extra=(e,))) for e in (35, 36, 37)]
        )  # fmt: skip
        answers = await asyncio.gather(*(self.accepts(one) for _, _, one in asked))
        for (name, number, _), yes in zip(asked, answers, strict=True):
            if yes:
                getattr(self.report, name).append(number)


async def probe_ike(
    address: str, port: int, *, seconds: float = 20.0, answer_seconds: float = 1.0
) -> IkeReport:
    """What the responder at ``address`` accepts; a silent or odd one is told in ``problems``.

    On port 4500 each message is marked as no ESP (RFC 3948, 2.2).
    """
    begun = time.monotonic()
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.create_datagram_endpoint(
            _Protocol, remote_addr=(address, port)
        )
    except OSError as error:
        return IkeReport(problems=[f"no connection: {error.strerror or error}"])
    marker = bytes(4) if port == 4500 else b""
    probe = _Probe(transport, protocol, marker=marker, seconds=answer_seconds)
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(probe.run(), probe.old())
    except TimeoutError:
        probe.report.problems.append(f"not finished in {seconds:g} s")
    finally:
        transport.close()
    if not probe.report.answered and probe.report.version_1 is None:
        probe.report.problems.append(protocol.problem or "no answer")
    probe.report.seconds = time.monotonic() - begun
    return probe.report
