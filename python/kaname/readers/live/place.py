"""Where to listen: ``netflow=:2055``, ``dnstap=/run/dns.sock``, ``syslog=tcp://[::1]:5514``.

``NAME=[TRANSPORT://][HOST]:PORT`` or ``NAME=PATH``, and after ``?`` what belongs to the
place: ``sensor=NAME``, ``tlp=LEVEL``, ``allow=PREFIX`` (may be repeated). Without a host
it is the loopback address: who wants to be heard by others writes ``0.0.0.0`` or ``[::]``.

A listener that captures packets has an interface or a folder for a place:
``capture=eth0``, ``capture=/var/captures``. There ``prefix=PREFIX`` (may be repeated) says
which destinations count, and ``buffer=MIB`` how large the ring of the interface is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from kaname.model.address import Address, Prefix
from kaname.model.address import prefix as prefix_of
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.readers.ingest import check_sensor
from kaname.readers.listening import Listener, listener_called

__all__ = ["Place", "place"]

LOOPBACK = "127.0.0.1"
_INET = re.compile(r"(?:(udp|tcp)://)?(\[[0-9a-fA-F:.%]+\]|[^\[\]/:]*):(\d{1,5})")
_INTERFACE = re.compile(r"[^\s/]{1,15}")  # IFNAMSIZ of Linux
_CAPTURING = frozenset({"interface", "folder"})
_MOST_MEBIBYTES = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """One socket to be opened, and whose data comes in there."""

    listener: Listener
    transport: str  # udp | tcp | unix | interface | folder
    host: str = ""
    port: int = 0
    path: str = ""
    sensor: str | None = None
    tlp: Tlp | None = None
    allow: tuple[Prefix, ...] = ()
    prefixes: tuple[Prefix, ...] = ()
    mebibytes: int = 64

    def __str__(self) -> str:
        if self.path:
            return f"{self.transport}:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport}://{host}:{self.port}"

    def allows(self, hi: int, lo: int) -> bool:
        """Whether that sender may be heard."""
        return not self.allow or any(each.contains(Address(hi, lo)) for each in self.allow)


def place(text: str) -> Place:
    """The place written as ``text``.

    Raises:
        UsageError: it cannot be understood, or there is no such listener.
    """
    name, _, rest = text.partition("=")
    listener = listener_called(name.strip())
    address, _, query = rest.partition("?")
    if not address:
        if not listener.default_port:
            raise UsageError("readers.error.place", found=text)
        address = f":{listener.default_port}"
    return _with_rest(_socket(listener, address, text), query, text)


def _socket(listener: Listener, address: str, text: str) -> Place:
    """Where the socket is."""
    if "interface" in listener.transports:
        return _capture(listener, address, text)
    if address.startswith(("/", "./", "unix:")):
        path = address.removeprefix("unix:")
        return Place(listener, _checked(listener, "unix", text), path=path)
    found = _INET.fullmatch(address)
    if found is None or int(found[3]) > 65535:
        raise UsageError("readers.error.place", found=text)
    usual = next((one for one in listener.transports if one != "unix"), "tcp")
    transport = _checked(listener, found[1] or usual, text)
    return Place(listener, transport, host=found[2].strip("[]") or LOOPBACK, port=int(found[3]))


def _capture(listener: Listener, address: str, text: str) -> Place:
    """An interface by its name, a folder by its path."""
    name = address.removeprefix("interface:")
    if address.startswith(("/", "./", "../", "~", "folder:")):
        return Place(listener, "folder", path=address.removeprefix("folder:"))
    if not _INTERFACE.fullmatch(name):
        raise UsageError("readers.error.place", found=text)
    return Place(listener, "interface", path=name)


def _checked(listener: Listener, transport: str, text: str) -> str:
    if transport not in listener.transports:
        known = ", ".join(listener.transports)
        raise UsageError("readers.error.transport", found=text, known=known)
    return transport


def _with_rest(place: Place, query: str, text: str) -> Place:
    """The place with what stands after the question mark."""
    found = parse_qs(query, keep_blank_values=True)
    more = {"prefix", "buffer"} if place.transport in _CAPTURING else {"allow"}
    if set(found) - {"sensor", "tlp"} - more:
        raise UsageError("readers.error.place", found=text)
    sensor = found["sensor"][-1] if "sensor" in found else None
    if sensor is not None:
        check_sensor(sensor)
    return replace(
        place,
        sensor=sensor,
        tlp=Tlp.parse(found["tlp"][-1]) if "tlp" in found else None,
        allow=tuple(prefix_of(one) for one in found.get("allow", ())),
        prefixes=tuple(prefix_of(one) for one in found.get("prefix", ())),
        mebibytes=_mebibytes(found.get("buffer", ["64"])[-1], text),
    )


def _mebibytes(value: str, text: str) -> int:
    if not value.isdecimal() or not 2 <= int(value) <= _MOST_MEBIBYTES:
        raise UsageError("readers.error.place", found=text)
    return int(value)
