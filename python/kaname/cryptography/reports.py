"""An inventory of the lake as a report, and as a CBOM again."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import TYPE_CHECKING, Literal

from kaname.cryptography.inventories import items_in

if TYPE_CHECKING:
    from kaname.cryptography.inventories import Question
    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Judged
    from kaname.lake import Lake
    from kaname.model.marking import Tlp
    from kaname.writers.report.document import Document

__all__ = ["cbom_of", "report_on"]

_BEFORE = 5  # inventories of the trend


def report_on(
    lake: Lake, inventory: str, asked: Question, language: Literal["en", "ja"], clearance: Tlp
) -> Document:
    """The report on an inventory, with those before it of the same name as the trend.

    The same lake and the same tables give the same document.

    Raises:
        NotFoundError: there is no such inventory.
    """
    from kaname.cryptography.policy.migration import Assumptions, plan
    from kaname.cryptography.policy.report import report

    row, items, judged = items_in(lake, inventory, asked, clearance)
    sets: list[tuple[str, list[Item], Judged]] = [(_named(row["ts"]), items, judged)]
    before = row["before"]
    while before is not None and len(sets) <= _BEFORE:
        earlier, former, told = items_in(lake, before, asked, clearance)
        sets.insert(0, (_named(earlier["ts"]), former, told))
        before = earlier["before"]
    assumed = Assumptions(
        quantum_year=asked.policy.target_year,
        confidentiality=max(0, asked.confidential_until - asked.year),
    )
    digest = row["inventory"]
    return report(
        sets, asked.policy, plan(items, judged, assumed), assumed, language, row["name"],
        tlp=row["tlp"],
        command=f"kaname crypto judge {digest[:16]} --year {asked.year} --use {asked.use} --json",
    )  # fmt: skip


def _named(moment: int) -> str:
    return dt.datetime.fromtimestamp(moment / 1e6, dt.UTC).strftime("%Y-%m-%d %H:%M")


def cbom_of(lake: Lake, inventory: str, version: str, asked: Question, clearance: Tlp) -> bytes:
    """The CycloneDX document of an inventory, whoever made it; always the same bytes.

    Raises:
        NotFoundError: there is no such inventory.
    """
    from kaname.cryptography.inventory.cbom import cbom

    row, items, _ = items_in(lake, inventory, asked, clearance)
    taken = dt.datetime.fromtimestamp(row["ts"] / 1e6, dt.UTC)
    document = cbom(items, version=version, now=taken, subject=row["name"])
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"kaname:{row['inventory']}")
    document["serialNumber"] = f"urn:uuid:{serial}"
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
