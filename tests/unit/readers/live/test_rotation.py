"""Capture files in a folder are one stream, whatever happens to whoever reads them."""

from __future__ import annotations

import gzip
import itertools
import random
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.lake import Lake
from kaname.model.errors import IntegrityError, StoreFullError, UnavailableError, UsageError
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest
from kaname.readers.live import Rotation, place

HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
START = 1_700_000_000
COLUMNS = (
    "ts, row_in_src, src_hi, src_lo, dst_hi, dst_lo, dst_more, uniq_dst, port, proto, ptype, "
    "packets, octets, uniq_sport, ttl_mode, win_first, opt_first, pay_first, fp_all, fp_any, "
    "first_s, kind"
)


def packet(second: float, number: int) -> bytes:
    """A record with a bare SYN; two of three go on with the service before."""
    dst = bytes([198, 18, number // 200 % 4, number % 251])
    port = 23 if number % 3 else 2000 + number % 7
    tcp = struct.pack(">HHIIBBHHH", number % 65536, port, number, 0, 0x50, 2, 1024, 0, 0)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40, number % 65536, 0, 64, 6, 0)
    data = ip + bytes([203, 0, 113, number % 5]) + dst + tcp
    whole = int(second)
    head = struct.pack("<IIII", START + whole, int((second - whole) * 1e6), len(data), len(data))
    return head + data


PACKETS = [packet(number * 0.7, number) for number in range(900)]  # ten minutes and a half


class Killed(BaseException):
    """The process ends here."""


class Breaking:
    """A lake that dies on commits, before or after them, as `plan` says."""

    def __init__(self, lake: Lake, plan: list[str]) -> None:
        self._lake, self._plan = lake, plan

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lake, name)

    def writer(self, **draft: Any) -> Any:
        return _Breaking(self._lake.writer(**draft), self._plan.pop(0) if self._plan else "")


class _Breaking:
    def __init__(self, writer: Any, when: str) -> None:
        self._writer, self._when = writer, when

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(self, *about: object) -> None:
        self._writer.__exit__(*about)

    def write(self, *given: Any) -> None:
        self._writer.write(*given)

    def commit(self, report: Any) -> Any:
        if self._when == "before":
            raise Killed
        source = self._writer.commit(report)
        if self._when == "after":
            raise Killed
        return source


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "captures"
    made.mkdir()
    return made


def reader(lake: Any, folder: Path, state: Path | None = None, **more: Any) -> Rotation:
    return Rotation(
        lake, place(f"capture={folder}"), sensor="rotated", tlp=Tlp.GREEN,
        state=state or folder.parent / "state", **more,
    )  # fmt: skip


def drain(lake: Any, folder: Path, **more: Any) -> Rotation:
    one = reader(lake, folder, **more)
    one.open()
    one.drain()
    one.close()
    return one


def rows(lake: Lake, sensor: str = "rotated") -> list[list[Any]]:
    from kaname.lake import Limits

    query = f"SELECT {COLUMNS} FROM flowtuples WHERE sensor = '{sensor}' ORDER BY ALL"  # noqa: S608
    return lake.query(query, limits=Limits(rows=100_000)).rows()


def whole(lake: Lake, folder: Path) -> list[list[Any]]:
    """The rows of all packets as one file."""
    path = folder.parent / "whole.pcap"
    path.write_bytes(HEADER + b"".join(PACKETS))
    ingest(lake, path, sensor="whole", tlp=Tlp.GREEN)
    return rows(lake, "whole")


def write(folder: Path, name: str, packets: list[bytes], *, packed: bool = False) -> Path:
    data = HEADER + b"".join(packets)
    path = folder / name
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


