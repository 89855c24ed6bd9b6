"""What goes in and out of the TAXII server, without a web framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from kaname.intelligence.taxii.refusals import TaxiiError

__all__ = ["Answer", "Request", "json_answer"]


class Request(NamedTuple):
    """A request; names of ``headers`` are in lower case, ``path`` is below the server's."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes = b""
    base: str = ""  # scheme and host that it came to
    client: str = "local"
    language: str = "en"

    def header(self, name: str) -> str:
        """The header ``name``, or ""."""
        return self.headers.get(name, "")

    def only(self, *methods: str) -> None:
        """Go on only with one of ``methods``.

        Raises:
            TaxiiError: 405.
        """
        method = "GET" if self.method == "HEAD" else self.method
        if method not in methods:
            allowed = ", ".join(methods)
            headers = {"Allow": allowed}
            raise TaxiiError(405, "method", headers=headers, method=self.method, allowed=allowed)


class Answer(NamedTuple):
    """An answer; its content is always TAXII JSON."""

    status: int
    headers: dict[str, str]
    body: bytes


def json_answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """``content`` as an answer."""
    return Answer(status, headers or {}, msgspec.json.encode(content))
