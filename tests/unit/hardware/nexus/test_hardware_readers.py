"""Netlists and power traces are told from everything else, and read as they are."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.hardware.power.profile import Profile
from kaname.hardware.power.readings import read
from kaname.hardware.power.segments import cut
from kaname.hardware.readers.netlist import NetlistReader
from kaname.hardware.readers.power_trace import PowerTraceReader
from kaname.lake import Lake
from kaname.model.errors import InputError, UnknownFormatError, UsageError
from kaname.model.marking import Tlp
from kaname.readers.containers import head
from kaname.readers.ingest import detect, ingest, readers

SHARED = Path(__file__).parents[5] / "shared/data"
POWER = SHARED / "hardware-crypto/power"
NETLISTS = SHARED / "hardware-crypto/netlists"


def arrays(**named: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **named)
    return out.getvalue()


def tone() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(1000)
        made.writeframes(b"\0\0" * 100)
    return out.getvalue()


ROWS = "".join(f"{n / 10},{n}\n" for n in range(9))
SAMPLES = {
    "Verilog": ("netlist", "module m (a, y);\n input a;\n output y;\n INVX1 u (.A(a), .Y(y));\n"),
    "Verilog under comments": (
        "netlist",
        """// made by a tool; module of
/* 2026 */
`timescale 1ns/1ps
(* top *)
module \\top$1  (input a, output y);
endmodule
""",
    ),
    "Yosys": ("netlist", '{\n  "creator": "Yosys 0.40",\n  "modules": {"m": {"cells": {}}}}'),
    "Yosys without its name": (
        "netlist", '{"modules": {"m": {"ports": {"a": {"direction": "input", "bits": [2]}}}}}',
    ),
    "BENCH": ("netlist", "# c17\nINPUT(1)\nINPUT(2)\n\nOUTPUT(22)\n22 = NAND(1, 2)\n"),
    "power": ("power_trace", f"time_s,power_w\n{ROWS}"),
    "PPK2": ("power_trace", "Timestamp(ms),Current(uA),D0-D7\n" + ROWS.replace("\n", ",0000\n")),
    "semicolons": ("power_trace", "t [s];P [mW]\n" + ROWS.replace(",", ";")),
    "NumPy": ("power_trace", arrays(power_mw=np.ones(9), fs=1000)),
    "WAV": ("power_trace", tone()),
    "HDF5": ("power_trace", b"\x89HDF\r\n\x1a\n" + b"\0" * 64),
}  # fmt: skip
OTHERS = {
    "prose on modules": "A module is a part of a design. module foo bar;\nIt has ports.\n",
    "Python": "import module\n\ndef f(a):\n    return a\n",
    "a table with more than power": "time,power,user\n" + "".join(f"{n},{n},a\n" for n in range(9)),
    "a table of times and numbers": "time,count\n" + ROWS,
    "other arrays": arrays(weights=np.ones(9)),
    "numbers": "1.0\n2.0\n3.0\n",
    "equations": "INPUT = read(x)\ny = NAND(a, b)\n",
}


def first(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples(tmp_path: Path, sample: str) -> None:
    name, content = SAMPLES[sample]
    path = tmp_path / "named.wrongly.pcap"
    path.write_bytes(gzip.compress(first(content)))
    assert detect(path).name == name


@pytest.mark.parametrize("sample", OTHERS)
def test_what_is_neither(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(first(OTHERS[sample]))
    with contextlib.suppress(UnknownFormatError):
        assert detect(path).name not in {"netlist", "power_trace"}


def test_shared_files_of_other_kinds_are_left_to_their_readers() -> None:
    ours = (NetlistReader(), PowerTraceReader())
    for path in sorted((SHARED / "lake").rglob("*")):
        if path.is_file():
            assert [reader.detect(head(path), path.name) for reader in ours] == [0, 0], path


OURS = [*sorted(NETLISTS.glob("*.v.gz")), *sorted(POWER.glob("trace_*.npz"))]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_shared_designs_and_traces(path: Path) -> None:
    assert detect(path).name == ("netlist" if path.suffix == ".gz" else "power_trace")


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_beginning_has_an_answer(data: bytes) -> None:
    for reader in (NetlistReader(), PowerTraceReader()):
        for start in (data, b"module " + data, b"time,power\n" + data, b"PK\x03\x04" + data):
            assert 0 <= reader.detect(start, "x") <= 100


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "lake") as opened:
        yield opened


def test_a_shared_trace_becomes_its_segments(lake: Lake) -> None:
    path = POWER / "trace_b_slow200hz.npz"
    labels = json.loads(path.with_name("trace_b_slow200hz.events.json").read_text())
    options: dict[str, bool | int | str] = {
        "device": "b", "group": "g", "time": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    ingest(lake, path, sensor="lab", tlp=Tlp.GREEN, options=options)
    (row,) = lake.query(
        "SELECT count(*) FILTER (mode = 'active'), min(ts), any_value(device), any_value(fleet), "
        "count(DISTINCT profile) FROM power_segments"
    ).rows()
    assert row[0] == pytest.approx(len(labels["events"]), abs=2)
    assert row[1:] == ["2026-01-01T00:00:00.000000Z", "b", "g", 1]
    values = np.load(path)
    power = values[next(name for name in values if "power" in name)].astype(float)
    (seconds,) = lake.query(
        "SELECT sum(samples), max(high_mw), sum(mean_mw * samples) / sum(samples) "
        "FROM power_envelopes"
    ).rows()
    assert seconds[0] == len(power)
    assert seconds[1] == pytest.approx(power.max(), rel=1e-5)
    assert seconds[2] == pytest.approx(power.mean(), rel=1e-5)


def test_damage_is_told_with_its_lines_and_the_rest_is_kept(lake: Lake) -> None:
    result = ingest(lake, POWER / "bad_input_100hz.csv.gz", sensor="lab", tlp=Tlp.GREEN)
    source = result.source
    assert source.damaged
    assert source.counters["malformed"] == 2
    assert (source.notes["duplicate"], source.notes["blank"], source.notes["gap"]) == (1, 1, 1)
    assert {problem["offset"] for problem in source.problems} == {502, 503}
    assert result.source.rows > 100


def test_a_trace_without_times_ends_at_the_time_of_its_file(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "dut.csv"
    path.write_bytes(
        first("time_s,power_w\n" + "".join(f"{n / 10},{2 + n % 2}\n" for n in range(600)))
    )
    ended = path.stat().st_mtime_ns // 1000
    ingest(lake, path, sensor="lab", tlp=Tlp.GREEN)
    (row,) = lake.query("SELECT max(epoch_us(ts)), any_value(device) FROM power_envelopes").rows()
    assert ended - 2_000_000 < row[0] <= ended
    assert row[1] == "dut"


def test_a_profile_judges_what_it_is_given(lake: Lake, tmp_path: Path) -> None:
    profile = Profile.learn(cut(read(POWER / "trace_a.npz")), device="a")
    place = tmp_path / "a.json"
    profile.save(place)
    options: dict[str, bool | int | str] = {"profile": str(place)}
    ingest(lake, POWER / "trace_a.npz", sensor="lab", tlp=Tlp.GREEN, options=options)
    (row,) = lake.query(
        "SELECT any_value(profile), count(*) FILTER (anomaly), count(score) FROM power_segments"
    ).rows()
    alarms = profile.score(cut(read(POWER / "trace_a.npz"))).verdicts
    assert row[0].startswith("a:")
    assert row[1] >= sum(one.alarm for one in alarms) > 0
    assert row[2] >= len(alarms)


@pytest.mark.parametrize(
    "options", [{"fs": "fast"}, {"time": "yesterday"}, {"volume": 5}, {"unit": "horses"}]
)
def test_options_that_are_none(lake: Lake, tmp_path: Path, options: dict[str, Any]) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"time_s,power_w\n{ROWS}")
    with pytest.raises((UsageError, InputError)):
        ingest(lake, path, sensor="lab", tlp=Tlp.GREEN, options=options)
    assert lake.sources() == []


def test_both_are_announced() -> None:
    assert {"netlist", "power_trace"} <= readers().keys()
