"""Read a netlist: structural Verilog, Yosys JSON or BENCH, plain or compressed by gzip.

Behaviour (RTL) is synthesised first, where Yosys is at hand.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from kaname._native import NativeError
from kaname._native import Netlist as NativeNetlist
from kaname.hardware.netlist import synthesis
from kaname.hardware.netlist.design import Netlist
from kaname.model.errors import InputError, KanameError, LimitError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

__all__ = ["read"]

_LARGE: Final = {
    "netlist_large_text": "hardware.netlist.large_text",
    "netlist_large_instances": "hardware.netlist.large_instances",
    "netlist_large_names": "hardware.netlist.large_names",
}


def read(
    source: str | PathLike[str] | bytes,
    *,
    top: str | None = None,
    cells: Sequence[str | PathLike[str]] = (),
) -> Netlist:
    """The design in a file, or in the bytes of one.

    ``top`` names the top module; without it, it is the one that no other contains.
    ``cells`` are files that say more of cells than the tables that ship: tables like those,
    Liberty, or Verilog modules; earlier ones are believed before later ones.

    Raises:
        InputError: there is no netlist in it, a module contains itself, or it is behaviour
            and no Yosys is at hand.
        NotFoundError: no module is called ``top``, or a file does not exist.
        LimitError: the design is too large to be opened.
    """
    tables = [(Path(name).name, _bytes(name)) for name in cells]
    shown = "-" if isinstance(source, bytes) else str(source)
    try:
        if isinstance(source, bytes):
            return Netlist(NativeNetlist.read(source, top, tables))
        return Netlist(NativeNetlist.open(source, top, tables))
    except OSError as error:
        _unreadable(shown, error)
    except NativeError as error:
        if error.args[0] != "netlist_behaviour" or not synthesis.available():
            raise _error(shown, error) from error
    return _synthesised(source, shown, top)


def _synthesised(source: str | PathLike[str] | bytes, shown: str, top: str | None) -> Netlist:
    """The gates that Yosys makes of behaviour, under the digest of its text."""
    text = source if isinstance(source, bytes) else _bytes(source)
    if text.startswith(b"\x1f\x8b"):
        text = gzip.decompress(text)
    made = synthesis.synthesise(text, shown, top)
    try:
        native = NativeNetlist.read(made, None, [])
    except NativeError as error:
        raise _error(shown, error) from error
    return Netlist(native, digest=hashlib.sha256(text).hexdigest(), form="rtl")


def _bytes(name: str | PathLike[str]) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        _unreadable(str(name), error)


def _unreadable(name: str, error: OSError) -> NoReturn:
    kind = NotFoundError if isinstance(error, FileNotFoundError) else InputError
    why = error.strerror or str(error)
    raise kind("hardware.netlist.unreadable", path=name, error=why) from error


def _error(name: str, error: NativeError) -> KanameError:
    code, detail = error.args
    first, _, rest = detail.partition("\n")
    found: KanameError = InputError("hardware.netlist.gzip", path=name, error=detail)
    match code:
        case "netlist_empty":
            found = InputError("hardware.netlist.empty", path=name)
        case "netlist_json":
            found = InputError("hardware.netlist.json", path=name, place=detail)
        case "netlist_top":
            found = NotFoundError("hardware.netlist.top", path=name, top=first, known=rest)
        case "netlist_recursion":
            found = InputError("hardware.netlist.recursion", path=name, module=detail)
        case "netlist_behaviour":
            found = InputError("hardware.netlist.behaviour", path=name, line=first, text=rest)
        case "netlist_cells":
            found = InputError("hardware.netlist.cells", path=detail)
        case large if large in _LARGE:
            count, _, most = detail.partition("/")
            found = LimitError(_LARGE[large], path=name, found=count, most=most)
    return found
