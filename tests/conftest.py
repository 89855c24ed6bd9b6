"""Order: what drives a browser comes last.

Playwright keeps an event loop running in the main thread once it has begun, and code under
test that starts its own would be refused.
"""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
