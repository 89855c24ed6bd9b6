"""Configuration of servers: the protocols, suites, curves and keys that it sets.

nginx, Apache httpd, HAProxy, Postfix, OpenSSL's cnf, OpenSSH, strongSwan (ipsec.conf and
swanctl.conf) and Java's java.security. What a setting means is read, not what the software
makes of it: macros such as HIGH or DEFAULT are told as they stand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from kaname.cryptography.inventory.item import Item, Kind, Use, make
from kaname.cryptography.inventory.ssh_probe import ssh_algorithm
from kaname.cryptography.inventory.strength import canonical
from kaname.cryptography.inventory.tls_codes import suite_cipher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["configuration_items"]

_LARGEST: Final = 4 << 20


_Set = tuple[Kind, str, str | None, Use | None]
"""What a setting sets: kind, algorithm, parameter and use of an item."""


class _Rule(NamedTuple):
    """A setting of a ``server``: how its line looks and how its value is read."""

    server: str
    pattern: re.Pattern[str]
    read: Callable[[str], Iterator[_Set]]


_VERSION: Final = re.compile(
    r"(-|!|\+|no-)?(TLSv?1(?:[._][0-3])?|SSLv?[23](?:Hello)?|all|any)", re.IGNORECASE
)


def _version(word: str) -> str:
    word = word.upper().replace("_", ".").replace("TLSV", "TLS").replace("SSLV", "SSL")
    if word.startswith("TLS"):
        return f"TLSv{word[3:] if '.' in word else '1.0'}"
    return f"SSLv{word[3]}" if word.startswith("SSL") else word


_ALL: Final = ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")


def _protocols(value: str) -> Iterator[_Set]:
    """Versions that are switched on: a list, or "all" with some struck out."""
    on: dict[str, None] = {}
    for sign, word in _VERSION.findall(value):
        names = _ALL if word.lower() in {"all", "any"} else (_version(word),)
        for name in names:
            if sign in {"-", "!", "no-"}:
                on.pop(name, None)
            else:
                on[name] = None
    only_struck = re.fullmatch(r"\s*[!-].*", value) is not None
    if only_struck and not on:
        struck = {_version(word) for _, word in _VERSION.findall(value)}
        on = dict.fromkeys(name for name in _ALL if name not in struck)
    for name in on:
        yield "protocol", name, None, "tls"


def _least(value: str) -> Iterator[_Set]:
    """A lowest version: that one and all above it."""
    found = re.search(r"(TLSv?1(?:\.[0-3])?|SSLv?3)", value, re.IGNORECASE)
    if found is not None:
        least = _version(found.group())
        for name in ("SSLv3", *_ALL):
            if name == least or (name in _ALL and least in _ALL and name >= least):
                yield "protocol", name, None, "tls"
        if least == "SSLv3":
            for name in _ALL:
                yield "protocol", name, None, "tls"


def _suites(value: str) -> Iterator[_Set]:
    for word in re.split(r"[:,\s]+", value.strip("\"' ")):
        if not word or word[0] in "!-@":
            continue
        algorithm, use = suite_cipher(word.lstrip("+"))
        yield "cipher-suite", algorithm, None, use


def _groups(value: str) -> Iterator[_Set]:
    for word in re.split(r"[:,/\s]+", value.strip("\"' ")):
        name = word.lstrip("?*-+")
        if name and name.lower() not in {"auto", "default"}:
            hybrid = "mlkem" in name.lower() or "kyber" in name.lower()
            use: Use = "kem" if hybrid else "key-agreement"
            yield "group", canonical(name), None, use


def _ssh(of: str) -> Callable[[str], Iterator[_Set]]:
    def read(value: str) -> Iterator[_Set]:
        if value.startswith("-"):
            return  # what is struck out of the defaults
        for word in value.lstrip("+^").split(","):
            if name := word.strip():
                algorithm, parameter, use = ssh_algorithm(name, of)
                yield "group" if of == "key-exchange" else "algorithm", algorithm, parameter, use

    return read


_MODP: Final = {
    "modp768": "768", "modp1024": "1024", "modp1536": "1536", "modp2048": "2048",
    "modp3072": "3072", "modp4096": "4096", "modp6144": "6144", "modp8192": "8192",
}  # fmt: skip
_IKE: Final[dict[str, tuple[str, Use]]] = {
    "3des": ("3DES", "cipher"), "des": ("DES", "cipher"), "sha1": ("HMAC-SHA-1", "mac"),
    "sha": ("HMAC-SHA-1", "mac"), "md5": ("HMAC-MD5", "mac"), "sha256": ("HMAC-SHA-256", "mac"),
    "sha2_256": ("HMAC-SHA-256", "mac"), "sha384": ("HMAC-SHA-384", "mac"),
    "sha512": ("HMAC-SHA-512", "mac"), "chacha20poly1305": ("ChaCha20-Poly1305", "aead"),
    "null": ("NULL", "cipher"), "curve25519": ("X25519", "key-agreement"),
    "x25519": ("X25519", "key-agreement"), "curve448": ("X448", "key-agreement"),
    "ecp224": ("P-224", "key-agreement"), "ecp256": ("P-256", "key-agreement"),
    "ecp384": ("P-384", "key-agreement"), "ecp521": ("P-521", "key-agreement"),
    "mlkem512": ("ML-KEM-512", "kem"), "mlkem768": ("ML-KEM-768", "kem"),
    "mlkem1024": ("ML-KEM-1024", "kem"),
}  # fmt: skip


def _ike(value: str) -> Iterator[_Set]:
    for word in re.split(r"[-,!\s]+", value.lower()):
        bare = re.sub(r"^ke\d_", "", word)
        if bare in _MODP:
            yield "group", "DH", _MODP[bare], "key-agreement"
        elif bare in _IKE:
            algorithm, use = _IKE[bare]
            kind: Kind = "group" if use in {"key-agreement", "kem"} else "algorithm"
            yield kind, algorithm, None, use
        elif (found := re.match(r"aes(128|192|256)(gcm|ccm|ctr)?", bare)) is not None:
            mode = (found.group(2) or "cbc").upper()
            use = "aead" if mode in {"GCM", "CCM"} else "cipher"
            yield "algorithm", f"AES-{found.group(1)}-{mode}", None, use


def _digest(value: str) -> Iterator[_Set]:
    yield "algorithm", canonical(value.strip()), None, "hash"


def _bits(value: str) -> Iterator[_Set]:
    if (found := re.match(r"\s*(\d{3,5})", value)) is not None:
        yield "algorithm", "RSA", found.group(1), "sign"


def _postfix(value: str) -> Iterator[_Set]:
    """A lowest version (">=TLSv1.2") or a list (Postfix 3.6)."""
    return _least(value) if value.strip().startswith(">=") else _protocols(value)


def _rule(server: str, pattern: str, read: Callable[[str], Iterator[_Set]]) -> _Rule:
    return _Rule(server, re.compile(rf"^\s*{pattern}", re.IGNORECASE), read)


_RULES: Final = (
    _rule("nginx", r"(?:proxy_)?(ssl_protocols)\s+([^;#]+);", _protocols),
    _rule("nginx", r"(?:proxy_)?(ssl_ciphers)\s+([^;#]+);", _suites),
    _rule("nginx", r"(ssl_ecdh_curve)\s+([^;#]+);", _groups),
    _rule("nginx", r"ssl_conf_command\s+(Groups|Curves)\s+([^;#]+);", _groups),
    _rule("nginx", r"ssl_conf_command\s+(Ciphersuites)\s+([^;#]+);", _suites),
    _rule("Apache", r"(SSL(?:Proxy)?Protocol)\s+([^#]+)", _protocols),
    _rule("Apache", r"(SSL(?:Proxy)?CipherSuite)\s+(?:SSL\s+|TLSv1\.3\s+)?([^#]+)", _suites),
    _rule("Apache", r"SSLOpenSSLConfCmd\s+(Curves|Groups|ECDHParameters)\s+([^#]+)", _groups),
    _rule("HAProxy", r"(ssl-default-(?:bind|server)-ciphers(?:uites)?)\s+([^#]+)", _suites),
    _rule("HAProxy", r"(ssl-default-(?:bind|server)-curves)\s+([^#]+)", _groups),
    _rule("HAProxy", r"(?:ssl-default-(?:bind|server)-options|bind|server)\s.*?"
          r"(ssl-min-ver)\s+(\S+)", _least),
    _rule("Postfix", r"(smtpd?_tls_(?:mandatory_)?protocols)\s*=\s*([^#]+)", _postfix),
    _rule("Postfix", r"(tls_(?:high|medium)_cipherlist)\s*=\s*([^#]+)", _suites),
    _rule("Postfix", r"(tls_eecdh_auto_curves)\s*=\s*([^#]+)", _groups),
    _rule("OpenSSL", r"(MinProtocol)\s*=\s*([^#]+)", _least),
    _rule("OpenSSL", r"(Protocol)\s*=\s*([^#]+)", _protocols),
    _rule("OpenSSL", r"(CipherString|Ciphersuites)\s*=\s*([^#]+)", _suites),
    _rule("OpenSSL", r"(Groups|Curves)\s*=\s*([^#]+)", _groups),
    _rule("OpenSSL", r"(default_md)\s*=\s*([^#\s]+)", _digest),
    _rule("OpenSSL", r"(default_bits)\s*=\s*([^#]+)", _bits),
    _rule("OpenSSH", r"(KexAlgorithms)[\s=]+([^\s#]+)", _ssh("key-exchange")),
    _rule("OpenSSH", r"(Ciphers)[\s=]+([^\s#]+)", _ssh("cipher")),
    _rule("OpenSSH", r"(MACs)[\s=]+([^\s#]+)", _ssh("mac")),
    _rule("OpenSSH", r"(HostKeyAlgorithms|PubkeyAcceptedAlgorithms|PubkeyAcceptedKeyTypes|"
          r"CASignatureAlgorithms)[\s=]+([^\s#]+)", _ssh("host-key")),
    _rule("strongSwan", r"(ike|esp|ah|proposals|esp_proposals|ah_proposals)\s*=\s*([^#]+)", _ike),
)  # fmt: skip
_JAVA: Final = re.compile(
    r"^(jdk\.(?:tls|certpath|jar)\.(?:disabledAlgorithms|legacyAlgorithms)|"
    r"keystore\.type|securerandom\.strongAlgorithms)\s*=\s*(.*)$", re.MULTILINE
)  # fmt: skip
_IKE_FILE: Final = re.compile(r"^\s*(?:conn|config|connections)\b|\bswanctl\b", re.MULTILINE)
_SERVERS: Final = re.compile(
    rb"ssl_|SSL|tls_|Protocol|CipherString|Ciphersuites|default_md|default_bits|KexAlg|Ciphers|"
    rb"MACs|Algorithms|ike|esp|proposals|Groups|Curves", re.IGNORECASE
)  # fmt: skip


def configuration_items(data: bytes, location: str) -> Iterator[Item]:
    """The items of every line of a configuration file that sets cryptography."""
    if len(data) > _LARGEST or _SERVERS.search(data) is None:
        return
    text = data.decode("utf-8", "replace")
    swan = _IKE_FILE.search(text) is not None
    for number, line in _lines(text):
        for rule in _RULES:
            if rule.server == "strongSwan" and not swan:
                continue
            if len(line) < 20_000 and (found := rule.pattern.match(line)) is not None:
                yield from _items(rule, found, location, number)
                break
    yield from _java(text, location)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; one that ends in a backslash goes on in the next."""
    begun, held = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        begun = begun or number
        if line.endswith("\\") and len(held) < 20_000:
            held += line[:-1]
            continue
        yield begun, held + line
        begun, held = 0, ""
    if held:
        yield begun, held


def _items(rule: _Rule, found: re.Match[str], location: str, line: int) -> Iterator[Item]:
    setting, value = found.groups()
    told: set[tuple[str, str | None]] = set()
    for kind, algorithm, parameter, use in rule.read(value):
        if (algorithm, parameter) in told:
            continue
        told.add((algorithm, parameter))
        yield make(kind, location, algorithm, parameter, use, line=line,
                   evidence=found.group().encode(), details={
                       "setting": setting, "value": value.strip()[:300], "server": rule.server,
                       "configured": True})  # fmt: skip


def _java(text: str, location: str) -> Iterator[Item]:
    for found in _JAVA.finditer(text.replace("\\\n", "  ")):
        line = text.count("\n", 0, found.start()) + 1
        yield make("configuration", location, found.group(1), None, None, line=line,
                   evidence=found.group().encode(), details={
                       "setting": found.group(1), "value": found.group(2)[:2000],
                       "server": "Java"})  # fmt: skip
