"""Power traces to `power_segments` and `power_envelopes`, told by content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.hardware.power import units
from kaname.model.errors import UsageError
from kaname.readers.clock import iso_us
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.hardware.power.readings import Source, Wanted
    from kaname.hardware.power.rows import Subject

__all__ = ["PowerTraceReader", "profile_name"]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_WAVES = (b"RIFF", b"RF64")
_ZIP = b"PK\x03\x04"
_ZIP_NAME = 30  # offset of the first name in a zip file (APPNOTE 4.3.7)
_LINES = 40
_ENOUGH = 4  # rows of numbers under a heading
_NUMBERS = re.compile(r"[\d\s.,;:+\-eETZ/\"]*(?:nan)?[\d\s.,;:+\-eETZ/\"]*", re.IGNORECASE)
_LOGIC = re.compile(r"D[0-7](?:-D[0-7])?|logic", re.IGNORECASE)
# Kinds of problems that lose a row of the source; others are repaired.
_LOST = frozenset({"row", "value", "time", "damaged"})
SELF = "self"
"""Stands for a profile that was learnt from the trace that it judged."""


class PowerTraceReader(Reader):
    """Options say what a trace does not: `device`, `group`, `time`, `fs`, `unit`, `volts`."""

    name: ClassVar[str] = "power_trace"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("power_segments", "power_envelopes")
    options: ClassVar[tuple[str, ...]] = (
        "device", "group", "time", "fs", "unit", "volts", "column", "full_scale", "profile",
    )  # fmt: skip
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Power of a device as a meter records it: CSV (also of the Power Profiler Kit II), "
            "NumPy, WAV, HDF5. The trace is cut into sleep and bursts, a row each with duration, "
            "energy and shape; and the lowest, mean and highest power of each second is kept. "
            "With the option `profile` (a file that `kaname hardware power learn` made) the "
            "segments are judged by it; else by what is learnt from the trace itself, from "
            "twenty bursts on. Options: `device`, `group` (of like devices), `time` of the first "
            "reading, `fs`, `unit`, `volts`, `column`, `full_scale`."
        ),
        ja=(
            "計測器が記録した機器の電力(CSV、Power Profiler Kit II、NumPy、WAV、HDF5)を"
            "スリープと動作の区間に分け、区間ごとに継続時間・エネルギー・波形を 1 行にします。"
            "1 秒ごとの最小・平均・最大電力も保存します。オプション `profile`"
            "(`kaname hardware power learn` の出力)があればそれで、なければ 20 回以上の動作が"
            "あるときにその記録自身から学習して、区間を判定します。ほかのオプションは `device`、"
            "`group`(同種の機器の群)、`time`(最初の値の時刻)、`fs`、`unit`、`volts`、`column`、"
            "`full_scale` です。"
        ),
        formats=("power CSV", "Power Profiler Kit II CSV", "NumPy", "WAV", "HDF5"),
        references=(
            "K. Takasaki, R. Kida, N. Togawa, IEICE Trans. Fundamentals E104-A(11), 2021",
            "https://docs.nordicsemi.com/bundle/ug_ppk2/page/UG/ppk/PPK_user_guide_Intro.html",
        ),
        limitations_en=(
            "CSV is told by a heading of times and powers, currents or voltages, nothing else.",
            "Without a time in the trace its end is the time of the file.",
            "The device is the option `device`, else the file's name before its first dot.",
            "Files that name nothing (.npy, CSV without a heading): `--reader power_trace`, `fs`.",
        ),
        limitations_ja=(
            "CSV は、見出しが時刻と電力・電流・電圧だけのときに判定します。",
            "時刻のない記録は、ファイルの時刻に終わったものとします。",
            "機器名はオプション `device`、なければファイル名の最初のドットまでです。",
            "見出しのない CSV や .npy は `--reader power_trace` と `fs` を指定してください。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """A container of samples, or a heading of times and powers over rows of numbers."""
        if head.startswith(_HDF5) or (head[:4] in _WAVES and head[8:12] == b"WAVE"):
            return 60
        if head.startswith(_ZIP):
            return 75 if _is_arrays(head) else 0
        return 75 if _is_text(head) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row a segment, and a row a second.

        Raises:
            InputError: the source cannot be opened, or says too little of itself.
            UsageError: an option is none.
            CancelledError: somebody asked to stop.
        """
        from kaname.hardware.power.readings import open_trace
        from kaname.hardware.power.rows import Envelopes, segment_row
        from kaname.hardware.power.stream import Cutter

        wanted, place = _wanted(job), _place(job)
        source = open_trace(place, wanted)
        subject = _subject(job, source)
        cutter, made = Cutter(source.fs, _cutting(job)), Envelopes(subject)
        found: list[dict[str, Any]] = []
        seconds = Rows("power_envelopes", self.name, job)
        second = 0.0
        for piece in source.pieces():
            job.check()
            if piece.missing:
                found += [segment_row(one, subject) for one in cutter.gap(piece.missing)]
            second += piece.missing
            made.push(second, piece.values)
            found += [segment_row(one, subject) for one in cutter.push(piece.values)]
            second += len(piece.values) / source.fs
            job.report.count("reading", len(piece.values))
            for row in made.rows(subject.at(second) - 1):
                seconds.put(row)
                if seconds.full:
                    yield seconds.take()
        found += [segment_row(one, subject) for one in cutter.finish()]
        for row in made.rows():
            seconds.put(row)
        yield from seconds.rest()
        _account(job, source)
        _judge(job, found, subject.device)
        yield from _given(Rows("power_segments", self.name, job), found)


