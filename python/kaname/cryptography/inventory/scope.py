"""The scope file: which endpoints an inventory may contact. Nothing else is ever contacted.

::

    hosts = ["www.example.org"]       # names, exact or "*.example.org"
    networks = ["127.0.0.0/8"]        # addresses
    ports = [443, 22]                 # allowed ports

    [[endpoints]]                     # what to probe
    host = "www.example.org"
    port = 443
    protocol = "tls"                  # or "ssh", "ike"

    [[endpoints]]
    host = "192.0.2.25"
    port = 587
    starttls = "smtp"                 # TLS has to be asked for
    name = "mail.example.org"         # what the certificate is asked for (SNI)
"""

from __future__ import annotations

import fnmatch
import ipaddress
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.cryptography.inventory.starttls import STARTTLS
from kaname.model.errors import ForbiddenError, InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Endpoint", "Scope", "read_scope"]


class Endpoint(msgspec.Struct, frozen=True):
    """A host and port to probe, by the protocol "tls", "ssh" or "ike".

    ``starttls`` is the protocol that TLS begins in; ``name`` the server's name where it is
    not ``host``.
    """

    host: str
    port: int
    protocol: str = "tls"
    starttls: str = ""
    name: str = ""

    def __str__(self) -> str:
        """``host:port``, with brackets around IPv6."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be contacted (``hosts``, ``networks``, ``ports``) and what shall be."""

    hosts: list[str] = []
    networks: list[str] = []
    ports: list[int] = []
    endpoints: list[Endpoint] = []

    def allows(self, endpoint: Endpoint, address: str | None = None) -> bool:
        """Whether ``endpoint`` may be contacted.

        A name that is listed counts; otherwise the ``address`` it stands for must lie in a
        network that is listed.
        """
        if endpoint.port not in self.ports:
            return False
        name = endpoint.host.lower().rstrip(".")
        if any(fnmatch.fnmatchcase(name, one.lower()) for one in self.hosts):
            return True
        return _inside(address or endpoint.host, self.networks)

    def check(self, endpoint: Endpoint, address: str | None = None) -> None:
        """Raise :class:`ForbiddenError` naming the line to add when it is not allowed."""
        if self.allows(endpoint, address):
            return
        if endpoint.port not in self.ports:
            line = f"ports = {sorted({*self.ports, endpoint.port})}"
        else:
            line = "hosts = " + str([*self.hosts, endpoint.host]).replace("'", '"')
        raise ForbiddenError("cryptography.error.out_of_scope", endpoint=endpoint, line=line)


def _inside(address: str, networks: list[str]) -> bool:
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(one in ipaddress.ip_network(network) for network in networks)


def read_scope(path: Path) -> Scope:
    """The scope in the TOML file ``path``; :class:`InputError` tells what is wrong in it."""
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        scope = msgspec.convert(document, Scope)
        for one in scope.networks:
            ipaddress.ip_network(one)
        _checked(scope)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise InputError("cryptography.error.bad_scope", path=path, reason=error) from error
    return scope


def _checked(scope: Scope) -> None:
    for one in (*scope.ports, *(endpoint.port for endpoint in scope.endpoints)):
        if not 1 <= one <= 65535:
            raise ValueError(f"port {one}: 1 to 65535")
    for endpoint in scope.endpoints:
        if endpoint.protocol not in {"tls", "ssh", "ike"}:
            raise ValueError(f"protocol {endpoint.protocol!r}: tls, ssh or ike")
        if endpoint.starttls and endpoint.starttls not in STARTTLS:
            known = ", ".join(STARTTLS)
            raise ValueError(f"starttls {endpoint.starttls!r}: one of {known}")
