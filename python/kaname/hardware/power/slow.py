"""Profiles of slow meters: what windows of a few readings normally look like, as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np

from kaname.hardware.power.windows import Windows, describe
from kaname.model.errors import InputError, StoreAccessError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.power.source import Source

__all__ = ["SlowProfile", "Window"]

_MAX_BYTES = 64 << 20
_TOLD = 0.01  # relative difference of rates above which a profile does not fit


class Window(msgspec.Struct, frozen=True):
    """A window: seconds, mean power [W], distance from normal ones, probability, alarm."""

    start: float
    end: float
    mean: float
    distance: float
    p: float
    alarm: bool


class SlowProfile(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
    tag_field="kind", tag="windows",
):  # fmt: skip
    """Normal windows of a device.

    Attributes:
        device: whose they are.
        fs: readings per second.
        readings: of a window.
        alarm: share of normal windows that may give an alarm.
        model: the windows.
    """

    device: str
    fs: float
    readings: int
    alarm: float
    model: Windows

    @classmethod
    def learn(
        cls, sources: Iterable[Source], readings: int, *, device: str = "", alarm: float = 0.005
    ) -> Self:
        """Learn from windows of traces that do not overlap."""
        rows, fs, name = [], 0.0, device
        for source in sources:
            fs, name = source.fs, name or source.device
            rows += [table for _, table in _described(source, readings)]
        empty = np.empty((0, 3))
        model = Windows.learn(np.concatenate([empty, *rows]))
        return cls(device=name, fs=fs, readings=readings, alarm=alarm, model=model)

    def score(self, source: Source) -> list[Window]:
        """Judge the windows of a trace.

        Raises:
            InputError: the trace was read at another rate.
        """
        if not math.isclose(source.fs, self.fs, rel_tol=_TOLD):
            raise InputError("hardware.power.error.other_rate", found=source.fs, known=self.fs)
        length = self.readings / self.fs
        found = []
        for start, table in _described(source, self.readings):
            distances = self.model.score(table)
            odds = self.model.p(distances)
            # No window can be rarer than one in those that were learnt.
            limit = max(self.alarm, 1.5 / (len(self.model.distances) + 1))
            columns = zip(table[:, 0].tolist(), distances.tolist(), odds.tolist(), strict=True)
            for at, (mean, distance, p) in enumerate(columns):
                begin = start + at * length
                found.append(Window(begin, begin + length, mean, distance, p, p <= limit))
        return found

    def save(self, path: Path) -> None:
        """Write it; either the old or the new file is there whatever happens."""
        made = path.with_name(f".{path.name}.new")
        try:
            made.write_bytes(msgspec.json.encode(self))
            made.replace(path)
        except OSError as error:
            raise StoreAccessError(
                "hardware.power.error.write", path=path, reason=error.strerror
            ) from None

    @classmethod
    def found(cls, path: Path) -> Self | None:
        """The profile in a file, or None when it is one of another kind.

        Raises:
            InputError: it is one, but damaged.
        """
        try:
            with path.open("rb") as source:
                text = source.read(_MAX_BYTES)
            kind = msgspec.json.decode(text, type=dict[str, Any]).get("kind")
        except (OSError, msgspec.DecodeError):
            return None  # whoever reads it next says what is wrong with it
        if kind != "windows":
            return None
        try:
            one = msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise InputError("hardware.power.error.profile", path=path, reason=error) from None
        model = one.model
        width = {len(model.size), len(model.centre), len(model.scale), *map(len, model.learnt)}
        fits = width == {3} and len(model.learnt) == len(model.distances) and one.readings > 1
        if not fits or min(*model.size, *model.scale, one.fs) <= 0:
            raise InputError("hardware.power.error.profile", path=path, reason="windows")
        return one


def _described(source: Source, readings: int) -> Iterator[tuple[float, NDArray[np.float64]]]:
    """Windows of each piece without gaps: the second it begins, rows of (mean, var, range)."""
    kept: list[NDArray[np.float32]] = []
    begin = second = 0.0
    for piece in source.pieces():
        if piece.missing:
            yield begin, describe(np.concatenate([*kept, np.empty(0, np.float32)]), readings)
            kept, begin = [], second + piece.missing
            second = begin
        kept.append(piece.values)
        second += len(piece.values) / source.fs
    yield begin, describe(np.concatenate([*kept, np.empty(0, np.float32)]), readings)
