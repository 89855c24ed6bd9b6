"""What every source did in a window, as columns: the labels of a picture, and its crowds.

Every packet of the picture is in one row: activities outside crowds with their label (that
of a reflection where they take part in one), members of crowds with that of the crowd.
What a scanner sent to the address of a crowd, in passing, goes to its own activity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from kaname.model.packets import PTYPES
from kaname.telescope.activity import Activities, activities
from kaname.telescope.crowds import Crowd, among, focused_on
from kaname.telescope.families import BY_NAME, FAMILIES
from kaname.telescope.labels import LABELS, label
from kaname.telescope.picture import Picture, reflecting

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.telescope.calibration import Calibration
    from kaname.telescope.survey import SurveyList

__all__ = ["WORDS", "Days", "days"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WORDS = (*LABELS, "tcp_reflection", "udp_reflection", "spoofed_flood", "p2p_misconf")
"""All labels that a row may have; rows hold their numbers."""
EVENT = 0.9  # confidence in what a crowd or a reflection is, as their analyses state it
UNSURE = 0.5
_TOOLS = {"mirai": "mirai", "masscan": "masscan", "zmap2": "zmap", "zmap4": "zmap4"}
_KEY = ("src_hi", "src_lo", "family")
_SINGLE = {n: PTYPES.index(f.ptypes[0]) for n, f in enumerate(FAMILIES) if len(f.ptypes) == 1}
_SUMS = ("packets", "octets", "minutes")
_COLUMNS = (*_KEY, *_SUMS, "sessions", "first", "last", "ports", "top", "firsts", "widest")


@dataclass(slots=True)
class Days:
    """Columns of equal length, ordered by source and ``part``."""

    columns: dict[str, Any]

    def __len__(self) -> int:
        return len(self.columns["src_lo"])

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def tools(self) -> list[str]:
        """The tool of each row, empty where its packets bear no mark of one."""
        of_family = np.array([_TOOLS.get(family.name, "") for family in FAMILIES], object)
        found = of_family[self["family"]]
        # one packet in 65,536 bears the mark of Masscan or ZMap 2 by chance
        chance = np.isin(self["family"], [BY_NAME["masscan"], BY_NAME["zmap2"]])
        found[chance & (self["packets"] < 2)] = ""
        found[self["label"] == WORDS.index("nmap")] = "nmap"
        return list(found)


def days(picture: Picture, survey: SurveyList, ports: int, calibration: Calibration) -> Days:
    """The rows of ``picture``; ``ports`` make a survey (see `kaname.telescope.labels`)."""
    parts = [_rest(picture, survey, ports, calibration)]
    for name in ("spoofed_flood", "p2p_misconf"):
        own = [crowd for crowd in picture.crowds if crowd.label == name]
        if own:
            parts.append(_crowd(picture, own, name))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if picture.crowds:
        columns = _with_strays(columns, _strays(picture))
    return _numbered(columns)


def _taken(found: Activities, code: Ints | int, sure: Floats | float) -> dict[str, Any]:
    """The columns that are kept of activities, with a label."""
    size = len(found)
    return {
        **{name: found[name] for name in _COLUMNS},
        "ptype": np.array([_SINGLE.get(n, 0) for n in range(len(FAMILIES))])[found["family"]],
        "label": np.broadcast_to(code, size).astype(np.int64),
        "confidence": np.broadcast_to(sure, size).astype(np.float64),
    }


def _rest(
    picture: Picture, survey: SurveyList, ports: int, calibration: Calibration
) -> dict[str, Any]:
    """Activities outside crowds."""
    found = activities(picture.rest, picture.extent.expiry, 1)
    labelled = label(picture.rest, found, picture.extent, survey, ports, calibration=calibration)
    codes, sure = labelled.codes.copy(), labelled.confidence.copy()
    for event in picture.reflections:
        taking = reflecting(found, [event])
        codes[taking], sure[taking] = WORDS.index(event.label), EVENT
    columns = _taken(found, codes, sure)
    several = ~np.isin(found["family"], list(_SINGLE))
    if several.any():
        columns["ptype"][several] = _commonest(picture.rest)
    return columns


def _commonest(rows: ir.Table) -> Ints:
    """The commonest packet type of each activity in a family of several, by key."""
    own = rows.filter(~rows.family.isin(list(_SINGLE)))
    number = ibis.cases(*((own.ptype == name, n) for n, name in enumerate(PTYPES)), else_=0)
    kinds = own.mutate(number=number.cast("int64")).group_by(*_KEY, "number")
    counted = kinds.aggregate(packets=own.packets.sum().cast("int64"))
    most = counted.group_by(*_KEY).aggregate(
        best=(counted.packets * len(PTYPES) + counted.number).max()
    )
    best = most.order_by(_KEY).to_pyarrow().column("best").to_numpy()
    return np.asarray(best % len(PTYPES), np.int64)


def _crowd(picture: Picture, own: list[Crowd], name: str) -> dict[str, Any]:
    """Members of crowds: what they sent to the address that the crowd faces."""
    members = focused_on(picture.rows, own)
    rows = among(picture.rows, own).semi_join(members, ("src_hi", "src_lo", "proto", "port"))
    found = activities(rows, picture.extent.expiry, 1)
    return _taken(found, WORDS.index(name), EVENT)


def _strays(picture: Picture) -> dict[str, Any]:
    """What others than members sent to the addresses of crowds."""
    members = focused_on(picture.rows, picture.crowds)
    rows = among(picture.rows, picture.crowds).anti_join(
        members, ("src_hi", "src_lo", "proto", "port")
    )
    return _taken(activities(rows, picture.extent.expiry, 1), WORDS.index("unsure"), UNSURE)


def _with_strays(columns: dict[str, Any], strays: dict[str, Any]) -> dict[str, Any]:
    """``columns`` with strays added to the activity of the same source and family."""
    wanted = list(zip(*(strays[name].tolist() for name in _KEY), strict=True))
    near = np.flatnonzero(np.isin(columns["src_lo"], strays["src_lo"]))
    keys = zip(*(columns[name][near].tolist() for name in _KEY), strict=True)
    # a member of a crowd may have an activity of the same family: that one comes first
    place = dict(reversed(list(zip(keys, near.tolist(), strict=True))))
    at = np.array([place.get(key, -1) for key in wanted], np.int64)
    known, alone = at[at >= 0], at < 0
    for name in _SUMS:
        np.add.at(columns[name], known, strays[name][~alone])
    np.minimum.at(columns["first"], known, strays["first"][~alone])
    np.maximum.at(columns["last"], known, strays["last"][~alone])
    return {name: np.concatenate([columns[name], strays[name][alone]]) for name in columns}


def _numbered(columns: dict[str, Any]) -> Days:
    """The rows in order, those of each source numbered: surveys last, else by packets."""
    survey = columns["label"] == WORDS.index("survey")
    order = np.lexsort(
        (
            columns["label"],
            columns["family"],
            -columns["packets"],
            survey,
            columns["src_lo"],
            columns["src_hi"],
        )
    )
    ordered = {name: values[order] for name, values in columns.items()}
    size = len(order)
    fresh = np.ones(size, np.bool_)
    fresh[1:] = (np.diff(ordered["src_lo"]) != 0) | (np.diff(ordered["src_hi"]) != 0)
    starts = np.flatnonzero(fresh)
    run = np.arange(size) - np.repeat(starts, np.diff(np.append(starts, size)))
    ordered["part"] = np.minimum(run, np.iinfo(np.int16).max)
    return Days(ordered)
