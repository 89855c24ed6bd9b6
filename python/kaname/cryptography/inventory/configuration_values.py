"""What the values of server settings say: protocols, suites, groups, SSH and IKE names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kaname.cryptography.inventory.ike_codes import MODP, ike_word
from kaname.cryptography.inventory.item import Kind, Use
from kaname.cryptography.inventory.ssh_probe import ssh_algorithm
from kaname.cryptography.inventory.strength import canonical
from kaname.cryptography.inventory.suite_names import iana_suite, listed_word
from kaname.cryptography.inventory.tls_codes import suite_cipher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "MODP", "Setting", "bits", "digest", "enctypes", "groups", "ike", "ldap_least", "least",
    "most", "password_hash", "postfix", "protocols", "signatures", "ssh", "ssh_bits", "suites",
    "switch", "vpn_ciphers", "vpn_digest",
]  # fmt: skip

_ALL: Final = ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_VERSION: Final = re.compile(
    r"(-|!|\+|no-)?(?:Version)?(TLS[ _]?v?1(?:[._]?[0-3])?(?!\d)|SSLv?[23](?:Hello)?|all|any)\b",
    re.IGNORECASE,
)


class Setting(NamedTuple):
    """What a setting sets: kind, algorithm, parameter, use and more details of an item."""

    kind: Kind
    algorithm: str
    parameter: str | None = None
    use: Use | None = None
    details: dict[str, Any] = {}  # noqa: RUF012  # never changed


def _version(word: str) -> str:
    word = re.sub(r"[ _]?V(?=\d)|^VERSION", "", word.upper().replace("_", "."))
    if word.startswith("TLS"):
        digits = re.sub(r"[^0-9]", "", word)
        return f"TLSv1.{digits[1:] or '0'}"
    return f"SSLv{word[3]}" if word.startswith("SSL") else word


def protocols(value: str) -> Iterator[Setting]:
    """Versions that are switched on: a list, or "all" with some struck out."""
    on: dict[str, None] = {}
    for sign, word in _VERSION.findall(value):
        names = _ALL if word.lower() in {"all", "any"} else (_version(word),)
        for name in names:
            if sign in {"-", "!", "no-"}:
                on.pop(name, None)
            else:
                on[name] = None
    if re.fullmatch(r"\s*[\"']?[!-].*", value) is not None and not on:
        struck = {_version(word) for _, word in _VERSION.findall(value)}
        on = dict.fromkeys(name for name in _ALL if name not in struck)
    for name in on:
        yield Setting("protocol", name, None, "tls")


def least(value: str) -> Iterator[Setting]:
    """A lowest version: that one and all above it."""
    found = _VERSION.search(value)
    if found is None or found.group(2).lower() in {"all", "any"}:
        found = re.search(r"(1\.[0-3])", value)
        name = f"TLSv{found.group(1)}" if found is not None else None
    else:
        name = _version(found.group(2))
    every = ("SSLv3", *_ALL)
    for one in every[every.index(name) :] if name in every else ():
        yield Setting("protocol", one, None, "tls")


def ldap_least(value: str) -> Iterator[Setting]:
    """OpenLDAP's numbers of the wire: 3.0 is SSL 3.0, 3.3 is TLS 1.2."""
    found = re.search(r"3\.([0-4])", value)
    if found is not None:
        yield from least("SSLv3" if found.group(1) == "0" else f"TLSv1.{int(found.group(1)) - 1}")


def most(value: str) -> Iterator[Setting]:
    """A highest version below TLS 1.3: told as what it is, for nothing newer is spoken."""
    found = _VERSION.search(value)
    if found is not None and (name := _version(found.group(2))) in _ALL[:-1]:
        yield Setting("configuration", f"no TLS above {name}")


def postfix(value: str) -> Iterator[Setting]:
    """A lowest version (">=TLSv1.2") or a list (Postfix 3.6)."""
    return least(value) if value.strip().startswith(">=") else protocols(value)


def suites(value: str) -> Iterator[Setting]:
    """A cipher list of OpenSSL or IANA names; keywords are told as what they stand for."""
    for word in re.split(r"[:,\s]+", value.strip("\"'; ")):
        if not word or word[0] in "!-@(":
            continue
        bare = word.lstrip("+").strip("\"'").split("@")[0]
        name = iana_suite(bare)
        if name is not None:
            algorithm, use = suite_cipher(name)
            yield Setting("cipher-suite", algorithm, None, use, {"suite": name})
        elif (known := listed_word(bare)) is not None:
            use = "aead" if known.endswith(("GCM", "CCM", "Poly1305")) else "cipher"
            yield Setting("cipher-suite", known, None, use, {"keyword": bare})
        elif bare:
            algorithm, use = suite_cipher(bare)
            known_cipher = algorithm != bare
            yield Setting("cipher-suite" if known_cipher else "configuration", algorithm, None,
                          use if known_cipher else None, {"keyword": bare})  # fmt: skip


def groups(value: str) -> Iterator[Setting]:
    """Names of groups, with the marks of OpenSSL 3.5 (?, *, /, -)."""
    for word in re.split(r"[:,/\s]+", value.strip("\"'; ")):
        name = word.lstrip("?*-+").strip("\"'")
        if name and name.lower() not in {"auto", "default"}:
            hybrid = "mlkem" in name.lower() or "kyber" in name.lower()
            use: Use = "kem" if hybrid else "key-agreement"
            yield Setting("group", _group(name), None, use)


def _group(name: str) -> str:
    if (found := re.fullmatch(r"P(256|384|521)", name, re.IGNORECASE)) is not None:
        return f"P-{found.group(1)}"
    known = {"x25519mlkem768": "X25519MLKEM768", "secp256r1mlkem768": "SecP256r1MLKEM768",
             "secp384r1mlkem1024": "SecP384r1MLKEM1024"}  # fmt: skip
    return known.get(name.lower()) or canonical(name.removeprefix("GROUP-"))


