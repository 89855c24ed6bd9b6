"""Readers of power traces: every format, every repair, and files that are made to hurt."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.hardware.power.readings import Wanted, open_trace, read
from kaname.hardware.power.trace import Gap, Problem, Trace
from kaname.model.errors import InputError, KanameError, UsageError

SHARED = Path("../shared/data/hardware-crypto/power")


def put(folder: Path, data: bytes | str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def problems(trace: Trace) -> dict[str, tuple[int, tuple[int, ...]]]:
    return {one.kind: (one.count, one.lines) for one in trace.problems}


def test_the_damaged_csv_is_read_and_told() -> None:
    trace = read(SHARED / "bad_input_100hz.csv.gz")
    assert trace.fs == 100.0
    assert trace.gaps == (Gap(3000, 2.0),)  # the readme: a gap of 2 s
    assert len(trace.values) == 11_800
    assert problems(trace) == {
        "value": (2, (502, 503)),  # an empty value and a NaN
        "bridged": (1, (504,)),
        "duplicate": (1, (903,)),
        "blank": (1, (1204,)),
        "gap": (1, (3004,)),
    }
    assert trace.values[700] == pytest.approx(1.8482)  # the quoted decimal comma
    assert trace.values[500] == pytest.approx(np.interp(1, [0, 3], trace.values[[499, 502]]))
    assert trace.seconds == pytest.approx(120.0)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("t,power_mw\n0,1500\n0.1,2500\n0.2,500\n", Wanted(), (10.0, [1.5, 2.5, 0.5])),
        ("Timestamp(ms),Current(uA)\n0,1000\n1,2000\n2,3000\n", Wanted(volts=3.0),
         (1000.0, [0.003, 0.006, 0.009])),
        ("Zeit;Power (W)\n0,0;1,5\n0,5;2,5\n", Wanted(fs=2), (2.0, [1.5, 2.5])),
        ("time_s;power_w\n0,0;1,5\n0,5;2,5\n1,0;3,5\n", Wanted(), (2.0, [1.5, 2.5, 3.5])),
        ("1.5\n2.5\n3.5\n", Wanted(fs=50), (50.0, [1.5, 2.5, 3.5])),
        ("0\t4\n1\t5\n2\t6\n", Wanted(unit="mW"), (1.0, [0.004, 0.005, 0.006])),
        ("0 4\n1 5\n2 6\n", Wanted(), (1.0, [4, 5, 6])),
        ("# a meter\nserial 17\n\ntime [ms],I [mA],U [V]\n0,10,5\n10,20,5\n20,30,4\n", Wanted(),
         (100.0, [0.05, 0.1, 0.12])),
        (("time,power_w\n2026-01-01T00:00:00Z,1\n2026-01-01T00:00:00.5Z,2\n"
         "2026-01-01T00:00:01Z,3\n"), Wanted(), (2.0, [1, 2, 3])),
        ("\ufefftime_us,p\r\n0,1\r\n1000,2\r\n2000,3", Wanted(), (1000.0, [1, 2, 3])),
        ("a,b\n1,7\n2,8\n3,9\n", Wanted(column="b", fs=5), (5.0, [7, 8, 9])),
        ("時刻,電力\n0,1\n1,2\n2,3\n", Wanted(), (1.0, [1, 2, 3])),
    ],
)  # fmt: skip
def test_text_in_many_forms(
    tmp_path: Path, text: str, wanted: Wanted, expected: tuple[float, list[float]]
) -> None:
    trace = read(put(tmp_path, text), wanted)
    assert trace.fs == pytest.approx(expected[0])
    assert trace.values.tolist() == pytest.approx(expected[1])


def test_absolute_times_give_the_start(tmp_path: Path) -> None:
    trace = read(put(tmp_path, "time,power_w\n1767225600.0,1\n1767225600.1,2\n1767225600.2,1\n"))
    assert trace.start == 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
    assert trace.fs == pytest.approx(10, rel=1e-4)


@pytest.mark.parametrize(
    ("missing", "gaps", "size"), [(5, (), 40), (6, (Gap(20, 0.6),), 34)]
)  # fmt: skip
def test_five_missing_are_bridged_and_six_are_a_gap(
    tmp_path: Path, missing: int, gaps: tuple[Gap, ...], size: int
) -> None:
    rows = [f"{at / 10},{1 + at}" for at in range(40) if not 20 <= at < 20 + missing]
    trace = read(put(tmp_path, "t,power_w\n" + "\n".join(rows)))
    assert len(trace.values) == size
    assert [gap.at for gap in trace.gaps] == [gap.at for gap in gaps]
    assert [gap.seconds for gap in trace.gaps] == pytest.approx([gap.seconds for gap in gaps])
    if not gaps:
        assert trace.values.tolist() == pytest.approx([1 + at for at in range(40)])


def test_a_clock_that_goes_back(tmp_path: Path) -> None:
    times = [0, 1, 2, 3, 2.5, 4, 5, 6, 7, 8, 1, 2, 3, 4]
    rows = "\n".join(f"{time},{at}" for at, time in enumerate(times))
    trace = read(put(tmp_path, "t,power_w\n" + rows))
    assert problems(trace)["disorder"] == (1, (6,))  # one reading out of order
    assert problems(trace)["clock_back"] == (1, (12,))  # the clock was set
    assert trace.values.tolist() == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert [gap.at for gap in trace.gaps] == [9]


def test_times_coarser_than_the_readings(tmp_path: Path) -> None:
    # a meter of 1,000 readings a second that writes hundredths of a second
    rows = "\n".join(f"{at // 10 / 100:.2f},{at % 7}" for at in range(2000))
    trace = read(put(tmp_path, "t,power_w\n" + rows))
    assert trace.fs == pytest.approx(1000, rel=0.01)
    assert len(trace.values) == 2000
    assert trace.gaps == ()


def test_large_text_is_read_in_blocks(tmp_path: Path) -> None:
    rows = "".join(f"{at / 1000:.3f},{1 + at % 5}\n" for at in range(200_000))
    rows = rows.replace("150.000,1\n", "150.000,oops\n")
    path = put(tmp_path, gzip.compress(("time_s,power_w\n" + rows).encode(), 1), "t.csv.gz")
    trace = read(path)
    assert len(trace.values) == 200_000
    assert problems(trace) == {"row": (1, (150_002,)), "bridged": (1, (150_003,))}
    assert trace.values[123_456] == 1 + 123_456 % 5
    assert len(list(open_trace(path).pieces())) > 1


def test_the_end_of_a_cut_gzip_is_told(tmp_path: Path) -> None:
    data = "t,power_w\n" + "".join(f"{at / 10},{at % 9}\n" for at in range(50_000))
    whole = gzip.compress(data.encode())
    trace = read(put(tmp_path, whole[: len(whole) // 2], "t.csv.gz"))
    assert 1000 < len(trace.values) < 50_000
    assert "damaged" in problems(trace)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "empty"), (b"\n\n\n", "empty"), (b"time,power\n", "empty"),
        (b"hello\nworld", "empty"),
        (b"1\n2\n3\n", "rate_unknown"), (b"t,current_ma\n0,1\n1,2\n", "volts"),
        (b"t,voltage\n0,1\n1,2\n", "volts"), (bytes(range(256)) * 20, "no_text"),
        (b"x" * 200_000, "no_text"), (b"\x93NUMPY\x01\x00", "array"), (b"PK\x03\x04junk", "array"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "wave"), (b"t,power_w\n0,nan\n1,\n", "empty"),
        (b"\x1f\x8b\x08\x00garbage", "empty"),
    ],
)  # fmt: skip
def test_a_bad_file_has_one_clear_error(tmp_path: Path, data: bytes, error: str) -> None:
    with pytest.raises(KanameError) as found:
        read(put(tmp_path, data))
    assert found.value.key == f"hardware.power.error.{error}"
    assert found.value.render("ja") != found.value.render("en")


def test_what_is_asked_for_has_to_be_there(tmp_path: Path) -> None:
    path = put(tmp_path, "t,power_w\n0,1\n1,2\n")
    with pytest.raises(InputError, match="t, power_w"):
        read(path, Wanted(column="nothing"))
    with pytest.raises(UsageError):
        read(path, Wanted(unit="horsepower"))
    with pytest.raises(InputError):
        read(tmp_path / "none.csv")


# --- NumPy


def test_arrays_of_numpy(tmp_path: Path) -> None:
    values = np.arange(1, 101, dtype=np.int16)
    np.savez(tmp_path / "a.npz", power_mw=values, fs=np.int32(500))
    trace = read(tmp_path / "a.npz")
    assert (trace.fs, trace.unit, trace.device) == (500.0, "mW", "a")
    assert trace.values == pytest.approx(values / 1000)
    np.save(tmp_path / "b.npy", values.astype(float))
    assert read(tmp_path / "b.npy", Wanted(fs=10)).values == pytest.approx(values)
    np.save(tmp_path / "c.npy", np.stack([values / 20, values * 2.0], axis=1))
    both = read(tmp_path / "c.npy")
    assert both.fs == 20.0
    assert both.values == pytest.approx(values * 2.0)
    times = np.delete(np.arange(100) / 50, slice(40, 60))
    np.savez(tmp_path / "d.npz", time=times, current_a=np.ones(80))
    spaced = read(tmp_path / "d.npz", Wanted(volts=5))
    assert spaced.fs == 50.0
    assert spaced.values == pytest.approx(np.full(80, 5.0))
    assert spaced.gaps == (Gap(40, pytest.approx(0.4)),)


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode() + b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def test_a_header_that_promises_too_much(tmp_path: Path) -> None:
    data = np.arange(1000, dtype="<f4").tobytes()
    path = put(
        tmp_path,
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (900000000000000,), }", data),
        "t.npy",
    )
    trace = read(path, Wanted(fs=10))
    assert len(trace.values) == 1000
    assert problems(trace) == {"truncated": (1, (1001,))}


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
        "{'descr': '<U8', 'fortran_order': False, 'shape': (3,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4), }",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }",
        "__import__('os').system('true')",
        "{" * 5000,
    ],
)
def test_arrays_that_are_no_readings(tmp_path: Path, header: str) -> None:
    with pytest.raises(InputError):
        read(put(tmp_path, npy(header, b"\0" * 64), "t.npy"), Wanted(fs=10))


def test_a_packed_bomb_is_read_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open("power_w.npy", "w") as member:
            header = "{'descr': '<f8', 'fortran_order': False, 'shape': (40000000000,), }"
            member.write(npy(header))
            for _ in range(64):
                member.write(b"\0" * (1 << 20))
        packed.writestr("fs.npy", npy_of(np.float64(1000)))
    seen = 0
    for piece in open_trace(path).pieces():
        assert piece.values.nbytes <= 2 << 20
        seen += len(piece.values)
    assert seen == 64 * (1 << 20) // 8


def npy_of(value) -> bytes:
    made = io.BytesIO()
    np.save(made, value)
    return made.getvalue()


# --- WAV


def wav(tag: int, bits: int, data: bytes, *, channels: int = 1, rate: int = 8000,
        size: int | None = None, extra: bytes = b"") -> bytes:  # fmt: skip
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * frame, frame, bits) + extra
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"LIST" + struct.pack("<I", 4) + b"INFO"
    body += b"data" + struct.pack("<I", len(data) if size is None else size) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


_HALF = (0.0, 0.5, -0.5)


@pytest.mark.parametrize(
    ("tag", "bits", "data"),
    [
        (1, 8, bytes([128, 192, 64])),
        (1, 16, struct.pack("<3h", 0, 1 << 14, -(1 << 14))),
        (1, 24, b"\x00\x00\x00" + b"\x00\x00\x40" + b"\x00\x00\xc0"),
        (1, 32, struct.pack("<3i", 0, 1 << 30, -(1 << 30))),
        (3, 32, struct.pack("<3f", *_HALF)),
        (3, 64, struct.pack("<3d", *_HALF)),
    ],
)
def test_codings_of_wav(tmp_path: Path, tag: int, bits: int, data: bytes) -> None:
    trace = read(put(tmp_path, wav(tag, bits, data), "t.wav"), Wanted(full_scale=4.0))
    assert trace.fs == 8000.0
    assert trace.values.tolist() == [0.0, 2.0, -2.0]


def test_extensible_wav_with_two_channels(tmp_path: Path) -> None:
    guid = struct.pack("<HHI", 22, 16, 3) + b"\x01\x00" + b"\0" * 14
    data = struct.pack("<6h", 1, 100, 2, 200, 3, 300)
    path = put(tmp_path, wav(0xFFFE, 16, data, channels=2, extra=guid), "t.wav")
    assert read(path, Wanted(column="1", full_scale=32768)).values.tolist() == [100, 200, 300]
    with pytest.raises(InputError):
        read(path, Wanted(column="2"))


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFF0, 4000])
def test_wav_that_lies_about_its_size(tmp_path: Path, size: int) -> None:
    data = struct.pack("<3h", 1, 2, 3)
    trace = read(put(tmp_path, wav(1, 16, data, size=size), "t.wav"), Wanted(full_scale=32768))
    assert trace.values.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("tag", "bits", "rate", "channels"),
    [(1, 12, 8000, 1), (2, 16, 8000, 1), (1, 16, 0, 1), (3, 16, 8000, 1), (1, 16, 8000, 0)],
)
def test_wav_that_is_not_read(
    tmp_path: Path, tag: int, bits: int, rate: int, channels: int
) -> None:
    with pytest.raises(InputError):
        read(put(tmp_path, wav(tag, bits, b"\0" * 8, rate=rate, channels=channels), "t.wav"))


# --- HDF5


def test_hdf5_with_the_extra(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "t.h5", "w") as made:
        made["run/power_mw"] = np.arange(100, dtype=np.int16)
        made["run/power_mw"].attrs["fs"] = 250
        made["run/name"] = "no numbers"
    trace = read(tmp_path / "t.h5")
    assert trace.fs == 250.0
    assert trace.values == pytest.approx(np.arange(100) / 1000)
    data = (tmp_path / "t.h5").read_bytes()
    with pytest.raises(InputError):
        read(put(tmp_path, data[:400], "cut.h5"))


def test_hdf5_without_the_extra_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(KanameError, match=r"kaname\[hdf5\]"):
        read(put(tmp_path, b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "t.h5"))


# --- whatever comes


_FIELD = st.sampled_from(
    ["0", "1", "2.5", '"3,5"', "nan", "", "x", "-1", "1e9", "1e400", "7", "\u2212 4", "2026-01-01"]
)


@given(st.lists(st.lists(_FIELD, max_size=4).map(",".join), max_size=30))
@settings(max_examples=150)
def test_any_lines_are_read_or_refused(tmp_path_factory, lines: list[str]) -> None:
    path = put(tmp_path_factory.mktemp("t"), "time,power_w\n" + "\n".join(lines))
    try:
        trace = read(path, Wanted(fs=10))
    except InputError:
        return
    assert np.isfinite(trace.values).all()
    assert len(trace.values) >= 1
    assert all(0 <= gap.at < len(trace.values) and gap.seconds > 0 for gap in trace.gaps)
    assert all(isinstance(one, Problem) and one.count > 0 for one in trace.problems)


_MAGIC = (b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"RIFF\0\0\0\0WAVE", b"\x1f\x8b", b"")


@given(st.sampled_from(_MAGIC), st.binary(max_size=300))
@settings(max_examples=150)
def test_any_bytes_are_read_or_refused(tmp_path_factory, head: bytes, data: bytes) -> None:
    path = put(tmp_path_factory.mktemp("b"), head + data, "t.bin")
    try:
        trace = read(path, Wanted(fs=10))
    except KanameError:
        return
    assert np.isfinite(trace.values).all()


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=3, max_size=60), st.integers(1, 5000))
@settings(max_examples=60)
def test_what_is_written_comes_back(tmp_path_factory, values: list[float], fs: int) -> None:
    path = tmp_path_factory.mktemp("r") / "t.csv"
    rows = "".join(f"{at / fs!r},{value!r}\n" for at, value in enumerate(values))
    path.write_text("time_s,power_w\n" + rows)
    trace = read(path)
    assert trace.fs == pytest.approx(fs, rel=1e-6)
    assert trace.values == pytest.approx(np.array(values, np.float32))
    assert trace.problems == ()
