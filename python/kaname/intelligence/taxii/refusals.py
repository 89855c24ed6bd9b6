"""What a TAXII server says when it cannot do what was asked (TAXII 2.1, 3.6.1)."""

from __future__ import annotations

from typing import Any

from kaname.model.errors import KanameError
from kaname.model.messages import text

__all__ = ["TaxiiError", "document"]


class TaxiiError(KanameError):
    """A request that is refused under one status of HTTP; ``headers`` go with the answer."""

    def __init__(
        self, status: int, key: str, /, *, headers: dict[str, str] | None = None, **values: object
    ) -> None:
        super().__init__(f"intelligence.taxii.{key}", **values)
        self.http_status = status  # type: ignore[misc]  # each one has its own
        self.headers = headers or {}


def document(error: KanameError, language: str) -> dict[str, Any]:
    """The error message object of ``error``, in ``language``."""
    return {
        "title": text(f"intelligence.taxii.title.{error.http_status}", language),
        "description": error.render(language),
        "error_code": error.key,
        "http_status": str(error.http_status),
    }
