"""Why a source has its labels: judged again on its day, with the reasons.

Stored days keep labels, not reasons. A source is judged among its neighbours (a /20),
since a survey shows in company only; what crowds and reflections explain has its reasons
in their findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kaname.model.instant import DAY, SECOND, floor

if TYPE_CHECKING:
    from kaname.lake import Lake
    from kaname.model.marking import Tlp

__all__ = ["NEIGHBOURS", "Reasons", "reasons"]

Reasons = tuple[tuple[str, dict[str, Any]], ...]
NEIGHBOURS = 4096  # addresses among which a source is judged


def reasons(
    lake: Lake, clearance: Tlp, source: tuple[int, int], at: int, params: Mapping[str, Any]
) -> dict[tuple[str, str], Reasons]:
    """Why ``source`` has its labels on the UTC day of ``at``, by label and family.

    ``params``: those of ``telescope.sources`` that were set.
    """
    from kaname.analysis.frame import Window
    from kaname.telescope.activity import activities
    from kaname.telescope.calibration import load
    from kaname.telescope.detail import details
    from kaname.telescope.families import FAMILIES
    from kaname.telescope.labels import LABELS, label
    from kaname.telescope.picture import CROWD_SOURCES, REFLECTORS, Picture
    from kaname.telescope.reasons import Case, because
    from kaname.telescope.survey import SurveyList
    from kaname.telescope.traffic import BLOCK, Extent, is_v4, to_group

    hi, lo = source
    window = Window(floor(at, DAY), floor(at, DAY) + DAY)
    ports = int(params.get("survey_ports", 30))
    survey = SurveyList.load(str(params.get("survey_list", "")), window.start)
    calibration = load(str(params.get("calibration", "")))
    limits = (int(CROWD_SOURCES.default), int(REFLECTORS.default))
    given = int(params.get("addresses", 0))
    with lake.expression(
        ("flowtuples",), since=window.start, until=window.end, clearance=clearance
    ) as tables:
        whole = tables["flowtuples"]
        blocks = whole.filter(is_v4(whole) & ~to_group(whole)).aggregate(
            n=(whole.dst_lo // BLOCK).nunique().cast("int64")
        )
        size = given or int(blocks.to_pyarrow().column("n")[0].as_py()) * BLOCK
        extent = Extent(size, window.start // SECOND, window.end // SECOND)
        low = lo - lo % NEIGHBOURS
        near = whole.filter((whole.src_hi == hi) & whole.src_lo.between(low, low + NEIGHBOURS - 1))
        rows = Picture(near, window, "", extent.addresses, *limits).rows
        found = activities(rows, extent.expiry, 1)
        labelled = label(rows, found, extent, survey, ports, calibration=calibration)
        own = [n for n in range(len(found)) if (found["src_hi"][n], found["src_lo"][n]) == source]
        keys = [(hi, lo, int(found["family"][n])) for n in own]
        known = details(rows, keys)
        told: dict[tuple[str, str], Reasons] = {}
        for n, key in zip(own, keys, strict=True):
            name = LABELS[labelled.codes[n]]
            if name != "unsure":
                case = Case(labelled, n, known[key], extent, survey, ports)
                told[name, FAMILIES[key[2]].name] = because(name, case)
        return told
