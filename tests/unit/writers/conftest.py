from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from kaname.model.errors import NotFoundError
from kaname.model.instant import DAY
from kaname.model.records import Finding, Indicator
from kaname.writers import FindingOf, writer

SAY = {
    "en": {
        "sample.scan.title": "Scan by {ip}",
        "sample.scan.text": "{ip} sent {packets} packets.",
        "sample.reason": "{found} hosts, at least {least}",
    },
    "ja": {
        "sample.scan.title": "{ip} によるスキャン",
        "sample.scan.text": "{ip} が {packets} パケットを送りました。",
        "sample.reason": "{found} ホスト({least} 以上)",
    },
}
AT = 20_000 * DAY + 5  # 2024-10-04

Write = Callable[..., bytes]


@pytest.fixture(autouse=True)
def sample_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue for the findings of these tests."""
    from kaname.model import messages

    known = messages.catalogue

    def catalogue(package: str, language: str) -> dict[str, str]:
        return SAY[language] if package == "sample" else known(package, language)

    monkeypatch.setattr(messages, "catalogue", catalogue)


def lookup(*findings: Finding) -> FindingOf:
    known = {one.id: one for one in findings}

    def find(key: str) -> Finding:
        if key not in known:
            raise NotFoundError("knowledge.error.no_finding", id=key)
        return known[key]

    return find


@pytest.fixture
def write() -> Write:
    """Runs a writer over indicators and findings, and gives its bytes."""

    def run(name: str, *indicators: Indicator, findings: Any = (), language: str = "en") -> bytes:
        out = io.BytesIO()
        count = writer(name).write(indicators, lookup(*findings), out, language=language, at=AT)
        assert count == len(indicators)
        return out.getvalue()

    return run


@pytest.fixture
def put() -> Write:
    """Runs a writer at the start of a day; it need not write all that it is given."""

    def run(name: str, *indicators: Indicator, language: str = "en") -> bytes:
        out = io.BytesIO()
        writer(name).write(indicators, lookup(), out, language=language, at=20_000 * DAY)
        return out.getvalue()

    return run


def objects_of(data: bytes, kind: str) -> list[dict[str, Any]]:
    return [thing for thing in json.loads(data)["objects"] if thing["type"] == kind]
