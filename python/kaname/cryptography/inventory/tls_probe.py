"""Asks a TLS endpoint what it supports, by many small ClientHellos of our own.

Groups are asked one by one with an empty key_share: a server that knows the group must
answer with a HelloRetryRequest naming it (RFC 8446, 4.1.4), so that no post-quantum code is
needed to see it. Suites and signature schemes are asked by elimination: all are offered,
what the server chose is struck out, until it refuses. No handshake is ever finished.
"""

from __future__ import annotations

import asyncio
import struct
import time
from typing import TYPE_CHECKING, Final

import msgspec

from kaname.cryptography.inventory.starttls import upgrade
from kaname.cryptography.inventory.tls_codes import GROUPS, GROUPS_12, SCHEMES, SUITES, SUITES_13
from kaname.cryptography.inventory.tls_hello import (
    Hello,
    Messages,
    ServerHello,
    TlsError,
    client_hello,
    messages,
    server_hello,
)
from kaname.cryptography.inventory.tls_schedule import KeyShare, open_flight

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Probe", "ProbeLimits", "TlsReport"]

_TLS13: Final = 0x0304
_OLD: Final = (0x0303, 0x0302, 0x0301)
_HELLO, _CERTIFICATE, _KEY_EXCHANGE, _VERIFY, _DONE, _FINISHED = 2, 11, 12, 15, 14, 20
_SHARES: Final = (0x001D, 0x0017, 0x0018, 0x11EC)
_TALKS: Final = 4  # talks in the clear at once: mail servers count them
_SSL2: Final = bytes.fromhex(
    "802e0100020015000000100100800200800300800400800500800600400700c0" + "a5" * 16
)
"""An SSL 2.0 CLIENT-HELLO with all seven ciphers."""


class ProbeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What probing one endpoint may cost."""

    connections: int = 16
    answer_bytes: int = 1 << 17
    answer_seconds: float = 4.0
    seconds: float = 20.0


class TlsReport(msgspec.Struct, kw_only=True):
    """What an endpoint supports. ``chain`` is DER, the leaf first."""

    versions: list[int] = []
    suites: dict[int, list[int]] = {}
    groups: list[int] = []
    groups_12: list[int] = []
    schemes: list[int] = []
    dh_bits: int | None = None
    chain: list[bytes] = []
    problems: list[str] = []
    seconds: float = 0.0


class Probe:
    """One endpoint at ``address``:``port``, called ``host``, under ``limits``.

    ``starttls`` is the protocol in which TLS has to be asked for, "" where it begins at once.
    """

    def __init__(
        self,
        address: str,
        port: int,
        *,
        host: str = "",
        limits: ProbeLimits | None = None,
        starttls: str = "",
    ) -> None:
        self.address, self.port, self.host, self.starttls = address, port, host, starttls
        self.limits = limits or ProbeLimits()
        self.report = TlsReport()
        most = _TALKS if starttls else self.limits.connections
        self._gate = asyncio.Semaphore(min(most, self.limits.connections))

    async def run(self) -> TlsReport:
        """All questions, concurrently; what the limits cut off is told in ``problems``."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self.limits.seconds):
                await self._first()
        except TimeoutError:
            self._problem(f"not finished in {self.limits.seconds:g} s")
        self.report.seconds = time.monotonic() - begun
        self.report.versions.sort()
        return self.report

    def _problem(self, reason: str) -> None:
        if reason not in self.report.problems and len(self.report.problems) < 20:
            self.report.problems.append(reason)

    async def _first(self) -> None:
        try:
            async with asyncio.timeout(self.limits.answer_seconds):
                reader, writer = await asyncio.open_connection(self.address, self.port)
                try:
                    if self.starttls:
                        await upgrade(self.starttls, reader, writer, self.host)
                finally:
                    writer.transport.abort()
        except (OSError, TimeoutError) as error:
            self._problem(f"no connection: {str(error) or 'time is over'}")
            return
        except TlsError as error:
            self._problem(str(error))
            return
        old = [self._eliminate(version) for version in _OLD]
        new = [self._group(group) for group in GROUPS]
        first = [] if self.starttls else [self._ssl2()]
        await asyncio.gather(self._tls13(), *first, self._eliminate(0x0300), *old, *new)
        self.report.groups.sort(key=list(GROUPS).index)

    async def _ask(self, data: bytes, enough: Callable[[bytes], bool]) -> bytes:
        """Send ``data`` and read until ``enough``, the end, or a limit."""
        answer = bytearray()
        async with self._gate:
            try:
                async with asyncio.timeout(self.limits.answer_seconds):
                    await self._talk(data, enough, answer)
            except TlsError as error:
                self._problem(str(error))
            except TimeoutError:
                self._problem(f"an answer took more than {self.limits.answer_seconds:g} s")
            except OSError as error:
                if not answer:
                    self._problem(f"the connection broke: {error.strerror or error}")
        return bytes(answer)

    async def _talk(self, data: bytes, enough: Callable[[bytes], bool], answer: bytearray) -> None:
        reader, writer = await asyncio.open_connection(self.address, self.port)
        try:
            if self.starttls:
                await upgrade(self.starttls, reader, writer, self.host)
            writer.write(data)
            while not enough(bytes(answer)):
                piece = await reader.read(16_384)
                if not piece:
                    break
                answer += piece
                if len(answer) > self.limits.answer_bytes:
                    self._problem("an answer is longer than the limit")
                    break
        finally:
            writer.transport.abort()

    async def _hello(self, hello: Hello, *until: int) -> Messages:
        """The answer to ``hello``, read up to a message of a type in ``until`` or an alert."""

        def enough(answer: bytes) -> bool:
            if not answer:
                return False
            try:
                found = messages(answer)
            except TlsError:
                return True
            return found.alert is not None or any(kind in until for kind, _ in found.handshakes)

        answer = await self._ask(client_hello(hello), enough)
        try:
            return messages(answer)
        except TlsError as error:
            self._problem(str(error))
            return Messages([], None, [])

    def _chosen(self, answer: Messages, version: int) -> ServerHello | None:
        for kind, message in answer.handshakes[:1]:
            if kind == _HELLO:
                try:
                    found = server_hello(message)
                except TlsError as error:
                    self._problem(str(error))
                    return None
                return found if found.version == version else None
        return None

    async def _ssl2(self) -> None:
        answer = await self._ask(_SSL2, lambda found: len(found) >= 5)
        if len(answer) >= 5 and answer[0] & 0x80 and answer[2] == 4:
            self.report.versions.append(0x0002)

    async def _group(self, group: int) -> None:
        hello = Hello(version=_TLS13, suites=tuple(SUITES_13), host=self.host, groups=(group,),
                      schemes=tuple(SCHEMES))  # fmt: skip
        chosen = self._chosen(await self._hello(hello, _HELLO), _TLS13)
        if chosen is not None and chosen.group == group:
            self.report.groups.append(group)

    async def _tls13(self) -> None:
        left = list(SUITES_13)
        while left:
            hello = Hello(version=_TLS13, suites=tuple(left), host=self.host,
                          groups=tuple(GROUPS), schemes=tuple(SCHEMES))  # fmt: skip
            chosen = self._chosen(await self._hello(hello, _HELLO), _TLS13)
            if chosen is None or chosen.suite not in left:
                break
            if _TLS13 not in self.report.suites:
                self.report.versions.append(_TLS13)
            self.report.suites.setdefault(_TLS13, []).append(chosen.suite)
            left.remove(chosen.suite)
        if _TLS13 in self.report.suites:
            await self._chain13(_SHARES)

    async def _chain13(  # noqa: C901  # two small questions to one answer
        self, groups: tuple[int, ...]
    ) -> None:
        """The chain of a TLS 1.3 server, out of its sealed flight."""
        shares = {group: KeyShare(group) for group in groups[:2]}
        hello = Hello(
            version=_TLS13, suites=tuple(self.report.suites[_TLS13]), host=self.host,
            groups=groups, schemes=tuple(SCHEMES),
            shares=tuple((group, one.public) for group, one in shares.items()),
        )  # fmt: skip
        record = client_hello(hello)
        keys: dict[str, bytes] = {}

        def flight(answer: bytes) -> list[tuple[int, bytes]]:
            found = messages(answer)
            chosen = self._chosen(found, _TLS13)
            if chosen is None or chosen.retry or chosen.group not in shares:
                return []
            if "secret" not in keys:
                keys["secret"] = shares[chosen.group].shared(chosen.share)
            said = record[5:] + found.handshakes[0][1]
            return open_flight(chosen.suite, keys["secret"], said, found.sealed)

        def enough(answer: bytes) -> bool:
            try:
                found = messages(answer)
                if found.alert is not None:
                    return True
                if found.handshakes and not found.sealed:
                    chosen = self._chosen(found, _TLS13)
                    return chosen is None or chosen.retry
                return any(kind in {_VERIFY, _FINISHED} for kind, _ in flight(answer))
            except (ValueError, KeyError):
                return True

        answer = await self._ask(record, enough)
        try:
            self._read13(flight(answer))
            chosen = self._chosen(messages(answer), _TLS13)
        except (ValueError, KeyError) as error:
            self._problem(f"the TLS 1.3 chain cannot be read: {error}")
            return
        if chosen is not None and chosen.retry and len(groups) > 2 and not self.report.chain:
            await self._chain13(groups[2:])

    def _read13(self, flight: list[tuple[int, bytes]]) -> None:
        for kind, message in flight:
            if kind == _CERTIFICATE:
                self._chain(message[5 + message[4] :], extensions=True)
            elif kind == _VERIFY:
                self._scheme(message[4:6])

    def _scheme(self, two: bytes) -> None:
        scheme = int.from_bytes(two, "big")
        if scheme not in self.report.schemes:
            self.report.schemes.append(scheme)

    def _chain(self, body: bytes, *, extensions: bool) -> None:
        at = 3
        chain: list[bytes] = []
        while at + 3 <= len(body) and len(chain) < 32:
            end = at + 3 + int.from_bytes(body[at : at + 3], "big")
            if end > len(body):
                self._problem("a certificate of the chain is cut off")
                break
            chain.append(body[at + 3 : end])
            at = end + (2 + int.from_bytes(body[end : end + 2], "big") if extensions else 0)
        for one in chain:
            if one not in self.report.chain:
                self.report.chain.append(one)

    async def _eliminate(self, version: int) -> None:
        """The suites of a version before TLS 1.3, and in TLS 1.2 what hangs on them."""
        left, found = list(SUITES), []
        while left:
            answer = await self._hello(self._old(version, tuple(left)), _HELLO)
            chosen = self._chosen(answer, version)
            if chosen is None or chosen.suite not in left:
                break
            found.append(chosen.suite)
            left.remove(chosen.suite)
        if not found:
            return
        self.report.versions.append(version)
        self.report.suites[version] = found
        if version == 0x0303:
            await asyncio.gather(self._curves(found), self._schemes(found), self._finite(found))

    def _old(
        self, version: int, suites: tuple[int, ...], *, groups: tuple[int, ...] = (),
        schemes: tuple[int, ...] = (),
    ) -> Hello:  # fmt: skip
        return Hello(
            version=version,
            suites=suites,
            host=self.host,
            groups=groups or tuple(GROUPS_12),
            schemes=schemes or tuple(SCHEMES),
        )

    async def _exchange(self, hello: Hello) -> bytes:
        """The ServerKeyExchange's content; the chain that came before it is kept."""
        answer = await self._hello(hello, _DONE)
        body = b""
        for kind, message in answer.handshakes:
            if kind == _CERTIFICATE and not self.report.chain:
                self._chain(message[4:], extensions=False)
            elif kind == _KEY_EXCHANGE:
                body = message[4:]
        return body

    async def _curves(self, suites: list[int]) -> None:
        """The curves by elimination, read from the key exchange of ECDHE suites."""
        ephemeral = tuple(one for one in suites if "_ECDHE_" in SUITES[one])
        left = list(GROUPS_12)
        while ephemeral and left:
            hello = self._old(0x0303, ephemeral, groups=tuple(left))
            body = await self._exchange(hello)
            group = int.from_bytes(body[1:3], "big") if body[:1] == b"\x03" else 0
            if group not in left:
                break
            self.report.groups_12.append(group)
            left.remove(group)
        if not ephemeral:
            await self._exchange(self._old(0x0303, tuple(suites)))

    async def _schemes(self, suites: list[int]) -> None:
        """The signature schemes of TLS 1.2 by elimination, as the key exchange names them."""
        signed = tuple(one for one in suites if "DHE_" in SUITES[one] and "anon" not in SUITES[one])
        left = list(SCHEMES)
        while signed and left:
            body = await self._exchange(self._old(0x0303, signed, schemes=tuple(left)))
            two = _after_parameters(body)
            if int.from_bytes(two, "big") not in left:
                break
            self._scheme(two)
            left.remove(int.from_bytes(two, "big"))

    async def _finite(self, suites: list[int]) -> None:
        """The bits of the prime of DHE suites."""
        finite = tuple(one for one in suites if "_DHE_" in SUITES[one])
        if not finite:
            return
        body = await self._exchange(self._old(0x0303, finite))
        if len(body) > 2:
            prime = body[2 : 2 + int.from_bytes(body[:2], "big")]
            self.report.dh_bits = int.from_bytes(prime, "big").bit_length() or None


def _after_parameters(body: bytes) -> bytes:
    """The two bytes of the signature scheme behind the ECDHE or DHE parameters."""
    try:
        if body[:1] == b"\x03":
            at = 4 + body[3]
        else:
            at = 0
            for _ in range(3):
                at += 2 + struct.unpack_from(">H", body, at)[0]
        return body[at : at + 2]
    except (IndexError, struct.error):
        return b""
