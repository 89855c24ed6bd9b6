"""Parameters of the ML-KEM construction, the standard ones and others.

Ring degree and modulus stay those of FIPS 203; rank, noise and compression may be chosen.
What is not one of the three standard sets interoperates with nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from kaname.model.errors import UsageError

__all__ = ["DEGREE", "MODULUS", "STANDARD", "Parameters"]

DEGREE = 256
MODULUS = 3329
_LIMITS = {"k": (1, 8), "eta1": (1, 8), "eta2": (1, 8), "du": (1, 12), "dv": (1, 12)}


class Parameters(NamedTuple):
    """Rank, widths of the noise, bits kept of each coefficient of u and of v (12: all)."""

    k: int
    eta1: int
    eta2: int
    du: int
    dv: int

    @property
    def common(self) -> int:
        """Bytes of u: the part that does not name the recipient."""
        return DEGREE // 8 * self.k * self.du

    @property
    def own(self) -> int:
        """Bytes of v."""
        return DEGREE // 8 * self.dv

    @property
    def ciphertext(self) -> int:
        """Bytes of a ciphertext."""
        return self.common + self.own

    @property
    def public(self) -> int:
        """Bytes of an encapsulation key."""
        return 384 * self.k + 32

    @property
    def standard(self) -> str | None:
        """The name FIPS 203 gives to these parameters, if it knows them."""
        return next((name for name, one in STANDARD.items() if one == self), None)

    @property
    def name(self) -> str:
        """The standard's name, or one that says that it is of the laboratory."""
        told = f"k{self.k}-eta{self.eta1}.{self.eta2}-du{self.du}-dv{self.dv}"
        return self.standard or f"LAB-{told}"

    def checked(self) -> Parameters:
        """Itself.

        Raises:
            UsageError: a number is outside what the construction allows.
        """
        for field, found in self._asdict().items():
            least, most = _LIMITS[field]
            if not least <= found <= most:
                raise UsageError(
                    "cryptography.error.lab_parameter",
                    name=field, found=found, least=least, most=most,
                )  # fmt: skip
        return self


# FIPS 203 table 2
STANDARD = {
    "ML-KEM-512": Parameters(2, 3, 2, 10, 4),
    "ML-KEM-768": Parameters(3, 2, 2, 10, 4),
    "ML-KEM-1024": Parameters(4, 2, 2, 11, 5),
}
