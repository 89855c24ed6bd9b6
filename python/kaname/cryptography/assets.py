"""Items of an inventory as rows of the table ``crypto_assets``, and rows as items again.

A row keeps what was found and no verdict: the lists change, and an inventory of last year is
judged for the next. ``alike`` is the same for all items that a policy cannot tell apart but by
their validity, so that a hundred thousand certificates are a few dozen questions to it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from kaname.cryptography.inventory.item import Item

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COLUMNS", "LOOKED_AT", "UNREAD", "alike", "asset_row", "endpoint_of", "item_of"]

COLUMNS: Final = (
    "item, asset, location, line, byte_offset, host, port, algorithm, parameter, use, strength, "
    "quantum_vulnerable, epoch_us(not_before) AS not_before, epoch_us(not_after) AS not_after, "
    "subject, suite, evidence, alike, details"
)
"""The columns of SQL that `item_of` and its callers need."""
UNREAD: Final = frozenset({"malformed", "opaque"})
_ENDPOINT: Final = re.compile(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:/\\\[\]]+)):(\d{1,5})")
_EARLIEST, _LATEST = -2_208_988_800_000_000, 253_402_300_799_999_999  # 1900 to 9999
_VALIDITY: Final = frozenset({"expired", "not-yet-valid"})
LOOKED_AT: Final = (
    "suite", "version", "ssh", "signature_algorithm", "signature_hash", "self_signed", "ca",
)  # fmt: skip
"""Details that a policy looks at."""
_details = msgspec.json.Decoder(dict[str, Any])


def endpoint_of(location: str) -> tuple[str, int] | None:
    """Host and port of ``location``; None where it is a file."""
    found = _ENDPOINT.fullmatch(location)
    if found is None or not 0 < int(found[3]) < 1 << 16:
        return None
    return (found[1] or found[2]).lower(), int(found[3])


def alike(item: Item) -> str:
    """A digest of what a policy looks at in ``item``, but for its validity."""
    looked_at = tuple(str(item.details.get(name)) for name in LOOKED_AT)
    return _digest(
        item.kind, item.algorithm, item.parameter, item.use, item.strength,
        item.quantum_vulnerable, *looked_at,
    )  # fmt: skip


@lru_cache(16384)
def _digest(*said: object) -> str:
    text = "\0".join(map(str, said)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:16]


def asset_row(item: Item, taken: int) -> dict[str, Any]:
    """The columns of ``item``; ``taken`` (microseconds) is when the inventory was."""
    details = _with_validity(item, taken)
    endpoint = endpoint_of(item.location)
    host, port = endpoint if endpoint is not None else (None, None)
    return {
        "src": _address(host),
        "item": item.id,
        "asset": item.kind,
        "location": item.location,
        "line": item.line,
        "byte_offset": item.offset,
        "host": host,
        "port": port,
        "algorithm": item.algorithm,
        "parameter": item.parameter,
        "use": item.use,
        "strength": item.strength,
        "quantum_vulnerable": item.quantum_vulnerable,
        "not_before": _storable(item.not_before),
        "not_after": _storable(item.not_after),
        "subject": _text(details.get("subject")),
        "issuer": _text(details.get("issuer")),
        "signature_hash": _text(details.get("signature_hash")),
        "suite": _text(details.get("suite")),
        "evidence": item.evidence,
        "alike": alike(item),
        "details": msgspec.json.encode(details, enc_hook=str, order="sorted").decode(),
    }


def _with_validity(item: Item, taken: int) -> dict[str, Any]:
    """The details, with whether a certificate was valid when the inventory was taken."""
    if item.kind != "certificate":
        return item.details
    notes = [note for note in item.details.get("notes") or () if note not in _VALIDITY]
    if item.not_after is not None and item.not_after < taken:
        notes.append("expired")
    if item.not_before is not None and item.not_before > taken:
        notes.append("not-yet-valid")
    return item.details | {"notes": notes}


def _address(host: str | None) -> str:
    """An address that names an endpoint; the unspecified one for a name and for files."""
    try:
        return str(ipaddress.ip_address((host or "").partition("%")[0]))
    except ValueError:
        return "::"


def _storable(moment: int | None) -> int | None:
    """A time that every engine which may read the lake can hold."""
    return moment if moment is not None and _EARLIEST <= moment <= _LATEST else None


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def item_of(row: Mapping[str, Any]) -> Item:
    """The item that a row was made from; times of the row are microseconds."""
    return Item(
        id=row["item"], kind=row["asset"], location=row["location"], line=row["line"],
        offset=row["byte_offset"], algorithm=row["algorithm"], parameter=row["parameter"],
        use=row["use"] or None, strength=row["strength"],
        quantum_vulnerable=row["quantum_vulnerable"], not_before=row["not_before"],
        not_after=row["not_after"], details=_details.decode(row["details"]),
        evidence=row["evidence"],
    )  # fmt: skip
