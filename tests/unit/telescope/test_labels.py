"""Labels against captures whose truth others wrote down."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.telescope import oracle
from tests.unit.telescope.made import picture, row

from kaname.telescope.evaluation import macro_f1, predict, score
from kaname.telescope.labels import posterior
from kaname.telescope.survey import SurveyList

NO_LIST = SurveyList.load("")


def _said(rows: pa.Table | list[dict[str, object]]) -> dict[str, set[str]]:
    return predict(picture(rows), NO_LIST, survey_ports=30, members=15)


def test_background_radiation_is_labelled_as_its_generator_says(
    radiation: pa.Table, radiation_truth: dict[str, set[str]]
) -> None:
    scores = score(radiation_truth, _said(radiation))
    assert len(scores) == 18
    assert macro_f1(scores) >= 0.97  # twenty naive rules: 0.731
    assert min(scores, key=lambda s: s.f1).f1 >= 0.9


def test_forged_sources_of_floods_are_called_nothing_else(
    radiation: pa.Table, radiation_truth: dict[str, set[str]]
) -> None:
    said = _said(radiation)
    floods = [source for source, labels in said.items() if "spoofed_flood" in labels]
    assert len(floods) >= 1880  # 1,900 packets of as many sources
    assert not set(floods) & set(radiation_truth)
    assert all(said[source] == {"spoofed_flood"} for source in floods)


def test_real_tools_are_named_and_the_kernel_is_not_called_a_tool(data: Path) -> None:
    said = _said(oracle.flowtuples(data / "scanner_tools.pcap.gz"))
    assert said == {
        "203.0.113.11": {"zmap"},
        "203.0.113.12": {"zmap4"},
        "203.0.113.15": {"masscan"},
        "203.0.113.16": {"nmap"},
        "203.0.113.19": {"host_scan"},
    }


def test_a_reflection_attack_has_no_attackers_and_no_victims_but_its_target(data: Path) -> None:
    rows = oracle.flowtuples(data / "stopddos_tcp_reflection_synack.pcap.gz")
    counted = Counter(label for labels in _said(rows).values() for label in labels)
    assert counted["tcp_reflection"] >= 7030  # of 7,056; the rest is noise of the capture
    assert set(counted) <= {"tcp_reflection", "unsure"}


def test_posterior_by_hand() -> None:
    # two of two packets with a 16-bit mark: odds 19 * (2 * 2^-16)^2 / 2
    odds = 19 * (2 * 2**-16) ** 2 / 2
    (found,) = posterior(np.array([2]), np.array([2]), 2.0**-16)
    assert found == pytest.approx(min(0.999, 1 / (1 + odds)))
    # one in 65,536 packets is what chance gives: odds 19 * 1
    (found,) = posterior(np.array([1]), np.array([65536]), 2.0**-16)
    assert found == pytest.approx(1 / 20)


def test_one_packet_never_names_a_tool_with_a_16_bit_mark() -> None:
    said = _said([row("192.0.2.1", "198.18.0.1", fp_all=2, win_first=1024)])
    assert said["192.0.2.1"] == {"unsure"}


def test_a_chance_match_among_many_packets_does_not_name_the_tool() -> None:
    rows = [row("192.0.2.1", f"198.18.0.{n}", fp_all=3072, win_first=64240) for n in range(1, 200)]
    rows[7]["fp_all"] = rows[7]["fp_any"] = 3074  # one packet with masscan's relation
    assert _said(rows)["192.0.2.1"] == {"host_scan"}


def test_a_translated_address_has_a_label_for_each_host_behind_it() -> None:
    bot = [row("192.0.2.1", f"198.18.0.{n}", fp_all=1) for n in range(1, 9)]
    host = [row("192.0.2.1", f"198.18.1.{n}", fp_all=3072, port=22) for n in range(1, 9)]
    assert _said(bot + host)["192.0.2.1"] == {"mirai", "host_scan"}


def test_a_wrong_setting_is_told_by_its_faithfulness() -> None:
    clock = [
        row("192.0.2.9", "198.18.0.77", ts=1_767_225_600_000_000 + n * 300_000_000, ptype="udp",
            proto=17, port=514)
        for n in range(12)
    ]  # fmt: skip
    assert _said(clock)["192.0.2.9"] == {"misconfig"}


def test_confidence_grows_with_packets() -> None:
    k = np.array([1, 2, 3, 10])
    found = posterior(k, k, 1e-3)
    assert np.all(np.diff(found) >= 0)
    assert not any(math.isnan(p) for p in found)
