"""The enrichers that work with what lies in a data folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.intelligence.enrichers.domains import DomainEnricher
from kaname.intelligence.enrichers.frame import Enricher
from kaname.intelligence.enrichers.origins import (
    NetworkEnricher,
    OriginEnricher,
    from_routes,
    read,
)
from kaname.intelligence.enrichers.ranges import Ranges
from kaname.lake.networks import Networks, networks_file
from kaname.model.errors import KanameError

if TYPE_CHECKING:
    from kaname.lake import Lake

__all__ = ["offline"]

_log = logging.getLogger(__name__)


def offline(data: Path, lake: Lake | None = None) -> list[Enricher]:
    """Registered domains; each table in ``<data>/networks/``; the routes of the lake.

    Where the operator put no table of their own there, the compiled ones are asked
    (`kaname.lake.networks`). A table that cannot be read is left out, and the log says so.
    """
    found: list[Enricher] = [DomainEnricher()]
    own = [path for path in sorted((data / "networks").glob("*")) if path.suffix != ".bin"]
    for path in own:
        try:
            found.append(OriginEnricher(read(path), path.stem))
        except KanameError as error:
            _left_out(path, error)
    compiled = None if own else networks_file(data)
    if compiled is not None:
        try:
            found.append(NetworkEnricher(Networks.open(data)))
        except KanameError as error:
            _left_out(compiled, error)
    if lake is not None:
        ranges = Ranges(from_routes(lake))
        if len(ranges):
            found.append(OriginEnricher(ranges, "routes"))
    return found


def _left_out(path: Path, error: KanameError) -> None:
    _log.warning("table left out", extra={"file": str(path), "reason": str(error)})
