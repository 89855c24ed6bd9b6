"""Probes the endpoints of a scope, many at a time, and makes items of the reports."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from kaname.cryptography.inventory.certificates import certificate_item
from kaname.cryptography.inventory.ike_items import ike_report_items
from kaname.cryptography.inventory.ike_probe import probe_ike
from kaname.cryptography.inventory.item import Item, make, malformed, opaque
from kaname.cryptography.inventory.scope import Endpoint, Scope
from kaname.cryptography.inventory.ssh_probe import SshReport, probe_ssh, ssh_algorithm
from kaname.cryptography.inventory.tls_codes import (
    GROUPS,
    GROUPS_12,
    SCHEMES,
    SUITES,
    SUITES_13,
    VERSIONS,
    suite_cipher,
)
from kaname.cryptography.inventory.tls_probe import Probe, ProbeLimits, TlsReport
from kaname.cryptography.inventory.trust import chain_status

__all__ = ["endpoints_items", "probe_all", "ssh_report_items", "tls_report_items"]

_AT_ONCE: Final = 8
_WEAK_VERSION: Final = {"SSLv2": 0, "SSLv3": 0, "TLSv1.0": 0, "TLSv1.1": 0}


def endpoints_items(
    scope: Scope,
    *,
    limits: ProbeLimits | None = None,
    at_once: int = _AT_ONCE,
    show: Callable[[str, int], None] | None = None,
) -> list[Item]:
    """The items of every endpoint of ``scope``; nothing else is contacted.

    Every endpoint is checked before the first is contacted: :class:`ForbiddenError` names
    the line to add to the scope file.
    """
    for endpoint in scope.endpoints:
        scope.check(endpoint, None if _named(scope, endpoint) else _address(endpoint))

    async def gather() -> list[Item]:
        items: list[Item] = []
        number = 0
        async for endpoint, found in probe_all(scope, limits=limits, at_once=at_once):
            if show is not None:
                show(str(endpoint), number)
            number += 1
            items += found
        return items

    return asyncio.run(gather())


def _named(scope: Scope, endpoint: Endpoint) -> bool:
    return scope.allows(endpoint)


def _address(endpoint: Endpoint) -> str | None:
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except OSError:
        return None
    return str(found[0][4][0])


async def probe_all(
    scope: Scope, *, limits: ProbeLimits | None = None, at_once: int = _AT_ONCE
) -> AsyncIterator[tuple[Endpoint, list[Item]]]:
    """Each endpoint of ``scope`` with its items, as they are done, ``at_once`` at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one(endpoint: Endpoint) -> tuple[Endpoint, list[Item]]:
        async with gate:
            return endpoint, await _probe(endpoint, scope, limits)

    tasks = [asyncio.create_task(one(endpoint)) for endpoint in scope.endpoints]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()


async def _probe(endpoint: Endpoint, scope: Scope, limits: ProbeLimits | None) -> list[Item]:
    address = await asyncio.to_thread(_address, endpoint)
    if address is None:
        return [opaque(str(endpoint), "the name is not known", endpoint.protocol)]
    scope.check(endpoint, address)  # the very address that is contacted
    if endpoint.protocol == "ssh":
        return list(ssh_report_items(await probe_ssh(address, endpoint.port), str(endpoint)))
    if endpoint.protocol == "ike":
        seconds = (limits or ProbeLimits()).seconds
        found = await probe_ike(address, endpoint.port, seconds=seconds)
        return list(ike_report_items(found, str(endpoint)))
    name = endpoint.name or endpoint.host
    probe = Probe(address, endpoint.port, host=name, limits=limits, starttls=endpoint.starttls)
    return list(tls_report_items(await probe.run(), str(endpoint), name))


def tls_report_items(report: TlsReport, location: str, host: str = "") -> Iterator[Item]:
    """The items of what a TLS endpoint supports; the leaf says whether its chain holds."""
    for version in report.versions:
        name = VERSIONS[version]
        yield make("protocol", location, name, None, "tls", evidence=name.encode(),
                   strength=_WEAK_VERSION.get(name),
                   details={"version": name, "seconds": round(report.seconds, 4)})  # fmt: skip
    for version, suites in report.suites.items():
        for rank, suite in enumerate(suites):
            name = SUITES_13.get(suite) or SUITES[suite]
            algorithm, use = suite_cipher(name)
            yield make("cipher-suite", location, algorithm, VERSIONS[version], use,
                       evidence=f"{version:x} {suite:x}".encode(),
                       quantum_vulnerable=False,
                       details={"suite": name, "version": VERSIONS[version], "rank": rank,
                                **_parts(name)})  # fmt: skip
    for names, groups, spoken in (
        (GROUPS, report.groups, "TLSv1.3"), (GROUPS_12, report.groups_12, "TLSv1.2"),
    ):  # fmt: skip
        for group in groups:
            name = names[group]
            use = "kem" if "KEM" in name or "Kyber" in name else "key-agreement"
            yield make("group", location, name, spoken, use, evidence=f"{group:x}".encode(),
                       details={"version": spoken})  # fmt: skip
    yield from _signatures(report, location, host)


def _parts(suite: str) -> dict[str, str]:
    """Key exchange and authentication that a suite's name says (TLS 1.2 and before)."""
    head = suite.removeprefix("TLS_").partition("_WITH_")
    if not head[1]:
        return {}
    exchange, _, signs = head[0].partition("_")
    return {"key_exchange": exchange, "authentication": signs or exchange}


def _signatures(report: TlsReport, location: str, host: str) -> Iterator[Item]:
    if report.dh_bits is not None:
        yield make("group", location, "DH", str(report.dh_bits), "key-agreement",
                   evidence=b"dhe", details={"version": "TLSv1.2"})  # fmt: skip
    for scheme in report.schemes:
        algorithm, hashed = SCHEMES.get(scheme, (f"scheme {scheme:#06x}", None))
        yield make(
            "algorithm",
            location,
            algorithm,
            None,
            "sign",
            evidence=f"scheme {scheme:x}".encode(),
            details={"signature_hash": hashed, "signature_algorithm": algorithm},
        )
    now = time.time_ns() // 1000
    for number, one in enumerate(report.chain):
        item = certificate_item(one, location, now=now)
        item.details["chain"] = number
        if number == 0:
            item.details.update(chain_status(report.chain, host, now))
        yield item
    for reason in report.problems:
        yield malformed(location, reason, "TLS", evidence=reason.encode())


def ssh_report_items(report: SshReport, location: str) -> Iterator[Item]:
    """The items of what an SSH endpoint offers; both directions of a list are told once."""
    if report.banner:
        yield make("protocol", location, "SSH-2.0", None, None, evidence=report.banner.encode(),
                   details={"version": "SSH-2.0", "banner": report.banner})  # fmt: skip
    told: set[tuple[str, str]] = set()
    for of, names in report.lists.items():
        for rank, name in enumerate(names):
            if (of[:3], name) in told or name.startswith(("ext-info", "kex-strict")):
                continue
            told.add((of[:3], name))
            algorithm, parameter, use = ssh_algorithm(name, of)
            yield make("group" if of == "key-exchange" else "algorithm", location, algorithm,
                       parameter, use, evidence=f"{of} {name}".encode(),
                       details={"ssh": name, "list": of, "rank": rank})  # fmt: skip
    for reason in report.problems:
        yield malformed(location, reason, "SSH", evidence=reason.encode())