@settings(max_examples=5, deadline=None)
@given(
    cuts=st.lists(st.integers(1, len(PACKETS) - 1), max_size=8),
    deaths=st.lists(st.sampled_from(["before", "after", ""]), max_size=3),
    packed=st.booleans(),
    names=st.randoms(use_true_random=False),
)
def test_files_and_deaths_do_not_show_in_the_rows(
    cuts: list[int],
    deaths: list[str],
    packed: bool,
    names: random.Random,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    base = tmp_path_factory.mktemp("rotation")
    folder = base / "captures"
    folder.mkdir()
    edges = [0, *sorted(set(cuts)), len(PACKETS)]
    for first, last in itertools.pairwise(edges):
        # names say nothing of the order
        name = f"part-{names.randrange(10**9)}.pcap"
        write(folder, name, PACKETS[first:last], packed=packed and names.random() < 0.5)
    with Lake.open(base / "data") as lake:
        plan = list(deaths)
        for _ in range(len(deaths) + 1):
            try:
                one = reader(Breaking(lake, plan), folder)
                one.open()
                while one._step(final=True):  # commits as often as minutes close
                    if one._decoder.held:
                        one._commit(last=False)
                one._commit(last=True)
                one.close()
                break
            except Killed:
                one.close()  # as the kernel does for a dead process
        assert rows(lake) == whole(lake, folder)
        again = drain(lake, folder)
        assert (again.standing().rows, rows(lake)) == (0, rows(lake, "whole"))


def test_a_file_is_read_while_it_grows(lake: Lake, folder: Path) -> None:
    one = reader(lake, folder, every_s=0.1)
    path = folder / "growing.pcap"
    data = HEADER + b"".join(PACKETS)
    path.write_bytes(data[:30_001])  # in the middle of a record
    one.start()
    wait_for(lambda: one.standing().batches > 0)
    before = len(rows(lake))
    one.stop()
    with path.open("ab") as out:
        out.write(data[30_001:])
    two = reader(lake, folder, every_s=0.1)
    two.start()
    wait_for(lambda: len(rows(lake)) > before)
    two.stop()
    drain(lake, folder)
    assert rows(lake) == whole(lake, folder)


def test_the_open_minutes_come_with_the_next_file(lake: Lake, folder: Path) -> None:
    write(folder, "a.pcap", PACKETS[:90])  # 63 seconds
    one = reader(lake, folder, every_s=0.1)
    one.start()
    time.sleep(1.0)
    assert lake.sources() == []
    write(folder, "b.pcap", PACKETS[90:])
    wait_for(lambda: len(lake.sources()) > 0)
    one.stop()
    drain(lake, folder)
    assert rows(lake) == whole(lake, folder)


def test_minutes_that_nothing_follows_are_given_out(lake: Lake, folder: Path) -> None:
    write(folder, "a.pcap", PACKETS[:90])
    one = reader(lake, folder, every_s=60, idle_s=0.3)
    one.start()
    wait_for(lambda: len(lake.sources()) == 1)
    one.stop()
    assert lake.sources()[0].notes["idle_flush"] == 1
    assert sum(row[11] for row in rows(lake)) == 89  # the last record may still grow


def test_the_same_bytes_are_read_once(lake: Lake, folder: Path) -> None:
    write(folder, "a.pcap", PACKETS[:400])
    write(folder, "b.pcap", PACKETS[400:])
    drain(lake, folder)
    (folder / "copy-of-a.pcap").write_bytes((folder / "a.pcap").read_bytes())
    again = drain(lake, folder)
    assert again.standing().notes["file_already"] == 1
    assert rows(lake) == whole(lake, folder)


def test_what_was_ingested_by_itself_is_not_read_again(lake: Lake, folder: Path) -> None:
    path = write(folder, "a.pcap", PACKETS[:400])
    ingest(lake, path, sensor="rotated", tlp=Tlp.GREEN)
    one = drain(lake, folder)
    assert (one.standing().rows, one.standing().notes) == (0, {"file_already": 1})


def test_a_name_that_is_used_again_is_another_file(lake: Lake, folder: Path) -> None:
    write(folder, "ring0.pcap", PACKETS[:300])
    write(folder, "ring1.pcap", PACKETS[300:600])
    one = reader(lake, folder, every_s=0.1)
    one.start()
    wait_for(lambda: one._file is not None and one._file.path.name == "ring1.pcap")
    write(folder, "ring0.pcap", PACKETS[600:])
    wait_for(lambda: one._file is not None and one._file.path.name == "ring0.pcap")
    one.stop()
    drain(lake, folder)
    assert rows(lake) == whole(lake, folder)


def test_an_older_file_that_comes_late_does_not_end_the_one_that_grows(
    lake: Lake, folder: Path
) -> None:
    path = write(folder, "b.pcap", PACKETS[450:800])
    one = reader(lake, folder, every_s=0.1)
    one.start()
    wait_for(lambda: one.standing().bytes > 1000)
    write(folder, "a.pcap", PACKETS[:450])
    time.sleep(1.2)
    with path.open("ab") as out:
        out.write(b"".join(PACKETS[800:]))
    time.sleep(1.2)
    one.stop()
    drain(lake, folder)
    assert sum(row[11] for row in rows(lake)) == len(PACKETS)  # none lost, none twice
    assert sum(source.notes.get("late", 0) for source in lake.sources()) > 0


def test_what_is_no_capture_and_what_is_damaged_costs_itself_only(lake: Lake, folder: Path) -> None:
    write(folder, "a.pcap", PACKETS[:450])
    (folder / "notes.txt").write_text("these are not packets at all, but words " * 10)
    (folder / "half.pcap.part").write_bytes(b"x" * 100)
    (folder / "empty.pcap").touch()
    cut = gzip.compress(HEADER + b"".join(PACKETS[450:]))
    (folder / "z.pcap.gz").write_bytes(cut[: len(cut) // 2])
    one = drain(lake, folder)
    notes = one.standing().notes
    assert (notes["not_a_capture"], notes["compressed_damage"]) == (1, 1)
    assert sum(row[11] for row in rows(lake)) > 450


def test_a_full_disk_is_waited_for(lake: Lake, folder: Path) -> None:
    write(folder, "a.pcap", PACKETS)
    failing = threading.Event()
    failing.set()

    class Full:
        def __getattr__(self, name: str) -> Any:
            return getattr(lake, name)

        def writer(self, **draft: Any) -> Any:
            if failing.is_set():
                raise StoreFullError("lake.error.full", folder="x")
            return lake.writer(**draft)

    one = reader(Full(), folder, every_s=0.1)
    one.start()
    wait_for(lambda: one.standing().error is not None)
    failing.clear()
    wait_for(lambda: one.standing().batches > 0)
    one.stop()
    drain(lake, folder)
    assert rows(lake) == whole(lake, folder)


def test_damaged_cursors_stop_the_reading(lake: Lake, folder: Path) -> None:
    write(folder, "a.pcap", PACKETS)
    drain(lake, folder)
    for path in (folder.parent / "state").glob("cursor-*"):
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IntegrityError):
        reader(lake, folder).open()


def test_one_process_reads_a_folder(lake: Lake, folder: Path) -> None:
    one = reader(lake, folder)
    one.open()
    with pytest.raises(UnavailableError):
        reader(lake, folder).open()
    one.close()
    with pytest.raises(UsageError):
        reader(lake, folder / "missing").open()


def wait_for(condition: Any, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.02)
