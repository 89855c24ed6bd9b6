"""Gate-level netlists to `netlists` and `suspect_nets`, judged by the model that is at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.feeds.naming import made_at
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.lines import pieces
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.hardware.netlist.design import Netlist
    from kaname.hardware.netlist.rows import Judgement

__all__ = ["NetlistReader"]

_MOST_BYTES = 4 << 30
_TOLD = 1000  # problems of a netlist that are counted one by one

_COMMENTS = re.compile(rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\(\*.*?\*\)|`[^\n]*", re.DOTALL)
_MODULE = re.compile(rb"\s*(?:\w[^;]{0,200};\s*)?(?:macro)?module\s+(?:\\\S+\s|[A-Za-z_]\w*)")
_PORTS = re.compile(rb"module\s+(?:\\\S+|\w+)\s*(?:#\s*\(|\(|;)")
_YOSYS = re.compile(rb'^\s*\{\s*"creator"\s*:\s*"Yosys')
_YOSYS_MODULES = re.compile(rb'^\s*\{\s*(?:"creator"\s*:\s*"[^"]*"\s*,\s*)?"modules"\s*:\s*\{')
_ANY_NAME = frozenset({"", "top", "top_level", "toplevel"})
_YOSYS_MEMBER = re.compile(rb'"(?:port_directions|cells|netnames|bits)"\s*:')
_BENCH_PORT = re.compile(rb"^\s*(?:INPUT|OUTPUT)\s*\(\s*[^()\s]+\s*\)\s*$", re.IGNORECASE)
_BENCH_GATE = re.compile(rb"^\s*\S+\s*=\s*[A-Za-z]+\w*\s*\([^()]+\)\s*$")


class NetlistReader(Reader):
    """Options ``time`` (of the design), ``top`` (module)."""

    name: ClassVar[str] = "netlist"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("netlists", "suspect_nets")
    options: ClassVar[tuple[str, ...]] = ("time", "top", "model")
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Gate-level designs: structural Verilog, netlists of Yosys as JSON, ISCAS BENCH. Each "
            "is judged by the model of hardware Trojans that comes with kaname (or the one named "
            "by the option `model`): a row for the design with the verdict and its suspicious "
            "regions, and a row for each net that is worth a look, with reasons and the "
            "sub-circuit around it."
        ),
        ja=(
            "ゲートレベル設計(構造記述の Verilog、Yosys の JSON ネットリスト、ISCAS BENCH)を"
            "読み、kaname に付属する(またはオプション `model` で指定した)ハードウェアトロイの"
            "モデルで判定します。設計ごとに判定と疑わしい領域を 1 行に、調べる価値のあるネットを"
            "根拠と周辺回路とともに 1 行ずつ保存します。"
        ),
        formats=("structural Verilog", "Yosys JSON netlist", "ISCAS BENCH"),
        references=(
            "IEEE 1364-2005, clause 12 (hierarchical structures)",
            "https://yosyshq.readthedocs.io/projects/yosys/en/latest/cmd/write_json.html",
        ),
        limitations_en=(
            "A netlist has no clock: rows get the time of the file, or of the option `time`.",
            "The digest is of the unpacked bytes: a design is the same, packed or not.",
            "Nets below the threshold are counted, and the first twenty of them kept.",
            "Reasons and sub-circuits are kept of the 200 surest nets of a design.",
            "Judged again by another model it is the same source: bring it in with `--replace`.",
        ),
        limitations_ja=(
            "ネットリストに時刻はないため、ファイルの時刻またはオプション `time` を使います。",
            "ダイジェストは展開後のバイト列から計算します。圧縮の有無によらず同じ設計です。",
            "下限未満のネットは数だけを残し、上位 20 個を保存します。",
            "根拠と周辺回路を残すのは、設計ごとに上位 200 個のネットです。",
            "別のモデルで判定し直すときは `--replace` を付けて取り込みます。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """A module with ports, a document of Yosys, or nothing but ports and gates."""
        start = head.removeprefix(b"\xef\xbb\xbf")
        if _YOSYS.match(start):
            return 92
        if _YOSYS_MODULES.match(start):
            return 85 if _YOSYS_MEMBER.search(start) else 0
        if b"module" in start:
            bare = _COMMENTS.sub(b" ", start)
            return 85 if _MODULE.match(bare) and _PORTS.search(bare) else 0
        return 80 if _is_bench(start) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield the row of the design, and those of its suspicious nets.

        Raises:
            InputError: the source cannot be opened, or holds no design.
            IntegrityError: the model that is named cannot be used.
            CancelledError: somebody asked to stop.
        """
        from kaname.hardware.netlist.rows import design_row, net_rows

        judgement = _judged(job)
        if judgement is None:
            return
        ts = made_at(job)
        designs = Rows("netlists", self.name, job)
        designs.add(ts=ts, row_in_src=0, **design_row(judgement))
        yield from designs.rest()
        nets = Rows("suspect_nets", self.name, job)
        for row in net_rows(judgement):
            nets.put({"ts": ts, **row})
            if nets.full:
                yield nets.take()
        yield from nets.rest()


def _is_bench(start: bytes) -> bool:
    """Whether every line (the last may be cut) is a port, a gate or a comment; some of each."""
    lines = start.split(b"\n")
    whole = lines if len(start) < 1 << 16 else lines[:-1]
    told = [line for line in whole if line.strip() and not line.lstrip().startswith(b"#")]
    ports = sum(bool(_BENCH_PORT.match(line)) for line in told)
    gates = sum(bool(_BENCH_GATE.match(line)) for line in told)
    return ports > 0 and ports + gates == len(told) and (gates > 0 or len(start) == 1 << 16)


def _judged(job: ReadJob) -> Judgement | None:
    import hashlib

    from kaname.hardware.netlist.model import Model
    from kaname.hardware.netlist.reading import read
    from kaname.hardware.netlist.rows import Judgement, shipped_digest

    data = _all(job)
    if data is None:
        return None
    top = job.options.get("top")
    netlist = read(data, top=None if top is None else str(top))
    del data
    _account(job, netlist)
    if not netlist.cells:
        job.report.bad(0, "empty", "no cells in it")
        return None
    job.check()
    named = job.options.get("model")
    path = None if named is None else Path(str(named))
    model = Model.load(path)
    digest = shipped_digest() if path is None else hashlib.sha256(path.read_bytes()).hexdigest()
    verdict = model.judge(netlist)
    job.check()
    return Judgement(netlist, _called(job, netlist), model, verdict, digest)


def _called(job: ReadJob, netlist: Netlist) -> str:
    """The name of the design; of the file where the module is called as every other is."""
    if netlist.name.lower() not in _ANY_NAME or job.path is None:
        return netlist.name
    return job.path.name.partition(".")[0] or netlist.name


def _all(job: ReadJob) -> bytes | None:
    held = bytearray()
    for piece in pieces(job):
        held += piece
        if len(held) > _MOST_BYTES:
            job.report.bad(0, "too_long", f"more than {_MOST_BYTES >> 30} GiB")
            return None
    return bytes(held)


def _account(job: ReadJob, netlist: Netlist) -> None:
    """Cells are the records; what could not be read is told with line and column."""
    report = job.report
    if netlist.cells:
        report.count("cell", netlist.cells)
    for one in netlist.problems[:_TOLD]:
        report.bad(one.line, "malformed", f"{one.line}:{one.column}: {one.message}")
    more = len(netlist.problems) - _TOLD
    if more > 0:
        report.count("malformed", more)
        report.bad_records += more
