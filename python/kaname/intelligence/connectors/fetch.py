"""Fetching what an operator configured, and nothing else.

A feed's URL is input that makes this machine speak to others, so: only http and https,
only the host that was configured (also after a redirect), no address of a private or
local network unless the operator allowed that, the address that was checked is the one
that is connected to, and size and time have limits. Proxies of the environment are not
used. (RFC 9110; OWASP on server-side request forgery.)
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec

from kaname.model.errors import CancelledError, LimitError, UnavailableError, UsageError

__all__ = ["Fetched", "Reach"]

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 3
_CHUNK = 256 * 1024
_PORTS = {"http": 80, "https": 443}


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """An answer; without a body when it is what was known already (304)."""

    body: bytes
    changed: bool
    etag: str = ""
    modified: str = ""


class Reach(msgspec.Struct, kw_only=True):
    """How far a connector may go: ``most`` bytes, ``seconds`` in all, private networks or not.

    ``knowledge`` is for connectors that keep what they took byte for byte, ``data`` (the
    folder) for those that seal with the keys of this nexus.
    """

    private: bool = False
    most: int = 64 * 1024 * 1024
    seconds: float = 60.0
    cancelled: Callable[[], bool] = lambda: False
    knowledge: Any = None
    data: Path | None = None

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        modified: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """What ``url`` holds.

        Raises:
            UsageError: it is no URL that may be fetched.
            UnavailableError: the server does not answer, or answers with an error.
            LimitError: it is too large or too slow.
            CancelledError: somebody asked to stop.
        """
        end = monotonic() + self.seconds
        home = _split(url)
        asked = {"Accept-Encoding": "gzip", "User-Agent": "kaname", **(headers or {})}
        if etag:
            asked["If-None-Match"] = etag
        if modified:
            asked["If-Modified-Since"] = modified
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._ask(url, asked, end)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
            _same_house(home, _split(url))
        raise UnavailableError("intelligence.error.redirects", url=url, most=_MOST_REDIRECTS)

    def check(self, url: str) -> None:
        """Refuse a URL that may not be spoken to, for clients that fetch by themselves.

        Raises:
            UsageError: it is none, or of a private network.
            UnavailableError: its host has no address.
        """
        parts = _split(url)
        try:
            self._resolve(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        except OSError as error:
            raise UnavailableError(
                "intelligence.error.fetch", url=url, reason=str(error)
            ) from error

    def _ask(self, url: str, headers: Mapping[str, str], end: float) -> Fetched | str:
        """The answer, or where it is to be found."""
        parts = _split(url)
        try:
            connection = self._connect(parts, end)
            try:
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request("GET", target, headers=dict(headers))
                return self._answer(url, connection.getresponse(), end)
            finally:
                connection.close()
        except TimeoutError:
            raise LimitError("intelligence.error.slow", url=url, seconds=self.seconds) from None
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise UnavailableError("intelligence.error.fetch", url=url, reason=reason) from error

    def _connect(self, parts: SplitResult, end: float) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        address = self._resolve(host, port)
        timeout = max(0.1, end - monotonic())
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        plain = socket.create_connection((address, port), timeout=timeout)
        if parts.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        else:
            connection.sock = plain
        return connection

    def _resolve(self, host: str, port: int) -> str:
        """The first address of ``host``, when all of its addresses may be spoken to."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not self.private:
            for address in addresses:
                if not ipaddress.ip_address(address.partition("%")[0]).is_global:
                    raise UsageError("intelligence.error.private", host=host, address=address)
        return addresses[0]

    def _answer(self, url: str, response: http.client.HTTPResponse, end: float) -> Fetched | str:
        etag = response.headers.get("ETag", "")
        modified = response.headers.get("Last-Modified", "")
        if response.status == http.HTTPStatus.NOT_MODIFIED:
            return Fetched(body=b"", changed=False, etag=etag, modified=modified)
        place = response.headers.get("Location")
        if response.status in _REDIRECTS and place:
            return place
        if response.status != http.HTTPStatus.OK:
            reason = f"{response.status} {response.reason}"
            raise UnavailableError("intelligence.error.fetch", url=url, reason=reason)
        body = self._body(url, response, end)
        return Fetched(body=body, changed=True, etag=etag, modified=modified)

    def _body(self, url: str, response: http.client.HTTPResponse, end: float) -> bytes:
        unpack = (
            zlib.decompressobj(wbits=31)
            if response.headers.get("Content-Encoding", "").lower() == "gzip"
            else None
        )
        body = bytearray()
        while chunk := response.read1(_CHUNK):
            self._check(url, end)
            room = self.most - len(body) + 1
            body += unpack.decompress(chunk, room) if unpack else chunk
            if len(body) > self.most:
                raise LimitError("intelligence.error.large", url=url, most=self.most)
        if unpack is not None and not unpack.eof:
            raise UnavailableError("intelligence.error.fetch", url=url, reason="truncated gzip")
        return bytes(body)

    def _check(self, url: str, end: float) -> None:
        if self.cancelled():
            raise CancelledError("intelligence.error.cancelled")
        if monotonic() > end:
            raise LimitError("intelligence.error.slow", url=url, seconds=self.seconds)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise UsageError("intelligence.error.url", url=url) from None
    if parts.scheme not in _PORTS or not parts.hostname or not port_is_fine:
        raise UsageError("intelligence.error.url", url=url)
    return parts


def _same_house(home: SplitResult, there: SplitResult) -> None:
    """Refuse a redirect to another host, or from https back to http."""
    if home.hostname != there.hostname or (home.scheme, there.scheme) == ("https", "http"):
        raise UsageError("intelligence.error.elsewhere", host=home.hostname, url=there.geturl())
