"""Reading what is to be judged: an inventory as JSON or JSON lines, or a CBOM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kaname.cryptography.inventory.item import Item
from kaname.cryptography.policy.from_cbom import items_of
from kaname.model.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["items_in", "read_items"]


def read_items(path: Path) -> list[Item]:
    """The items of the file ``path``: `kaname crypto inventory --json`, JSON lines, or a CBOM.

    Raises:
        InputError: it is none of these.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("cryptography.error.inventory", file=str(path), reason=reason) from error
    try:
        return _items(_document(data))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError) as error:
        reason = str(error)
        raise InputError("cryptography.error.inventory", file=str(path), reason=reason) from error


def items_in(document: Any) -> list[Item]:
    """The items of a ``document`` that was decoded already.

    Raises:
        InputError: it is neither an inventory nor a CBOM.
    """
    try:
        return _items(document)
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("cryptography.error.document", reason=str(error)) from error


def _document(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        lines = [line for line in data.splitlines() if line.strip()]
        return [msgspec.json.decode(line) for line in lines]


def _items(document: Any) -> list[Item]:
    if isinstance(document, dict) and document.get("bomFormat") == "CycloneDX":
        return items_of(document)
    if isinstance(document, dict):
        document = document.get("items", [document])
    return msgspec.convert(document, list[Item])
