"""The enrichers that work with what lies in a data folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.intelligence.enrichers.domains import DomainEnricher
from kaname.intelligence.enrichers.frame import Enricher
from kaname.intelligence.enrichers.origins import OriginEnricher, from_routes, read
from kaname.intelligence.enrichers.ranges import Ranges
from kaname.model.errors import KanameError

if TYPE_CHECKING:
    from kaname.lake import Lake

__all__ = ["offline"]

_log = logging.getLogger(__name__)


def offline(data: Path, lake: Lake | None = None) -> list[Enricher]:
    """Registered domains; each table in ``<data>/networks/``; the routes of the lake.

    A table that cannot be read is left out, and the log says so.
    """
    found: list[Enricher] = [DomainEnricher()]
    for path in sorted((data / "networks").glob("*")):
        try:
            found.append(OriginEnricher(read(path), path.stem))
        except KanameError as error:
            _log.warning("table left out", extra={"file": str(path), "reason": str(error)})
    if lake is not None:
        ranges = Ranges(from_routes(lake))
        if len(ranges):
            found.append(OriginEnricher(ranges, "routes"))
    return found
