"""Endpoints: recorded answers, servers on loopback, hostile servers, the scope."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import ssl
import struct
import time
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.inventory.endpoints import (
    endpoints_items,
    ssh_report_items,
    tls_report_items,
)
from kaname.cryptography.inventory.scope import Endpoint, Scope, read_scope
from kaname.cryptography.inventory.ssh_probe import parse_kexinit, probe_ssh
from kaname.cryptography.inventory.tls_codes import GROUPS
from kaname.cryptography.inventory.tls_hello import (
    Hello,
    TlsError,
    client_hello,
    messages,
    server_hello,
)
from kaname.cryptography.inventory.tls_probe import Probe, ProbeLimits, TlsReport
from kaname.cryptography.inventory.tls_schedule import KeyShare, expand_label
from kaname.model.errors import ForbiddenError, InputError

RECORDS = Path("../shared/data/hardware-crypto/inventory/tls_hrr_records.json")
_Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def against(talk: _Talk, ask: Callable[[int], Awaitable[object]], **more: object) -> object:
    """What ``ask(port)`` gives of a loopback server that talks as ``talk`` does."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await talk(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    async def run() -> object:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        server = await asyncio.start_server(guarded, "127.0.0.1", 0, **more)
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


async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up."""
    writer.close()


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A P-256 certificate with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=localhost")
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(9)
        .not_valid_before(dt.datetime(2026, 1, 1))  # noqa: DTZ001
        .not_valid_after(dt.datetime(2030, 1, 1))  # noqa: DTZ001
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "chain.pem"
    form = serialization.PrivateFormat.PKCS8
    shut = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, form, shut))
    return path


def context(chain: Path, least: ssl.TLSVersion, most: ssl.TLSVersion) -> ssl.SSLContext:
    """A server of the versions ``least`` to ``most``."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(chain)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.minimum_version, made.maximum_version = least, most
    return made


@pytest.mark.skipif(not RECORDS.exists(), reason="the shared data are not here")
def test_recorded_answers_say_which_groups_are_known() -> None:
    for one in json.loads(RECORDS.read_bytes()):
        found = messages(bytes.fromhex(one["server_first_record"]))
        if not one["supported"]:
            chosen = server_hello(found.handshakes[0][1]) if found.handshakes else None
            assert chosen is None or not chosen.retry or chosen.group != int(one["code"], 16)
            continue
        chosen = server_hello(found.handshakes[0][1])
        assert chosen.retry == one["hello_retry_request"]
        assert chosen.group == int(one["code"], 16)
        assert chosen.version == 0x0304


def test_our_hello_is_the_recorded_one_but_for_its_random() -> None:
    # RFC 8446, 4.1.2: legacy version, empty key_share (4.2.8), supported_versions (4.2.1).
    sent = client_hello(Hello(version=0x0304, suites=(0x1301,), host="localhost", groups=(0x11EC,)))
    assert sent[:3] == b"\x16\x03\x01"
    assert bytes.fromhex("003300020000") in sent
    assert bytes.fromhex("002b0003020304") in sent
    assert bytes.fromhex("000a0004000211ec") in sent
    assert b"localhost" in sent


