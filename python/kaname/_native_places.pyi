"""Types of `kaname._native` for where addresses belong; no module of this name is run."""

from typing import final

from kaname._native import ArrowColumn

@final
class NetworkTables:
    """Tables of country and origin AS, out of the bytes of a file.

    Raises:
        NativeError: "networks": this is no such file, or not a whole one.
    """

    about: str
    codes: list[str]
    rows: tuple[tuple[int, int], tuple[int, int]]

    def __new__(cls, data: bytes) -> NetworkTables: ...
    def countries(self, hi: object, lo: object) -> ArrowColumn:
        """Places in ``codes``, from 1; 0 where no country is known. int16."""

    def asns(self, hi: object, lo: object) -> ArrowColumn:
        """Numbers of the origin AS; 0 where none is known. int32."""

    def find(self, hi: int, lo: int) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
        """First, last, value and announced length: of the country, of the origin."""

    def name(self, asn: int) -> str: ...

def first_seen(hi: object, lo: object, groups: object = None) -> ArrowColumn:
    """Whether each row is the first with its address (and with its group, an int32)."""

def network_file(
    about: str, codes: list[str], names: list[tuple[int, str]], country: object, origin: object
) -> bytes:
    """The bytes of a file of tables; batches have first_hi .. last_lo, value and length."""
