"""DNSSEC and TSIG keys: zone files, K*.key and K*.private of BIND, DNSKEY, CDNSKEY, DS, SSHFP.

Records are those of RFC 4034 in the text of RFC 1035; algorithm numbers are IANA's
(dns-sec-alg-numbers, ds-rr-types). TLSA is told by its hash.
"""

from __future__ import annotations

import binascii
import io
import re
from typing import TYPE_CHECKING, Any, Final

from kaname.cryptography.inventory.item import Item, make, malformed
from kaname.cryptography.inventory.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["dnssec_items"]

_LARGEST: Final = 64 << 20
_RECORDS: Final = 1_000_000
_ALGORITHMS: Final[dict[int, tuple[str, str | None, str | None]]] = {
    1: ("RSA", None, "MD5"), 3: ("DSA", None, "SHA-1"), 5: ("RSA", None, "SHA-1"),
    6: ("DSA", None, "SHA-1"), 7: ("RSA", None, "SHA-1"), 8: ("RSA", None, "SHA-256"),
    10: ("RSA", None, "SHA-512"), 12: ("GOST R 34.10-2001", None, "GOST R 34.11-94"),
    13: ("ECDSA", "P-256", "SHA-256"), 14: ("ECDSA", "P-384", "SHA-384"),
    15: ("Ed25519", "255", None), 16: ("Ed448", "448", None), 17: ("SM2", "sm2p256v1", "SM3"),
    23: ("GOST R 34.10-2012", None, "Streebog-256"),
}  # fmt: skip
"""Algorithm numbers: the key's algorithm and parameter, and the hash that is signed."""
_DIGESTS: Final = {1: "SHA-1", 2: "SHA-256", 3: "GOST R 34.11-94", 4: "SHA-384", 5: "Streebog-256",
                   6: "SM3"}  # fmt: skip
_NAMES: Final = {
    "RSAMD5": 1, "DSA": 3, "RSASHA1": 5, "NSEC3DSA": 6, "NSEC3RSASHA1": 7, "RSASHA256": 8,
    "RSASHA512": 10, "ECCGOST": 12, "ECDSAP256SHA256": 13, "ECDSAP384SHA384": 14, "ED25519": 15,
    "ED448": 16,
}  # fmt: skip
_RECORD: Final = re.compile(
    r"^(?P<owner>[^\s;(]{0,255})[ \t]+(?:\d{1,10}[ \t]+|(?:IN|CH|HS)[ \t]+)*"
    r"(?P<type>C?DNSKEY|KEY|C?DS|DLV|RRSIG|SSHFP|TLSA|NSEC3PARAM)[ \t]+(?P<data>\S[^\n]{0,16000})$",
    re.IGNORECASE,
)
_HINTS: Final = (b"DNSKEY", b" DS ", b"\tDS\t", b"\tDS ", b" DS\t", b"RRSIG", b"SSHFP", b"TLSA",
                 b"IN KEY", b"IN\tKEY", b"Private-key-format:")  # fmt: skip
_LIKELY: Final = re.compile(
    rb"\b(?:DNSKEY|DS|KEY|RRSIG|SSHFP|TLSA)[ \t]+\(?[ \t]*(?:\d|[A-Z])|^Private-key-format:",
    re.MULTILINE,
)
_PRIVATE: Final = re.compile(r"^Algorithm:[ \t]*(\d{1,3})", re.MULTILINE)
_TSIG: Final = re.compile(r"\balgorithm[ \t]+\"?(hmac-[a-z0-9-]{3,10})\"?[ \t]*;", re.IGNORECASE)
_MACS: Final = {
    "hmac-md5": "HMAC-MD5", "hmac-sha1": "HMAC-SHA-1", "hmac-sha224": "HMAC-SHA-224",
    "hmac-sha256": "HMAC-SHA-256", "hmac-sha384": "HMAC-SHA-384", "hmac-sha512": "HMAC-SHA-512",
}  # fmt: skip
_POLICY: Final = re.compile(
    r"\b([ckz]sk)\b[^;{}]{0,200}?\balgorithm[ \t]+\"?([A-Za-z0-9-]{3,24})\"?(?:[ \t]+(\d{3,5}))?",
    re.IGNORECASE,
)


