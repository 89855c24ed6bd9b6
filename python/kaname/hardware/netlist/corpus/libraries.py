"""Styles of cell libraries: which cells there are, what they and their pins are called.

Names of cells and pins are facts of the libraries (SkyWater 130, SAED 90, LEDA 250, the
TSMC-like naming of Trust-HUB's RS232, Nangate 45, the contest's primitives, Yosys' gates); no
library's data is copied. The output of an AND of ORs is `OA`/`OAI`, of an OR of ANDs `AO`/`AOI`;
sizes of groups come largest first and pins in that order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from kaname.hardware.netlist.corpus.mapping import Form

__all__ = ["LIBRARIES", "Cell", "FlopCell", "Library"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A combinational cell; `names` holds `{}` where the drive goes."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlopCell:
    """A flip-flop or latch; pins that it does not have are empty."""

    name: str
    data: str
    clock: str
    true: str
    complement: str = ""
    clear: str = ""
    preset: str = ""
    enable: str = ""
    #: Pins that are active low.
    low: frozenset[str] = frozenset()
    scan_in: str = ""
    scan_enable: str = ""
    latch: bool = False


@dataclass(frozen=True, slots=True)
class Library:
    """A style."""

    name: str
    cells: Mapping[Form, tuple[Cell, ...]]
    flops: tuple[FlopCell, ...]
    #: Drives, weakest first.
    drives: tuple[str, ...]
    #: Positional connections, outputs first (primitives).
    positional: bool = False
    prefixes: tuple[str, ...] = ("",)
    extra: Mapping[str, str] = field(default_factory=dict)

    def drive(self, rng: Random, readers: int, bias: int) -> str:
        """Choose a drive for a number of readers."""
        step = (readers > 6) + (readers > 16) + (rng.random() < 0.03)
        return self.drives[min(len(self.drives) - 1, bias + step)]


def _simple(stem: str, pins: str, out: str, sizes: tuple[int, ...]) -> dict[int, tuple[Cell, ...]]:
    names = pins.split()
    return {k: (Cell(stem.format(k=k), tuple(names[:k]), (out,)),) for k in sizes}


def _grouped(
    names: Mapping[tuple[int, ...], str], pins: Mapping[tuple[int, ...], str], out: str, form: str
) -> dict[Form, tuple[Cell, ...]]:
    return {
        (form, sizes): (Cell(name, tuple(pins[sizes].split()), (out,)),)
        for sizes, name in names.items()
    }


def _plain(kinds: Mapping[str, dict[int, tuple[Cell, ...]]]) -> dict[Form, tuple[Cell, ...]]:
    return {(form, (k,)): cells for form, by in kinds.items() for k, cells in by.items()}


def _sky130() -> Library:
    letters = "A B C D"
    cells = _plain(
        {
            "AND": _simple("and{k}{{}}", letters, "X", (2, 3, 4)),
            "NAND": _simple("nand{k}{{}}", letters, "Y", (2, 3, 4)),
            "OR": _simple("or{k}{{}}", letters, "X", (2, 3, 4)),
            "NOR": _simple("nor{k}{{}}", letters, "Y", (2, 3, 4)),
            "XOR": _simple("xor{k}{{}}", letters, "X", (2, 3)),
            "XNOR": {
                2: (Cell("xnor2{}", ("A", "B"), ("Y",)),),
                3: (Cell("xnor3{}", ("A", "B", "C"), ("X",)),),
            },
        }
    )
    pins = {
        (2, 1): "A1 A2 B1",
        (2, 2): "A1 A2 B1 B2",
        (2, 1, 1): "A1 A2 B1 C1",
        (2, 2, 1): "A1 A2 B1 B2 C1",
        (2, 2, 2): "A1 A2 B1 B2 C1 C2",
        (3, 1): "A1 A2 A3 B1",
        (3, 2): "A1 A2 A3 B1 B2",
        (3, 1, 1): "A1 A2 A3 B1 C1",
        (2, 1, 1, 1): "A1 A2 B1 C1 D1",
    }
    digits = {sizes: "".join(map(str, sizes)) for sizes in pins}
    some = [sizes for sizes in pins if sizes != (2, 2, 2)]
    cells |= _grouped({s: f"a{digits[s]}o{{}}" for s in some}, pins, "X", "AO")
    cells |= _grouped({s: f"a{d}oi{{}}" for s, d in digits.items()}, pins, "Y", "AOI")
    cells |= _grouped({s: f"o{digits[s]}a{{}}" for s in some}, pins, "X", "OA")
    cells |= _grouped({s: f"o{digits[s]}ai{{}}" for s in some}, pins, "Y", "OAI")
    cells |= {
        ("INV", ()): (Cell("inv{}", ("A",), ("Y",)),),
        ("BUF", ()): (Cell("buf{}", ("A",), ("X",)), Cell("clkbuf{}", ("A",), ("X",))),
        ("MUX", ()): (Cell("mux2{}", ("S", "A1", "A0"), ("X",)),),
        ("MUXI", ()): (Cell("mux2i{}", ("S", "A1", "A0"), ("Y",)),),
        ("HA", ()): (Cell("ha{}", ("A", "B"), ("COUT", "SUM")),),
    }
    flops = []
    for scan in (False, True):
        s = "s" if scan else ""
        more: dict[str, Any] = {"scan_in": "SCD", "scan_enable": "SCE"} if scan else {}
        clear: dict[str, Any] = {"clear": "RESET_B", "low": frozenset({"RESET_B"})}
        preset: dict[str, Any] = {"preset": "SET_B", "low": frozenset({"SET_B"})}
        flops += [
            FlopCell(f"{s}dfxtp{{}}", "D", "CLK", "Q", **more),
            FlopCell(f"{s}dfxbp{{}}", "D", "CLK", "Q", "Q_N", **more),
            FlopCell(f"{s}dfrtp{{}}", "D", "CLK", "Q", **clear, **more),
            FlopCell(f"{s}dfrbp{{}}", "D", "CLK", "Q", "Q_N", **clear, **more),
            FlopCell(f"{s}dfstp{{}}", "D", "CLK", "Q", **preset, **more),
            FlopCell(f"{s}dfsbp{{}}", "D", "CLK", "Q", "Q_N", **preset, **more),
        ]
    flops += [
        FlopCell("edfxtp{}", "D", "CLK", "Q", enable="DE"),
        FlopCell("edfxbp{}", "D", "CLK", "Q", "Q_N", enable="DE"),
        FlopCell("dlxtp{}", "D", "GATE", "Q", latch=True),
    ]
    return Library(
        "sky130", cells, tuple(flops), ("_1", "_2", "_4"), prefixes=("", "", "sky130_fd_sc_hd__")
    )


def _numbered(count: int, stem: str) -> str:
    return " ".join(f"{stem}{k}" for k in range(1, count + 1))


def _saed() -> Library:
    def out(pin: str, stem: str, sizes: tuple[int, ...]) -> dict[int, tuple[Cell, ...]]:
        return _simple(stem, "IN1 IN2 IN3 IN4", pin, sizes)

    cells = _plain(
        {
            "AND": out("Q", "AND{k}{{}}", (2, 3, 4)),
            "NAND": out("QN", "NAND{k}{{}}", (2, 3, 4)),
            "OR": out("Q", "OR{k}{{}}", (2, 3, 4)),
            "NOR": out("QN", "NOR{k}{{}}", (2, 3, 4)),
            "XOR": out("Q", "XOR{k}{{}}", (2, 3)),
            "XNOR": out("Q", "XNOR{k}{{}}", (2, 3)),
        }
    )
    shapes = [(2, 1), (2, 2), (2, 2, 1), (2, 2, 2)]
    pins = {s: _numbered(sum(s), "IN") for s in shapes}
    for form, pin in (("AO", "Q"), ("AOI", "QN"), ("OA", "Q"), ("OAI", "QN")):
        names = {s: f"{form}{''.join(map(str, s))}{{}}" for s in shapes}
        cells |= _grouped(names, pins, pin, form)
    cells |= {
        ("INV", ()): (Cell("INV{}", ("IN",), ("QN",)),),
        ("BUF", ()): (Cell("NBUFF{}", ("IN",), ("Q",)), Cell("LSDN{}", ("D",), ("Q",))),
        ("MUX", ()): (Cell("MUX21{}", ("S", "IN2", "IN1"), ("Q",)),),
        ("HA", ()): (Cell("HADD{}", ("A0", "B0"), ("C1", "SO")),),
    }
    and_ = cells["AND", (2,)]
    cells["AND", (2,)] = (*and_, Cell("ISOLAND{}", ("D", "ISO"), ("Q",)))
    flops = []
    for scan in ("", "S"):
        more: dict[str, Any] = {"scan_in": "SI", "scan_enable": "SE"} if scan else {}
        flops += [
            FlopCell(f"{scan}DFF{{}}", "D", "CLK", "Q", "QN", **more),
            FlopCell(
                f"{scan}DFFAR{{}}",
                "D",
                "CLK",
                "Q",
                "QN",
                clear="RSTB",
                low=frozenset({"RSTB"}),
                **more,
            ),
            FlopCell(
                f"{scan}DFFAS{{}}",
                "D",
                "CLK",
                "Q",
                "QN",
                preset="SETB",
                low=frozenset({"SETB"}),
                **more,
            ),
        ]
    flops.append(FlopCell("LATCH{}", "D", "CLK", "Q", "QN", latch=True))
    return Library("saed90", cells, tuple(flops), ("X0", "X1", "X2"))


def _leda() -> Library:
    def out(stem: str, sizes: tuple[int, ...]) -> dict[int, tuple[Cell, ...]]:
        return _simple(stem, _numbered(6, "DIN"), "Q", sizes)

    cells = _plain(
        {
            "AND": out("and{k}{{}}", (2, 3, 4)),
            "NAND": out("nnd{k}{{}}", (2, 3, 4, 5)),
            "OR": out("or{k}{{}}", (2, 3, 4, 5)),
            "NOR": out("nor{k}{{}}", (2, 3, 4, 5, 6)),
            "XOR": out("xor{k}{{}}", (2,)),
            "XNOR": out("xnr{k}{{}}", (2,)),
        }
    )
    shapes = [(2, 1), (2, 2), (2, 1, 1), (2, 2, 1), (2, 2, 2), (3, 2, 1), (3, 2)]
    pins = {s: _numbered(sum(s), "DIN") for s in shapes}
    for form, stem in (("AOI", "aoi"), ("OAI", "oai")):
        few = shapes[:5] if form == "AOI" else shapes
        names = {s: f"{stem}{''.join(map(str, s))}{{}}" for s in few}
        cells |= _grouped(names, pins, "Q", form)
    cells |= {
        ("INV", ()): (
            Cell("i1{}", ("DIN",), ("Q",)),
            Cell("hi1{}", ("DIN",), ("Q",)),
            Cell("ib1{}", ("DIN",), ("Q",)),
        ),
        ("BUF", ()): (Cell("nb1{}", ("DIN",), ("Q",)),),
        ("MUX", ()): (Cell("mx21{}", ("SIN", "DIN2", "DIN1"), ("Q",)),),
        ("MUXI", ()): (Cell("mxi21{}", ("SIN", "DIN2", "DIN1"), ("Q",)),),
    }
    flops = []
    for scan in ("", "s"):
        more: dict[str, Any] = {"scan_in": "SDIN", "scan_enable": "SSEL"} if scan else {}
        flops += [
            FlopCell(f"{scan}dff{{}}", "DIN", "CLK", "Q", "QN", **more),
            FlopCell(
                f"{scan}dffc{{}}",
                "DIN",
                "CLK",
                "Q",
                "QN",
                clear="CLRB",
                low=frozenset({"CLRB"}),
                **more,
            ),
            FlopCell(
                f"{scan}dffle{{}}",
                "DIN",
                "CLK",
                "Q",
                "QN",
                enable="EB",
                low=frozenset({"EB"}),
                **more,
            ),
        ]
    return Library("leda", cells, tuple(flops), ("s1", "s2", "s3"))


def _clocked(*, set_and_reset: bool) -> list[FlopCell]:
    """Flip-flops as Artisan and Nangate call them, plain and scanned."""
    flops = []
    for scan in ("", "S"):
        more: dict[str, Any] = {"scan_in": "SI", "scan_enable": "SE"} if scan else {}
        kinds: list[tuple[str, dict[str, str]]] = [
            ("", {}),
            ("R", {"clear": "RN"}),
            ("S", {"preset": "SN"}),
            ("SR", {"clear": "RN", "preset": "SN"}),
        ]
        for name, pins in kinds if set_and_reset else kinds[:3]:
            control: dict[str, Any] = {**pins, "low": frozenset(pins.values())}
            flops.append(FlopCell(f"{scan}DFF{name}{{}}", "D", "CK", "Q", "QN", **control, **more))
    return flops


def _artisan() -> Library:
    letters = "A B C D"
    cells = _plain(
        {
            form: _simple(f"{form}{{k}}{{{{}}}}", letters, "Y", (2, 3, 4))
            for form in ("AND", "NAND", "OR", "NOR")
        }
    )
    cells |= _plain(
        {form: _simple(f"{form}{{k}}{{{{}}}}", letters, "Y", (2,)) for form in ("XOR", "XNOR")}
    )
    pins = {
        (2, 1): "A0 A1 B0",
        (2, 2): "A0 A1 B0 B1",
        (2, 1, 1): "A0 A1 B0 C0",
        (2, 2, 1): "A0 A1 B0 B1 C0",
        (2, 2, 2): "A0 A1 B0 B1 C0 C1",
        (3, 1): "A0 A1 A2 B0",
        (3, 2): "A0 A1 A2 B0 B1",
        (3, 3): "A0 A1 A2 B0 B1 B2",
    }
    for form in ("AOI", "OAI"):
        names = {s: f"{form}{''.join(map(str, s))}{{}}" for s in pins}
        cells |= _grouped(names, pins, "Y", form)
    for form in ("AO", "OA"):
        names = {s: f"{form}{''.join(map(str, s))}{{}}" for s in ((2, 1), (2, 2))}
        cells |= _grouped(names, pins, "Y", form)
    cells |= {
        ("INV", ()): (Cell("INV{}", ("A",), ("Y",)),),
        ("BUF", ()): (Cell("BUF{}", ("A",), ("Y",)),),
        ("MUX", ()): (Cell("MX2{}", ("S0", "B", "A"), ("Y",)),),
        ("MUXI", ()): (Cell("MXI2{}", ("S0", "B", "A"), ("Y",)),),
        ("HA", ()): (Cell("ADDH{}", ("A", "B"), ("CO", "S")),),
    }
    flops = _clocked(set_and_reset=True)
    flops += [
        FlopCell("EDFF{}", "D", "CK", "Q", "QN", enable="E"),
        FlopCell("TLAT{}", "D", "G", "Q", "QN", latch=True),
    ]
    return Library("artisan", cells, tuple(flops), ("X1", "X2", "X4"), extra={"suffix": "_RS"})


def _nangate() -> Library:
    def out(pins: str, pin: str, stem: str, sizes: tuple[int, ...]) -> dict[int, tuple[Cell, ...]]:
        return _simple(stem, pins, pin, sizes)

    four = "A1 A2 A3 A4"
    cells = _plain(
        {
            form: out(four, "ZN", f"{form}{{k}}{{{{}}}}", (2, 3, 4))
            for form in ("AND", "NAND", "OR", "NOR")
        }
    )
    cells |= _plain(
        {"XOR": out("A B", "Z", "XOR{k}{{}}", (2,)), "XNOR": out("A B", "ZN", "XNOR{k}{{}}", (2,))}
    )
    pins = {
        (2, 1): "B1 B2 A",
        (2, 2): "A1 A2 B1 B2",
        (2, 1, 1): "C1 C2 A B",
        (2, 2, 1): "B1 B2 C1 C2 A",
        (2, 2, 2): "A1 A2 B1 B2 C1 C2",
    }
    for form in ("AOI", "OAI"):
        names = {s: f"{form}{''.join(map(str, s))}{{}}" for s in pins}
        cells |= _grouped(names, pins, "ZN", form)
    cells |= {
        ("INV", ()): (Cell("INV{}", ("A",), ("ZN",)),),
        ("BUF", ()): (Cell("BUF{}", ("A",), ("Z",)), Cell("CLKBUF{}", ("A",), ("Z",))),
        ("MUX", ()): (Cell("MUX2{}", ("S", "B", "A"), ("Z",)),),
        ("HA", ()): (Cell("HA{}", ("A", "B"), ("CO", "S")),),
    }
    flops = _clocked(set_and_reset=False)
    flops.append(FlopCell("DLH{}", "D", "G", "Q", latch=True))
    return Library("nangate", cells, tuple(flops), ("_X1", "_X2", "_X4"))


def _primitive() -> Library:
    names = {"AND": "and", "NAND": "nand", "OR": "or", "NOR": "nor", "XOR": "xor", "XNOR": "xnor"}
    cells: dict[Form, tuple[Cell, ...]] = {
        (form, (k,)): (Cell(name, ("",) * k, ("",)),)
        for form, name in names.items()
        for k in (2, 3, 4)
    }
    cells |= {
        ("INV", ()): (Cell("not", ("",), ("",)),),
        ("BUF", ()): (Cell("buf", ("",), ("",)),),
    }
    flop = FlopCell("dff", "D", "CK", "Q", clear="RN", preset="SN", low=frozenset({"RN", "SN"}))
    return Library("primitive", cells, (flop,), ("",), positional=True)


def _yosys() -> Library:
    pair = ("A", "B")
    cells: dict[Form, tuple[Cell, ...]] = {
        (form, (2,)): (Cell(f"\\$_{form}_ ", pair, ("Y",)),)
        for form in ("AND", "NAND", "OR", "NOR", "XOR", "XNOR")
    }
    cells |= {
        ("INV", ()): (Cell("\\$_NOT_ ", ("A",), ("Y",)),),
        ("BUF", ()): (Cell("\\$_BUF_ ", ("A",), ("Y",)),),
        ("MUX", ()): (Cell("\\$_MUX_ ", ("S", "B", "A"), ("Y",)),),
        ("ANDN", ()): (Cell("\\$_ANDNOT_ ", pair, ("Y",)),),
        ("AOI", (2, 1)): (Cell("\\$_AOI3_ ", ("A", "B", "C"), ("Y",)),),
        ("OAI", (2, 1)): (Cell("\\$_OAI3_ ", ("A", "B", "C"), ("Y",)),),
        ("AOI", (2, 2)): (Cell("\\$_AOI4_ ", ("A", "B", "C", "D"), ("Y",)),),
        ("OAI", (2, 2)): (Cell("\\$_OAI4_ ", ("A", "B", "C", "D"), ("Y",)),),
    }
    flops = (
        FlopCell("\\$_DFF_P_ ", "D", "C", "Q"),
        FlopCell("\\$_DFF_PN0_ ", "D", "C", "Q", clear="R", low=frozenset({"R"})),
        FlopCell("\\$_DFF_PN1_ ", "D", "C", "Q", preset="R", low=frozenset({"R"})),
        FlopCell("\\$_DFFE_PP_ ", "D", "C", "Q", enable="E"),
        FlopCell("\\$_DLATCH_P_ ", "D", "E", "Q", latch=True),
    )
    return Library("yosys", cells, flops, ("",))


LIBRARIES: dict[str, Library] = {
    made.name: made
    for made in (_sky130(), _saed(), _leda(), _artisan(), _nangate(), _primitive(), _yosys())
}
