from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kaname.knowledge import Knowledge


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Knowledge]:
    with Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as opened:
        yield opened
