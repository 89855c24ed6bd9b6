"""Configuration lines for servers by the three types of the TLS guideline, out of its table.

Suites are those of TLS 1.2 that usual builds of OpenSSL have, the recommended ciphers first;
groups put hybrids with ML-KEM first, which OpenSSL knows from 3.5 on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kaname.cryptography.inventory.item import make
from kaname.cryptography.inventory.suite_names import openssl_suite
from kaname.cryptography.inventory.tls_codes import SUITES
from kaname.cryptography.policy.tls_types import types_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaname.cryptography.policy.tables import Policy, Profile

__all__ = ["SERVERS", "server_lines"]

SERVERS: Final = ("nginx", "apache", "haproxy", "postfix", "dovecot", "openssl", "java")
_USUAL: Final = re.compile(
    r"TLS_(?:ECDHE_(?:ECDSA|RSA)|DHE_RSA|RSA)_WITH_(?:AES_(?:128|256)_(?:GCM|CBC)_SHA\d*|"
    r"CHACHA20_POLY1305_SHA256)$"
)
_NEW: Final = ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")
_GROUPS: Final = ("X25519MLKEM768", "SecP256r1MLKEM768", "X25519", "P-256", "P-384")
_VERSIONS: Final = ("TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")
_LEVELS: Final = {"obligatory": 0, "recommended": 0, "allowed": 1}


def server_lines(policy: Policy, profile: Profile) -> dict[str, tuple[str, ...]]:
    """The lines of each of :data:`SERVERS` for the guideline's type ``profile``."""
    versions = [
        one for one in _VERSIONS
        if (rule := policy.rule(profile, "version", one)) is not None and rule.level != "forbidden"
    ]  # fmt: skip
    suites = _suites(policy, profile)
    ciphers = ":".join(name for name in map(openssl_suite, suites) if name)
    new = [one for one in _NEW if _admits(policy, profile, one)]
    return {
        "nginx": tuple(_nginx(versions, ciphers, new)),
        "apache": tuple(_apache(versions, ciphers, new)),
        "haproxy": tuple(_haproxy(versions, ciphers, new)),
        "postfix": tuple(_postfix(versions, ciphers)),
        "dovecot": tuple(_dovecot(versions, ciphers)),
        "openssl": tuple(_openssl(versions, ciphers, new)),
        "java": tuple(_java(versions, [*new, *suites])),
    }


def _admits(policy: Policy, profile: Profile, suite: str) -> bool:
    item = make("cipher-suite", "lines", suite, None, "cipher", details={"suite": suite})
    return profile in types_of(policy, item)


def _suites(policy: Policy, profile: Profile) -> list[str]:
    """The suites that the type admits, recommended ciphers first, ECDHE before the others."""
    admitted = [
        one for one in SUITES.values()
        if _USUAL.match(one) is not None and _admits(policy, profile, one)
    ]  # fmt: skip

    def rank(name: str) -> tuple[int, ...]:
        cipher = "CBC" if "_CBC_" in name else "AES-256-AEAD" if "AES_256" in name else (
            "AES-128-AEAD" if "AES_128" in name else "ChaCha20-Poly1305"
        )  # fmt: skip
        rule = policy.rule(profile, "cipher", cipher)
        level = 2 if rule is None else _LEVELS.get(rule.level, 2)
        exchange = 0 if "_ECDHE_" in name else 1 if "_DHE_" in name else 2
        return (exchange == 2, level, exchange, "CHACHA" in name, "AES_128" in name,
                "ECDSA" not in name, name.endswith("_SHA"))  # fmt: skip

    return sorted(admitted, key=rank)


def _short(version: str) -> str:
    return version.replace("TLS ", "TLSv").removesuffix(".0")


def _groups() -> str:
    return ":".join(_GROUPS)


def _nginx(versions: list[str], ciphers: str, new: list[str]) -> Iterator[str]:
    yield f"ssl_protocols {' '.join(map(_short, versions))};"
    yield f"ssl_ciphers {ciphers};"
    yield f"ssl_conf_command Ciphersuites {':'.join(new)};"
    yield "ssl_prefer_server_ciphers on;"
    groups = _groups().replace("P-256", "prime256v1").replace("P-384", "secp384r1")
    yield f"ssl_ecdh_curve {groups};"


def _apache(versions: list[str], ciphers: str, new: list[str]) -> Iterator[str]:
    yield f"SSLProtocol -all {' '.join(f'+{_short(one)}' for one in versions)}"
    yield f"SSLCipherSuite {ciphers}"
    yield f"SSLCipherSuite TLSv1.3 {':'.join(new)}"
    yield "SSLHonorCipherOrder on"
    yield f"SSLOpenSSLConfCmd Groups {_groups()}"


def _haproxy(versions: list[str], ciphers: str, new: list[str]) -> Iterator[str]:
    least = versions[0].replace("TLS ", "TLSv")
    yield f"ssl-default-bind-options ssl-min-ver {least}"
    yield f"ssl-default-bind-ciphers {ciphers}"
    yield f"ssl-default-bind-ciphersuites {':'.join(new)}"
    yield f"ssl-default-bind-curves {_groups()}"


def _postfix(versions: list[str], ciphers: str) -> Iterator[str]:
    yield f"smtpd_tls_mandatory_protocols = >={_short(versions[0])}"
    yield "smtpd_tls_mandatory_ciphers = high"
    yield f"tls_high_cipherlist = {ciphers}"
    yield "tls_preempt_cipherlist = yes"
    yield f"tls_eecdh_auto_curves = {' '.join(_GROUPS)}"


def _dovecot(versions: list[str], ciphers: str) -> Iterator[str]:
    yield f"ssl_min_protocol = {_short(versions[0])}"
    yield f"ssl_cipher_list = {ciphers}"
    yield f"ssl_curve_list = {_groups()}"


def _openssl(versions: list[str], ciphers: str, new: list[str]) -> Iterator[str]:
    yield f"MinProtocol = {_short(versions[0])}"
    yield f"CipherString = {ciphers}"
    yield f"Ciphersuites = {':'.join(new)}"
    yield f"Groups = {_groups()}"


def _java(versions: list[str], suites: list[str]) -> Iterator[str]:
    names = ",".join(one.replace("TLS ", "TLSv").removesuffix(".0") for one in versions)
    yield f"jdk.tls.server.protocols={names}"
    yield f"jdk.tls.server.cipherSuites={','.join(suites)}"
    yield "jdk.tls.namedGroups=x25519,secp256r1,secp384r1"
