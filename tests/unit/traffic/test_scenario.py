"""The files of the simulated day are what other programs take them for."""

from __future__ import annotations

import hashlib
import mailbox
import shutil
import subprocess
from pathlib import Path

import pytest

from kaname.model.errors import UsageError
from kaname.traffic.scenario import write
from kaname.traffic.scenario.run import FILES

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenario") / "net"
    write(folder, seed=3, start=START)
    return folder


def output(*argv: str) -> str:
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{argv[0]} is not here")
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_the_same_seed_gives_the_same_bytes(day: Path, tmp_path: Path) -> None:
    again = tmp_path / "net"
    report = write(again, seed=3, start=START)
    assert set(report.records) == set(FILES) == {path.name for path in day.iterdir()}
    for name in FILES:
        first, second = (hashlib.sha256((f / name).read_bytes()).digest() for f in (day, again))
        assert first == second, name


def test_tshark_decodes_every_flow(day: Path, tmp_path: Path) -> None:
    wanted = write(tmp_path / "n", seed=3, start=START).records["netflow.pcap"]
    fields = output(
        "tshark", "-r", str(day / "netflow.pcap"), "-d", "udp.port==2055,cflow", "-T", "fields",
        "-e", "cflow.srcaddr",
    )  # fmt: skip
    assert sum(len(line.split(",")) for line in fields.splitlines()) == wanted


def test_bgpdump_reads_both_updates(day: Path) -> None:
    lines = output("bgpdump", "-m", str(day / "updates.mrt")).splitlines()
    told = [tuple(line.split("|")[5:7]) for line in lines]
    assert told == [
        ("198.51.100.0/24", "64500 64505 64511"),
        ("198.51.100.0/25", "64500 64507 64666"),
    ]


def test_the_mailbox_is_one(day: Path) -> None:
    box = mailbox.mbox(day / "inbox.mbox", create=False)
    assert len(box) == 79
    assert sum("super-discount-meds" in str(message["From"]) for message in box) == 18
    box.close()


def test_a_day_begins_at_midnight(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write(tmp_path / "net", seed=1, start=START + 1)
