"""A capture as a picture of the telescope: read into a lake of its own, for as long as it takes."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.analysis.frame import Window
from kaname.lake import Lake
from kaname.model.errors import InputError
from kaname.model.instant import DAY, floor
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest
from kaname.telescope.picture import CROWD_SOURCES, REFLECTORS, Picture

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["pictured", "seen"]


@contextlib.contextmanager
def pictured(capture: Path) -> Iterator[Picture]:
    """The picture of the whole time of a capture, at the defaults of the analyses.

    Raises:
        InputError: there is nothing in it that a telescope looks at.
    """
    with seen(capture) as (picture, _):
        yield picture


@contextlib.contextmanager
def seen(capture: Path) -> Iterator[tuple[Picture, Mapping[str, ir.Table]]]:
    """The same, and the tables that the capture was read to.

    Raises:
        InputError: there is nothing in it that a telescope looks at.
    """
    with tempfile.TemporaryDirectory(prefix="kaname-evaluate-") as folder:
        lake = Lake.open(Path(folder))
        ingest(lake, capture, sensor="darknet", tlp=Tlp.CLEAR, options={})
        files = list(lake.files("flowtuples"))
        if not files:
            raise InputError("telescope.error.no_flowtuples", path=capture)
        first, last = min(f.min_ts for f in files), max(f.max_ts for f in files)
        with lake.expression(("flowtuples", "rsdos"), since=first, until=last + 1) as tables:
            window = Window(floor(first, DAY), last + 1)
            crowd, reflectors = int(CROWD_SOURCES.default), int(REFLECTORS.default)
            picture = Picture(tables["flowtuples"], window, "darknet", 0, crowd, reflectors)
            yield picture, tables
