"""Survey scanners: by list, by volume, by company."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.telescope.made import picture, row

from kaname.model.errors import InputError
from kaname.telescope.evaluation import predict
from kaname.telescope.labels import LABELS, label
from kaname.telescope.survey import SurveyList


def _labels(rows: list[dict[str, object]], survey: SurveyList, addresses: int = 0) -> list[str]:
    shown = picture(rows, addresses=addresses)
    found = shown.activities(1)
    codes = label(shown.rest, found, shown.extent, survey, 30).codes
    return [LABELS[code] for code in codes]


def test_the_public_list_is_read_whole(data: Path) -> None:
    survey = SurveyList.load(str(data / "known_scanners.csv"))
    assert len(survey.names) == 2382  # rows of the file, as its README counts them
    assert len(set(survey.names)) == 11


def test_a_listed_source_is_a_survey_whatever_it_sends(tmp_path: Path) -> None:
    path = tmp_path / "known.csv"
    path.write_text("org,cidr\nexample,192.0.2.0/25\n")
    rows = [row(f"192.0.2.{n}", "198.18.0.1", fp_all=2) for n in (1, 127, 128) for _ in range(3)]
    assert _labels(rows, SurveyList.load(str(path))) == ["survey", "survey", "masscan"]


@pytest.mark.parametrize("text", ["org,cidr\nx,192.0.2.1/24\n", "org,cidr\nx,nonsense\n", "a\nb\n"])
def test_a_broken_list_is_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "known.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        SurveyList.load(str(path))
    assert str(path) in str(caught.value)


def test_a_missing_list_is_one_clear_error() -> None:
    with pytest.raises(InputError):
        SurveyList.load("/nonexistent/list.csv")


def test_many_ports_and_a_packet_for_every_address_are_a_survey() -> None:
    rows = [row("192.0.2.1", f"198.18.0.{n}", port=1000 + n % 40) for n in range(1, 200)]
    assert _labels(rows, SurveyList.load(""), addresses=199) == ["survey"]
    assert _labels(rows, SurveyList.load(""), addresses=4096) == ["tool_unnamed"]


def test_a_company_shares_ports_that_none_of_it_asks_for_alone() -> None:
    rows = [
        row(f"192.0.2.{host}", f"198.18.0.{port}", port=host * 100 + port)
        for host in (1, 2, 3, 4)
        for port in range(1, 10)
    ]
    assert _labels(rows, SurveyList.load("")) == ["survey"] * 4
    alone = [r for r in rows if r["port"] < 200]
    assert _labels(alone, SurveyList.load("")) == ["tool_unnamed"]


def test_prediction_uses_the_list(tmp_path: Path) -> None:
    path = tmp_path / "known.csv"
    path.write_text("org,cidr\nexample,192.0.2.7/32\n")
    said = predict(
        picture([row("192.0.2.7", "198.18.0.1", ptype="udp", proto=17)]),
        SurveyList.load(str(path)), survey_ports=30, members=15,
    )  # fmt: skip
    assert said == {"192.0.2.7": {"survey"}}


def test_an_entry_counts_while_it_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "known.csv"
    path.write_text(
        "org,cidr,list_version,valid_from,valid_to\n"
        "past,192.0.2.0/26,7,,2025-12-31T00:00:00Z\n"
        "present,192.0.2.64/26,7,2026-01-01T00:00:00Z,\n"
        "future,192.0.2.128/26,7,2026-01-02T00:00:00Z,\n"
    )
    at = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
    found = SurveyList.load(str(path), at)
    assert found.names == ("present",)
    assert found.cited(0) == "present (7)"
    assert len(SurveyList.load(str(path)).names) == 3
    path.write_text("org,cidr,valid_from\nx,192.0.2.0/24,yesterday\n")
    with pytest.raises(InputError, match="line 2"):
        SurveyList.load(str(path), at)


def test_members_of_one_make_may_ask_for_a_port_or_two_each() -> None:
    # twelve hosts of one /24, three ports each, no port twice: 36 ports together
    rows = [
        row(f"192.0.2.{host}", f"198.18.{host}.{port}", port=host * 100 + port, win_first=1024,
            opt_first=7, fp_all=32 | 2048)
        for host in range(1, 13)
        for port in range(3)
    ]  # fmt: skip
    assert _labels(rows, SurveyList.load("")) == ["survey"] * 12
    # as many hosts that are not alike are neighbours, and no more
    for each in rows:
        each["win_first"] = 1024 * (1 + low_byte(each) % 12)
    assert "survey" not in _labels(rows, SurveyList.load(""))


def test_an_organisation_may_have_several_networks() -> None:
    # four /24 of one /20, a host each with twenty ports of its own: 80 together
    rows = [
        row(f"192.0.{16 + net}.9", f"198.18.{net}.{port}", port=1000 * (net + 1) + port,
            opt_first=7, fp_all=2048)
        for net in range(4)
        for port in range(20)
    ]  # fmt: skip
    assert _labels(rows, SurveyList.load("")) == ["survey"] * 4
    apart = [{**each, "src_lo": int(str(each["src_lo"])) + (low_net(each) << 16)} for each in rows]
    assert "survey" not in _labels(apart, SurveyList.load(""))


def low_byte(each: dict[str, object]) -> int:
    return int(str(each["src_lo"])) & 255


def low_net(each: dict[str, object]) -> int:
    return int(str(each["src_lo"])) >> 8 & 255
