"""Invariants that are learned: evidence by hand, and bots whose relation others made up."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.telescope import oracle
from tests.unit.telescope.made import START, picture, row

from kaname.model.packets import RELATIONS
from kaname.telescope.invariants import Invariants, family_name, learned
from kaname.telescope.simulator import simulate

SWAPPED = 1 << RELATIONS.index("seq_is_dst_swapped")
ID_LOW = 1 << RELATIONS.index("id_is_dst_low")
XORED = 1 << RELATIONS.index("seq_xor_dst")
MINUTE = 60_000_000


def _learned(rows: pa.Table | list[dict[str, object]]) -> tuple[list[str], Invariants]:
    shown = picture(rows)
    found = shown.activities(1)
    invariants = learned(shown.rest, found)
    names = [RELATIONS[n] if n >= 0 else "" for n in invariants.relation.tolist()]
    return names, invariants


def _probes(source: str, bits: int, count: int, **more: object) -> list[dict[str, object]]:
    return [
        row(source, f"198.18.0.{n}", ts=START + n * MINUTE, inv_all=bits, **more)
        for n in range(1, count + 1)
    ]


def test_three_packets_of_32_bits_prove_a_relation_and_one_does_not() -> None:
    names, found = _learned(_probes("192.0.2.1", SWAPPED, 3))
    assert names == ["seq_is_dst_swapped"]
    assert found.bits.tolist() == [96.0]  # three times once in 2^32
    assert _learned(_probes("192.0.2.1", SWAPPED, 1))[0] == [""]


def test_sixteen_bits_take_three_packets_and_no_repetition_counts() -> None:
    assert _learned(_probes("192.0.2.1", ID_LOW, 3))[0] == ["id_is_dst_low"]  # 2^-48
    assert _learned(_probes("192.0.2.1", ID_LOW, 2))[0] == [""]
    again = [row("192.0.2.1", "198.18.0.9", ts=START + n * MINUTE, inv_all=ID_LOW)
             for n in range(6)]  # fmt: skip
    assert _learned(again)[0] == [""]  # one probe, six times


def test_a_relation_that_half_of_the_packets_have_is_none() -> None:
    rows = _probes("192.0.2.1", SWAPPED, 3)
    rows += [row("192.0.2.1", f"198.18.1.{n}", inv_all=0) for n in range(1, 4)]
    assert _learned(rows)[0] == [""]


def test_what_mirai_and_kernels_do_is_no_new_family() -> None:
    listed = 1 << RELATIONS.index("seq_is_dst")
    habit = 1 << RELATIONS.index("id_constant")
    rows = _probes("192.0.2.1", listed, 9, fp_all=1)
    rows += _probes("192.0.2.2", habit, 9)
    rows += _probes("192.0.2.3", ID_LOW, 9, fp_all=1024 | 2048)  # a kernel's counter
    assert set(_learned(rows)[0]) == {""}


def test_one_packet_joins_a_family_that_another_source_has_proven() -> None:
    names, found = _learned(_probes("192.0.2.1", SWAPPED, 3) + _probes("192.0.2.2", SWAPPED, 1))
    assert names == ["seq_is_dst_swapped"] * 2
    assert found.shared.tolist() == [False, True]


def test_slow_sources_of_one_port_prove_a_constant_together() -> None:
    # each source has one minute with two packets: one chance in 2^32 each, 2^-96 together
    rows = [
        row(f"192.0.2.{host}", f"198.18.{host}.1", packets=2, uniq_dst=2, dst_more=[7],
            port=5501, inv_all=XORED)
        for host in (1, 2, 3)
    ]  # fmt: skip
    rows += [row("192.0.2.4", "198.18.9.1", port=5501, inv_all=0)]  # shows nothing either way
    names, found = _learned(rows)
    assert names == ["seq_xor_dst"] * 4
    assert found.shared.all()
    assert found.bits.tolist() == [96.0] * 4
    # two sources are too few, and a third that is different is not of them
    other = row("192.0.2.3", "198.18.3.1", packets=2, uniq_dst=2, dst_more=[7], port=5501,
                inv_all=0)  # fmt: skip
    assert set(_learned([*rows[:2], other])[0]) == {""}


def test_names_depend_on_the_relation_alone() -> None:
    number = RELATIONS.index("seq_is_dst_swapped")
    # sha256("seq_is_dst_swapped/exact"), reckoned with sha256sum
    assert family_name(number) == "inv-cc37e153"
    assert len({family_name(n) for n in range(len(RELATIONS))}) == len(RELATIONS)


def test_the_swapped_bots_of_others_are_found_and_nothing_else(
    radiation: pa.Table, radiation_truth: dict[str, set[str]]
) -> None:
    shown = picture(radiation)
    found = shown.activities(1)
    invariants = learned(shown.rest, found)
    positions = np.flatnonzero(invariants.relation >= 0)
    assert {RELATIONS[n] for n in invariants.relation[positions].tolist()} == {"seq_is_dst_swapped"}
    low = found["src_lo"][positions] & 0xFFFF_FFFF
    named = {".".join(str(b) for b in int(n).to_bytes(4, "big")) for n in low}
    assert named == {s for s, labels in radiation_truth.items() if "bot_unnamed" in labels}


@pytest.mark.parametrize("seed", [11, 17])
def test_variants_of_the_simulator_are_found(tmp_path: Path, seed: int) -> None:
    report = simulate(tmp_path / "sim.pcap", seed, duration=8 * 3_600_000_000, scale=0.5)
    shown = picture(oracle.flowtuples(Path(report.path)))
    found = shown.activities(1)
    invariants = learned(shown.rest, found)
    low = (found["src_lo"][invariants.relation >= 0] & 0xFFFF_FFFF).tolist()
    named = {".".join(str(b) for b in int(n).to_bytes(4, "big")) for n in low}
    sources = json.loads(Path(report.truth_path).read_text())["sources"]
    related = {s["source"] for s in sources if s["event"].startswith(("variant-", "tool-"))}
    assert not named - related  # no false family
    exact = ("swapped", "inverted", "halves", "with_port", "id_low", "id_folded", "id_swapped")
    provable = {
        s["source"] for s in sources if s["packets"] >= 3 and s["event"].split("-", 1)[-1] in exact
    }
    assert len(provable & named) >= 0.95 * len(provable)


def test_silent_sources_join_a_proven_constant_on_its_ports_and_in_its_make() -> None:
    def pair(host: int, port: int) -> dict[str, object]:
        """A minute with two packets, of which the second shows the constant."""
        return row(f"192.0.2.{host}", f"198.18.{host}.1", packets=2, uniq_dst=2, dst_more=[7],
                   port=port, inv_all=XORED, win_first=5000 + host)  # fmt: skip

    # three bots on 5501, of which the first asks for 9000 as well
    rows = [pair(host, 5501) for host in (1, 2, 3)]
    rows.append(row("192.0.2.1", "198.18.1.9", ts=START + MINUTE, port=9000, inv_all=0,
                    win_first=5001))  # fmt: skip
    silent = row("192.0.2.8", "198.18.8.1", port=9000, inv_all=0, win_first=5008)
    names, found = _learned([*rows, silent])
    assert names == ["seq_xor_dst"] * 4
    assert found.shared[3]
    # nobody joins on a port that no proven member asks for
    elsewhere = {**silent, "port": 9001}
    assert _learned([*rows, elsewhere])[0][3] == ""
    # nor with packets that are different each time
    mixed = [silent, {**silent, "ts": START + MINUTE, "win_first": 77}]
    assert _learned([*rows, *mixed])[0][3] == ""