def dnssec_items(data: bytes, location: str) -> Iterator[Item]:
    """The keys, digests and signatures of DNS records in ``data``, and TSIG keys of BIND."""
    if len(data) > _LARGEST:
        return
    likely = any(hint in data for hint in _HINTS) and _LIKELY.search(data) is not None
    configured = b"hmac-" in data.lower() or b"dnssec-policy" in data
    if not (likely or configured):
        return
    text = data.decode("utf-8", "replace")
    if text.startswith("Private-key-format:"):
        yield from _private(text, location, data)
    elif likely:
        yield from _zone(text, location)
    if configured:
        yield from _bind(text, location)


def _zone(text: str, location: str) -> Iterator[Item]:
    signatures: dict[int, None] = {}
    for number, (line, record) in enumerate(_records(text)):
        if number >= _RECORDS:
            return
        found = _RECORD.match(record)
        if found is None:
            continue
        kind, fields = found["type"].upper(), found["data"].split()
        if kind == "RRSIG":
            if len(fields) > 1 and fields[1].isdigit() and int(fields[1]) not in signatures:
                signatures[int(fields[1])] = None
                yield _signed(int(fields[1]), location, line, record)
            continue
        try:
            item = _record(kind, fields, location, line)
        except (ValueError, IndexError) as error:
            yield malformed(location, f"{kind}: {error}", "DNSSEC", line=line,
                            evidence=record.encode())  # fmt: skip
            continue
        if item is not None:
            yield item


def _records(text: str) -> Iterator[tuple[int, str]]:
    """Each record as one line without comments, with the line where it begins (RFC 1035, 5.1)."""
    begun, held, open_ = 0, "", 0
    for number, line in enumerate(io.StringIO(text), 1):
        bare = _bare(line) if ";" in line else line.rstrip()
        if not held:
            begun = number
        held = f"{held} {bare.strip()}" if held else bare
        open_ += bare.count("(") - bare.count(")")
        if open_ > 0 and len(held) < 20_000:
            continue
        if held:
            yield begun, held.replace("(", " ").replace(")", " ").rstrip()
        held, open_ = "", 0
    if held:
        yield begun, held.replace("(", " ").replace(")", " ").rstrip()


def _bare(line: str) -> str:
    """The line without its comment; a semicolon in quotes is none."""
    quoted = False
    for at, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted:
            return line[:at].rstrip()
    return line.rstrip()


def _record(kind: str, fields: list[str], location: str, line: int) -> Item | None:
    if kind in {"DNSKEY", "CDNSKEY", "KEY"}:
        return _key(kind, fields, location, line)
    if kind in {"DS", "CDS", "DLV"}:
        digest = int(fields[2])
        return _digest(_DIGESTS.get(digest, f"DS digest {digest}"), kind, fields, (location, line))
    if kind == "SSHFP":
        digest = int(fields[1])
        name = {1: "SHA-1", 2: "SHA-256"}.get(digest, f"SSHFP {digest}")
        return _digest(name, kind, fields, (location, line))
    if kind == "TLSA":
        matching = int(fields[2])
        if not matching:
            return None
        name = {1: "SHA-256", 2: "SHA-512"}.get(matching, f"TLSA {matching}")
        return _digest(name, kind, fields, (location, line))
    return _digest("SHA-1", kind, fields, (location, line))  # NSEC3: the only hash there is


def _digest(name: str, kind: str, fields: list[str], place: tuple[str, int]) -> Item:
    details = {"form": "DNS", "record": kind}
    if kind in {"DS", "CDS", "DLV"}:
        number = _number(fields[1])
        details["signature_algorithm"] = _ALGORITHMS.get(number, (str(number), None, None))[0]
    return make("algorithm", place[0], name, None, "hash", line=place[1], details=details,
                evidence=f"{kind} {' '.join(fields)}".encode())  # fmt: skip


def _number(word: str) -> int:
    """An algorithm's number, which a zone file may say by its mnemonic (RFC 4034, A.1)."""
    return int(word) if word.isdigit() else _NAMES.get(word.upper(), 0)


