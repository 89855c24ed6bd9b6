"""Slows down whoever tries tokens: failed attempts per client address are counted.

An address may stand for many (all programs of this machine share the loopback one), so
tokens that were right a short while ago pass all the same: one broken script must not
lock everybody else out.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ClassVar

from kaname.model.errors import KanameError

__all__ = ["Throttle", "ThrottledError"]

ATTEMPTS = 10
WINDOW_S = 60.0
REMEMBERED = 4096


class ThrottledError(KanameError):
    """Too many failed attempts from one place; ``values["seconds"]`` says how long to wait."""

    http_status: ClassVar[int] = 429


class Throttle:
    """At most `ATTEMPTS` failures per address in `WINDOW_S` seconds; bounded memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._right: OrderedDict[bytes, None] = OrderedDict()

    def check(self, client: str, secret: str) -> None:
        """Refuse a client that failed too often, unless its token was right before.

        Raises:
            ThrottledError: it has to wait.
        """
        with self._lock:
            recent = self._recent(client)
            if len(recent) < ATTEMPTS or _hash(secret) in self._right:
                return
            wait = int(WINDOW_S - (self._clock() - recent[0])) + 1
            raise ThrottledError("api.error.throttled", seconds=wait)

    def failed(self, client: str, secret: str) -> None:
        """Count one failure."""
        with self._lock:
            self._right.pop(_hash(secret), None)
            self._failures[client] = [*self._recent(client), self._clock()][-ATTEMPTS:]
            _keep_newest(self._failures, client)

    def passed(self, secret: str) -> None:
        """Remember that a token was right."""
        with self._lock:
            self._right[_hash(secret)] = None
            _keep_newest(self._right, _hash(secret))

    def _recent(self, client: str) -> list[float]:
        edge = self._clock() - WINDOW_S
        return [at for at in self._failures.get(client, ()) if at > edge]


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _keep_newest(of: OrderedDict[Any, Any], key: Any) -> None:
    of.move_to_end(key)
    while len(of) > REMEMBERED:
        of.popitem(last=False)
