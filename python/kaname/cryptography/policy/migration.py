"""The migration plan: what to change first, to what, and why in this order.

Priority is exposure x lifetime x ease (a change of a setting comes before a change of a
device where the risk is the same), each on a scale that stands here, times how bad the
verdict is. Mosca's rule marks what is late already: when the years that data must stay secret
and the years that a migration takes are together more than the years until a quantum
computer that matters, traffic recorded today will be read (M. Mosca, "Cybersecurity in an
era with quantum computers", IEEE S&P magazine 16(5), 2018).
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Literal

import msgspec

from kaname.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Judged, Verdict

__all__ = ["Assumptions", "Context", "Step", "contexts", "late", "plan", "target_of"]

Exposure = Literal["internet", "internal", "offline"]
_EXPOSURE = {"internet": 3, "internal": 2, "offline": 1}
_BADNESS = {
    "not-usable": 8, "not-listed": 3, "monitored": 3, "finish-migration": 2, "unknown": 1,
    "allowed-until": 1, "allowed": 1,
}  # fmt: skip
_EASE = {"configuration": 3, "certificate": 2, "code": 1}
_SETTINGS = frozenset({"configuration", "protocol", "cipher-suite", "group"})
_RENEWED = frozenset({"certificate", "private-key", "public-key", "keystore"})


class Assumptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the plan supposes where nobody said better; all of it stands in the report.

    ``quantum_year``: when a quantum computer that breaks RSA 2048 is assumed;
    ``confidentiality`` and ``migration`` are years.
    """

    quantum_year: int = 2035
    confidentiality: int = 10
    migration: int = 3
    exposure: Exposure = "internal"


