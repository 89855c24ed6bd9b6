"""What is watched is there once, however it came and whenever the process died."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from kaname.cli.main import root
from kaname.hardware.power.ledger import Ledger
from kaname.hardware.power.profile import Profile
from kaname.hardware.power.segments import cut
from kaname.hardware.power.source import Wanted
from kaname.hardware.power.trace import Trace
from kaname.hardware.power.watch import Judging, Watch
from kaname.lake import Lake
from kaname.model.errors import ConflictError, InputError, IntegrityError, UsageError
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest

FS = 100.0
EMPTY = Judging()


def readings(seconds: int = 90, seed: int = 5) -> np.ndarray[Any, Any]:
    """A device of 2 W asleep that works every six seconds or so."""
    rng = np.random.default_rng(seed)
    power = np.full(round(seconds * FS), 2.0)
    at = 3.0
    while at < seconds - 2:
        long = rng.uniform(0.6, 0.8)
        power[round(at * FS) : round((at + long) * FS)] += 1.5
        at += rng.uniform(5, 7)
    return (power + rng.normal(0, 0.02, len(power))).astype(np.float32)


def lines(values: Any, start: float = 1_767_225_600.0) -> bytes:
    rows = (f"{start + at / FS:.2f},{value:.4f}" for at, value in enumerate(values))
    return ("time_s,power_w\n" + "\n".join(rows) + "\n").encode()


@pytest.fixture(scope="module")
def text() -> bytes:
    return lines(readings())


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "lake") as opened:
        yield opened


def watched(
    store: Any, place: str, state: Path, stop: threading.Event | None = None, **more: Any
) -> Watch:
    options = {"every_s": 0.0} | more
    judging = options.pop("judging", EMPTY)
    wanted = options.pop("wanted", Wanted(device="dut"))
    with Ledger(store, state, sensor="edge", tlp=Tlp.GREEN) as ledger:
        watch = Watch(place, ledger, wanted, judging, stop=stop or threading.Event(), **options)
        watch.run()
    return watch


def whole(tmp_path: Path, text: bytes) -> tuple[list[Any], list[Any]]:
    """The rows as the reader of files makes them."""
    (tmp_path / "dut.csv").write_bytes(text)
    with Lake.open(tmp_path / "whole") as lake:
        ingest(lake, tmp_path / "dut.csv", sensor="edge", tlp=Tlp.GREEN)
        return plain(lake)


def plain(lake: Lake) -> tuple[list[Any], list[Any]]:
    """Rows without scores: a file is judged by what it holds, which a stream cannot be."""
    segments = "SELECT ts, mode, duration_us, energy_uj FROM power_segments ORDER BY ALL"
    seconds = "SELECT ts, device, low_mw, mean_mw, high_mw, samples FROM power_envelopes ORDER BY 1"
    return lake.query(segments).rows(), lake.query(seconds).rows()


def test_a_stream_gives_the_rows_of_the_file(lake: Lake, tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "stream.csv"
    path.write_bytes(text)
    told = watched(lake, str(path), tmp_path / "state.json").told
    assert plain(lake) == whole(tmp_path, text)
    assert told.readings == 9000
    assert told.segments == len(plain(lake)[0])
    assert told.bursts == int((np.diff((readings() > 2.75).astype(int)) == 1).sum())


class _Death(BaseException):
    """The process is gone."""


class Dying:
    """A lake that dies in the n-th commit: before it, or after it and before anybody knows."""

    def __init__(self, lake: Lake, at: int, *, after: bool) -> None:
        self._lake, self._at, self._after, self._seen = lake, at, after, 0

    def known(self, identity: str) -> Any:
        return self._lake.known(identity)

    def writer(self, **draft: Any) -> Any:
        inner = self._lake.writer(**draft)
        self._seen += 1
        if self._seen < self._at:
            return inner
        outer = self

        class Last:
            def __enter__(self) -> Any:
                self._writer = inner.__enter__()
                return self

            def __exit__(self, *error: object) -> None:
                inner.__exit__(*error)

            def write(self, *what: Any) -> None:
                self._writer.write(*what)

            def commit(self, report: Any) -> Any:
                if outer._after:
                    self._writer.commit(report)
                raise _Death

        return Last()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("deaths", [(1,), (2, 1, 3)])
def test_nothing_is_lost_or_doubled_by_dying(
    lake: Lake,
    tmp_path: Path,
    text: bytes,
    deaths: tuple[int, ...],
    after: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kaname.hardware.power.streams._READ", 4096)  # many commits
    path, state = tmp_path / "live.csv", tmp_path / "state.json"
    ends = np.linspace(0, len(text), len(deaths) + 2).astype(int)[1:].tolist()
    for end, at in zip(ends, deaths, strict=False):
        path.write_bytes(text[:end])  # in place: it grows
        with pytest.raises(_Death):
            watched(Dying(lake, at, after=after), str(path), state, *_stopping(), follow=True)
    path.write_bytes(text)
    watched(lake, str(path), state)
    assert plain(lake) == whole(tmp_path, text)
    again = watched(lake, str(path), state)
    assert (again.told.segments, plain(lake)) == (0, whole(tmp_path, text))


def _stopping() -> tuple[threading.Event]:
    """Asks to stop a while later, should nothing have died."""
    stop = threading.Event()
    threading.Timer(5.0, stop.set).start()
    return (stop,)


def test_a_file_that_grows_is_followed_and_told_in_time(lake: Lake, tmp_path: Path) -> None:
    text = lines(readings(60))
    path, stop, seen = tmp_path / "live.csv", threading.Event(), []
    path.write_bytes(text[: len(text) // 2])
    grown = threading.Event()

    def shown(row: Any) -> None:
        seen.append(row)
        if not grown.is_set():
            with path.open("ab") as out:
                out.write(text[len(text) // 2 :])
            grown.set()
        if row["ts"] > 1_767_225_600_000_000 + 50_000_000:
            stop.set()

    threading.Timer(20.0, stop.set).start()
    watched(lake, str(path), tmp_path / "s.json", stop, follow=True, shown=shown, every_s=0.05)
    assert grown.is_set()
    assert seen[-1]["ts"] > 1_767_225_600_000_000 + 50_000_000
    watched(lake, str(path), tmp_path / "s.json")
    assert plain(lake) == whole(tmp_path, text)


def test_readings_over_tcp_need_no_times(lake: Lake, tmp_path: Path) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    values = readings(60)

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall("".join(f"{value:.4f}\n" for value in values).encode())

    threading.Thread(target=serve, daemon=True).start()
    place = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    told = watched(lake, place, tmp_path / "s.json", wanted=Wanted(fs=FS, device="dut")).told
    server.close()
    assert told.readings == 6000
    expected = cut(Trace(np.round(values, 4), FS))
    assert told.segments == len(expected)
    with pytest.raises(InputError, match="tcp://"):
        watched(lake, place, tmp_path / "t.json")


def test_a_folder_is_taken_file_by_file_each_once(lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    for number in range(3):
        start = 1_767_225_600.0 + 100 * number
        (folder / f"{number}.csv").write_bytes(lines(readings(60, number), start))
    (folder / "notes.txt").write_text("no trace\nat all\n")
    (folder / ".hidden.csv").write_text("x")
    state = tmp_path / "s.json"
    told = watched(lake, str(folder), state).told
    assert told.readings == 18_000
    assert sum(told.problems.values()) == 1
    held = plain(lake)
    assert watched(lake, str(folder), state).told.readings == 0
    assert plain(lake) == held


def test_what_a_profile_finds_is_marked_as_it_comes(lake: Lake, tmp_path: Path) -> None:
    normal = readings(400, seed=1)
    profile = Profile.learn(cut(Trace(normal, FS)), device="dut")
    odd = readings(60, seed=2)
    odd[3000:3400] = 9.0  # four seconds of seven watts more
    (tmp_path / "odd.csv").write_bytes(lines(odd))
    seen: list[Any] = []
    told = watched(lake, str(tmp_path / "odd.csv"), tmp_path / "s.json", shown=seen.append,
                   judging=Judging(profile, "dut:1")).told  # fmt: skip
    assert told.anomalies >= 1
    marked = [row for row in seen if row["anomaly"] and row["mode"] == "active"]
    assert any(abs(row["ts"] - 1_767_225_630_000_000) < 100_000 for row in marked)
    stored = lake.query("SELECT count(*) FROM power_segments WHERE anomaly AND profile = 'dut:1'")
    assert stored.rows() == [[told.anomalies]]


def test_two_processes_do_not_watch_the_same(lake: Lake, tmp_path: Path) -> None:
    state = tmp_path / "s.json"
    with (
        Ledger(lake, state, sensor="edge", tlp=Tlp.GREEN),
        pytest.raises(ConflictError),
    ):
        Ledger(lake, state, sensor="edge", tlp=Tlp.GREEN)
    state.write_text("{")
    with pytest.raises(IntegrityError):
        Ledger(lake, state, sensor="edge", tlp=Tlp.GREEN)


@pytest.mark.parametrize("place", ["tcp://", "tcp://host", "tcp://host:0", "tcp://host:99999"])
def test_places_that_are_none(lake: Lake, tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError):
        watched(lake, place, tmp_path / "s.json")


def test_by_command(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "dut.csv"
    path.write_bytes(text)
    asked = ["--data", str(tmp_path / "data"), "hardware", "power", "watch", str(path)]
    done = CliRunner().invoke(root, [*asked, "--json", "--group", "g"])
    assert done.exit_code == 0, done.output
    lines, _, summary = done.stdout.partition("\n{\n")
    told = [json.loads(line) for line in lines.splitlines()]
    total = json.loads("{" + summary)
    assert (total["segments"], total["readings"]) == (len(told), 9000)
    assert {one["mode"] for one in told} == {"sleep", "active"}
    again = CliRunner().invoke(root, asked)
    assert again.exit_code == 0
    assert "0 segments" in again.output or "区間 0" in again.output
    without = CliRunner().invoke(root, [*asked, "--to", "https://nexus.example"])
    assert isinstance(without.exception, UsageError)
    clear = [*asked, "--to", "http://nexus.example", "--token-file", str(path)]
    assert isinstance(CliRunner().invoke(root, clear).exception, UsageError)