def _key(kind: str, fields: list[str], location: str, line: int) -> Item | None:
    flags, number = int(fields[0], 0), _number(fields[2])
    public = binascii.a2b_base64("".join(fields[3:]), strict_mode=True)
    if not number or (number == 253 and not public):
        return None
    algorithm, parameter, hashed = _ALGORITHMS.get(number, (f"DNSSEC {number}", None, None))
    if algorithm == "RSA":
        parameter = str(_modulus(public))
    elif algorithm == "DSA" and public:
        parameter = str(512 + 64 * public[0])  # RFC 2536: T
    details: dict[str, Any] = {
        "form": "DNSSEC", "record": kind, "dnssec_algorithm": number,
        "role": "KSK" if flags & 1 else "ZSK",
    }  # fmt: skip
    if hashed is not None:
        details |= {"signature_hash": hashed, "signature_algorithm": algorithm}
    if flags & 0x80:
        details["revoked"] = True
    return make("public-key", location, algorithm, parameter, "sign", line=line, details=details,
                evidence=public)  # fmt: skip


def _modulus(public: bytes) -> int:
    """The bits of the modulus (RFC 3110, 2)."""
    if not public:
        raise ValueError("an empty key")
    at, length = 1, public[0]
    if length == 0:
        at, length = 3, int.from_bytes(public[1:3], "big")
    modulus = public[at + length :]
    if not modulus:
        raise ValueError("the key is cut off")
    return int.from_bytes(modulus, "big").bit_length()


def _signed(number: int, location: str, line: int, record: str) -> Item:
    algorithm, _, hashed = _ALGORITHMS.get(number, (f"DNSSEC {number}", None, None))
    details = {"form": "DNS", "record": "RRSIG", "signature_algorithm": algorithm}
    if hashed is not None:
        details["signature_hash"] = hashed
    return make("algorithm", location, algorithm, None, "sign", line=line, details=details,
                evidence=record[:400].encode())  # fmt: skip


def _private(text: str, location: str, data: bytes) -> Iterator[Item]:
    """The key of a K*.private: its modulus is public, nothing else of it is read."""
    found = _PRIVATE.search(text)
    if found is None:
        yield malformed(location, "no line Algorithm", "DNSSEC", evidence=data)
        return
    number = int(found.group(1))
    algorithm, parameter, _ = _ALGORITHMS.get(number, (f"DNSSEC {number}", None, None))
    if algorithm in {"RSA", "DSA"}:
        field = re.search(r"^(?:Modulus|Prime\(p\)):[ \t]*(\S{8,4000})", text, re.MULTILINE)
        try:
            public = binascii.a2b_base64(field.group(1)) if field is not None else b""
        except ValueError as error:
            yield malformed(location, str(error), "DNSSEC", evidence=data)
            return
        parameter = str(int.from_bytes(public, "big").bit_length()) if public else None
    details = {"form": "DNSSEC", "dnssec_algorithm": number, "encrypted": False}
    yield make("private-key", location, algorithm, parameter, "sign", evidence=data,
               details=details)  # fmt: skip


def _bind(text: str, location: str) -> Iterator[Item]:
    """TSIG keys and the keys of a dnssec-policy in named.conf."""
    lines = Lines(text)
    for found in _TSIG.finditer(text):
        name = found.group(1).lower()
        yield make("algorithm", location, _MACS.get(name, name), None, "mac",
                   line=lines.of(found.start()), evidence=found.group().encode(),
                   details={"form": "TSIG", "setting": "algorithm", "value": name,
                            "server": "BIND"})  # fmt: skip
    lines = Lines(text)
    for found in _POLICY.finditer(text) if "dnssec-policy" in text else ():
        word = found.group(2).replace("-", "")
        number = int(word) if word.isdigit() else _NAMES.get(word.upper(), 0)
        if number not in _ALGORITHMS:
            continue
        algorithm, parameter, hashed = _ALGORITHMS[number]
        details = {"setting": found.group(1).lower(), "value": found.group()[:300],
                   "server": "BIND", "signature_algorithm": algorithm}  # fmt: skip
        if hashed is not None:
            details["signature_hash"] = hashed
        yield make("algorithm", location, algorithm, found.group(3) or parameter, "sign",
                   line=lines.of(found.start()), evidence=found.group().encode(),
                   details=details)  # fmt: skip
