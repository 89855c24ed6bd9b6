"""Labels of a netlist: which instances are a Trojan's. Read beside it, and written."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kaname.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from kaname.hardware.netlist.design import Netlist

__all__ = ["encode", "find", "read", "stem"]

_SUFFIXES = (".gz", ".json", ".vg", ".vh", ".sv", ".v")
_NAMED = 200


class _Labels(msgspec.Struct):
    trojan_instances: list[str]


def stem(path: Path) -> str:
    """The name of a netlist without what says that it is one: ``x.v.gz`` is ``x``."""
    name = path.name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def find(netlist: Path, given: Path | None, count: int = 1) -> Path:
    """The labels of a netlist: ``given``, in the folder ``given``, or beside the netlist.

    Raises:
        UsageError: there are none, or one file is given for ``count`` netlists.
    """
    if given is not None and not given.is_dir():
        if count > 1:
            raise UsageError("hardware.error.labels_files", n=count)
        return given
    place = (given or netlist.parent) / f"{stem(netlist)}.labels.json"
    if not place.exists():
        raise UsageError("hardware.error.labels_missing", path=netlist, expected=place.name)
    return place


def read(path: Path, netlist: Netlist) -> frozenset[str]:
    """The Trojan's instances.

    Raises:
        InputError: they are no labels, or not of this netlist.
    """
    try:
        found = frozenset(msgspec.json.decode(path.read_bytes(), type=_Labels).trojan_instances)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError("hardware.error.labels", path=path, reason=error) from None
    missing = sorted(found - set(netlist.cell_names.to_pylist()))
    if missing:
        raise InputError(
            "hardware.error.labels_unknown",
            path=path, netlist=netlist.name, n=len(missing), name=missing[0][:_NAMED],
        )  # fmt: skip
    return found


def encode(trojan: Collection[str], instances: int, **about: object) -> bytes:
    """A file of labels, as `kaname hardware netlist train` reads it."""
    document = {"instances": instances, "trojan_instances": sorted(trojan), **about}
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
