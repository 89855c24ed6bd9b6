"""MISP events: those of the shared data, and one made by hand."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[5] / "shared" / "data" / "fusion" / "misp_events_eset"
FILES = sorted(DATA.glob("*.xz"))
RECEIVED = 1_800_000_000_000_000
UUID = "11111111-1111-4111-8111-111111111111"


def sample(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes())


def events_in(document: Any) -> Iterator[dict[str, Any]]:
    """The events of a document, found without the code under test."""
    if isinstance(document, list):
        for one in document:
            yield from events_in(one)
    elif "Event" in document:
        yield document["Event"]
    else:
        yield from events_in(document["response"])


def attribute(number: int, kind: str, value: str, **more: Any) -> dict[str, Any]:
    return {
        "uuid": f"22222222-2222-4222-8222-{number:012d}",
        "type": kind,
        "category": "Network activity",
        "value": value,
        "to_ids": True,
        "timestamp": "1700000000",
        "comment": "",
    } | more


def event(*attributes: Any, **more: Any) -> dict[str, Any]:
    return {
        "uuid": UUID,
        "info": "標的型攻撃",
        "date": "2023-11-14",
        "timestamp": "1700000100",
        "published": True,
        "Orgc": {"name": "CERT", "uuid": "33333333-3333-4333-8333-333333333333"},
        "Tag": [{"name": "tlp:green"}],
        "Attribute": list(attributes),
    } | more


def encoded(event: dict[str, Any]) -> bytes:
    return json.dumps({"Event": event}, ensure_ascii=False).encode()
