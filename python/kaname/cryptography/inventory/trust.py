"""Whether the chain of an endpoint holds: links, dates, the name, and a root that is trusted.

Only what stands in the certificates is checked; revocation is not asked for (nothing but the
endpoints of the scope is contacted). The trusted roots are those of the system.
"""

from __future__ import annotations

import ipaddress
import ssl
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["chain_status", "name_matches", "trusted_roots"]

_LONGEST: Final = 12


@cache
def trusted_roots() -> dict[bytes, list[x509.Certificate]]:
    """The roots that the system trusts, by the DER of their names; empty where it has none."""
    paths = ssl.get_default_verify_paths()
    files = [paths.cafile, paths.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt",
             "/etc/pki/tls/certs/ca-bundle.crt"]  # fmt: skip
    for name in files:
        try:
            with warnings.catch_warnings():  # a system's store has roots with odd serial numbers
                warnings.simplefilter("ignore")
                found = x509.load_pem_x509_certificates(Path(name).read_bytes()) if name else []
        except (OSError, ValueError):
            continue
        if found:
            return _by_subject(found)
    return {}


def _by_subject(found: Sequence[x509.Certificate]) -> dict[bytes, list[x509.Certificate]]:
    roots: dict[bytes, list[x509.Certificate]] = {}
    for one in found:
        roots.setdefault(one.subject.public_bytes(), []).append(one)
    return roots


def chain_status(
    chain: Sequence[bytes],
    host: str,
    now: int,
    roots: dict[bytes, list[x509.Certificate]] | None = None,
) -> dict[str, Any]:
    """The details ``chain_status`` and ``name_matches`` of the leaf of ``chain`` (DER).

    The status is "trusted", "self-signed", "unknown-issuer", "broken" (a signature that does
    not hold), "expired", "not-yet-valid" or "unreadable"; ``now`` is microseconds since 1970.
    """
    roots = trusted_roots() if roots is None else roots
    try:
        certificates = [x509.load_der_x509_certificate(one) for one in chain[:_LONGEST]]
        told: dict[str, Any] = {"chain_status": _status(certificates, now, roots)}
        if host:
            told["name_matches"] = name_matches(certificates[0], host)
    except Exception:  # noqa: BLE001  # pyca has many errors for odd certificates
        return {"chain_status": "unreadable"}
    return told


def _status(
    chain: list[x509.Certificate], now: int, roots: dict[bytes, list[x509.Certificate]]
) -> str:
    one, others = chain[0], chain[1:]
    for _ in range(_LONGEST):
        if (dated := _dated(one, now)) is not None:
            return dated
        issuer = one.issuer.public_bytes()
        if any(_signed(one, root) for root in roots.get(issuer, ())):
            return "trusted"
        if issuer == one.subject.public_bytes():
            return "self-signed"
        named = [other for other in others if other.subject.public_bytes() == issuer]
        if not named:
            return "unknown-issuer"
        signers = [other for other in named if _signed(one, other)]
        if not signers:
            return "broken"
        others = [other for other in others if other is not signers[0]]
        one = signers[0]
    return "unknown-issuer"


def _dated(one: x509.Certificate, now: int) -> str | None:
    if one.not_valid_after_utc.timestamp() * 1e6 < now:
        return "expired"
    return "not-yet-valid" if one.not_valid_before_utc.timestamp() * 1e6 > now else None


def _signed(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    if one == issuer:
        return True
    try:
        one.verify_directly_issued_by(issuer)
    except Exception:  # noqa: BLE001  # InvalidSignature, unsupported keys and hashes
        return False
    return True


def name_matches(certificate: x509.Certificate, host: str) -> bool:
    """Whether ``host`` is among the certificate's names (RFC 9525; the subject does not count)."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        asked = host.lower().rstrip(".")
        return any(
            _dns_matches(one.lower(), asked) for one in names.get_values_for_type(x509.DNSName)
        )
    return address in names.get_values_for_type(x509.IPAddress)


def _dns_matches(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:] and "." in pattern[2:]
    return pattern == host