_SCHEME: Final = re.compile(
    r"(?:(RSA-PSS|RSA|ECDSA|DSA)\+(SHA\d+|MD5)|(rsa_pkcs1|rsa_pss_rsae|rsa_pss_pss|ecdsa)_"
    r"(?:secp\d+r1_|brainpoolP\d+r1tls13_)?(sha\d+)|(ed25519|ed448|mldsa\d+))$",
    re.IGNORECASE,
)


def signatures(value: str) -> Iterator[Setting]:
    """Signature schemes as OpenSSL and RFC 8446 write them."""
    for word in re.split(r"[:,\s]+", value.strip("\"'; ")):
        found = _SCHEME.match(word.lstrip("?"))
        if found is None:
            continue
        scheme = found.group(1) or found.group(3) or found.group(5)
        named = {"rsa_pkcs1": "RSA", "rsa_pss_rsae": "RSA-PSS", "rsa_pss_pss": "RSA-PSS"}
        algorithm = named.get(scheme.lower()) or canonical(scheme)
        hashed = found.group(2) or found.group(4)
        details = {"scheme": word, "signature_algorithm": algorithm}
        if hashed:
            details["signature_hash"] = canonical(hashed)
        yield Setting("algorithm", algorithm, None, "sign", details)


def ssh(of: str) -> Callable[[str], Iterator[Setting]]:
    """The reader of an SSH list ``of`` a kind (see :data:`~.ssh_probe.LISTS`)."""

    def read(value: str) -> Iterator[Setting]:
        value = value.strip("\"'")
        if value.startswith("-"):
            return  # what is struck out of the defaults
        for word in value.lstrip("+^").split(","):
            if name := word.strip():
                algorithm, parameter, use = ssh_algorithm(name, of)
                kind: Kind = "group" if of == "key-exchange" else "algorithm"
                yield Setting(kind, algorithm, parameter, use, {"ssh": name, "list": of})

    return read


def ssh_bits(value: str) -> Iterator[Setting]:
    """The smallest RSA key that OpenSSH takes."""
    if (found := re.match(r"\s*(\d{3,5})", value)) is not None:
        yield Setting("algorithm", "RSA", found.group(1), "sign")


def ike(value: str) -> Iterator[Setting]:
    """Proposals of strongSwan and Libreswan: words between hyphens, commas, semicolons."""
    for word in re.split(r"[-,;!+\s\"]+", value.lower()):
        found = ike_word(word)
        if found is not None:
            algorithm, parameter, use = found
            kind: Kind = "group" if use in {"key-agreement", "kem"} else "algorithm"
            yield Setting(kind, algorithm, parameter, use)


def digest(value: str) -> Iterator[Setting]:
    """One hash."""
    if value.strip("\"'; ").lower() in {"default", "none"}:
        return  # what the key brings with it
    yield Setting("algorithm", canonical(value.strip("\"'; ")), None, "hash")


def bits(value: str) -> Iterator[Setting]:
    """The size of new RSA keys."""
    return ssh_bits(value)


def password_hash(value: str) -> Iterator[Setting]:
    """How passwords are kept by PostgreSQL."""
    word = value.strip("\"'; ").lower()
    if word in {"md5", "on"}:
        yield Setting("algorithm", "MD5", None, "hash")
    elif word == "scram-sha-256":
        yield Setting("algorithm", "PBKDF2", None, "kdf")


_ENCTYPES: Final = (
    (re.compile(r"des3"), "3DES"), (re.compile(r"des"), "DES"),
    (re.compile(r"arcfour|rc4"), "RC4"), (re.compile(r"aes128"), "AES-128"),
    (re.compile(r"aes256"), "AES-256"), (re.compile(r"camellia128"), "Camellia-128"),
    (re.compile(r"camellia256"), "Camellia-256"), (re.compile(r"aes"), "AES"),
)  # fmt: skip


def enctypes(value: str) -> Iterator[Setting]:
    """Encryption types of Kerberos (krb5.conf): RFC 3961, 3962, 4757, 6803, 8009."""
    for word in re.split(r"[\s,]+", value.lower()):
        found = next((name for form, name in _ENCTYPES if form.match(word)), None)
        if found is not None:
            yield Setting("algorithm", found, None, "cipher", {"enctype": word})


_VPN: Final = {"BF-CBC": "Blowfish", "DES-CBC": "DES", "DES-EDE3-CBC": "3DES", "CAST5-CBC": "CAST5",
               "RC2-CBC": "RC2", "SEED-CBC": "SEED", "NONE": "NULL"}  # fmt: skip


def vpn_ciphers(value: str) -> Iterator[Setting]:
    """Ciphers of OpenVPN's data channel."""
    for word in re.split(r"[:,\s]+", value.strip().upper()):
        if word:
            name = _VPN.get(word) or canonical(word.lower())
            aead = name.endswith(("-GCM", "Poly1305"))
            yield Setting("algorithm", name, None, "aead" if aead else "cipher")


def vpn_digest(value: str) -> Iterator[Setting]:
    """The hash of OpenVPN's HMAC."""
    word = value.strip().split()[0]
    name = "NULL" if word.lower() == "none" else f"HMAC-{canonical(word.removeprefix('RSA-'))}"
    yield Setting("algorithm", name, None, "mac")


def switch(name: str) -> Callable[[str], Iterator[Setting]]:
    """The reader of a switch that turns the version ``name`` on."""

    def read(value: str) -> Iterator[Setting]:
        if value.strip("\"'; ").lower() in {"yes", "on", "true", "1"}:
            yield Setting("protocol", name, None, "tls")

    return read
