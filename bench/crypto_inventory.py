"""Claim: 100,000 certificates in 5 s, one TLS endpoint in 100 ms, 1,000 of them in 60 s.

    python bench/crypto_inventory.py [--certificates N] [--endpoints N] [--sslyze PATH]

Makes a bundle of certificates that differ in their serial numbers (two issuers, RSA 2048
and P-256; their signatures are not checked by an inventory) and reads it from disk; with
kaname's judge beside it where the policy is there. Then listens on N ports of loopback
with Python's ssl (TLS 1.2 and 1.3, in a process of its own) and probes one endpoint, and
all of them. With ``--sslyze`` (a program in an environment of its own, since its licence is
AGPL and its pins are old: ``uv tool install sslyze``) it scans one of the same ports beside it.
One JSON object goes to stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import multiprocessing
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import encodebytes
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kaname.cryptography.inventory.endpoints import endpoints_items
from kaname.cryptography.inventory.files import files_items
from kaname.cryptography.inventory.item import Item
from kaname.cryptography.inventory.scope import Endpoint, Scope
from kaname.cryptography.inventory.tls_probe import Probe

GOALS = {"certificates_s": 5.0, "endpoint_ms": 100.0, "endpoints_s": 60.0}
SERIAL = 0x7700_0000_0000_0000_0000_0000_0000_0001


def signed(key: Any, subject: str, issuer: str) -> bytes:
    """A DER certificate whose serial number is SERIAL."""
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string(subject))
        .issuer_name(x509.Name.from_rfc4514_string(issuer))
        .public_key(key.public_key())
        .serial_number(SERIAL)
        .not_valid_before(dt.datetime(2026, 1, 1))  # noqa: DTZ001
        .not_valid_after(dt.datetime(2036, 6, 1))  # noqa: DTZ001
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


def bundle(path: Path, count: int) -> None:
    """Write ``count`` certificates to ``path``, no two alike."""
    serial = SERIAL.to_bytes(16, "big")
    bases = [
        signed(rsa.generate_private_key(65537, 2048), "CN=a,O=x,C=JP", "CN=RSA CA,O=x,C=JP"),
        signed(ec.generate_private_key(ec.SECP256R1()), "CN=b,O=x,C=JP", "CN=EC CA,O=x,C=JP"),
    ]
    with path.open("wb") as out:
        for number in range(count):
            one = bases[number % 2].replace(serial, (SERIAL + number).to_bytes(16, "big"), 1)
            out.write(b"-----BEGIN CERTIFICATE-----\n" + encodebytes(one))
            out.write(b"-----END CERTIFICATE-----\n")


def certificates(count: int) -> tuple[float, float, list[Item]]:
    """Seconds (wall, CPU) to read ``count`` certificates of a bundle, and their items."""
    with tempfile.TemporaryDirectory(prefix="kaname-bench-") as folder:
        path = Path(folder) / "bundle.pem"
        bundle(path, count)
        begun, worked = time.perf_counter(), time.process_time()
        items = list(files_items([path]))
        return time.perf_counter() - begun, time.process_time() - worked, items


def judged(items: list[Item]) -> float:
    """Seconds to judge ``items`` by the policy that kaname ships."""
    from kaname.cryptography.policy.judge import judge
    from kaname.cryptography.policy.tables import load

    begun = time.perf_counter()
    judge(items, load(), 2026)
    return time.perf_counter() - begun


def serve(pem: bytes, count: int, tell: Any) -> None:
    """Listen on ``count`` ports and tell them; until the process is ended."""
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(pem)
        file.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file.name)

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        servers = [
            await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0, ssl=context)
            for _ in range(count)
        ]
        tell.send([server.sockets[0].getsockname()[1] for server in servers])
        await asyncio.Event().wait()

    asyncio.run(run())


def sslyze(program: str | None, port: int) -> float | None:
    """Seconds that ``program`` takes for one port; None without it, or when it fails."""
    if program is None:
        return None
    begun = time.perf_counter()
    done = subprocess.run(  # the program that was named
        [program, f"localhost:{port}"], capture_output=True, timeout=120, check=False
    )
    return time.perf_counter() - begun if b"SCANS COMPLETED" in done.stdout else None


def endpoints(count: int, program: str | None) -> tuple[list[float], float, int, float | None]:
    """Milliseconds of ten single probes, seconds for all, certificates found, the peer's time."""
    key = ec.generate_private_key(ec.SECP256R1())
    der = signed(key, "CN=localhost", "CN=localhost")
    form, shut = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = ssl.DER_cert_to_PEM_cert(der).encode()
    pem += key.private_bytes(serialization.Encoding.PEM, form, shut)
    hear, tell = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(pem, count, tell), daemon=True)
    server.start()
    try:
        ports = hear.recv()
        single = []
        for port in (ports * 10)[:10]:
            report = asyncio.run(Probe("127.0.0.1", port, host="localhost").run())
            single.append(1000 * report.seconds)
        peer = sslyze(program, ports[0])
        asked = [Endpoint("127.0.0.1", port) for port in ports]
        scope = Scope(networks=["127.0.0.0/8"], ports=ports, endpoints=asked)
        begun = time.perf_counter()
        items = endpoints_items(scope)
        seconds = time.perf_counter() - begun
    finally:
        server.terminate()
        server.join()
    return single, seconds, sum(one.kind == "certificate" for one in items), peer


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificates", type=int, default=100_000)
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--sslyze", metavar="PATH")
    asked = parser.parse_args()
    seconds, worked, items = certificates(asked.certificates)
    judging = judged(items)
    single, all_seconds, found, peer = endpoints(asked.endpoints, asked.sslyze)
    result = {
        "certificates": len(items),
        "certificates_s": round(seconds, 3),
        "certificates_cpu_s": round(worked, 3),
        "judge_s": round(judging, 3),
        "certificates_and_judge_s": round(seconds + judging, 3),
        "endpoint_ms": {
            "first": round(single[0], 1),
            "median": round(statistics.median(single), 1),
        },
        "endpoints": asked.endpoints,
        "endpoints_s": round(all_seconds, 2),
        "chains_found": found,
        "goals": GOALS,
        "cpus": os.cpu_count(),
    }
    if peer is not None:
        result["sslyze_one_endpoint_s"] = round(peer, 2)
        result["times_faster_than_sslyze"] = round(1000 * peer / statistics.median(single), 1)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
