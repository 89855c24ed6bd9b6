"""Where addresses belong: country and origin AS, offline, a whole column at a time.

The tables are one compact file (``rust/places``): the one that `kaname data update` wrote
below the data folder, else the one that kaname was built with. Without any, everything
works and nothing is known. What an address belongs to changes; so the tables of the lake
keep addresses, and this is asked when a question is answered.
"""

from __future__ import annotations

import functools
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.model.address import IPv4_LOW, from_text
from kaname.model.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kaname._native import NetworkTables

__all__ = ["Attribution", "Networks", "Origin", "Source", "networks_file"]

BUILT_IN = Path(__file__).parent / "data" / "networks.bin"
MOST_BYTES = 1 << 28  # the tables of the whole Internet take a thirtieth of it


class Attribution(msgspec.Struct, frozen=True):
    """Whom to name where the data is shown, and where a link leads (empty: nowhere)."""

    text: str
    link: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Data that the tables were made from. ``licence`` is an SPDX expression, or empty."""

    name: str
    version: str
    licence: str = ""
    attributions: tuple[Attribution, ...] = ()
    rows: int = 0
    passed_over: int = 0  # lines that say nothing


class About(msgspec.Struct, frozen=True):
    """What a file of tables says of itself."""

    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an address belongs; what is not known is empty, ``asn`` 0."""

    prefix: str = ""
    asn: int = 0
    name: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Networks:
    """The tables of one file; falsy, and knowing nothing, where there is no file.

    ``path`` is None then. Columns of addresses are two int64 arrays of equal length, as
    the lake holds them (`kaname.model.address`).
    """

    path: Path | None
    about: About
    _tables: NetworkTables | None

    @classmethod
    def open(cls, data: Path) -> Networks:
        """The tables for the data folder ``data``; read once, and again when they change.

        Raises:
            InputError: the file is damaged, or none of such tables.
        """
        path = networks_file(data)
        if path is None:
            return cls(None, About(), None)
        found = path.stat()
        return _read(path, found.st_mtime_ns, found.st_size)

    def __bool__(self) -> bool:
        return self._tables is not None

    @property
    def version(self) -> str:
        """The versions of the data, in one text; empty where there is none."""
        return ", ".join(f"{source.name} {source.version}" for source in self.about.sources)

    @property
    def attributions(self) -> tuple[Attribution, ...]:
        """Whom to name wherever anything from these tables is shown."""
        named = (one for source in self.about.sources for one in source.attributions)
        return tuple(dict.fromkeys(named))

    @property
    def rows(self) -> dict[str, dict[str, int]]:
        """Pieces of which something is known, by table and family."""
        tables = self._tables.rows if self._tables else ((0, 0), (0, 0))
        named = zip(("country", "origin"), tables, strict=True)
        return {name: {"ipv4": four, "ipv6": six} for name, (four, six) in named}

    @property
    def codes(self) -> list[str]:
        """Country codes (ISO 3166-1, two letters) by number; number 0 is the empty one."""
        return ["", *(self._tables.codes if self._tables else ())]

    def countries(
        self, hi: NDArray[np.int64], lo: NDArray[np.int64]
    ) -> tuple[NDArray[np.int16], list[str]]:
        """The country of each address as a number into the list that comes with them."""
        import numpy as np

        if self._tables is None:
            return np.zeros(len(lo), np.int16), self.codes
        found: NDArray[np.int16] = _column(self._tables.countries, hi, lo)
        return found, self.codes

    def asns(self, hi: NDArray[np.int64], lo: NDArray[np.int64]) -> NDArray[np.int32]:
        """The number of the AS that announces each address; 0 where none is known."""
        import numpy as np

        if self._tables is None:
            return np.zeros(len(lo), np.int32)
        found: NDArray[np.int32] = _column(self._tables.asns, hi, lo)
        return found

    def name(self, asn: int) -> str:
        """The organisation that an AS belongs to; empty where it is not known."""
        return self._tables.name(asn) if self._tables and 0 < asn < 1 << 32 else ""

    def origin(self, address: str) -> Origin:
        """Everything about one address.

        ``prefix`` is the announced prefix where the data names prefixes; else the largest
        one that holds the address and of which the same is known.

        Raises:
            UsageError: ``address`` is none.
        """
        hi, lo = from_text(address)
        if self._tables is None:
            return Origin()
        country, announced = self._tables.find(hi, lo)
        code = self.codes[country[2]]
        prefix = _prefix(hi, lo, announced if announced[2] else country)
        return Origin(
            prefix if announced[2] or code else "", announced[2], self.name(announced[2]), code
        )


def networks_file(data: Path) -> Path | None:
    """The file of tables for ``data``: its own, else the one that kaname was built with."""
    own = data / "networks" / "networks.bin"
    return next((path for path in (own, BUILT_IN) if path.is_file()), None)


@functools.lru_cache(maxsize=4)
def _read(path: Path, _changed: int, size: int) -> Networks:
    from kaname._native import NativeError, NetworkTables

    if size > MOST_BYTES:
        raise InputError("lake.error.networks", path=path)
    try:
        tables = NetworkTables(path.read_bytes())
        about = msgspec.json.decode(tables.about, type=About)
    except (NativeError, msgspec.DecodeError):
        raise InputError("lake.error.networks", path=path) from None
    except OSError as error:
        raise InputError("lake.error.source", path=path, reason=error.strerror) from error
    return Networks(path, about, tables)


def _column(find: Any, hi: NDArray[np.int64], lo: NDArray[np.int64]) -> Any:
    """What ``find`` says of a column of addresses, without copying it."""
    import numpy as np
    import pyarrow as pa

    words = (pa.array(np.ascontiguousarray(word, np.int64)) for word in (hi, lo))
    return pa.array(find(*words)).to_numpy()


def _prefix(hi: int, lo: int, piece: tuple[int, int, int, int]) -> str:
    """The prefix that is told of an address in ``piece`` (first, last, value, length)."""
    first, last, _, length = piece
    value = (hi % (1 << 64)) << 64 | lo % (1 << 64)
    if not length:
        # The largest aligned block around the address that does not leave the piece.
        below = (value ^ (first - 1)).bit_length() - 1 if first else 128
        above = (value ^ (last + 1)).bit_length() - 1 if last + 1 < 1 << 128 else 128
        length = 128 - min(below, above)
    start = value >> (128 - length) << (128 - length)
    if start >> 32 == IPv4_LOW >> 32 and length >= 96:
        return f"{ipaddress.IPv4Address(start & 0xFFFFFFFF)}/{length - 96}"
    return f"{ipaddress.IPv6Address(start)}/{length}"
