"""Sessions of the console: a random id in a cookie stands for a token.

The token itself never goes into the cookie, because cookies are shared by all ports of a
host. A session holds the token in memory and every request authenticates with it again,
so revoking the token ends its sessions at once. A restart ends all of them.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["COOKIE", "LIFETIME_S", "Sessions"]

COOKIE = "kaname_session"
LIFETIME_S = 12 * 3600
SESSIONS = 1024


class Sessions:
    """Open sessions, at most `SESSIONS`; each ends `LIFETIME_S` after it began."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def begin(self, token: str) -> str:
        """Start a session for ``token`` and give its id (256 random bits)."""
        session = secrets.token_urlsafe(32)
        with self._lock:
            self._open[session] = (token, self._clock() + LIFETIME_S)
            while len(self._open) > SESSIONS:
                self._open.popitem(last=False)
        return session

    def token(self, session: str) -> str | None:
        """The token behind a session; None when it is unknown or over."""
        with self._lock:
            token, ends = self._open.get(session, ("", 0.0))
            if ends <= self._clock():
                self._open.pop(session, None)
                return None
            return token

    def end(self, session: str) -> None:
        """Forget a session; an unknown one is no matter."""
        with self._lock:
            self._open.pop(session, None)
