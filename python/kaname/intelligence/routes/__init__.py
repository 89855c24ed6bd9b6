"""Routes of the API that belong to intelligence."""

from __future__ import annotations

__all__: list[str] = []
