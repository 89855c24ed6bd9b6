"""An inventory that was taken just now into the lake, as if its CBOM had been a file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.cryptography.inventory.cbom import dump_cbom
from kaname.readers.ingest import IngestResult, ingest

if TYPE_CHECKING:
    from kaname.lake import Lake
    from kaname.model.marking import Tlp

__all__ = ["bring_in"]


def bring_in(
    lake: Lake, document: dict[str, Any], *, sensor: str, tlp: Tlp, path: Path | None = None
) -> IngestResult:
    """The CBOM ``document`` into ``lake``, whole or not at all.

    ``path`` is where it was written; without one the lake has the only copy, which can be
    exported again.

    Raises:
        UsageError: the name of the sensor is none.
    """
    if path is not None:
        return ingest(lake, path, sensor=sensor, tlp=tlp, reader="cbom")
    with tempfile.TemporaryDirectory(prefix="kaname-cbom-") as folder:
        spool = Path(folder) / "inventory.cdx.json"
        dump_cbom(document, spool)
        name = f"kaname crypto inventory {document['metadata']['timestamp']}"
        return ingest(lake, spool, sensor=sensor, tlp=tlp, reader="cbom", name=name)