def test_a_server_of_tls_12_and_13_is_told_whole(chain: Path) -> None:
    made = context(chain, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    found = against(close, lambda port: Probe("127.0.0.1", port, host="localhost").run(), ssl=made)
    assert isinstance(found, TlsReport)
    assert found.versions == [0x0303, 0x0304]
    assert set(found.suites[0x0304]) == {0x1301, 0x1302, 0x1303}
    assert 0xC02B in found.suites[0x0303]
    assert {0x001D, 0x0017, 0x0018} <= set(found.groups)
    assert len(found.chain) == 1
    items = list(tls_report_items(found, "127.0.0.1:1"))
    (leaf,) = [one for one in items if one.kind == "certificate"]
    assert (leaf.algorithm, leaf.parameter, leaf.details["chain"]) == ("ECDSA", "P-256", 0)
    suite = next(
        one for one in items if one.details.get("suite", "").endswith("AES_256_GCM_SHA384")
    )
    assert suite.strength == 256
    assert not [one for one in items if one.kind == "malformed"]


@pytest.mark.parametrize("least", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_chain_comes_from_servers_of_one_version(chain: Path, least: ssl.TLSVersion) -> None:
    made = context(chain, least, least)
    found = against(close, lambda port: Probe("127.0.0.1", port).run(), ssl=made)
    assert isinstance(found, TlsReport)
    assert found.versions == [int(least)]
    pem = ssl.DER_cert_to_PEM_cert(found.chain[0])
    assert pem.split() == chain.read_text().split("-----BEGIN PRIVATE")[0].split()


def test_post_quantum_groups_show_in_a_retry() -> None:
    known = {0x11EC, 0x11EB, 0x11ED}

    async def retry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(4096)
        at = hello.find(bytes.fromhex("000a0004"))
        group = int.from_bytes(hello[at + 6 : at + 8], "big") if at > 0 else 0
        if group in known:
            random = bytes.fromhex(
                "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
            )
            body = b"\x03\x03" + random + b"\0\x13\x01\0\0\x0c\0\x2b\0\x02\x03\x04\0\x33\0\x02"
            body += struct.pack(">H", group)
            body = b"\x02" + len(body).to_bytes(3, "big") + body
            writer.write(b"\x16\x03\x03" + struct.pack(">H", len(body)) + body)
        else:
            writer.write(bytes.fromhex("15030300020228"))
        writer.close()

    found = against(retry, lambda port: Probe("127.0.0.1", port).run())
    assert isinstance(found, TlsReport)
    assert {GROUPS[one] for one in found.groups} == {
        "X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024",
    }  # fmt: skip
    items = [one for one in tls_report_items(found, "x:1") if one.kind == "group"]
    assert all(one.use == "kem" and not one.quantum_vulnerable for one in items)


async def _silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(-1)


async def _endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    record = b"\x16\x03\x03\x40\x00" + b"\x02\xff\xff\xff" + b"A" * 16_380
    while True:
        writer.write(record)
        await writer.drain()


async def _oversized(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x16\x03\x03\xff\xff" + b"A" * 70_000)
    writer.close()


async def _garbage(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()


async def _dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"\x16"[:1])
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("talk", [_silent, _endless, _oversized, _garbage, _dripping])
def test_hostile_servers_meet_the_limits(talk: _Talk) -> None:
    limits = ProbeLimits(connections=64, answer_seconds=0.2, seconds=1.5, answer_bytes=1 << 16)
    begun = time.monotonic()
    found = against(talk, lambda port: Probe("127.0.0.1", port, limits=limits).run())
    assert time.monotonic() - begun < 4
    assert isinstance(found, TlsReport)
    assert found.problems
    assert not found.versions
    told = list(tls_report_items(found, "127.0.0.1:1"))
    assert told[0].kind == "malformed"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 90))
def test_noise_is_no_answer(noise: bytes, cut: int) -> None:
    start = bytes.fromhex("1603030058020000540303cf21ad74e59a6111be1d8c021e65b891")[:cut]
    try:
        for kind, message in messages(start + noise).handshakes:
            if kind == 2:
                server_hello(message)
    except TlsError:
        pass
    with contextlib.suppress(ValueError):
        parse_kexinit(b"\x14" + noise)


def _kexinit(*lists: str) -> bytes:
    body = b"\x14" + b"\0" * 16
    for one in lists:
        body += struct.pack(">I", len(one)) + one.encode()
    body += b"\0" * 13
    padding = 8 - (len(body) + 5) % 8 + 4
    return struct.pack(">IB", len(body) + padding + 1, padding) + body + b"\0" * padding


def test_an_ssh_server_is_told_by_its_lists() -> None:
    packet = _kexinit("mlkem768x25519-sha256,sntrup761x25519-sha512@openssh.com,"
                      "diffie-hellman-group1-sha1", "ssh-ed25519,ecdsa-sha2-nistp256,ssh-dss",
                      "aes256-gcm@openssh.com,3des-cbc", "aes256-gcm@openssh.com", "hmac-md5",
                      "hmac-sha2-256", "none", "none", "", "")  # fmt: skip

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\r\nSSH-2.0-Test\r\n" + packet)
        await writer.drain()

    found = against(talk, lambda port: probe_ssh("127.0.0.1", port))
    items = {(one.algorithm, one.parameter): one for one in ssh_report_items(found, "x:22")}  # type: ignore[arg-type]
    assert items["X25519MLKEM768", None].use == "kem"
    assert not items["sntrup761x25519", None].quantum_vulnerable
    assert items["DH", "1024"].strength == 80
    assert items["ECDSA", "P-256"].quantum_vulnerable
    assert items["3DES", None].strength == 112
    assert ("HMAC-MD5", None) in items
    assert ("AES-256-GCM", None) in items


@pytest.mark.parametrize("talk", [_silent, _endless, _garbage])
def test_hostile_ssh_servers_meet_the_limits(talk: _Talk) -> None:
    found = against(talk, lambda port: probe_ssh("127.0.0.1", port, seconds=0.3))
    assert found.problems  # type: ignore[attr-defined]
    assert not found.lists  # type: ignore[attr-defined]


def test_only_what_the_scope_lists_is_contacted(tmp_path: Path) -> None:
    contacted = []

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        contacted.append(1)
        writer.close()

    async def ask(port: int) -> None:
        for networks, ports in ((["192.0.2.0/24"], [port]), (["127.0.0.0/8"], [443])):
            path = tmp_path / "scope.toml"
            path.write_text(
                f"networks = {json.dumps(networks)}\nports = {ports}\n[[endpoints]]\n"
                f'host = "127.0.0.1"\nport = {port}\n'
            )
            with pytest.raises(ForbiddenError) as told:
                await asyncio.to_thread(endpoints_items, read_scope(path))
            line = "hosts" if ports == [port] else "ports"
            assert f"{line} = [" in str(told.value)

    against(talk, ask)
    assert not contacted


def test_names_and_networks_of_a_scope(tmp_path: Path) -> None:
    scope = Scope(hosts=["*.example.org"], networks=["10.0.0.0/8", "2001:db8::/32"], ports=[443])
    assert scope.allows(Endpoint("www.example.org", 443))
    assert scope.allows(Endpoint("10.1.2.3", 443))
    assert scope.allows(Endpoint("2001:db8::1", 443))
    assert not scope.allows(Endpoint("www.example.org", 444))
    assert not scope.allows(Endpoint("example.org.evil.test", 443))
    assert not scope.allows(Endpoint("10.1.2.3.example.net", 443))
    bad = tmp_path / "bad.toml"
    for text in ("hosts = 3", "what = 1", "networks = ['x']", "ports = [0]", "=",
                 "[[endpoints]]\nhost='a'\nport=1\nprotocol='ftp'"):  # fmt: skip
        bad.write_text(text)
        with pytest.raises(InputError):
            read_scope(bad)


def test_the_chain_comes_from_a_server_that_asks_for_another_share(chain: Path) -> None:
    made = context(chain, ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)
    made.set_ecdh_curve("secp384r1")
    found = against(close, lambda port: Probe("127.0.0.1", port).run(), ssl=made)
    assert isinstance(found, TlsReport)
    assert [GROUPS[one] for one in found.groups] == ["P-384"]
    assert len(found.chain) == 1


def test_the_hybrid_share_puts_ml_kem_first() -> None:
    # draft-ietf-tls-ecdhe-mlkem, 4: X25519MLKEM768 concatenates ML-KEM before X25519.
    share = KeyShare(0x11EC)
    assert len(share.public) == 1184 + 32
    secret, sealed = mlkem.MLKEM768PublicKey.from_public_bytes(share.public[:1184]).encapsulate()
    ours = x25519.X25519PrivateKey.generate()
    theirs = x25519.X25519PublicKey.from_public_bytes(share.public[1184:])
    got = share.shared(sealed + ours.public_key().public_bytes_raw())
    assert got == secret + ours.exchange(theirs)


def test_the_handshake_keys_are_those_of_rfc_8448() -> None:
    # RFC 8448, 3: server handshake traffic secret -> key, iv ("Simple 1-RTT Handshake").
    secret = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    assert expand_label("sha256", secret, b"key", b"", 16).hex() == (
        "3fce516009c21727d0f2e4e86ee403bc"
    )
    assert expand_label("sha256", secret, b"iv", b"", 12).hex() == "5d313eb2671276ee13000b30"
