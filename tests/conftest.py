"""Order: what drives a browser comes last. And what Hypothesis tries is the same each time.

Playwright keeps an event loop running in the main thread once it has begun, and code under
test that starts its own would be refused.

A change is judged by what it changes, so the examples of the property tests are derived
from the tests alone. ``KANAME_EXPLORE=1`` draws fresh ones, ten times as many: that is how
new faults are found, and each becomes an example of its test.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("explore" if os.environ.get("KANAME_EXPLORE") else "same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
