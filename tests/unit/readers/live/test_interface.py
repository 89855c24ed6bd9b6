"""Packets of a real interface: what is sent is in the lake or among the drops, each once."""

from __future__ import annotations

import gzip
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.namespace import THERE, inside, send

from kaname.lake import Lake
from kaname.model.errors import UnavailableError, UsageError
from kaname.model.marking import Tlp
from kaname.model.packets import PTYPES
from kaname.readers.ingest import ingest
from kaname.readers.live import Intake, place
from kaname.readers.live.ring import Ring
from kaname.readers.live.tap import packet_tap

SHARED = Path("../shared/data/telescope/scanner_tools.pcap.gz")
COLUMNS = (
    "src_lo, dst_lo, dst_more, uniq_dst, port, proto, ptype, packets, octets, uniq_sport, "
    "ttl_mode, win_first, opt_first, pay_first, fp_all, fp_any"
)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "data") as opened:
        yield opened


def syn(number: int, dst: str = "198.18.0.7", port: int = 23) -> bytes:
    """An Ethernet frame with a SYN (RFC 791, 9293); checksums are not looked at."""
    address = bytes(map(int, dst.split(".")))
    tcp = struct.pack(">HHIIBBHHH", number % 65536, port, number, 0, 0x50, 2, 1024, 0, 0)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + bytes([203, 0, 113, 9]) + address
    return b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + ip + tcp


def records(path: Path) -> list[bytes]:
    """The frames of a little-endian capture."""
    data, at, found = gzip.decompress(path.read_bytes()), 24, []
    while at < len(data):
        length = int.from_bytes(data[at + 8 : at + 12], "little")
        found.append(data[at + 16 : at + 16 + length])
        at += 16 + length
    return found


def capture_file(path: Path, frames: list[bytes], second: int) -> None:
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    out += [struct.pack("<IIII", second, 0, len(f), len(f)) + f for f in frames]
    path.write_bytes(b"".join(out))


def early_in_a_minute(seconds: float) -> int:
    """Wait until the minute has that much left; the second it is."""
    if time.time() % 60 > 60 - seconds:
        time.sleep(60 - time.time() % 60)
    return int(time.time())


def wait_for(condition: Any, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.02)


def rows(lake: Lake, sensor: str) -> list[list[Any]]:
    found = lake.query(f"SELECT {COLUMNS} FROM flowtuples WHERE sensor = '{sensor}' ORDER BY ALL")  # noqa: S608
    return found.rows()


def intake_at(lake: Lake, spec: str, **more: Any) -> Intake:
    return Intake(lake, place(spec), sensor="live", tlp=Tlp.GREEN, **more)


def test_rows_are_those_of_the_file(lake: Lake, tmp_path: Path) -> None:
    frames = records(SHARED)

    def body() -> None:
        second = early_in_a_minute(20)
        intake = intake_at(lake, f"capture={THERE}", every_s=60)
        intake.start()
        assert send(frames) == len(frames) == 17_520
        capture_file(tmp_path / "same.pcap", frames, second)
        intake.stop()

    inside(body)
    ingest(lake, tmp_path / "same.pcap", sensor="file", tlp=Tlp.GREEN)
    assert rows(lake, "live") == rows(lake, "file")
    live, file = (
        lake.query(f"SELECT sum(packets), count(*) FROM flowtuples WHERE sensor = '{name}'").rows()  # noqa: S608
        for name in ("live", "file")
    )
    assert live == file
    source = next(one for one in lake.sources() if one.sensor == "live")
    assert (source.records, source.damaged) == (17_520, False)
    assert source.path == f"live:capture:interface:{THERE}"
    assert "lost_kernel" not in source.notes


def test_what_has_no_room_is_counted_exactly() -> None:
    sent = 60_000

    def body() -> None:
        ring = Ring(THERE, mebibytes=2)
        assert send(syn(n) for n in range(sent)) == sent
        time.sleep(0.2)
        from kaname._native import PacketStream

        stream = PacketStream()
        seen = 0
        while ring.wait(0.1):
            seen += sum(stream.block(block, ring.link) for block in ring.blocks())
        assert ring.count_drops() > 0
        assert ring.freezes > 0
        assert seen + ring.drops == sent
        assert stream.report()["records"] == seen
        ring.close()

    inside(body)


def test_drops_are_in_the_notes_of_the_source(lake: Lake) -> None:
    sent = 40_000

    def body() -> None:
        intake = intake_at(lake, f"capture={THERE}?buffer=2", every_s=60)
        intake.start()
        inlet = intake._inlet  # the ring is kept from being emptied
        assert inlet is not None
        inlet._stop.set()
        inlet._thread.join()
        send(syn(n) for n in range(sent))
        time.sleep(0.2)
        inlet._take()
        intake.stop()
        lost = intake.standing().lost["lost_kernel"]
        assert 0 < lost < sent
        (source,) = lake.sources()
        assert source.notes["lost_kernel"] == lost
        assert source.records + lost == sent

    inside(body)


