"""What a page must not do: complain, break the content policy, ask another host."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


class Watch:
    """Listens to one page from its first request on.

    ``tolerate`` are parts of complaints that the test provokes on purpose.
    """

    def __init__(self, page: Any, home: str, tolerate: tuple[str, ...] = ()) -> None:
        self._home = urlsplit(home).netloc
        self._tolerate = tolerate
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("request", self._asked)

    def check(self) -> None:
        """Raise for anything that was noticed."""
        assert not self.complaints, self.complaints
        assert not self.strangers, self.strangers

    def _heard(self, message: Any) -> None:
        # Violations of the content policy are among the browser's console errors.
        if message.type not in {"error", "warning"}:
            return
        if not any(part in message.text for part in self._tolerate):
            where = message.location.get("url", "")
            self.complaints.append(f"{message.type}: {message.text} {where}".rstrip())

    def _asked(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self._home:
            self.strangers.append(request.url)
