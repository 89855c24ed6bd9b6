"""Endpoints that begin in the clear, hostile ones, IKE responders, chains that hold or not."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.inventory.endpoints import endpoints_items
from kaname.cryptography.inventory.ike_items import ike_report_items
from kaname.cryptography.inventory.ike_probe import (
    IkeError,
    IkeReport,
    Proposal,
    notification,
    probe_ike,
    sa_init,
)
from kaname.cryptography.inventory.ike_v1 import chosen
from kaname.cryptography.inventory.scope import Endpoint, Scope, read_scope
from kaname.cryptography.inventory.ssh_probe import probe_ssh
from kaname.cryptography.inventory.tls_probe import Probe, ProbeLimits, TlsReport
from kaname.cryptography.inventory.trust import chain_status, name_matches
from kaname.model.errors import InputError

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LIMITS = ProbeLimits(answer_seconds=0.3, seconds=3)


def certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: tuple[str, ec.EllipticCurvePrivateKey] | None,
    *, last: int = 2036, host: str = "mail.example.org",
) -> x509.Certificate:  # fmt: skip
    """A certificate of ``name``, signed by ``by`` (itself without one)."""
    issuer, signer = by or (name, key)
    made = x509.CertificateBuilder(
        x509.Name.from_rfc4514_string(f"CN={issuer}"), x509.Name.from_rfc4514_string(f"CN={name}"),
        key.public_key(), 7, dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        dt.datetime(last, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    names = x509.SubjectAlternativeName([x509.DNSName(host), x509.DNSName("*.example.net")])
    return made.add_extension(names, critical=False).sign(signer, hashes.SHA256())


def der(one: x509.Certificate) -> bytes:
    """The certificate's DER."""
    return one.public_bytes(serialization.Encoding.DER)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server of TLS 1.3."""
    key = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path_factory.mktemp("tls") / "chain.pem"
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(
        certificate("mail.example.org", key, None).public_bytes(pem)
        + key.private_bytes(pem, form, serialization.NoEncryption())
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.load_cert_chain(path)
    return made


def against(talk: Talk, ask: Callable[[int], Awaitable[object]], host: str = "127.0.0.1") -> object:
    """What ``ask(port)`` gives of a loopback server that talks as ``talk`` does."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await talk(reader, writer)
        except (OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def run() -> object:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        server = await asyncio.start_server(guarded, host, 0)
        try:
            return await ask(server.sockets[0].getsockname()[1])
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0.02)

    tasks: set[asyncio.Task[None]] = set()
    return asyncio.run(run())


