"""The capabilities of this installation: a line each joins one, leaving it out removes it."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from litestar.handlers import BaseRouteHandler

__all__ = ["CAPABILITIES", "Capability", "routes"]


class Capability(NamedTuple):
    """A package below ``kaname`` and what it is for."""

    name: str
    en: str
    ja: str


CAPABILITIES: tuple[Capability, ...] = (
    Capability("telescope", "network telescope (darknet)", "ネットワーク望遠鏡(ダークネット)"),
    Capability(
        "traffic",
        "names, flows, mail and hosts (MATATABI)",
        "DNS・フロー・メール・端末の分析(MATATABI)",
    ),
    Capability("hardware", "netlists and power waveforms", "ネットリストと電力波形(ハードウェア)"),
    Capability("cryptography", "cryptography in use (CRYPTREC)", "暗号の管理(CRYPTREC)"),
    Capability("intelligence", "fusion and sharing (CURE, CYNEX)", "情報融合と共有(CURE・CYNEX)"),
)


def routes(names: str = "ROUTES") -> list[BaseRouteHandler]:
    """The routes that capabilities add: ``ROUTES`` (or ``OUTSIDE``) of their ``routes``."""
    found: list[BaseRouteHandler] = []
    for capability in CAPABILITIES:
        name = f"kaname.{capability.name}.routes"
        if importlib.util.find_spec(name) is not None:
            own: Sequence[BaseRouteHandler] = getattr(importlib.import_module(name), names, ())
            found += own
    return found
