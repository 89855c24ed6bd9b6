"""Where to listen: ``netflow=:2055``, ``dnstap=/run/dns.sock``, ``syslog=tcp://[::1]:5514``.

``NAME=[TRANSPORT://][HOST]:PORT`` or ``NAME=PATH``, and after ``?`` what belongs to the
place: ``sensor=NAME``, ``tlp=LEVEL``, ``allow=PREFIX`` (may be repeated). Without a host
it is the loopback address: who wants to be heard by others writes ``0.0.0.0`` or ``[::]``.
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


@dataclass(frozen=True, slots=True)
class Place:
    """One socket to be opened, and whose data comes in there."""

    listener: Listener
    transport: str  # udp | tcp | unix
    host: str = ""
    port: int = 0
    path: str = ""
    sensor: str | None = None
    tlp: Tlp | None = None
    allow: tuple[Prefix, ...] = ()

    def __str__(self) -> str:
        if self.transport == "unix":
            return f"unix:{self.path}"
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
    if address.startswith(("/", "./", "unix:")):
        path = address.removeprefix("unix:")
        return Place(listener, _checked(listener, "unix", text), path=path)
    found = _INET.fullmatch(address)
    if found is None or int(found[3]) > 65535:
        raise UsageError("readers.error.place", found=text)
    usual = next((one for one in listener.transports if one != "unix"), "tcp")
    transport = _checked(listener, found[1] or usual, text)
    return Place(listener, transport, host=found[2].strip("[]") or LOOPBACK, port=int(found[3]))


def _checked(listener: Listener, transport: str, text: str) -> str:
    if transport not in listener.transports:
        known = ", ".join(listener.transports)
        raise UsageError("readers.error.transport", found=text, known=known)
    return transport


def _with_rest(place: Place, query: str, text: str) -> Place:
    """The place with what stands after the question mark."""
    found = parse_qs(query, keep_blank_values=True)
    if set(found) - {"sensor", "tlp", "allow"}:
        raise UsageError("readers.error.place", found=text)
    sensor = found["sensor"][-1] if "sensor" in found else None
    if sensor is not None:
        check_sensor(sensor)
    return replace(
        place,
        sensor=sensor,
        tlp=Tlp.parse(found["tlp"][-1]) if "tlp" in found else None,
        allow=tuple(prefix_of(one) for one in found.get("allow", ())),
    )