def script(context: ssl.SSLContext, *steps: bytes) -> Talk:
    """A server that says and awaits in turn (b">" before what it says), and then speaks TLS."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for step in steps:
            if step.startswith(b">"):
                writer.write(step[1:])
                await writer.drain()
            else:
                heard = b""
                while step not in heard:
                    piece = await reader.read(1000)
                    if not piece:
                        return
                    heard += piece
        await writer.start_tls(context)

    return talk


MYSQL = b"\x0a8.0\0" + bytes(4) + bytes(8) + b"\0" + b"\x00\x08" + bytes(30)
TALKS: dict[str, tuple[bytes, ...]] = {
    # RFC 3207, 4: several lines of EHLO, then 220.
    "smtp": (b">220-a\r\n220 mail\r\n", b"EHLO", b">250-mail\r\n250-SIZE 1\r\n250 STARTTLS\r\n",
             b"STARTTLS\r\n", b">220 go\r\n"),
    "imap": (b">* OK ready\r\n", b"a1 STARTTLS\r\n", b">* x\r\na1 OK begin\r\n"),
    "pop3": (b">+OK\r\n", b"STLS\r\n", b">+OK\r\n"),
    "ftp": (b">220 ftp\r\n", b"AUTH TLS\r\n", b">234 go\r\n"),
    # RFC 4511, 4.14.1: the request names the OID; an ExtendedResponse [APPLICATION 24], success.
    "ldap": (b"1.3.6.1.4.1.1466.20037", b">\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0"),
    "xmpp": (b"<stream:stream", b"><stream:stream><stream:features><starttls/></stream:features>",
             b"<starttls", b"><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    # PostgreSQL, "SSLRequest": 80877103.
    "postgres": (struct.pack(">II", 8, 80877103), b">S"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(TALKS))
def test_tls_that_has_to_be_asked_for_is_told(kind: str, context: ssl.SSLContext) -> None:
    found = against(
        script(context, *TALKS[kind]),
        lambda port: Probe("127.0.0.1", port, host="mail.example.org", starttls=kind).run(),
    )
    assert isinstance(found, TlsReport)
    assert found.versions == [0x0304]
    assert 0x001D in found.groups
    assert len(found.chain) == 1


def test_mysql_begins_tls_behind_its_request(context: ssl.SSLContext) -> None:
    # Plain sockets: TLS follows the request at once, and asyncio would read too far.
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                threading.Thread(target=talk, args=(client,), daemon=True).start()

    def talk(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            client.sendall(len(MYSQL).to_bytes(3, "little") + b"\0" + MYSQL)
            asked = client.recv(36, socket.MSG_WAITALL)
            if asked[:4] == b"\x20\0\0\x01" and asked[5] & 0x08:  # 32 bytes, CLIENT_SSL
                context.wrap_socket(client, server_side=True)

    threading.Thread(target=serve, daemon=True).start()
    with server:
        port = server.getsockname()[1]
        found = asyncio.run(Probe("127.0.0.1", port, starttls="mysql").run())
    assert found.versions == [0x0304]
    assert len(found.chain) == 1


@pytest.mark.parametrize(
    ("kind", "steps"),
    [("smtp", (b">220 a\r\n", b"EHLO", b">250 a\r\n", b"STARTTLS", b">454 no\r\n")),
     ("smtp", (b">HTTP/1.1 400 Bad\r\n",)), ("postgres", (b"\x04\xd2\x16\x2f", b">N")),
     ("ldap", (b"1466", b">\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\0\x04\0")),
     ("ldap", (b"1466", b">\x30\xff" + b"A" * 200)), ("imap", (b">* BYE\r\n",)),
     ("imap", (b">" + b"A" * 100_000,)), ("xmpp", (b">" + b"A" * 100_000,)),
     ("mysql", (b">\xff\xff\xff\0AAAA",)), ("pop3", (b">+OK\r\n", b"STLS", b">-ERR\r\n"))],
)  # fmt: skip
def test_a_server_that_will_not_is_told_why(
    kind: str, steps: tuple[bytes, ...], context: ssl.SSLContext
) -> None:
    found = against(
        script(context, *steps),
        lambda port: Probe("127.0.0.1", port, limits=LIMITS, starttls=kind).run(),
    )
    assert isinstance(found, TlsReport)
    assert found.problems
    assert not found.versions


async def _alert(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)
    writer.write(bytes.fromhex("15030300020228"))


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(16)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0: a reset, no end


async def _wrong_version(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)
    body = b"\x02\0\0\x26\x09\x09" + bytes(32) + b"\0\x13\x01\0"
    writer.write(b"\x16\x03\x03" + struct.pack(">H", len(body)) + body)


async def _huge_handshake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)
    writer.write((b"\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + bytes(16_380)) * 20)
    await reader.read(-1)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("talk", [_alert, _reset, _wrong_version, _huge_handshake])
def test_odd_servers_end_in_time_with_nothing_invented(talk: Talk) -> None:
    begun = time.monotonic()
    found = against(talk, lambda port: Probe("127.0.0.1", port, limits=LIMITS).run())
    assert time.monotonic() - begun < 6
    assert isinstance(found, TlsReport)
    assert not found.versions
    assert not found.chain


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no loopback of IPv6")
def test_a_server_on_ipv6_is_probed(context: ssl.SSLContext) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writer.start_tls(context)

    async def ask(port: int) -> object:
        scope = Scope(networks=["::1/128"], ports=[port], endpoints=[
            Endpoint("::1", port, name="mail.example.org")])  # fmt: skip
        return await asyncio.to_thread(endpoints_items, scope)

    items = against(talk, ask, "::1")
    (leaf,) = [one for one in items if one.kind == "certificate"]  # type: ignore[attr-defined]
    assert leaf.location.startswith("[::1]:")
    assert leaf.details["name_matches"]
    assert leaf.details["chain_status"] == "self-signed"


def test_a_silent_ssh_server_that_drips_is_left() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"A")
            await writer.drain()
            await asyncio.sleep(0.02)

    found = against(talk, lambda port: probe_ssh("127.0.0.1", port, seconds=0.3))
    assert found.problems == ["no answer in 0.3 s"]  # type: ignore[attr-defined]


def test_scopes_name_talks_that_are_known(tmp_path: Path) -> None:
    path = tmp_path / "scope.toml"
    line = '[[endpoints]]\nhost = "192.0.2.1"\nport = 25\n'
    path.write_text(line + 'starttls = "smtp"\nname = "mail.example.org"\n')
    assert read_scope(path).endpoints[0].starttls == "smtp"
    path.write_text(line + 'starttls = "telnet"\n')
    with pytest.raises(InputError):
        read_scope(path)


# --- chains -------------------------------------------------------------------------------


def test_chains_that_hold_and_that_do_not() -> None:
    root_key, leaf_key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root = certificate("root", root_key, None)
    middle = certificate("middle", other, ("root", root_key))
    leaf = certificate("mail", leaf_key, ("middle", other))
    forged = certificate("mail", leaf_key, ("middle", leaf_key))
    old = certificate("mail", leaf_key, ("middle", other), last=2021)
    roots = {root.subject.public_bytes(): [root]}
    now = int(dt.datetime(2026, 6, 1, tzinfo=dt.UTC).timestamp() * 1e6)

    def status(*chain: x509.Certificate) -> str:
        return str(chain_status([der(one) for one in chain], "", now, roots)["chain_status"])

    assert status(leaf, middle) == "trusted"
    assert status(leaf, root, middle) == "trusted"
    assert status(leaf) == "unknown-issuer"
    assert status(forged, middle) == "broken"
    assert status(old, middle) == "expired"
    assert status(certificate("mail", leaf_key, None)) == "self-signed"
    assert chain_status([b"\x30\x03\x02\x01\x01"], "a", now, roots)["chain_status"] == "unreadable"


@pytest.mark.parametrize(
    ("host", "expected"),
    # RFC 9525, 6.3: a wildcard is one whole label, the leftmost.
    [("mail.example.org", True), ("MAIL.example.org.", True), ("a.example.net", True),
     ("a.b.example.net", False), ("example.net", False), ("other.example.org", False),
     ("192.0.2.1", False)],
)  # fmt: skip
def test_names_of_certificates(host: str, *, expected: bool) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert name_matches(certificate("mail", key, None), host) is expected


# --- IKE ----------------------------------------------------------------------------------

ACCEPTED = {
    1: {(20, 256), (12, 128), (3, 0)}, 2: {(5, 0), (2, 0)}, 3: {(12, 0), (2, 0)},
    4: {(2, 0), (19, 0), (31, 0)}, 6: {(36, 0)},
}  # fmt: skip


def _transforms(data: bytes) -> list[dict[int, list[tuple[int, int]]]]:
    """The proposals of a request, read by RFC 7296, 3.3: type -> [(number, key length)]."""
    at, following, found = 28, data[16], []
    while following:
        kind, following = following, data[at]
        length = struct.unpack_from(">H", data, at + 2)[0]
        body = data[at + 4 : at + length]
        while kind == 33 and body:
            size, count = struct.unpack_from(">H", body, 2)[0], body[7]
            types: dict[int, list[tuple[int, int]]] = {}
            place = 8 + body[6]
            for _ in range(count):
                one = struct.unpack_from(">H", body, place + 2)[0]
                bits = struct.unpack_from(">H", body, place + 10)[0] if one > 8 else 0
                number = struct.unpack_from(">H", body, place + 6)[0]
                types.setdefault(body[place + 4], []).append((number, bits))
                place += one
            assert place == size
            found.append(types)
            body = body[size:]
        at += length
    assert at == len(data)
    return found


class Responder(asyncio.DatagramProtocol):
    """Answers as RFC 7296 says; wants a cookie of every other request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.asked = transport, 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data[17] == 0x10:
            self.version_1(data, addr)
            return
        self.asked += 1
        if self.asked % 2 and data[16] != 41:
            self.answer(data, addr, 16390, b"cookie")
            return
        for types in _transforms(data):
            if all(ACCEPTED[kind] & set(asked) for kind, asked in types.items()):
                (group, _), *_ = ACCEPTED[4] & set(types[4])
                self.answer(data, addr, 17, struct.pack(">H", group))
                return
        self.answer(data, addr, 14, b"")

    def version_1(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take the last transform of a main-mode proposal: 3DES, SHA-1, group 2 (RFC 2409)."""
        assert int.from_bytes(data[24:28], "big") == len(data)
        transform = data[-32:]
        assert transform[:4] == struct.pack(">BBH", 0, 0, 32)
        proposal = struct.pack(">BBHBBBB", 0, 0, 8 + len(transform), 1, 1, 0, 1) + transform
        sa = struct.pack(">BBHII", 0, 0, 12 + len(proposal), 1, 1) + proposal
        head = data[:8] + b"RESPONSE" + struct.pack(">BBBBII", 1, 0x10, 2, 0, 0, 28 + len(sa))
        self.transport.sendto(head + sa, addr)  # type: ignore[attr-defined]

    def answer(self, data: bytes, addr: tuple[str, int], number: int, body: bytes) -> None:
        notify = struct.pack(">BBHBBH", 0, 0, 8 + len(body), 0, 0, number) + body
        head = data[:8] + bytes(8) + struct.pack(">BBBBII", 41, 0x20, 34, 0x20, 0, 28 + len(notify))
        self.transport.sendto(head + notify, addr)  # type: ignore[attr-defined]


def responder(made: Callable[[], asyncio.DatagramProtocol], **more: float) -> IkeReport:
    """What the prober finds of a responder on loopback."""

    async def run() -> IkeReport:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(made, local_addr=("127.0.0.1", 0))
        try:
            port = transport.get_extra_info("sockname")[1]
            return await probe_ike("127.0.0.1", port, **more)
        finally:
            transport.close()

    return asyncio.run(run())


def test_an_ike_responder_is_told_by_what_it_accepts() -> None:
    found = responder(Responder)
    assert {1: set(found.ciphers)} == {1: ACCEPTED[1]}
    assert {(one, 0) for one in found.prfs} == ACCEPTED[2]
    assert {(one, 0) for one in found.integrity} == ACCEPTED[3]
    assert {(one, 0) for one in found.groups} == ACCEPTED[4]
    assert found.extra == [36]
    assert not found.problems
    assert found.version_1 == ("3DES", "SHA-1", 2)
    items = {(one.kind, one.algorithm, one.parameter) for one in ike_report_items(found, "h:500")}
    assert {("protocol", "IKEv2", None), ("group", "DH", "1024"), ("group", "ML-KEM-768", None),
            ("algorithm", "3DES", None), ("algorithm", "AES-256-GCM", None)} <= items  # fmt: skip


def test_an_ike_responder_that_is_silent_or_talks_noise() -> None:
    class Noise(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            self.transport.sendto(data[:8] + b"\xff" * 60, addr)  # type: ignore[attr-defined]

    begun = time.monotonic()
    assert responder(asyncio.DatagramProtocol, seconds=1, answer_seconds=0.1).problems == [
        "no answer"
    ]
    noisy = responder(Noise, seconds=1, answer_seconds=0.1)
    assert noisy.problems
    assert not noisy.groups
    assert time.monotonic() - begun < 4


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120), st.integers(0, 60))
def test_noise_is_no_ike_answer(noise: bytes, keep: int) -> None:
    start = bytes(16) + struct.pack(">BBBBII", 41, 0x20, 34, 0x20, 0, 60)
    with contextlib.suppress(IkeError):
        notification((start + noise)[: 28 + keep])
    with contextlib.suppress(IkeError):
        notification(noise)
    chosen(bytes(16) + b"\x01\x10\x02" + noise)


def test_a_request_says_its_length_and_offers_aead_apart() -> None:
    sent = sa_init(Proposal(groups=(14,)), b"12345678")
    assert int.from_bytes(sent[24:28], "big") == len(sent)
    sealed, plain = _transforms(sent)
    # RFC 7296, 3.3: combined-mode ciphers go without an integrity transform.
    assert 3 not in sealed
    assert plain[3]
    assert {number for number, _ in sealed[1]} == {16, 20, 28}
