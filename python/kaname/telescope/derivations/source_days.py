"""``source_days``: the day of every source, with its label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from kaname.analysis.frame import Context, Parameter
from kaname.model.instant import DAY, SECOND
from kaname.model.packets import PTYPES
from kaname.telescope.analyses.sources import Sources
from kaname.telescope.calibration import load
from kaname.telescope.days import WORDS, Days, days
from kaname.telescope.families import FAMILIES
from kaname.telescope.picture import Picture
from kaname.telescope.survey import SurveyList

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SourceDays"]

# The same names mean the same as for the analysis that states findings of these labels.
_OF_LABELS = {
    "addresses", "sensors", "crowd_sources", "reflectors", "survey_ports", "survey_list",
    "calibration",
}  # fmt: skip
_BATCH = 1 << 17


class SourceDays:
    """One row for each source and family of packets in a day of one sensor."""

    name: ClassVar[str] = "telescope.source_days"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    output: ClassVar[str] = "source_days"
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    parameters: ClassVar[tuple[Parameter, ...]] = tuple(
        each for each in Sources.parameters if each.name in _OF_LABELS
    )

    def run(self, context: Context) -> Iterable[pa.RecordBatch]:
        """The rows of the day, by source; none where nothing came."""
        picture = Picture.of(context)
        if not picture.extent.last:
            return
        survey = SurveyList.load(context.text("survey_list"), context.window.start)
        calibration = load(context.text("calibration"))
        found = days(picture, survey, context.number("survey_ports"), calibration)
        whole = _batch(found)
        for start in range(0, whole.num_rows, _BATCH):
            yield whole.slice(start, _BATCH)


def _batch(found: Days) -> pa.RecordBatch:
    import numpy as np
    import pyarrow as pa

    def words(name: str, of: Iterable[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(found[name], pa.int8()), list(of))

    def time(name: str) -> pa.Array:
        return pa.array(found[name] * SECOND).cast(pa.timestamp("us", tz="UTC"))

    top = found["top"]
    return pa.RecordBatch.from_pydict(
        {
            "ts": time("first"),
            "src_hi": pa.array(found["src_hi"]),
            "src_lo": pa.array(found["src_lo"]),
            "last": time("last"),
            "part": pa.array(found["part"], pa.int16()),
            "family": words("family", (family.name for family in FAMILIES)),
            "ptype": words("ptype", PTYPES),
            "label": words("label", WORDS),
            "confidence": pa.array(found["confidence"]),
            "tool": pa.array(found.tools()).cast(pa.dictionary(pa.int8(), pa.string())),
            "packets": pa.array(found["packets"]),
            "octets": pa.array(found["octets"]),
            "minutes": pa.array(found["minutes"], pa.int32()),
            "sessions": pa.array(found["sessions"], pa.int32()),
            "ports": pa.array(found["ports"], pa.int32()),
            "port": pa.array(top & 0xFFFF, pa.int32()),
            "port_packets": pa.array(top >> 16),
            "destinations": pa.array(np.maximum(found["firsts"], found["widest"])),
        }
    )
