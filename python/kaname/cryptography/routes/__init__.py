"""Routes of the API that belong to cryptography, a subject a module.

``ROUTES`` lie below the API's prefix; ``OUTSIDE`` where other standards look for them.
The stores are handed in by name by whoever serves the API.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litestar.handlers import BaseRouteHandler

__all__ = ["OUTSIDE", "ROUTES"]

_MODULES = [
    importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)
]

ROUTES: list[BaseRouteHandler] = [one for part in _MODULES for one in getattr(part, "ROUTES", ())]
OUTSIDE: list[BaseRouteHandler] = [one for part in _MODULES for one in getattr(part, "OUTSIDE", ())]
