"""The simulator: same bytes from the same seed, truth that adds up, packets that are right."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.unit.telescope import oracle
from tests.unit.telescope.made import picture

from kaname.model.errors import StoreAccessError, UsageError
from kaname.telescope.evaluation import macro_f1, predict, score
from kaname.telescope.simulator import SimulationReport, simulate
from kaname.telescope.simulator.mix import GROUPS, RELATIONS, Mix
from kaname.telescope.survey import SurveyList

HOUR = 3_600_000_000
ODD = {"bogon", "vlan", "ipv6", "fragment", "malformed", "nonip", "truncated"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SimulationReport:
    """Eight hours at a quarter of the size; more than one slice of time."""
    path = tmp_path_factory.mktemp("sim") / "small.pcap"
    return simulate(path, 7, duration=8 * HOUR, scale=0.25)


def _digests(report: SimulationReport) -> list[str]:
    paths = (report.path, report.labels_path, report.truth_path)
    return [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths]


def test_a_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    def made(folder: str, seed: int) -> list[str]:
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "sim.pcap"
        return _digests(simulate(path, seed, duration=HOUR, scale=0.1))

    assert made("one", 3) == made("two", 3)
    assert made("other", 4)[0] != made("one_more", 3)[0]


def test_a_compressed_capture_holds_the_same(tmp_path: Path) -> None:
    plain = simulate(tmp_path / "a.pcap", 3, duration=HOUR, scale=0.05)
    squeezed = simulate(tmp_path / "b.pcap.gz", 3, duration=HOUR, scale=0.05)
    unpacked = gzip.decompress(Path(squeezed.path).read_bytes())
    assert unpacked == Path(plain.path).read_bytes()


def test_counts_of_capture_labels_and_truth_agree(small: SimulationReport) -> None:
    lines = Path(small.labels_path).read_text().splitlines()
    truth = json.loads(Path(small.truth_path).read_text())
    assert lines[0] == "label,event"
    assert len(lines) - 1 == small.packets == truth["packets"]
    assert len(list(oracle.frames(Path(small.path)))) == small.packets
    written = Counter(line.split(",")[0] for line in lines[1:])
    assert dict(written) == small.labels == truth["labels"]
    assert sum(source["packets"] for source in truth["sources"]) == small.packets


def test_packets_lie_in_the_time_that_was_asked_for(small: SimulationReport) -> None:
    times = [ts for ts, _, _ in oracle.frames(Path(small.path))]
    # what is sent again may come up to 9 s after the end
    assert small.start <= min(times)
    assert max(times) < small.end + 10_000_000
    swapped = sum(a > b for a, b in pairwise(times))
    assert 0 < swapped < 0.01 * len(times)


def _folded(data: bytes) -> int:
    """RFC 1071: the sum of right words is all ones."""
    data += b"\0" * (len(data) % 2)
    total = sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_checksums_are_right(small: SimulationReport) -> None:
    checked: Counter[int] = Counter()
    for _, _, frame in list(oracle.frames(Path(small.path)))[::50]:
        if frame[12:14] != b"\x08\x00" or len(frame) < 38:
            continue
        body = frame[34:]
        assert _folded(frame[14:34]) == 0xFFFF
        if frame[23] in (6, 17) and not frame[20] & 0x3F:
            pseudo = frame[26:34] + bytes([0, frame[23]]) + len(body).to_bytes(2, "big")
            assert _folded(pseudo + body) == 0xFFFF
            checked[frame[23]] += 1
        elif frame[23] == 1:
            assert _folded(body) == 0xFFFF
            checked[1] += 1
    assert min(checked[proto] for proto in (1, 6, 17)) > 5


def _packets(small: SimulationReport, label: str) -> list[Any]:
    """Decoded packets of a label, or of an event of one (``label,event``)."""
    lines = Path(small.labels_path).read_text().splitlines()[1:]
    frames = oracle.frames(Path(small.path))
    decoded = [
        oracle.packet(*frame)
        for line, frame in zip(lines, frames, strict=True)
        if label in (line, line.split(",")[0])
    ]
    assert decoded
    return decoded


@pytest.mark.parametrize(
    ("label", "bit"), [("mirai", "mirai"), ("masscan", "masscan"), ("zmap", "zmap2"),
                       ("zmap4", "zmap4"), ("nmap", "nmap")],
)  # fmt: skip
def test_tools_bear_their_mark_in_every_packet(
    small: SimulationReport, label: str, bit: str
) -> None:
    for packet in _packets(small, label):
        assert packet.fp & oracle.BITS[bit]


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        ("swapped", lambda p: p.seq == int.from_bytes(p.dst.to_bytes(4, "little"), "big")),
        ("inverted", lambda p: p.seq == p.dst ^ 0xFFFFFFFF),
        ("halves", lambda p: p.seq == (p.dst << 16 | p.dst >> 16) & 0xFFFFFFFF),
        ("with_port", lambda p: p.seq == p.dst ^ p.port),
    ],
)
def test_unlisted_bots_have_their_relation_in_every_packet(
    tmp_path: Path, relation: str, holds: Callable[[Any], bool]
) -> None:
    seed = next(n for n in range(1, 400) if relation in Mix.drawn(n).relations)
    made = simulate(tmp_path / "day.pcap", seed, duration=6 * HOUR, scale=0.1)
    for packet in _packets(made, f"bot_unnamed,variant-{relation}"):
        assert holds(packet)
        assert not packet.fp & oracle.BITS["mirai"]


def test_a_mix_depends_on_the_seed_alone_and_differs() -> None:
    assert Mix.drawn(7) == Mix.drawn(7)
    mixes = [Mix.drawn(seed) for seed in range(40)]
    assert {relation for mix in mixes for relation in mix.relations} == set(RELATIONS)
    assert {group for mix in mixes for group in mix.groups} == set(GROUPS)
    assert len({mix.reflection_targets for mix in mixes}) > 3


def test_nothing_is_heard_while_the_sensor_is_out(tmp_path: Path) -> None:
    seed = next(n for n in range(1, 400) if Mix.drawn(n).gaps)
    made = simulate(tmp_path / "gap.pcap", seed, duration=6 * HOUR, scale=0.1)
    begin, end = Mix.drawn(seed).gaps[0]
    out = range(made.start + int(begin * 6 * HOUR), made.start + int(end * 6 * HOUR))
    assert not [ts for ts, _, _ in oracle.frames(Path(made.path)) if ts in out]


def test_bots_wander_and_addresses_are_shared(small: SimulationReport) -> None:
    sources = json.loads(Path(small.truth_path).read_text())["sources"]
    labels: dict[str, set[str]] = {}
    for source in sources:
        labels.setdefault(source["source"], set()).add(source["label"])
    assert sum(len(names) > 1 for names in labels.values()) >= 8  # of 15 translated ones
    assert len([s for s in sources if s["event"] == "wandering"]) >= 8


def test_events_of_the_truth_are_those_of_its_sources(small: SimulationReport) -> None:
    truth = json.loads(Path(small.truth_path).read_text())
    for event in truth["events"]:
        name = (event["label"], event["event"])
        own = [s for s in truth["sources"] if (s["label"], s["event"]) == name]
        # populations that share label and event (NAT) are told apart by their number only
        assert event["sources"] <= len(own)
        assert min(s["first"] for s in own) <= event["first"] <= event["last"]
        assert event["last"] <= max(s["last"] for s in own)
    onset = {e["event"]: e["first"] for e in truth["events"] if e["label"] == "campaign"}
    assert onset["growth"] >= small.start + int(0.55 * 8 * HOUR)


def test_labels_are_found_on_a_day_of_seeds_that_nobody_tuned(tmp_path: Path) -> None:
    report = simulate(tmp_path / "day.pcap", 20_260_101, duration=12 * HOUR, scale=0.5)
    truth: dict[str, set[str]] = {}
    for source in json.loads(Path(report.truth_path).read_text())["sources"]:
        if source["label"] not in ODD:
            truth.setdefault(source["source"], set()).add(source["label"])
    shown = picture(oracle.flowtuples(Path(report.path)))
    said = predict(shown, SurveyList.load(""), survey_ports=30, members=15)
    scores = score(truth, said)
    assert len(scores) >= 20
    assert macro_f1(scores) >= 0.97


def test_what_does_not_fit_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        simulate(tmp_path / "x.pcap", 1, scale=0)
    with pytest.raises(UsageError, match=r"198\.18\.0\.1"):
        simulate(tmp_path / "x.pcap", 1, darknet=("198.18.0.1/24",))
    with pytest.raises(StoreAccessError):
        simulate(tmp_path / "missing" / "x.pcap", 1, duration=HOUR, scale=0.01)
