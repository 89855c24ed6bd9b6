"""Countries of many addresses at once, as the two letters that frames carry.

An installation without tables (`kaname.lake.networks`), or with damaged ones, shows every
source with an unknown country: a picture does not wait for that. `kaname data` tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.lake.networks import Networks
from kaname.model.address import IPv4_LOW
from kaname.model.errors import KanameError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from kaname.telescope.feed import U16, U32

    Ints = npt.NDArray[np.int64]

__all__ = ["Origins"]


class Origins:
    """Looks countries up in the tables of a data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def countries(self, hi: Ints, lo: Ints) -> U16:
        """Two letters as a number (first * 256 + second) for each address, 0: unknown."""
        import numpy as np

        try:
            places, codes = Networks.open(self._data).countries(hi, lo)
        except KanameError:
            return np.zeros(len(lo), np.uint16)
        letters = np.array([_number(code) for code in codes], np.uint16)
        found: U16 = letters[places]
        return found

    @property
    def credits(self) -> tuple[tuple[str, str], ...]:
        """Whom to name where countries are shown, and links."""
        try:
            named = Networks.open(self._data).attributions
        except KanameError:
            return ()
        return tuple((one.text, one.link) for one in named)

    def countries_v4(self, sources: U32) -> U16:
        """The same for IPv4 addresses of 32 bits."""
        import numpy as np

        return self.countries(np.zeros(len(sources), np.int64), sources.astype(np.int64) + IPv4_LOW)


def _number(code: str) -> int:
    """The two letters of ISO 3166-1 as one number; 0 for anything else."""
    known = len(code) == len("JP") and code.isascii() and code.isalpha()
    return (ord(code[0]) << 8 | ord(code[1])) if known else 0