def _given(rows: Rows, found: list[dict[str, Any]]) -> Iterator[tuple[str, pa.RecordBatch]]:
    for row in found:
        rows.put(row)
        if rows.full:
            yield rows.take()
    yield from rows.rest()


def _is_arrays(head: bytes) -> bool:
    """A zip whose first member is an array of powers, or the rate of one."""
    length = int.from_bytes(head[26:28], "little")
    name = head[_ZIP_NAME : _ZIP_NAME + length].decode("utf-8", "replace")
    if not name.endswith(".npy"):
        return False
    bare = name.removesuffix(".npy")
    return units.is_fs(bare) or units.quantity(bare).of in {"W", "A"}


def _is_text(head: bytes) -> bool:
    """A heading that names times and powers and nothing else, and numbers below."""
    if b"\0" in head[:4096]:
        return False
    lines = [line.strip("\ufeff\r ") for line in head.decode("utf-8", "replace").split("\n")]
    told = [line for line in lines[:_LINES] if line]
    for at, line in enumerate(told[:-_ENOUGH]):
        if not _is_heading(line):
            continue
        below = told[at + 1 :]
        return sum(_NUMBERS.fullmatch(row) is not None for row in below) >= 0.8 * len(below)
    return False


def _is_heading(line: str) -> bool:
    fields = [field.strip(' "#') for field in re.split(r"[,;\t]", line)]
    if not 2 <= len(fields) <= 16:
        return False
    times = [units.is_time(field) for field in fields]
    kinds = [units.quantity(field).of for field in fields]
    known = all(
        time or kind or _LOGIC.fullmatch(field)
        for time, kind, field in zip(times, kinds, fields, strict=True)
    )
    powers = [kind in {"W", "A"} and not time for kind, time in zip(kinds, times, strict=True)]
    return known and any(times) and any(powers)


def _place(job: ReadJob) -> Path:
    if job.path is None:
        raise UsageError("hardware.power.error.no_file")
    return job.path


def _wanted(job: ReadJob) -> Wanted:
    from kaname.hardware.power.readings import Wanted

    options = job.options
    return Wanted(
        fs=_number(job, "fs"),
        unit=str(options.get("unit", "")),
        volts=_number(job, "volts"),
        column=str(options.get("column", "")),
        full_scale=_number(job, "full_scale") or 1.0,
        device=str(options.get("device", "")),
    )


def _number(job: ReadJob, name: str) -> float | None:
    given = job.options.get(name)
    if given is None:
        return None
    try:
        return float(str(given))
    except ValueError:
        raise UsageError("hardware.power.error.number", name=name, found=given) from None


def _subject(job: ReadJob, source: Source) -> Subject:
    from kaname.hardware.power.rows import Subject

    fleet = str(job.options.get("group", ""))
    return Subject(source.device, fleet, _start(job, source), source.fs)


def _start(job: ReadJob, source: Source) -> int:
    """The instant of the first reading."""
    given = job.options.get("time")
    if given is not None:
        found = iso_us(str(given))
        if found is None:
            raise UsageError("hardware.power.error.instant", found=given)
        return found
    if source.start is not None:
        return source.start
    from kaname.hardware.power.readings import open_trace

    path = _place(job)
    seconds = 0.0
    for piece in open_trace(path, _wanted(job)).pieces():  # gone through once for its length
        job.check()
        seconds += piece.missing + len(piece.values) / source.fs
    return path.stat().st_mtime_ns // 1000 - round(seconds * 1e6)


def _cutting(job: ReadJob) -> Any:
    """As the profile that is named was learnt; else the default."""
    found = job.options.get("profile")
    if found is None:
        return None
    from kaname.hardware.power.profile import Profile

    return Profile.load(Path(str(found))).cutting


def _judge(job: ReadJob, rows: list[dict[str, Any]], device: str) -> None:
    from kaname.hardware.power.judging import learnt, mark
    from kaname.hardware.power.profile import Profile

    given = job.options.get("profile")
    if given is None:
        profile, name = learnt(rows, device), SELF
    else:
        profile = Profile.load(Path(str(given)))
        name = profile_name(profile)
    if profile is not None:
        mark(rows, profile, name)


def profile_name(profile: Any) -> str:
    """What a profile is called in rows: its device, and the beginning of its digest."""
    import hashlib

    digest = hashlib.sha256(profile.to_json()).hexdigest()[:12]
    return f"{profile.device or 'profile'}:{digest}"


def _account(job: ReadJob, source: Source) -> None:
    """What was repaired is a note; what was lost is damage, with its lines."""
    report = job.report
    for one in source.problems:
        if one.kind not in _LOST:
            report.notes[one.kind] = report.notes.get(one.kind, 0) + one.count
            continue
        report.count("malformed", one.count)
        report.bad_records += one.count
        for line in one.lines or (0,):
            report.problem(line, f"{one.kind} (line {line})")
