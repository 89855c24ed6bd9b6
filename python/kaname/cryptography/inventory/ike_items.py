"""Items of what an IKE responder accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.cryptography.inventory.ike_codes import CIPHERS, EXCHANGES, INTEGRITY, PRFS
from kaname.cryptography.inventory.item import Item, make, malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaname.cryptography.inventory.ike_probe import IkeReport
    from kaname.cryptography.inventory.ike_v1 import Chosen

__all__ = ["ike_report_items"]


def ike_report_items(report: IkeReport, location: str) -> Iterator[Item]:
    """The items of ``report`` on the responder at ``location``."""
    if report.answered:
        yield make("protocol", location, "IKEv2", None, None, evidence=b"IKEv2",
                   details={"version": "IKEv2", "seconds": round(report.seconds, 4)})  # fmt: skip
    if report.version_1 is not None:
        yield from _version_1(report.version_1, location)
    yield from _groups(report, location)
    yield from _symmetric(report, location)
    for reason in report.problems:
        yield malformed(location, reason, "IKE", evidence=reason.encode())


def _groups(report: IkeReport, location: str) -> Iterator[Item]:
    for transform, numbers in (("KE", report.groups), ("ADDKE1", report.extra)):
        for number in numbers:
            algorithm, parameter, use = EXCHANGES[number]
            yield make("group", location, algorithm, parameter, use,
                       evidence=f"{transform} {number}".encode(),
                       details={"transform": transform, "number": number})  # fmt: skip


def _symmetric(report: IkeReport, location: str) -> Iterator[Item]:
    for cipher in report.ciphers:
        algorithm, parameter, use = CIPHERS[cipher]
        yield make("algorithm", location, algorithm, parameter, use,
                   evidence=f"ENCR {cipher}".encode(),
                   details={"transform": "ENCR", "number": cipher[0]})  # fmt: skip
    for transform, numbers, names in (
        ("PRF", report.prfs, PRFS), ("INTEG", report.integrity, INTEGRITY),
    ):  # fmt: skip
        for number in numbers:
            yield make("algorithm", location, names[number], None, "mac",
                       evidence=f"{transform} {number}".encode(),
                       details={"transform": transform, "number": number})  # fmt: skip


def _version_1(found: Chosen, location: str) -> Iterator[Item]:
    details = {"version": "IKEv1"}
    yield make("protocol", location, "IKEv1", None, None, evidence=b"IKEv1", details=details)
    yield make("algorithm", location, found.cipher, None, "cipher",
               evidence=f"IKEv1 {found.cipher}".encode(), details=details)  # fmt: skip
    yield make("algorithm", location, f"HMAC-{found.hash}", None, "mac",
               evidence=f"IKEv1 {found.hash}".encode(), details=details)  # fmt: skip
    if found.group in EXCHANGES:
        algorithm, parameter, use = EXCHANGES[found.group]
        yield make("group", location, algorithm, parameter, use,
                   evidence=f"IKEv1 {found.group}".encode(), details=details)  # fmt: skip