def test_commits_do_not_cut_the_open_minute(lake: Lake) -> None:
    def body() -> None:
        early_in_a_minute(10)
        intake = intake_at(lake, f"capture={THERE}", every_s=0.3)
        intake.start()
        for part in range(5):
            send(syn(n) for n in range(part * 10, part * 10 + 10))
            time.sleep(0.4)
        assert lake.sources() == []  # the minute is open, and kept whole
        intake.stop()
        found = lake.query("SELECT packets, uniq_sport FROM flowtuples").rows()
        assert found == [[50, 50]]

    inside(body)


def test_only_packets_to_the_prefixes_count(lake: Lake) -> None:
    def body() -> None:
        intake = intake_at(
            lake, f"capture={THERE}?prefix=198.18.0.0/24&prefix=198.18.2.0/24", every_s=60
        )
        intake.start()
        send(syn(n, f"198.18.{n % 4}.1") for n in range(400))
        time.sleep(0.3)
        intake.stop()
        (source,) = lake.sources()
        assert (source.records, source.notes["offtarget"]) == (200, 200)

    inside(body)


def test_an_interface_that_goes_away_is_told_and_ends_nothing(lake: Lake) -> None:
    def body() -> None:
        intake = intake_at(lake, f"capture={THERE}", every_s=60)
        intake.start()
        send(syn(n) for n in range(10))
        time.sleep(0.3)
        subprocess.run(["ip", "link", "del", THERE], check=True)
        time.sleep(0.3)
        intake.stop()
        assert intake.standing().error is None
        (source,) = lake.sources()
        assert (source.records, source.notes["interface_down"]) == (10, 1)

    inside(body)


def test_a_minute_is_committed_when_it_is_over(lake: Lake) -> None:
    def body() -> None:
        intake = intake_at(lake, f"capture={THERE}", every_s=3600)
        intake.start()
        send(syn(n) for n in range(10))
        inlet = intake._inlet
        assert inlet is not None
        wait_for(lambda: inlet._stream.open == 10)  # the ring gives its blocks after a moment
        inlet._stream.close()  # as when its time has passed
        wait_for(lambda: len(lake.sources()) == 1)
        intake.stop()
        assert [source.records for source in lake.sources()] == [10]

    inside(body)


def test_who_follows_is_shown_what_arrives(lake: Lake) -> None:
    def body() -> None:
        intake = intake_at(lake, f"capture={THERE}", every_s=60)
        intake.start()
        with packet_tap.follow() as follower:
            time.sleep(0.3)  # the capture looks whether somebody follows
            send(syn(n, port=2323) for n in range(100))
            seen = shown = 0
            until = time.monotonic() + 5
            while shown < 100 and time.monotonic() < until:
                blocks, missed = follower.take(0.5)
                assert missed == 0
                for block in blocks:
                    seen += block.count
                    shown += block.stands_for
                    assert block.sensor == "live"
                    assert set(struct.unpack(f"<{block.count}H", block.dport)) == {2323}
                    assert set(block.ptype) == {PTYPES.index("tcp_syn")}
                    (dst,) = set(struct.unpack(f"<{block.count}I", block.dst))
                    assert dst == int.from_bytes(bytes([198, 18, 0, 7]))
            assert (seen, shown) == (100, 100)
        intake.stop()

    inside(body)


def test_an_unknown_interface_is_named_with_those_there_are() -> None:
    with pytest.raises(UnavailableError, match=r"no interface \"nowhere0\".*lo"):
        Ring("nowhere0")


def test_without_the_right_there_is_one_clear_error() -> None:
    program = (
        "import os, sys\n"
        "from kaname.model.errors import UnavailableError\n"
        "from kaname.readers.live.ring import Ring\n"
        "import fcntl, socket\n"  # nobody may not read the folder that these lie in
        "str(UnavailableError('readers.error.capture_permission', interface='lo'))\n"
        "os.setuid(65534) if os.getuid() == 0 else None\n"
        "try:\n    Ring('lo')\n"
        "except UnavailableError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert "CAP_NET_RAW" in done.stdout


@pytest.mark.parametrize(
    "spec",
    ["capture=", "capture=a b", "capture=eth0?buffer=1", "capture=eth0?allow=192.0.2.0/24",
     "capture=eth0?prefix=198.18.0.1/24", "syslog=:514?prefix=198.18.0.0/24"],
)  # fmt: skip
def test_places_that_make_no_sense_are_refused(spec: str) -> None:
    with pytest.raises(UsageError):
        place(spec)


def test_interfaces_and_folders_are_told_apart() -> None:
    assert str(place("capture=eth0?sensor=north")) == "interface:eth0"
    assert str(place("capture=/var/captures?tlp=amber")) == "folder:/var/captures"
    assert len(place("capture=eth0?prefix=198.18.0.0/24&prefix=2001:db8::/32").prefixes) == 2