class Context(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the owner knows of the items at ``location`` (a shell pattern)."""

    location: str
    exposure: Exposure | None = None
    confidentiality: int | None = None
    migration: int | None = None
    owner: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One change. ``target`` is the key of what to change to; ``config`` lines to paste."""

    items: tuple[str, ...]
    places: tuple[str, ...]
    algorithm: str
    parameter: str | None
    word: str
    priority: int
    exposure: Exposure
    lifetime: int
    effort: str
    harvest_now: bool
    by: int
    target: str
    config: dict[str, tuple[str, ...]]
    owner: str = ""


def contexts(path: Path) -> tuple[Context, ...]:
    """The contexts of a TOML file: tables ``[[context]]``.

    Raises:
        InputError: the file is no such TOML.
    """
    try:
        raw = msgspec.toml.decode(path.read_bytes())
        return msgspec.convert(raw["context"], tuple[Context, ...])
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        reason = str(error)
        raise InputError("cryptography.error.contexts", file=str(path), reason=reason) from error


def late(year: int, confidentiality: int, migration: int, quantum_year: int) -> bool:
    """Mosca's rule: x + y > z, all in years from ``year``."""
    return confidentiality + migration > quantum_year - year


def plan(
    items: Sequence[Item],
    judged: Judged,
    assumptions: Assumptions | None = None,
    known: Sequence[Context] = (),
) -> tuple[Step, ...]:
    """The steps, most urgent first; items at several places that are alike make one step."""
    assumed = assumptions or Assumptions()
    steps: dict[tuple[object, ...], Step] = {}
    held: dict[tuple[object, ...], tuple[list[str], dict[str, None]]] = {}
    for item, verdict in zip(items, judged.verdicts, strict=True):
        if (step := _step(item, verdict, judged.year, assumed, known)) is None:
            continue
        alike = (step.algorithm, step.parameter, step.word, step.target, step.exposure,
                 step.lifetime, step.owner, step.by)  # fmt: skip
        steps.setdefault(alike, step)
        idents, places = held.setdefault(alike, ([], {}))
        idents.extend(step.items)
        places.update(dict.fromkeys(step.places))
    whole = [
        msgspec.structs.replace(step, items=tuple(held[alike][0]), places=tuple(held[alike][1]))
        for alike, step in steps.items()
    ]
    return tuple(sorted(whole, key=lambda s: (-s.priority, s.by, s.places)))


def _step(
    item: Item, verdict: Verdict, year: int, assumed: Assumptions, known: Sequence[Context]
) -> Step | None:
    fit = verdict.word in {"allowed", "allowed-until"} and not verdict.quantum.vulnerable
    if fit or item.kind in {"malformed", "opaque"}:
        return None
    context = next((c for c in known if fnmatch.fnmatchcase(item.location, c.location)), None)
    context = context or Context(location="*")
    secret = assumed.confidentiality if context.confidentiality is None else context.confidentiality
    takes = assumed.migration if context.migration is None else context.migration
    exposure = context.exposure or ("internet" if ":" in item.location[-6:] else assumed.exposure)
    harvest = verdict.quantum.harvest and late(year, secret, takes, assumed.quantum_year)
    lifetime = _lifetime(item, verdict, year, secret)
    effort = _effort(item)
    scale = 1 if lifetime < 3 else 2 if lifetime < 10 else 3
    priority = _EXPOSURE[exposure] * scale * _EASE[effort] * _BADNESS[verdict.word]
    target = target_of(item, verdict)
    return Step(
        items=(item.id,), places=(item.place,), algorithm=item.algorithm,
        parameter=item.parameter, word=verdict.word, priority=priority * (2 if harvest else 1),
        exposure=exposure, lifetime=lifetime, effort=effort, harvest_now=harvest,
        by=_by(verdict, year), target=target, config=CONFIG.get(target, {}),
        owner=context.owner,
    )  # fmt: skip


def _lifetime(item: Item, verdict: Verdict, year: int, secret: int) -> int:
    """For how many years it matters: secrecy of what it protects, or validity."""
    if verdict.quantum.harvest:
        return secret
    if item.not_after is not None:
        return max(0, int(item.not_after / 1e6 / 31_556_952) + 1970 - year)
    return secret


def _by(verdict: Verdict, year: int) -> int:
    """The year by which it must be done."""
    if verdict.word in {"not-usable", "not-listed", "monitored"}:
        return year
    years = (verdict.until, verdict.quantum.target if verdict.quantum.vulnerable else None)
    return max(year, min((y for y in years if y is not None), default=year))


def _effort(item: Item) -> str:
    if item.kind in _SETTINGS:
        return "configuration"
    return "certificate" if item.kind in _RENEWED else "code"


def target_of(item: Item, verdict: Verdict) -> str:
    """The key of what ``item`` is to be changed to."""
    if item.kind == "protocol":
        return "tls-1.3"
    if item.kind == "cipher-suite":
        return "suites"
    agreed = item.kind == "group" or item.use in {"key-agreement", "kem"}
    if verdict.quantum.vulnerable and agreed:
        return "hybrid-group"
    return _by_use(item, verdict)


def _by_use(item: Item, verdict: Verdict) -> str:
    if verdict.quantum.vulnerable or item.use == "sign":
        bad = verdict.word not in {"allowed", "allowed-until"}
        return "certificate-128" if bad else "signature-pq"
    return {"hash": "sha-256", "mac": "hmac-sha-256"}.get(item.use or "", "aes-256-gcm")


_TLS12 = ":".join(
    f"ECDHE-{signed}-{cipher}"
    for cipher in ("AES256-GCM-SHA384", "AES128-GCM-SHA256")
    for signed in ("ECDSA", "RSA")
)
_TLS13 = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"
_NEW_EC = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256"
_FILES = "-keyout key.pem -out request.pem"
CONFIG: dict[str, dict[str, tuple[str, ...]]] = {
    "tls-1.3": {
        "nginx": ("ssl_protocols TLSv1.2 TLSv1.3;",),
        "apache": ("SSLProtocol -all +TLSv1.2 +TLSv1.3",),
        "openssl": ("MinProtocol = TLSv1.2",),
    },
    "suites": {
        "nginx": (f"ssl_ciphers {_TLS12};", f"ssl_conf_command Ciphersuites {_TLS13};"),
        "apache": (f"SSLCipherSuite {_TLS12}", f"SSLCipherSuite TLSv1.3 {_TLS13}"),
        "openssl": (f"CipherString = {_TLS12}", f"Ciphersuites = {_TLS13}"),
    },
    "hybrid-group": {
        "nginx": ("ssl_ecdh_curve X25519MLKEM768:SecP256r1MLKEM768:X25519:prime256v1;",),
        "apache": ("SSLOpenSSLConfCmd Groups X25519MLKEM768:SecP256r1MLKEM768:X25519:P-256",),
        "openssl": ("Groups = X25519MLKEM768:SecP256r1MLKEM768:X25519:P-256",),
    },
    "certificate-128": {"openssl": (f"{_NEW_EC} {_FILES}",)},
    "signature-pq": {"openssl": (f"openssl req -new -newkey ML-DSA-65 {_FILES}",)},
}
"""Lines to paste, by target and program (hybrid groups and ML-DSA need OpenSSL 3.5 or newer)."""
