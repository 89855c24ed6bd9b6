"""Parameters of an analysis: a name, a default, and the range that values must be in."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaname.model.errors import SettingError

__all__ = ["Parameter", "settle"]

Value = int | float | str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number between ``low`` and ``high`` (both allowed), or a text.

    The type is that of ``default``. A text with ``choices`` must be one of them.
    """

    name: str
    default: Value
    low: int | float | None
    high: int | float | None
    unit: str
    en: str
    ja: str
    choices: tuple[str, ...] = ()
    file: bool = False  # the text is the path of a file (empty: none)

    def content(self, settled: Mapping[str, Any]) -> str:
        """SHA-256 of the file that the parameter names; empty when it names none.

        Raises:
            SettingError: the file cannot be read.
        """
        path = settled[self.name]
        if not self.file or not path:
            return ""
        try:
            return hashlib.sha256(Path(path).expanduser().read_bytes()).hexdigest()
        except OSError as error:
            raise SettingError("analysis.error.file", name=self.name, reason=error) from None

    def read(self, value: Any) -> Value:
        """``value`` (a number, or text from a command line) as the parameter's type.

        Raises:
            SettingError: it is of another type or outside the range.
        """
        if isinstance(self.default, str):
            return self._text(value)
        try:
            number = type(self.default)(value)
        except (TypeError, ValueError):
            raise self._unfit(value) from None
        if isinstance(value, float) and number != value:
            raise self._unfit(value)
        if not (self._low <= number <= self._high):  # also false for NaN
            raise self._unfit(value)
        return number

    @property
    def expected(self) -> str:
        """The values that fit, in short: ``1 – 1000 packets``."""
        if self.choices:
            return " | ".join(self.choices)
        if isinstance(self.default, str):
            return self.unit or "text"
        return f"{self.low} – {self.high} {self.unit}".rstrip()

    @property
    def _low(self) -> float:
        return float("-inf") if self.low is None else self.low

    @property
    def _high(self) -> float:
        return float("inf") if self.high is None else self.high

    def _text(self, value: Any) -> str:
        if not isinstance(value, str) or (self.choices and value not in self.choices):
            raise self._unfit(value)
        return value

    def _unfit(self, value: Any) -> SettingError:
        return SettingError(
            "analysis.error.parameter", name=self.name, found=value, expected=self.expected
        )


def settle(
    analysis: str, parameters: Iterable[Parameter], given: Mapping[str, Any]
) -> dict[str, Value]:
    """All parameters with their values: what was given, else the default.

    Raises:
        SettingError: a name is unknown, or a value does not fit.
    """
    known = {p.name: p for p in parameters}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            raise SettingError(
                "analysis.error.no_parameter",
                name=name,
                analysis=analysis,
                near=near[0] if near else "–",
            )
    return {name: p.read(given.get(name, p.default)) for name, p in known.items()}
