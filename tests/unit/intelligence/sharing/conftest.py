from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.service import Intelligence
from kaname.knowledge import Account, AccountRole, Knowledge
from kaname.model.instant import HOUR, now_us
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

Observe = Callable[..., Observation]
_counter = iter(range(1_000_000))


@pytest.fixture
def fusion(tmp_path: Path) -> Iterator[Intelligence]:
    """A real fusion in an empty folder."""
    with (
        Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as knowledge,
        Intelligence(tmp_path / "data", knowledge) as opened,
    ):
        knowledge.bootstrap()
        for name in ("hanako", "taro"):
            knowledge.put_account(Account(name, AccountRole.ANALYST, Tlp.RED))
        knowledge.put_account(Account("viewer", AccountRole.VIEWER, Tlp.GREEN))
        yield opened


def observe(value: str, **changes: Any) -> Observation:
    """A fetch of malware from an address, seen by a honeypot an hour ago."""
    now = now_us()
    values: dict[str, Any] = {
        "id": f"obs-{next(_counter)}",
        "source": "honeypot",
        "kind": "download",
        "at": now - HOUR,
        "received": now - HOUR,
        "mentions": (Mention(ArtifactKind.IP, value, "src"),),
        "tlp": Tlp.GREEN,
        "behaviours": ("payload",),
    }
    return Observation(**values | changes)


def strong(value: str, **changes: Any) -> list[Observation]:
    """Three sources that saw it."""
    return [observe(value, source=source, **changes) for source in ("honeypot", "edr", "dns")]
