"""Delivers what waits in an outbox to a nexus, in order, until it says that it has it.

While the nexus is away it is tried again after 1, 2, 4 ... seconds, five minutes at most.
A delivery that the nexus will never take is put aside, so that it does not hold the rest up.
With a `Seal`, deliveries are sealed and only what the nexus signed counts as its word:
whoever is in between can hold deliveries up, but neither read, forge nor swallow them.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import logging
import random
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from kaname.model.errors import KanameError, UnavailableError, UsageError
from kaname.sealing import MEDIA_TYPE, RECEIPT

if TYPE_CHECKING:
    from kaname.readers.deliveries.outbox import Outbox
    from kaname.readers.deliveries.sealed import Seal

__all__ = ["NEVER", "Courier", "is_loopback", "tls_context"]

_TIMEOUT_S = 60.0
_LONGEST_S = 300.0
NEVER = frozenset({400, 413, 415, 422})
"""Statuses after which the same bytes will be refused again."""

_TAKEN = frozenset({200, 201})
_MOST_ANSWER = 1 << 16
_log = logging.getLogger("kaname.sensor")


class _Answer(NamedTuple):
    status: int
    body: bytes
    receipt: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Courier:
    """Delivers in a thread of its own; ``url`` is that of the nexus, as in a browser.

    ``seal`` closes deliveries for the nexus alone.

    Raises:
        UsageError: the URL makes no sense, or would show the token to the network.
    """

    def __init__(
        self,
        outbox: Outbox,
        url: str,
        token: str,
        *,
        ca: Path | None = None,
        seal: Seal | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError("readers.error.nexus_url", found=url)
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise UsageError("readers.error.plain_http", found=url)
        self.outbox = outbox
        self._parts = parts
        self._token = token
        self._context = tls_context(ca) if parts.scheme == "https" else None
        base = parts.path.rstrip("/")
        door = outbox.form.door.format(sensor=quote(outbox.sensor))
        self._path = f"{base}/api/v1/{door}"
        self._key_path = f"{base}/api/v1/links/key"
        self._seal = seal
        self._type = outbox.form.media_type if seal is None else MEDIA_TYPE
        self._connection: http.client.HTTPConnection | None = None
        self._stop = threading.Event()
        self.delivered = self.refused = 0
        self.error: str | None = None
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float = 30.0) -> None:
        """Deliver what waits, for so long at most, and end; the rest waits for the next start."""
        waited = threading.Event()
        step = 0.1
        while seconds > 0 and self.outbox.waiting() and self.error is None:
            waited.wait(step)
            seconds -= step
        self._stop.set()
        self.outbox.arrived.set()
        if self._thread.ident is not None:
            self._thread.join(_TIMEOUT_S + 5.0)
        self._hang_up()

    def _work(self) -> None:
        pause = 1.0
        while not self._stop.is_set():
            waiting = self.outbox.next()
            if waiting is None:
                self.outbox.arrived.wait(1.0)
                self.outbox.arrived.clear()
                continue
            if self._deliver(*waiting):
                pause = 1.0
                continue
            self._stop.wait(pause * random.uniform(0.8, 1.2))  # noqa: S311 - not a secret
            pause = min(pause * 2, _LONGEST_S)

    def _deliver(self, number: int, body: bytes) -> bool:
        """Whether the delivery is done with."""
        try:
            answer = self._post(body) if self._seal is None else self._post_sealed(body)
        except (OSError, http.client.HTTPException, KanameError) as error:
            self._hang_up()
            self._fail(number, str(error) or type(error).__name__)
            return False
        if answer.status in _TAKEN:
            self.outbox.sent(number)
            self.delivered += 1
            self.error = None
            return True
        self._fail(number, f"{answer.status}: {answer.text}")
        if answer.status in NEVER:
            self.outbox.refuse(number)
            self.refused += 1
            return True
        return False

    def _post(self, body: bytes) -> _Answer:
        return self._ask("POST", self._path, body, {"Authorization": f"Bearer {self._token}"})

    def _post_sealed(self, body: bytes) -> _Answer:
        """The nexus's own word; what it did not sign is taken for a trouble on the way."""
        seal, outbox = self._seal, self.outbox
        if seal is None:
            raise AssertionError
        if seal.nexus is None:
            seal.meet(self._fetch_key())
        sent = seal.close(outbox.form, outbox.sensor, body)
        answer = self._post(sent)
        said = seal.read_answer(sent, answer.body, answer.receipt)
        if said is None:
            status = answer.status if answer.status not in _TAKEN | NEVER else 0
            reason = f"{answer.status}, not signed by the nexus's key: {answer.text}"
            return answer._replace(status=status, body=reason.encode())
        if said.refused:
            return answer._replace(status=422, body=said.refused.encode())
        return answer._replace(status=200)

    def _fetch_key(self) -> str:
        answer = self._ask("GET", self._key_path, None, {"Accept": "application/json"})
        if answer.status not in _TAKEN:
            raise UnavailableError("readers.error.nexus_key", status=answer.status)
        try:
            return str(json.loads(answer.body)["key"])
        except (ValueError, KeyError, TypeError):
            raise UnavailableError("readers.error.nexus_key", status=answer.status) from None

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> _Answer:
        connection = self._connection or self._connect()
        if body is not None:
            headers = headers | {"Content-Type": self._type}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read(_MOST_ANSWER)
        receipt = answer.headers.get(RECEIPT, "")
        if answer.will_close:
            self._hang_up()
        return _Answer(answer.status, content, receipt)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._context is None:
            made = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
        else:
            made = http.client.HTTPSConnection(
                host, port, timeout=_TIMEOUT_S, context=self._context
            )
        self._connection = made
        return made

    def _hang_up(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
            self._connection = None

    def _fail(self, number: int, reason: str) -> None:
        self.error = reason[:500]
        _log.warning("not delivered", extra={"delivery": number, "reason": self.error})


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """Trusts the certificates of the system, or those in a file.

    Raises:
        UsageError: the file holds no certificates.
    """
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise UsageError("readers.error.ca", path=ca, reason=error) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def is_loopback(host: str) -> bool:
    """Whether what is sent to ``host`` stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
